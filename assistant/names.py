"""Names in a sentence, and which of them a question asks for.

Candidates are terms in marks, coordinated items, and the stretches between the verbs and particles of
official prose. A question for a name ("叫什么") wants the one it describes, a question for a party
("谁", "哪家") one that it does not name itself. What no candidate fits stays without a short answer.

Where the judge has read the sentence, the stretches that it finds likely are candidates too, and which is named is
learnt: a choice among them and "none" by what the judge, the question's words and the rules say of each (conditional
logit: McFadden 1974), fitted by python -m tests.evaluation.names.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import numpy as np

from assistant.places import DISTRICTS, PLACES, districts_in, places_in
from assistant.question import Question
from assistant.values import relevance
from index import Reading, SentenceHit, matching_form, simplified

HALF_LIFE = 8.0  # tokens from the name at which a matching word counts half
CLAUSE_STEP = 6.0  # a comma between counts as so many tokens
OWN_SHARE = 1.0  # what the name's own words count for, where the question describes it
NAMED_SHARE = 0.8  # what they count against it in English, whose names are never met literally in a Chinese text
MARKED_BONUS = 0.3
NOUN_BONUS = 0.4  # the name ends as the noun that was asked with ("哪条铁路")
CLEAR_LEAD = 1.2  # the best must lead the next by this factor: between two like candidates none is named
LONGEST, SHORTEST = 30, 2
LIKELIEST = 12  # stretches by the judge's reading that are candidates
NO_CHANCE = -12.0  # a log-probability: what the judge finds less likely counts as this
# Weights of the features in their order (see `features`), and what "none" of the candidates has; fitted.
WEIGHTS = (0.47, 0.14, 1.19, 1.32, 2.31, 1.77, 0.95, 1.59, 1.31, 1.11, 0.91, 4.81, 1.37, -0.26)
NONE = 0.12
LEAST_SHARE = 0.2  # of the chance that the best must have to be named

_MARKED = re.compile(r"《[^》]{2,60}》|“[^”]{1,30}”")
_CALLED = re.compile(r"叫|称|名字|简称|全名|名称|口号|牌子|招牌|called|\bname")
_PARTY = re.compile(r"谁|哪家|哪位|哪个?(?:单位|部门|企业|公司|集团|机构|学校|大学|地方)|哪所|\bwho\b|\bwhom\b")
_WITH_WHOM = re.compile(r"\bwhom? (?:did|does|has|have|will)\b.*\bwith\b|\bwith whom\b")
_WITH = ("与", "和", "同", "跟")
_WHICH = re.compile(r"(?<!在)哪(?![里儿])[一个家条所种座项类份]?([\u4e00-\u9fff]{1,6})")
_WHERE = re.compile(r"哪里|哪儿|在哪|\bwhere\b")
_PLACE_ENDS = re.compile(r"(?:省|市|区|县|旗|州|镇|乡|村|街道|路|港|园|馆|中心|基地|广场|院|校|大学|厂|站)$")
_DIVISION = re.compile(r"哪个?(?:市|区|县|省|城市|地方)")
_DIVISION_NAME = re.compile(
    rf"(?:{'|'.join([*DISTRICTS, *PLACES])})[市区县省]?|(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{{2,3}}[市区县]"
)
_WHO = re.compile(r"谁|哪位|\bwho\b")
_OFFICIAL = re.compile(
    r"(?:[省市区县州镇乡局厅部院校会]长|董事长|秘书长|主席|书记|主任|总理)\s+"
    r"([\u4e00-\u9fff]{1,2}\s?[\u4e00-\u9fff]{1,2}?)(?=$|[\s　，,。]|同志)"
)
_MEANS = re.compile(r"[拿靠用凭]着?(?:什么|啥)")
_BY = re.compile(r"依托|依靠|通过|利用|运用|凭借|借助")
_BECOMES = re.compile(r"[成为](?:个|一个)?(?:什么|啥|哪)")
_BECOMING = re.compile(r"(?:建设|打造|建成|成为|创建|转型为|打造成|建设成|向)$")
_WHAT = re.compile(r"(?:什么|啥)([\u4e00-\u9fff]{2,6})")
_NOUN_CALLED = re.compile(r"([\u4e00-\u9fff]{2})(?:叫|名字|的?全名|的?简称)")
_ENGLISH_NOUN = re.compile(r"\b(?:which|what) (?:new )?(\w+)")
# How names end of what a question calls by a wider word; the first that fits the word counts.
_KINDS = (
    (r"线路?$|铁路?$|高铁$|railways?$|lines?$", "铁路|高铁|城际|线"),
    (r"学校$|院校$|[职名]校$|schools?$|universit(?:y|ies)$|colleges?$", "大学|学院|中学|小学|学校|一中"),
    (r"园区?$|园子$|parks?$", "园区?|示范区|合作区"),
    (r"厂子?$|工厂$|公司$|企业$|compan(?:y|ies)$|firms?$", "公司|集团|厂|工厂"),
    (r"港口?$|码头$|ports?$|terminals?$", "港|码头|港区"),
    (r"比赛$|赛事$", "大赛|运动会|联赛|锦标赛|公开赛|赛"),
)
# "A成为B", "B——A": what describes the one names the other.
_IS_NAMED_BY = re.compile(
    r"(?P<name>[^，,。；;、：:]{2,30}?)(?:成为|入选|入列|获评|荣获|被评为)(?P<told>[^，,。；;]{2,40})"
)
_APPOSED = re.compile(r"(?P<told>[^，,。；;—–]{2,40})[—–]{1,2}(?P<name>[^，,。；;、—–]{2,30})")
_SOME = re.compile(r"^(?:一大?批|多[家个所项]|若干|各|一些|其他)")
_LAST_WORD = re.compile(rf"({'|'.join(DISTRICTS)})(?:新区|区|市)?$")  # "天津市东丽区" is named by "东丽区"
_SEVERAL = re.compile(r"哪[两俩二三仨四五六几]|哪些")
_PARTY_ENDS = re.compile(
    r"(?:集团|公司|中心|大学|学院|一中|中学|学校|局|委员会|政府|研究院|医院|银行|联盟|单位|机构|国务院|工厂|厂|协会|"
    r"省|(?<!城)市|区|县|部|团队|基金|港口)$"
)
_VERBS = (
    "推行 健全 挂牌 揭牌 入选 入列 上榜 摘得 荣获 获评 落户 落地 入驻 竣工 开工 建成 通车 成功 "
    "增资 签约 达到 突破 实现 提升 转型 继续 持续 进一步 全面 着力 扎实 加强 强化 依法 有序 有效 "
    "签署 签订 成立 设立 建立 出台 印发 制定 推进 推动 加快 建设 打造 支持 参与 完成 实施 开展 "
    "推出 举办 获批 培育 深化 纳入 提供 服务 进驻 启用 正式 投产 运营 顺利 保持 成为 依托 围绕 "
    "坚持 发布 共建 构建 引进 起草 组建 联合 协调 援建 承建 承办 承担 主办 协办 牵头 负责 进入 "
    "创办 帮扶 资助 捐建 中标 获得 批复 批准 同意"
)
_THING = re.compile(
    r"[《》“”]|(?:项目|工程|协议|方案|办法|规划|意见|制度|机制|改革|活动|会议|线|路|率|量|额|数|值|面积|收入|投资|工作|建设)$"
)
_SPLITTING = "获|(?<!自)由(?!于)|(?<![横纵方单双流定导转])向|对|为|将|被|在|把|等|的|了|是"
_JOINING = "与|和(?!平)|(?<![共合协])同(?![比期])"
_BREAK = re.compile(rf"[\s，,。；;：:！？!?、|]|[—–]+|(?:{_VERBS.replace(' ', '|')}|{_SPLITTING}|{_JOINING})")
_HARD_BREAK = re.compile(rf"[\s，,。；;：:！？!?|()（）]|[—–]+|(?:{_VERBS.replace(' ', '|')}|{_SPLITTING})")
_COUNTS = {"两": 2, "俩": 2, "二": 2, "三": 3, "仨": 3, "四": 4, "五": 5, "六": 6}
_SO_MANY = re.compile(rf"哪([{''.join(_COUNTS)}])")
_PARTING = frozenset("，,。；;：:、！？!? |")
_LETTER = re.compile(r"[^\W_]")
_EDGES_OF_READING = "，,。；;：:、 "
CLAUSE_ENDS = tuple("，,。；;：:！？!?")
_EDGES = "“”《》()（）"
_PAIRS = {"”": "“", "》": "《", ")": "(", "）": "（"}


@dataclass(frozen=True, slots=True)
class Name:
    """A candidate; offsets from the sentence's start.

    `subject`: it begins a clause and a verb follows; `becoming`: it stands behind "建成", "打造" and the like.
    """

    start: int
    end: int
    text: str
    marked: bool
    subject: bool = False
    becoming: bool = False


def candidates(text: str) -> list[Name]:
    """Terms in marks, and the stretches between verbs, particles and marks."""
    marked = [Name(m.start(), m.end(), m[0], True) for m in _MARKED.finditer(text)]
    breaks = [m.span() for m in _BREAK.finditer(text) if not any(n.start < m.start() < n.end - 1 for n in marked)]
    edges = [0, *(at for span in breaks for at in span), len(text)]
    found = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        piece = _stripped(text[start:end])
        at = start + text[start:end].find(piece) if piece else start
        if ("(" in piece or "（" in piece) and text[at + len(piece) : at + len(piece) + 1] in (")", "）"):
            piece = text[at : at + len(piece) + 1]
        if SHORTEST <= len(piece) <= LONGEST and re.search(r"[^\W\d]{2}", piece) and not _SOME.match(piece):
            begins = start == 0 or text[start - 1] in CLAUSE_ENDS
            subject = begins and text[end : end + 1] not in ("", "由", "被", *CLAUSE_ENDS)
            found.append(Name(at, at + len(piece), piece, False, subject, bool(_BECOMING.search(text[:start]))))
    return marked + [n for n in found if not any(m.start <= n.start and n.end <= m.end for m in marked)]


@lru_cache(1)  # all candidates of a sentence are asked for one after the other
def _steps(text: str) -> np.ndarray:
    """(len(text) + 1,): the steps at the marks before each place."""
    found: np.ndarray = np.cumsum([0.0, *(CLAUSE_STEP if c in "，,；;。" else 0.0 for c in text)])
    return found


def _distance(text: str, offsets: np.ndarray, name: Name) -> np.ndarray:
    """(m,): tokens between each token and the name, with a step at each mark between."""
    steps = _steps(text)
    starts = np.clip(offsets[:, 0], 0, len(text))
    inside = np.flatnonzero((offsets[:, 0] >= name.start) & (offsets[:, 1] <= name.end))
    first, last = (inside[0], inside[-1]) if len(inside) else (0, 0)
    at = np.arange(len(offsets))
    by_tokens = np.maximum(np.maximum(first - at, at - last), 0)
    distance: np.ndarray = by_tokens + np.abs(steps[starts] - steps[name.start])
    return distance


def _strengths(text: str, offsets: np.ndarray, relevant: np.ndarray, name: Name) -> tuple[float, float]:
    """(what the question's words match around the name, what they match in it)."""
    inside = (offsets[:, 0] >= name.start) & (offsets[:, 1] <= name.end)
    share = 0.5 ** (_distance(text, offsets, name) / HALF_LIFE)
    around = float((relevant * np.where(inside, 0.0, share)).max(axis=1).sum())
    return around, float(relevant[:, inside].max(axis=1).sum()) if inside.any() else 0.0


def _stripped(piece: str) -> str:
    """Without marks at its ends, but for one whose partner stands inside: 世界“灯塔工厂”, “同城化”机制."""
    bare = piece.strip(_EDGES)
    at = piece.find(bare)
    opening, closing = (piece[:at][-1:], piece[at + len(bare) :][:1]) if bare else ("", "")
    before = opening if any(opens == opening and closes in bare for closes, opens in _PAIRS.items()) else ""
    return before + bare + (closing if closing in _PAIRS and _PAIRS[closing] in bare else "")


def _asked_noun(form: str) -> str | None:
    found = _WHICH.search(form) or _WHAT.search(form) or _NOUN_CALLED.search(form) or _ENGLISH_NOUN.search(form)
    return next((word for word in _BREAK.split(found[1]) if word), None) if found else None


def _fits(question: Question, name: Name) -> bool:
    """Could the candidate answer at all: not named in the question, and a party where one is asked for."""
    form = question.stated
    if _is_named(question, name.text):
        return False
    bare = simplified(name.text).lower().strip(_EDGES)
    if _PARTY.search(form):
        return bool(_PARTY_ENDS.search(bare)) or (name.subject and not _THING.search(bare))
    if _WHERE.search(form):
        return bool(_PLACE_ENDS.search(bare))
    noun = _asked_noun(form)
    same = noun is not None and _is_a(bare, noun)
    return name.marked or bool(_CALLED.search(form)) or same or bool(_BECOMES.search(form) and name.becoming)


def choose_name(
    question: Question, hit: SentenceHit, query_offsets: np.ndarray, reading: Reading | None = None
) -> str | None:
    """The name that answers, as it stands; None where no candidate fits, or several are asked for.

    reading: the judge's of the sentence, if it has read it.
    """
    if reading is None or not len(reading.starts) or not hit.similarity.size:
        return _by_rule(question, hit, query_offsets)
    names, found = features(question, hit, query_offsets, reading)
    if not names or _SEVERAL.search(question.stated):
        return None
    odds = np.exp(np.append(found @ np.array(WEIGHTS), NONE))
    best = int(np.argmax(odds[:-1]))
    return names[best].text if odds[best] >= LEAST_SHARE * odds.sum() else None


def features(
    question: Question, hit: SentenceHit, query_offsets: np.ndarray, reading: Reading
) -> tuple[list[Name], np.ndarray]:
    """The candidates, and (n, f) what the choice looks at in each.

    The judge's log-probability, and how far it lies under the best of all stretches; whether it stands between verbs
    and particles, in marks, in marks where it is asked what something is called; whether it is a thing of the kind that
    is asked with ("哪条铁路"), ends in that very word, is a party, a place, a person where one is asked for; whether a
    verb, particle or mark follows it; what the question's words match around it and in it; the logarithm of its length.
    """
    text, form = hit.text, question.stated
    own = {(name.start, name.end): name for name in candidates(text)}
    asks_place = bool(_DIVISION.search(form) or _WHERE.search(form))
    places = {(n.start, n.end): n for n in divisions(text)} if asks_place else {}
    logs = _logs(text, hit.offsets, reading)
    likeliest = sorted(logs, key=lambda s: -logs[s])
    read = islice((span for span in likeliest if _is_closed(text[slice(*span)])), LIKELIEST)
    top = max(logs.values(), default=NO_CHANCE)
    every = {**places, **{span: Name(*span, text[slice(*span)], False) for span in read}, **own}
    names = [every[span] for span in sorted(every) if _may_answer(question, every[span].text)]
    relevant, noun = relevance(question, hit, query_offsets), _asked_noun(form)
    person = official_in(text) if _WHO.search(form) else None
    behind = {m.start() for m in _BREAK.finditer(text)} | {len(text)}
    called, party = bool(_CALLED.search(form)), bool(_PARTY.search(form))
    rows = []
    for name in names:
        span, bare = (name.start, name.end), name.text.strip(_EDGES)
        log = max(_log(hit.offsets, reading, *span), NO_CHANCE)
        around, within = _strengths(text, hit.offsets, relevant, name)
        is_place = span in places or bool(_WHERE.search(form) and _PLACE_ENDS.search(bare))
        rows.append(
            (
                log,
                log - top,
                span in own,
                name.marked,
                called and name.marked,
                noun is not None and _is_a(bare, noun),
                noun is not None and bare.endswith(noun),
                party and bool(_PARTY_ENDS.search(bare)),
                is_place,
                name.text == person,
                name.end in behind,
                around,
                within,
                math.log(len(name.text)),
            )
        )
    return names, np.array(rows, float).reshape(-1, len(WEIGHTS))


def _logs(text: str, offsets: np.ndarray, reading: Reading) -> dict[tuple[int, int], float]:
    """The judge's log-probability of each stretch, in characters, that crosses no mark between statements or items."""
    count = min(len(offsets), len(reading.starts))
    starts, ends = np.clip(offsets[:count, 0], 0, None), np.clip(offsets[:count, 1], 0, None)
    part = np.cumsum([0, *(c in _PARTING for c in text)])
    sums = reading.starts[:, None] + reading.ends[None, :]
    lengths = ends[None, :] - starts[:, None]
    fits = (lengths > 1) & (lengths <= LONGEST) & (part[starts][:, None] == part[ends][None, :])
    return {(int(starts[i]), int(ends[j])): float(sums[i, j]) for i, j in np.argwhere(fits)}


def _log(offsets: np.ndarray, reading: Reading, start: int, end: int) -> float:
    """That of the tokens that a stretch of characters has a part of."""
    inside = np.flatnonzero((offsets[:, 0] < end) & (offsets[:, 1] > start))
    if not len(inside) or inside[-1] >= len(reading.starts):
        return NO_CHANCE
    return float(reading.starts[inside[0]] + reading.ends[inside[-1]])


def _is_closed(text: str) -> bool:
    """Has it both or none of each pair of quotes and brackets?"""
    return all(text.count(opening) == text.count(closing) for closing, opening in _PAIRS.items())


def _may_answer(question: Question, text: str) -> bool:
    return bool(_LETTER.search(text)) and not _is_named(question, text)


def _is_named(question: Question, text: str) -> bool:
    """Does the question say it itself?"""
    bare = simplified(text).lower().strip(_EDGES)
    short = re.sub("(?:新区|区|市|省)$", "", bare)
    tail = _LAST_WORD.search(bare)
    return bare in question.stated or short in question.stated or bool(tail and tail[1] in question.stated)


def _by_rule(question: Question, hit: SentenceHit, query_offsets: np.ndarray) -> str | None:
    form = question.stated
    if not hit.similarity.size or _SEVERAL.search(form):
        return None
    if _WHO.search(form) and (official := official_in(hit.text)):
        return official
    if by_means := _MEANS.search(form) and _BY.search(hit.text):
        end = _HARD_BREAK.search(hit.text, by_means.end())
        return hit.text[by_means.end() : end.start() if end else len(hit.text)].strip(_EDGES_OF_READING) or None
    relevant = relevance(question, hit, query_offsets)
    if described := _described(question, hit, relevant):
        return described
    party, noun = bool(_PARTY.search(form)), _asked_noun(form)
    if _DIVISION.search(form):
        fitting = [n for n in divisions(hit.text) if not _is_named(question, n.text)]
    else:
        fitting = [name for name in candidates(hit.text) if _fits(question, name)]
    asked = _places_asked(question)
    if _WITH_WHOM.search(form):  # the place is that of the party that the question names
        fitting = [name for name in fitting if not asked & (districts_in(name.text) | places_in(name.text))] or fitting
        fitting = [name for name in fitting if hit.text[: name.start].endswith(_WITH)] or fitting
    elif party and asked:
        fitting = [name for name in fitting if asked & (districts_in(name.text) | places_in(name.text))] or fitting
    if party:
        fitting = [name for name in fitting if _PARTY_ENDS.search(name.text)] or fitting
    same = [name for name in fitting if noun and _goes_with(hit.text, name, noun)]
    if _CALLED.search(form) and same:
        fitting = [_marked_in(name, fitting) for name in same]
    elif _CALLED.search(form) and any(name.marked for name in fitting):
        fitting = [name for name in fitting if name.marked]
    scored = []
    for name in fitting:
        around, own = _strengths(hit.text, hit.offsets, relevant, name)
        foreign = party and question.language == "en"
        score = around - NAMED_SHARE * own if foreign else around + OWN_SHARE * own
        same_noun = bool(noun and _is_a(name.text, noun))
        scored.append((score * (1 + MARKED_BONUS * (name.marked and not party) + NOUN_BONUS * same_noun), own, name))
    scored.sort(key=lambda found: -found[0])
    if not scored or (len(scored) > 1 and scored[0][0] < CLEAR_LEAD * scored[1][0]):
        return None
    _, own, best = scored[0]
    if any(_side_by_side(hit.text, best, name) and own <= CLEAR_LEAD * other for _, other, name in scored[1:]):
        return None
    return best.text


def _marked_in(name: Name, others: list[Name]) -> Name:
    """The term in marks in which a name ends: of 智能体“通通” it is “通通” that it is called."""
    return next((m for m in others if m.marked and name.start < m.start and m.end == name.end), name)


def _described(question: Question, hit: SentenceHit, relevant: np.ndarray) -> str | None:
    """What the sentence names by the description that the question gives of it: "A入选B", asked which B there is."""
    if not (_CALLED.search(question.stated) or _PARTY.search(question.stated) or _WHICH.search(question.stated)):
        return None
    for pattern in (_IS_NAMED_BY, _APPOSED):
        for found in pattern.finditer(hit.text):
            told = Name(*found.span("told"), found["told"], False)
            within = [n for n in candidates(hit.text) if found.start("name") <= n.start and n.end <= found.end("name")]
            if not within or _is_named(question, within[0].text):
                continue
            own = [_strengths(hit.text, hit.offsets, relevant, name)[1] for name in (told, within[0])]
            if own[0] > CLEAR_LEAD * own[1]:
                return within[0].text
    return None


def _places_asked(question: Question) -> set[str]:
    """The places that the question names; a follow-up's own before those of the question before."""
    own, all_of_them = matching_form(question.text), question.stated
    return districts_in(own) | places_in(own) or districts_in(all_of_them) | places_in(all_of_them)


def _goes_with(text: str, name: Name, noun: str) -> bool:
    """Does the name end as the noun does, or stand before it: “绿色通道”改革?"""
    return _is_a(name.text.strip(_EDGES), noun) or text.startswith(noun, name.end)


def _is_a(bare: str, noun: str) -> bool:
    """Does the name end as the noun does, have its words, or end as names of that kind do?"""
    kind = next((ends for asked, ends in _KINDS if re.search(asked, noun)), None)
    if bare.endswith(noun[-1]) or (kind and re.search(f"(?:{kind})$", bare)):
        return True
    return len(noun) > 1 and any(noun[:length] in bare for length in range(max(len(noun) - 2, 2), len(noun) + 1))


def divisions(text: str) -> list[Name]:
    """The cities, districts and counties that a text names."""
    return [Name(m.start(), m.end(), m[0], False) for m in _DIVISION_NAME.finditer(text)]


def choose_run(question: Question, hit: SentenceHit, query_offsets: np.ndarray) -> str | None:
    """The coordinated things, as they stand, where the question asks for so many: "哪两个区", "哪三样".

    None where the sentence has no run of just as many, or where a count is not told.
    """
    asked = _SO_MANY.search(question.stated)
    if not asked or not hit.similarity.size:
        return None
    count, relevant = _COUNTS[asked[1]], relevance(question, hit, query_offsets)
    edges = [0, *(at for m in _HARD_BREAK.finditer(hit.text) for at in m.span()), len(hit.text)]
    runs = [
        Name(start, end, hit.text[start:end], False)
        for start, end in zip(edges[::2], edges[1::2], strict=True)
        if len([item for item in re.split(r"[、和与及]", hit.text[start:end]) if item.strip()]) == count
    ]
    scored = [(sum(_strengths(hit.text, hit.offsets, relevant, run)), run.text) for run in runs]
    return max(scored)[1].strip(_EDGES) if scored else None


def official_in(text: str) -> str | None:
    """The person whom a line names with an office: "省长 王某某"; None where it names none."""
    found = _OFFICIAL.search(text)
    return found[1] if found else None


def asks_person(question: Question) -> bool:
    """Does the question ask who?"""
    return bool(_WHO.search(question.stated))


def _side_by_side(text: str, one: Name, other: Name) -> bool:
    """Are the two coordinated, so that what is said of one is said of both: "A、B帮扶"?"""
    between = text[min(one.end, other.end) : max(one.start, other.start)]
    return bool(re.fullmatch(r"[、和及与]", between))
