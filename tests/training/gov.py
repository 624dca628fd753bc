"""Questions made from government work reports, communiqués and plans, with the span that answers each.

A value, a name, a party or a list is taken out of its clause and asked for; what is left of the clause, or of
the clause before where it has no subject, says what about. Every value of a sentence is asked for, so that the
others stand beside it. Near misses come from the same question with its year, place, direction or thing
changed, from what a sentence does not say of the things it names, and from the neighbours of the sentence.
"""

import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from assistant.values import Value, values_in
from index.passages import sentences
from tests.training.reading import lines
from tests.training.wording import contrasted, spoken, turned

SHARED_SENTENCES = 60  # a document that shares so many with the documents measured with is one of them
LEAST_SHARED = 12  # letters; shorter sentences are in every report
SHORTEST, LONGEST = 12, 230  # characters of a sentence
OLDEST = 1993
LEAD = 24  # characters of a paragraph's title sentence at most
HELD_OUT_SHARE = 0.08  # of the documents
HALF_WIDTH = str.maketrans("，；：（）！？", ",;:()!?")
OTHER_PLACES = ("北京", "天津", "河北", "上海", "广东", "江苏", "浙江", "山东", "四川", "重庆", "湖北", "陕西")

_CLAUSE = re.compile(r"[，,；;。：:！!？?](?!\d)")
_BE = re.compile(
    r"(?:已|共|就|均|将|约|总计|合计|也|仍|分别)*(?:达到|达|完成|实现|突破|超过|增至|增加到|提高到|上升到|为|是|有|至|到|共|约)$"
)
_CHANGE = re.compile(r"(?:增长|增加|提高|上升|上涨|增产|下降|减少|降低|减产|下跌|回落|缩短)了?$")
_AGAINST = re.compile(
    r"(?:[，,]?(?:均|都|将|仅|只|又|约|年均|平均|实际|同比|环比|名义|累计|分别|可比价格?|按可比价格计算|扣除价格因素|"
    r"比(?:上年|去年|上年末|上年同期|前年|\d{4}年|年初)\w{0,2}|较上年|较\w{2,4}))+$"
)
_TIME = re.compile(
    r"^(?:其中|而|但|同时|此外|另外|今年|去年|全年|年末|年底|全年共|到?\d{4}年(?:末|底)?|[一二三四五六七八九十]年来|五年来|五年|过去五年|截至\S{2,8}[,，]?|预计|"
    r"共|累计|已|新|全部|分别)+"
)
_MEASURES = "个家项条所位名件户人天座款枚批次场种艘架辆套台倍岁亩吨部处片支类级届期张册本"
_PEOPLE = {"人", "名", "位", "人次", "户"}
_UNITS_ASKED = {
    "money": ("多少钱", "多少资金", "多少{u}", "几个亿"),
    "percent": ("百分之几", "多少", "多大比例", "百分之多少"),
    "area": ("多大面积", "多少{u}", "多大", "多少"),
    "length": ("多长", "多少{u}", "多少里程", "几{u}"),
    "time": ("多久", "多长时间", "几{u}", "多少{u}"),
    "concentration": ("多少", "多少{u}", "浓度多少"),
    "rank": ("第几", "排第几", "排名多少", "第几位"),
}
_VERBS = (
    "印发|出台|制定|发布|编制|颁布|公布|实施|启动|开展|举办|召开|成立|设立|组建|建立|建成|建设|打造|推进|推动|加快|完成|开通|开工|落实|"
    "引进|培育|获得|荣获|入选|签署|签订|承办|创建|支持|发展|加强|深化|完善|强化|优化|扩大|提高|提升|保障|改善|保护|改造|新增|新建|治理"
)
_VERB = re.compile(_VERBS)
_MARKED = re.compile(r"《[^》]{3,40}》|“[^”]{2,16}”")
_DOCUMENT_NOUN = re.compile(
    r"(规划|方案|意见|办法|条例|计划|纲要|决定|法|规定|措施|政策|行动|工程|协议|目录|制度|标准)(?:（[^）]*）)?》?$"
)
_PARTY = re.compile(
    rf"^(?P<party>[\u4e00-\u9fff]{{1,12}}?(?:集团|公司|中心|大学|学院|研究院|医院|银行|市|省|区|县|港|部|局|委员会|国务院|机场|协会))"
    rf"(?P<rest>(?:顺利|正式|成功|率先|全面|已|共同|联合)*(?:{_VERBS})[\u4e00-\u9fff“”《》\d]{{4,30}})$"
)
_OBJECT = re.compile(
    rf"(?P<before>^|.*?)(?P<verb>(?:{_VERBS}))(?P<name>[\u4e00-\u9fffA-Z]{{2,10}}?)"
    r"(?P<noun>铁路|高速公路|高速|公路|大桥|机场|港区|工程|项目|中心|大学|医院|园区|基地|集团|银行|平台|实验室|新区|开发区|示范区|试验区|产业|"
    r"走廊|经济带|体系|机制|制度|行动|计划|战略|市场|城市群)(?P<after>[\u4e00-\u9fff]{0,6})$"
)
_CLASSIFIER = {
    "铁路": "条", "高速公路": "条", "高速": "条", "公路": "条", "大桥": "座", "机场": "个", "大学": "所", "医院": "家", "集团": "家", "银行": "家",
    "实验室": "个", "经济带": "条", "走廊": "条",
}  # fmt: skip
_LIST = re.compile(
    r"(?P<items>[^、和及与等的]{2,12}(?:、[^、和及与等]{2,14})+(?:(?:和|及|与|以及)[^、和及与等]{2,12}?)?)(?:等(?P<noun>[\u4e00-\u9fff]{0,8}))?$"
)
_TOPIC = re.compile(rf"(?:{_VERBS})(?P<topic>[\u4e00-\u9fff]{{4,14}})$")
_PARTICLE = re.compile(r"[的和与及了等把被将在从对为以]")
_NOUN_TAIL = re.compile(r"[\u4e00-\u9fff]{4,12}$")

_UNREADABLE = re.compile(r"\||\d[，．]\d|\.{3}|-{3}")

Kind = str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in its document. `context`: the title with place and year, as the library knows it."""

    text: str
    document: str
    paragraph: str
    context: str
    place: str
    year: int
    lead: str = ""  # the title sentence of its paragraph


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and a sentence; `span` is the answer's, None where it has none. `kind` says how it was made."""

    question: str
    sentence: Sentence
    answers: bool
    span: tuple[int, int] | None
    kind: Kind
    cut: tuple[int, int] | None = None  # characters of the sentence that are left out
    bare: bool = False  # must be judged with the context, which the question speaks of


def _letters(text: str) -> str:
    return re.sub(r"\W", "", text)


def _pieces(text: str) -> list[str]:
    return [p for p in (_letters(s) for s in re.split(r"[。；;\n]", text)) if len(p) >= LEAST_SHARED]


def _title(row: dict[str, str]) -> tuple[str, str, int]:
    """(title, place, year) as a reader would name the document."""
    path = row["path"]
    found = re.search(r"(\d{4})", path.rsplit("/", 1)[-1])
    year = int(found[1]) if found else 0
    place = next((p for p in ("北京", "天津", "河北") if p in path), "全国")
    if "政府工作报告" in path:
        name = {"北京": "北京市", "天津": "天津市", "河北": "河北省", "全国": "国务院"}[place]
        return f"{name}{year}年政府工作报告", place, year
    if "统计" in path:
        return f"{year}年国民经济和社会发展统计公报", place, year
    return row["title"], place, year


def document_title(path: str) -> tuple[str, int]:
    """(title, year) of a report, communiqué or plan by its path."""
    title, _, year = _title({"path": path, "title": Path(path).stem})
    return title, year


def held_out(document: str) -> bool:
    """A document is wholly in one part, by the SHA-256 of its path."""
    return int(hashlib.sha256(document.encode()).hexdigest()[:8], 16) / 2**32 < HELD_OUT_SHARE


def read_sentences(data: Path, measured: str) -> list[Sentence]:
    """The sentences that may be used: none of a document that `measured` (the text measured with) shares."""
    rows = list(lines(data / "gov_passages.jsonl"))
    known = set(_pieces(measured))
    shared: dict[str, int] = defaultdict(int)
    for row in rows:
        shared[row["path"]] += sum(p in known for p in _pieces(row["text"]))
    found: dict[str, Sentence] = {}
    for row in rows:
        if shared[row["path"]] >= SHARED_SENTENCES or any(p in known for p in _pieces(row["text"])):
            continue
        title, place, year = _title(row)
        if year < OLDEST:  # an older language, numbers in characters
            continue
        text = re.sub(r"[ \u3000\t]+", "", row["text"])
        spans = sentences(text, 0, len(text))
        first = text[spans[0].start : spans[0].end].rstrip("。") if spans else ""
        for number, span in enumerate(spans):
            said = text[span.start : span.end]
            lead = first if number and len(first) <= LEAD else ""
            if SHORTEST <= len(said) <= LONGEST and said not in found and not _UNREADABLE.search(said):
                narrow = int(hashlib.sha256(said.encode()).hexdigest()[:2], 16) < 100
                said = said.translate(HALF_WIDTH) if narrow else said
                found[said] = Sentence(said, row["path"], row["id"], title, place, year, lead)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Clause:
    start: int
    end: int
    text: str


def _clauses(text: str) -> list[_Clause]:
    edges = [0, *(m.end() for m in _CLAUSE.finditer(text)), len(text)]
    found = []
    for a, b in pairwise(edges):
        piece = text[a:b].rstrip("，,；;。：:！!？?")
        if piece:
            found.append(_Clause(a, a + len(piece), piece))
    return found


def _bare(text: str) -> str:
    """What a clause speaks of: no time and no comparing words, no verb of being at its end."""
    text = _TIME.sub("", text)
    while (shorter := _AGAINST.sub("", _BE.sub("", _CHANGE.sub("", text)))) != text:
        text = shorter
    return text.strip("，,、 ")


def _subject(text: str, clauses: list[_Clause], at: int, values: list[Value]) -> str:
    """The nearest thing spoken of before a clause that has no subject of its own."""
    for clause in reversed(clauses[max(0, at - 3) : at]):
        inside = [v for v in values if clause.start <= v.start and v.end <= clause.end and v.value_class != "date"]
        said = _bare(text[clause.start : inside[0].start] if inside else clause.text)
        if len(said) >= 2 and not re.search(r"\d", said):
            return said
    return ""


def _shortened(rng: random.Random, said: str, rest: str) -> str:
    """Long words of asking cut to their end, which must stand once in the sentence."""
    if len(said) <= 6 or rng.random() < 0.45:
        return said
    after = said.rsplit("的", 1)[-1]
    if 3 <= len(after) < len(said) and rest.count(after) == 1:
        return after
    tail = said[-rng.randint(4, 8) :]
    return tail if rest.count(tail) == 1 and not _PARTICLE.match(tail) else said


def _asking(rng: random.Random, value: Value) -> str:
    if value.value_class in _UNITS_ASKED:
        return rng.choice(_UNITS_ASKED[value.value_class]).format(u=value.unit or "")
    unit = value.unit if (value.unit and value.unit[0] in _MEASURES) or value.unit in _PEOPLE else ""
    if unit:
        return rng.choice((f"多少{unit}", f"几{unit}", "多少", f"多少{unit}"))
    return rng.choice(("多少", f"多少{value.unit}", "多少"))


def _value_question(
    rng: random.Random, text: str, clauses: list[_Clause], at: int, value: Value, values: list[Value]
) -> str | None:
    clause = clauses[at]
    before, after = text[clause.start : value.start], text[value.end : clause.end]
    if len([v for v in values if clause.start <= v.start < value.start and v.value_class != "date"]) > 0:
        last = max(v.end for v in values if clause.start <= v.start < value.start and v.value_class != "date")
        before = text[last : value.start]
    change = _CHANGE.search(before)
    said = _bare(before)
    if re.search(r"\d", said):
        return None
    if value.value_class == "percent" and change:
        said = said if len(said) >= 2 else _subject(text, clauses, at, values)
        if len(said) < 2:
            return None
        verb = change[0].rstrip("了")
        up = verb in {"增长", "增加", "提高", "上升", "上涨", "增产"}
        said = _shortened(rng, said, text)
        forms = [f"{said}{verb}多少", f"{said}{verb}了百分之几", f"{said}{verb}了几个点", f"{said}{verb}多少个百分点"]
        forms += (
            [f"{said}增速是多少", f"{said}涨幅多少", f"{said}涨了多少"]
            if up
            else [f"{said}降幅多大", f"{said}少了百分之几"]
        )
        return rng.choice(forms)
    ask = _asking(rng, value)
    if value.value_class == "rank":
        topic = said if len(said) >= 2 else _subject(text, clauses, at, values)
        return f"{_shortened(rng, topic, text)}{ask}" if len(topic) >= 2 else None
    if change and value.value_class != "percent":
        said = said if len(said) >= 2 else _subject(text, clauses, at, values)
        return f"{_shortened(rng, said, text)}{change[0]}{ask}" if len(said) >= 2 else None
    if 2 <= len(after) <= 14 and not _PARTICLE.match(after) and not re.search(r"\d", after):
        head = before if len(before) <= 12 else before[-8:]
        head = _TIME.sub("", head)
        if re.search(r"\d", head):
            return None
        forms = [
            f"{head}{ask}{after}",
            f"{after}{head}了{ask}" if head else f"{after}有{ask}",
            f"有{ask}{after}{'' if len(after) > 5 else head}",
        ]
        if len(head) >= 2:
            forms.append(f"{head}的{after}{ask}")
        return rng.choice(forms)
    if len(said) < 2:
        said = _subject(text, clauses, at, values)
    elif len(said) < 5 and rng.random() < 0.7:
        topic = _subject(text, clauses, at, values)
        said = f"{topic}{said}" if len(topic) <= 12 else said
    if len(said) < 2 or said in {"其中", "增长", "下降", "新增", "累计", "达到"}:
        return None
    said = _shortened(rng, said, text)
    opens = _VERB.match(said)
    forms = [f"{said}{ask}", f"{said}是{ask}", f"{said}有{ask}", f"{said}一共{ask}", f"{said}达到{ask}"]
    if opens and len(said) > len(opens[0]) + 1:
        thing = said[opens.end() :]
        forms = [f"{opens[0]}了{ask}{thing}", f"{thing}{opens[0]}了{ask}", f"{said}{ask}", f"{opens[0]}{ask}{thing}"]
    return rng.choice(forms)


def _date_question(rng: random.Random, text: str, clauses: list[_Clause], at: int, value: Value) -> str | None:
    rest = text[value.end : clauses[at].end].lstrip("，,以来末底前的")
    if len(rest) < 4:
        rest = clauses[at + 1].text if at + 1 < len(clauses) else ""
    rest = _TIME.sub("", rest)
    if not 4 <= len(rest) <= 24 or re.search(r"\d", rest):
        return None
    ask = rng.choice(("哪年", "什么时候", "哪一年", "何时", "是哪年"))
    return rng.choice((f"{rest}是{ask.lstrip('是')}", f"{ask.lstrip('是')}{rest}", f"{rest}在{ask.lstrip('是')}"))


def _noun_of(name: str, after: str) -> str:
    if said := _DOCUMENT_NOUN.search(name):
        return said[1]
    tail = re.match(r"[\u4e00-\u9fff]{2,4}", after)
    return tail[0] if tail else ""


def _name_questions(
    rng: random.Random, text: str, clauses: list[_Clause], at: int
) -> Iterator[tuple[str, tuple[int, int], Kind]]:
    clause = clauses[at]
    for m in _MARKED.finditer(clause.text):
        before, after = clause.text[: m.start()], clause.text[m.end() :]
        noun = _noun_of(m[0], after)
        said = _bare(before)[-12:]
        about = after if 4 <= len(after) <= 16 else (clauses[at + 1].text[:14] if at + 1 < len(clauses) else "")
        if _MARKED.search(about) or re.search(r"\d", about + said) or (said and said in about):
            continue
        span = (clause.start + m.start(), clause.start + m.end())
        if len(said) >= 2 and _VERB.search(said):
            yield (
                rng.choice((f"{said}了什么{noun}", f"{said}的{noun}叫什么", f"{said}了哪个{noun}", f"{said}啥{noun}")),
                span,
                "name",
            )
        elif len(about) >= 4:
            yield (
                rng.choice(
                    (f"{about}的{noun}叫什么", f"{about}叫什么{noun}", f"哪个{noun}{about}", f"什么{noun}{about}")
                ),
                span,
                "name",
            )
    party = _PARTY.match(clause.text)
    if party and not re.search(r"\d", party["rest"]):
        last = party["party"][-2:]
        who = ["谁", "哪家单位", "哪里"] if last[-1] not in "市省区县" else [f"哪个{last[-1]}", "哪里", "哪个地方"]
        who += ["哪家公司"] if last in {"集团", "公司"} else ["哪所大学"] if last == "大学" else []
        asked = rng.choice(who)
        form = rng.choice((f"{asked}{party['rest']}", f"{party['rest']}的是{asked}", f"是{asked}{party['rest']}"))
        yield form, (clause.start, clause.start + party.end("party")), "party"
    thing = _OBJECT.match(clause.text)
    if (
        thing
        and not _PARTICLE.search(thing["name"])
        and not _VERB.search(thing["name"])
        and not re.search(r"\d", clause.text)
    ):
        noun, verb = thing["noun"], thing["verb"]
        subject = _bare(thing["before"])[-8:]
        measure = _CLASSIFIER.get(noun, "个")
        forms = (
            f"{subject}{verb}哪{measure}{noun}{thing['after']}",
            f"{subject}{verb}什么{noun}",
            f"{subject}{verb}的是哪{measure}{noun}",
        )
        span = (clause.start + thing.start("name"), clause.start + thing.end("noun"))
        yield rng.choice(forms), span, "name"


def _list_question(rng: random.Random, clause: _Clause) -> tuple[str, tuple[int, int]] | None:
    found = _LIST.search(clause.text)
    if not found or found["items"].count("、") > 8 or re.search(r"\d", found["items"]):
        return None
    start = found.start("items")
    first = clause.text[start:].split("、")[0]
    verbs = list(_VERB.finditer(first))
    cut = verbs[-1].end() if verbs and len(first) - verbs[-1].end() >= 2 else 0
    before = _bare(clause.text[: start + cut])[-12:]
    if len(before) < 2 or _PARTICLE.match(before):
        return None
    noun = found["noun"] or ""
    forms = (f"{before}哪些{noun}", f"{before}了哪些{noun}", f"{before}的{noun or '东西'}有哪些", f"{before}什么{noun}")
    return rng.choice(forms), (clause.start + start + cut, clause.start + found.end("items"))


def _placed(rng: random.Random, question: str, sentence: Sentence, clause: str) -> tuple[str, bool]:
    """The question with the place or the year said, where it can be; and whether only the context tells them."""
    stated = re.search(r"(?:19|20)\d\d年", clause) or re.search(r"(?:19|20)\d\d年", sentence.text)
    chance = rng.random()
    if stated and chance < 0.5 and not re.search(r"\d{4}", question):
        return f"{stated[0]}{question}", False
    if not stated and sentence.year and chance < 0.35:
        reported = "公报" in sentence.context
        year = sentence.year if reported else sentence.year - rng.randint(0, 1)
        place = {"全国": rng.choice(("", "全国"))}.get(sentence.place, sentence.place) if rng.random() < 0.6 else ""
        return rng.choice((f"{place}{year}年{question}", f"{year}年{place}{question}")), True
    if sentence.place != "全国" and sentence.place not in question and chance > 0.75:
        return f"{sentence.place}{question}", True
    return question, False


def positives(rng: random.Random, sentence: Sentence) -> Iterator[tuple[Asked, str]]:
    """The questions of one sentence, each with its plain form, before other words were put in."""
    text = sentence.text
    values = values_in(text)
    clauses = _clauses(text)
    for at, clause in enumerate(clauses):
        found: list[tuple[str, tuple[int, int], Kind]] = []
        for value in (v for v in values if clause.start <= v.start and v.end <= clause.end):
            if value.value_class == "date":
                question = _date_question(rng, text, clauses, at, value)
            else:
                question = _value_question(rng, text, clauses, at, value, values)
            if question and len(question) >= 5:
                found.append((question, (value.start, value.end), "date" if value.value_class == "date" else "value"))
        if rng.random() < 0.6:
            found += _name_questions(rng, text, clauses, at)
        if rng.random() < 0.4 and (listed := _list_question(rng, clause)):
            found.append((*listed, "list"))
        topic = _TOPIC.search(clause.text)
        if topic and not found and rng.random() < 0.15 and not _PARTICLE.search(topic["topic"]):
            what = topic["topic"]
            forms = (
                f"{what}怎么做",
                f"{what}怎么推进",
                f"{what}有什么安排",
                f"{what}下一步怎么干",
                f"{what}有啥动作",
                f"{what}做得怎么样",
            )
            plain = rng.choice(forms)
            yield Asked(spoken(rng, plain), sentence, True, None, "open"), plain
        for plain, span, kind in found:
            asked, needs = (plain, False) if kind == "date" else _placed(rng, plain, sentence, clause.text)
            if len(asked) <= 45:
                yield Asked(spoken(rng, asked), sentence, True, span, kind, bare=needs), asked


def near_misses(rng: random.Random, asked: Asked, plain: str, others: list[str]) -> Iterator[Asked]:
    """The same sentence, another question: each changes what the question asks about, so that nothing answers."""

    def miss(question: str, kind: Kind, needs: bool = False) -> Asked:
        return replace(asked, question=spoken(rng, question), answers=False, span=None, kind=kind, bare=needs)

    sentence = asked.sentence
    if found := re.search(r"((?:19|20)\d\d)年", plain):
        year = int(found[1]) + rng.choice((-9, -6, -5, -4, -3, 3, 4, 5, 6) if asked.bare else (-3, -2, -1, 1, 2, 4))
        if str(year) not in sentence.text:
            yield miss(plain.replace(found[1], str(year)), "year", asked.bare)
    if asked.bare and sentence.place in plain:
        other = rng.choice([p for p in OTHER_PLACES if p != sentence.place and p not in sentence.text])
        yield miss(plain.replace(sentence.place, other), "place", True)
    if asked.kind == "value" and (other_way := turned(plain)):
        yield miss(other_way, "direction")
    if near := contrasted(rng, plain, sentence.text):
        yield miss(near, "thing", asked.bare)
    if others and (swapped := _swapped(rng, plain, sentence.text, others)):
        yield miss(swapped, "subject", asked.bare)
    if asked.span and asked.kind in {"value", "name"}:
        yield from _unsaid(rng, asked)


def _swapped(rng: random.Random, plain: str, text: str, others: list[str]) -> str | None:
    """The longest stretch that question and sentence share made one of another sentence of the document."""
    stretches = [
        plain[a:b] for a in range(len(plain)) for b in range(a + 2, min(a + 9, len(plain)) + 1) if plain[a:b] in text
    ]
    stretches = [s for s in stretches if re.fullmatch(r"[\u4e00-\u9fff]+", s) and not _PARTICLE.search(s)]
    if not stretches:
        return None
    longest = max(map(len, stretches))
    stretch = rng.choice([s for s in stretches if len(s) == longest])
    if len(stretch) > 4 and rng.random() < 0.5:
        stretch = stretch[:4] if rng.random() < 0.5 else stretch[-4:]
    fit = [
        o
        for o in rng.sample(others, min(40, len(others)))
        if abs(len(o) - len(stretch)) <= 2 and o not in text and o[-2:] not in text
    ]
    return plain.replace(stretch, rng.choice(fit)) if fit else None


_ATTRIBUTES = (
    ("money", ("花了多少钱", "投资多少", "拿了多少资金", "一年花多少钱", "预算多少")),
    ("area", ("多大面积", "占地多少公顷", "有多少亩")),
    ("length", ("有多长", "多少公里")),
    ("time", ("用了多久", "要多长时间")),
    ("percent", ("占百分之几", "比例多大", "涨了百分之几")),
    ("date", ("是哪年建的", "什么时候开始的", "哪年成立的")),
    ("who", ("是谁负责的", "由谁承建", "负责人叫什么", "院长是谁")),
    ("why", ("为什么下降", "为什么停了", "是什么原因造成的")),
    ("where", ("在哪个城市", "地址在哪", "设在哪条路")),
    ("rank", ("排第几", "全球排名多少")),
)  # fmt: skip


def _unsaid(rng: random.Random, asked: Asked) -> Iterator[Asked]:
    """What the sentence does not say of a thing it names: no value of that class stands in it."""
    text = asked.sentence.text
    classes = {v.value_class for v in values_in(text)}
    things = [t for c in _clauses(text) if (t := _thing(_bare(re.sub(r"\d.*$", "", c.text))))]
    absent = [
        forms for name, forms in _ATTRIBUTES if name not in classes and not (name == "date" and "time" in classes)
    ]
    if things and absent:
        thing = rng.choice(things)
        question = f"{thing}{rng.choice(rng.choice(absent))}"
        yield replace(
            asked, question=spoken(rng, question, 0.2), answers=False, span=None, kind="attribute", bare=False
        )


def _thing(said: str) -> str | None:
    """The noun at a clause's end."""
    verbs = list(_VERB.finditer(said))
    rest = said[verbs[-1].end() :] if verbs else said
    rest = re.split(r"[的、和与及]", rest)[-1]
    return rest[-10:] if len(rest) >= 3 and re.fullmatch(r"[\u4e00-\u9fff]+", rest) else None


def _without(asked: Asked) -> tuple[int, int] | None:
    """The clause of the answer, to be left out of the sentence; None where it is all there is."""
    if asked.span is None:
        return None
    clauses = _clauses(asked.sentence.text)
    inside = [c for c in clauses if c.start <= asked.span[0] and asked.span[1] <= c.end]
    return (inside[0].start, inside[0].end) if inside and len(clauses) > 2 else None


def make(seed: int, every: list[Sentence], most: int) -> list[Asked]:
    """Up to `most` sentences' questions with their near misses, those of one sentence side by side."""
    rng = random.Random(seed)
    by_document: dict[str, list[Sentence]] = defaultdict(list)
    for sentence in every:
        by_document[sentence.document].append(sentence)
    things = {d: _things(group) for d, group in by_document.items()}
    made: list[Asked] = []
    for sentence in rng.sample(every, min(most, len(every))):
        asked = list(positives(rng, sentence))
        rng.shuffle(asked)
        for one, plain in asked[:6]:
            made.append(one)
            misses = list(near_misses(rng, one, plain, things[sentence.document]))
            made += rng.sample(misses, min(2, len(misses)))
            if (cut := _without(one)) and rng.random() < 0.12:
                made.append(replace(one, answers=False, span=None, kind="left out", cut=cut))
            if (other := _neighbour(rng, one, by_document[sentence.document])) is not None:
                made.append(replace(one, sentence=other, answers=False, span=None, kind="neighbour"))
    return made


def _things(group: list[Sentence]) -> list[str]:
    found = (t for s in group for c in _clauses(s.text) if (t := _thing(_bare(re.sub(r"\d.*$", "", c.text)))))
    return sorted({t for t in found if len(t) <= 9})


def _neighbour(rng: random.Random, asked: Asked, group: list[Sentence]) -> Sentence | None:
    """A sentence of the same document, with much of the question's words but not the answer's."""
    answer = asked.sentence.text[slice(*asked.span)] if asked.span else ""
    others = [s for s in group if s.text != asked.sentence.text and not (answer and answer in s.text)]
    pairs = {asked.question[i : i + 2] for i in range(len(asked.question) - 1)}
    ranked = sorted(others, key=lambda s: -sum(p in s.text for p in pairs))
    near = [s for s in ranked[:3] if not _same(asked.sentence.text, s.text)]
    return rng.choice(near) if near else None


def _same(one: str, other: str) -> bool:
    """Do they say nearly the same: the shared share of their pairs of characters."""
    a, b = ({t[i : i + 2] for i in range(len(t) - 1)} for t in (one, other))
    return len(a & b) > 0.5 * min(len(a), len(b))
