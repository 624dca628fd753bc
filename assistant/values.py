"""Values in a sentence, and which of them a question asks for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from assistant.places import PLACES
from assistant.question import Question
from index import SentenceHit, matching_form

KEPT_TEXTS = 4096  # whose values are remembered: the sentences that some hundred questions find
HALF_LIFE = 6.0  # tokens from the value at which a matching word counts half
CLAUSE_STEP = 5.0  # a comma between word and value counts as so many tokens
COUNTED_STEP = 4.0  # so does a word that says what another value counts
SENTENCE_STEP = 20.0  # a semicolon parts two statements
AFTER_SHARE = 0.85  # Chinese names a thing before its value more often than after it
CLASS_PENALTY = 0.35  # share of the score a value of a merely possible class loses
BARE_SHARE = 0.5  # what a number keeps that counts nothing: a telephone number, a name
ADDED_SHARE = 0.6  # what a value that is added keeps where the whole is asked for
TOTAL_BONUS = 0.3  # share a total gains there
PART_SHARE = 0.6  # what a value behind "其中" keeps: a part is told after its whole
COORDINATE_BONUS = 0.6  # share the k-th value gains where the k-th name matches best
PASSED_SHARE = 0.5  # what the other values beside that one keep
RESULT_BONUS = 0.15  # share the "to" in "from X to Y" gains where the question does not ask for the start
OTHER_END_SHARE = 0.4  # what the end of "from X to Y" keeps that was not asked for

_UNITS = (
    "微克/立方米|毫克/立方米|立方米|标准箱|平方千米|平方公里|平方米|公顷|英亩|亩|公里|千米|海里|米|"
    "个百分点|百分点|亿美元|万美元|美元|欧元|日元|亿元|万元|元|小时|分钟|秒|个月|工作日|周年|年|月|日|天|周|"
    "千瓦时|千瓦|千伏|度|公斤|千克|吨|斤|克|人次|人天|人|户|名|位|家|个|项|条|所|届|批|期|台套|台|套|座|辆|艘|架|列|"
    "款|枚|只|支|件|起|次|场|间|张|方面|轮|份|册|本|页|章|编|节|处|片|种|类|级|倍|岁|分|亿|万|成|箱|班|对|道|面|块|站|"
    "部(?![门分委署级队长])|栋|幢|根|株|棵|盏|头|口|眼|层|笔|例|桩|首|篇|剂次?|"
    "kWh|MWh|kW|MW|GW|kV|km²|km|hm²|m²|kg|mm|cm|GB|TB|PB"
)
_VALUE = re.compile(
    r"(?P<qualifier>超过|超|约|接近|近|逾|不少于|不低于|不超过|第|前)?(?P<sign>[¥￥])?"
    r"(?<![A-Za-z.\d])(?<![A-Za-z][-−－])(?P<number>[-−－]?\d[\d,]*(?:\.\d+)?(?:%?[-—–~～]+\d[\d,]*(?:\.\d+)?)?)"
    r"(?P<scale>(?:[百万亿]|千(?![瓦米克伏]))*[余多]?(?:[百万亿]|千(?![瓦米克伏]))*)"
    rf"(?P<unit>%|％|‰|{_UNITS})?(?P<bound>以上|左右|以下|以内|上下|余)?"
)
_CHANGES = re.compile(
    r"(?:增长|增加|增产|增收|下降|减少|减产|降低|缩短|上升|上涨|提高|提升|上调|下调|下跌|回落|少|多|涨|跌|降)了?$"
)
_TAIL = re.compile(r"比上?年|比去年|同比|较|分别|各自?(?!\w*、)")
_PLACE_NAMES = "|".join(PLACES)
_ALIKE = re.compile(r"各|分别|谁|哪|比|两地|两市")
_OPPOSITES = {"进出", "出进", "上下", "收支", "增减", "升降", "东西", "南北", "城乡", "男女", "内外", "公私", "水陆"}
_COUNTED = re.compile(r"[\u4e00-\u9fffA-Za-z“”·]+?(?=[和及与、，,；;。：:\s（()]|\d|$)")
_CODE = re.compile(r"[“\"]?\d+(?:\+\d+)+[”\"]?|[“\"]\d+[”\"]")
_RANK = re.compile(
    r"第[一二三四五六七八九十]+(?![届期批轮次版中条章节步产个部份百千一二三四五六七八九十])|[冠亚季]军|榜首|首位"
)
_DATE = re.compile(
    r"(?<![\d.])(?:(?:(?:19|20)\d\d年)?\d{1,2}月(?:\d{1,2}[日号])?[底末初]?|(?:19|20)\d\d年年?[底末初]|"
    r"(?:19|20)\d\d([-./])\d{1,2}\1\d{1,2}(?!\d))"
)
_NOTE_MARK = re.compile(r"[\[〔［]\d{1,3}[\]〕］]")  # "保费收入[55]": the number of a footnote
_EVENT = re.compile(r"\d{1,2}[·•・]\d{1,2}")  # "8·12": what a thing is called that happened on that day
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_BASE = re.compile(r"(?:(?<!占)比|较)$")
_NAMED = re.compile(r"[A-Za-z]")  # "5G", "3S店": a digit in a name
_RANK_UNITS = {"位", "名"}
_CLASS_OF_UNIT = {
    "money": "美元|欧元|日元|亿元|万元|元",
    "percent": "%|％|‰|个百分点|百分点|成",
    "area": "平方千米|平方公里|平方米|公顷|英亩|亩|km²|hm²|m²",
    "length": "公里|千米|海里|米|km|mm|cm",
    "time": "小时|分钟|秒|个月|工作日|天|周|周年",
    "concentration": "微克/立方米|毫克/立方米",
}
_CLASSES = {unit: name for name, units in _CLASS_OF_UNIT.items() for unit in units.split("|")}
_TOTAL_ASKED = re.compile(r"一共|总共|总数|总量|累计|[共现]有|现在|目前|\b(?:in total|altogether)\b")
_TOTAL = re.compile(r"(?:总[数量计]|合计|累计|[共保拥]有量?|共计?)[^,，、;；。\d]{0,6}$")
_ADDED = re.compile(r"(?:新增|新建|新设|新添|净增)[^,，、;；。\d]{0,10}$")
_IN_A_ROW = "期届级轮批次"  # what is told one after the other
_SAME_UNIT = {"公里": "千米", "千米": "公里", "平方公里": "平方千米", "平方千米": "平方公里"}
# Measure words that go with few nouns: what is counted by another is another thing.
_STRICT_MEASURES = {
    "方面",
    "期",
    "届",
    "级",
    "轮",
    "拨",
    "对",
    "张",
    "辆",
    "艘",
    "架",
    "枚",
    "亩",
    "吨",
    "岁",
    "倍",
    "箱",
    "人次",
}
_LIKE_MEASURE = {
    "拨": ("批",),
    "人次": ("人次", "人"),
    "艘": ("艘", "艘次"),
    "亩": ("亩", "公顷"),
    "箱": ("箱", "标准箱"),
}
# The classes that can answer, the first the likeliest; "any" takes all but dates.
_ACCEPTED: dict[str, tuple[str, ...]] = {
    "count": ("count", "money", "area", "length", "concentration", "time"),
    "any": ("count", "money", "area", "length", "concentration", "time", "percent", "rank"),
    "money": ("money",),
    "percent": ("percent",),
    "change": ("percent",),  # and an amount that stands right behind a verb of change
    "area": ("area",),
    "length": ("length",),
    "time": ("time", "date"),
    "rank": ("rank",),
    "date": ("date",),
    "code": ("code",),
    "concentration": ("concentration",),
}


@dataclass(frozen=True, slots=True)
class Value:
    """A number as it stands in a sentence, with its qualifier and unit; offsets from the sentence's start."""

    start: int
    end: int
    text: str
    unit: str
    value_class: str
    changes: bool = False  # it stands right behind a verb of change: "增加5亿元"
    base: bool = False  # it is what another is compared with: "比2010年"


def _class(found: re.Match[str]) -> str:
    unit, number = found["unit"] or "", found["number"]
    if found["qualifier"] in {"第", "前"} and unit in _RANK_UNITS:
        return "rank"
    if (unit == "年" and re.fullmatch(r"(?:(?:19|20)\d\d[-—–~～]+)?(?:19|20)\d\d", number)) or unit in {"月", "日"}:
        return "date"
    if found["sign"] and not unit:
        return "money"
    return _CLASSES.get(unit, "time" if unit == "年" else "count")


def values_in(text: str) -> list[Value]:
    """Every value of a text in order; "1+16" is one code, "3月15日" one date, "10—15天" one value."""
    return list(_values_in(text))


@lru_cache(KEPT_TEXTS)  # a sentence is asked for its values when it is ranked, chosen, cut and checked
def _values_in(text: str) -> tuple[Value, ...]:
    codes = [Value(m.start(), m.end(), m[0], "", "code") for m in _CODE.finditer(text)]
    codes += [
        Value(m.start(), m.end(), m[0], "", "date", base=bool(_BASE.search(text[: m.start()])))
        for m in _DATE.finditer(text)
    ]
    codes += [Value(m.start(), m.end(), m[0], "", "rank") for m in _RANK.finditer(text)]
    taken = [(c.start, c.end) for c in codes] + [m.span() for m in _EVENT.finditer(text)]
    found = [
        Value(
            m.start(),
            m.end(),
            text[m.start() : m.end()],
            m["unit"] or "",
            _class(m),
            bool(_CHANGES.search(text[: m.start()])),
            bool(_BASE.search(text[: m.start()])),
        )
        for m in _VALUE.finditer(text.replace("／", "/"))
        if not any(a < m.end() and m.start() < b for a, b in taken)
        and not _NOTE_MARK.match(text, m.start() - 1)
        and not (m.end("number") == m.end() and _NAMED.match(text, m.end()))
    ]
    return tuple(sorted(codes + found, key=lambda v: v.start))


def answers_in(question: Question, text: str, window: tuple[int, int] | None = None) -> list[Value]:
    """The values of a text, or of its window [start, end), that can answer; where there are any of the measure word
    that the question asks with, those. What is spelt out counts where none is in digits: "三年行动计划", asked 几年.
    """
    start, end = window or (0, len(text))
    fit = [v for v in values_in(text) if start <= v.start and v.end <= end and accepts(question, v)]
    if question.measure is None:
        return fit
    units = _LIKE_MEASURE.get(question.measure, (question.measure,))
    spelt = [v for v in _spelt(text, units) if start <= v.start and v.end <= end]
    return [v for v in fit if v.unit.startswith(units)] or spelt or fit


def _spelt(text: str, units: tuple[str, ...]) -> list[Value]:
    """Chinese numerals with one of some measure words, "一" only where it counts in a row: "第一期"."""
    return [
        Value(m.start(), m.end(), m[0], unit, "count")
        for unit in units
        for m in re.finditer(rf"第?[一二两三四五六七八九十百]+{unit}", text)
        if not m[0].startswith("一") or unit in _IN_A_ROW
    ]


def figure_spans(text: str) -> list[tuple[int, int]]:
    """Where the figures of a text stand, with qualifier and unit; dates and names of numbers (“1+4”) are none."""
    return [(value.start, value.end) for value in values_in(text) if value.value_class not in ("date", "code")]


def accepts(question: Question, value: Value) -> bool:
    """Can this value answer, by its class and, where the question names a unit of measurement, by that?"""
    unit = question.unit
    if (value.base and question.value_class == "date") or _is_said(question, value):
        return False
    if unit and not value.unit.endswith((unit, _SAME_UNIT.get(unit, unit))):
        return False
    strict = question.measure in _STRICT_MEASURES
    if strict and not value.unit.startswith(_LIKE_MEASURE.get(question.measure or "", (question.measure or "",))):
        return False
    if question.value_class == "change" and value.changes:
        return value.value_class not in {"date", "rank", "code"}
    return value.value_class in _ACCEPTED[question.value_class or "any"]


def _is_said(question: Question, value: Value) -> bool:
    """Does the question say the value itself? "580座公厕里东城有几座" is not answered by 580座."""
    found = _NUMBER.search(value.text)
    if not found or value.value_class == "date":
        return False
    number = found[0].replace(",", "") + value.text[found.end() : found.end() + 1]
    return found.end() < len(value.text) and _stands_in(number, question.said.replace(",", ""))


def _stands_in(number: str, text: str) -> bool:
    """Does a number stand in a text, and not as the end of another?"""
    before = [piece[-1:] for piece in text.split(number)[:-1]]
    return any(not (mark.isdecimal() or mark == ".") for mark in before)


def _content_rows(question: Question, query_offsets: np.ndarray) -> np.ndarray:
    """Weights (q,) of the query's tokens: those of content count, words of asking do not."""
    weights = np.zeros(len(query_offsets), np.float32)
    for start, end in question.content:
        weights[(query_offsets[:, 0] < end) & (query_offsets[:, 1] > start)] = 1.0
    return weights


def relevance(question: Question, hit: SentenceHit, query_offsets: np.ndarray) -> np.ndarray:
    """(q, m): how much each content token of the query resembles each token of the sentence,
    above one standard deviation over its mean."""
    if not hit.similarity.size:
        return np.zeros((1, max(len(hit.offsets), 1)), np.float32)
    usual = hit.similarity.mean(axis=1, keepdims=True) + hit.similarity.std(axis=1, keepdims=True)
    above = np.maximum(hit.similarity - usual, 0.0)
    shaped: np.ndarray = above * _content_rows(question, query_offsets)[:, None]
    return shaped


def _counted(text: str, values: Sequence[Value]) -> dict[Value, tuple[int, int]]:
    """The stretch that names what a value counts: in "3项标准和5份方案" 标准 and 方案."""
    found = {}
    for at, value in enumerate(values):
        limit = values[at + 1].start if at + 1 < len(values) else len(text)
        words = _COUNTED.match(text, value.end, limit)
        if value.unit and value.value_class == "count" and words:
            found[value] = (value.end, words.end())
    return found


def _distances(text: str, offsets: np.ndarray, value: Value, counted: Mapping[Value, tuple[int, int]]) -> np.ndarray:
    """(m,): how far each token is from the value, in tokens, with a step at each comma and semicolon between.

    What the value counts is next to it, what another counts a step further.
    """
    steps = np.zeros(len(text) + 1, np.float32)
    for at, c in enumerate(text):
        steps[at + 1] = steps[at] + (SENTENCE_STEP if c in "；;。" else CLAUSE_STEP if c in "，," else 0.0)
    middle = np.clip(offsets.mean(axis=1).astype(int), 0, len(text))
    inside = int(np.argmin(np.abs(middle - (value.start + value.end) // 2)))
    by_tokens = np.abs(np.arange(len(offsets)) - inside)
    distance: np.ndarray = by_tokens + np.abs(steps[middle] - steps[value.start])
    for counting, (start, end) in counted.items():
        within = (offsets[:, 0] >= start) & (offsets[:, 1] <= end)
        distance = np.where(within, np.minimum(distance, 1) if counting == value else distance + COUNTED_STEP, distance)
    return distance


def _nearness(
    text: str,
    offsets: np.ndarray,
    relevant: np.ndarray,
    value: Value,
    counted: Mapping[Value, tuple[int, int]],
) -> float:
    """Sum over the query's tokens of their best match, each halved with its distance from the value."""
    if not len(offsets):
        return 0.0
    share = 0.5 ** (_distances(text, offsets, value, counted) / HALF_LIFE)
    told_after = offsets[:, 0] >= counted.get(value, (0, value.end))[1]
    share = np.where(told_after, share * AFTER_SHARE, share)
    within = (offsets[:, 0] >= value.start) & (offsets[:, 1] <= value.end)
    return float((relevant * np.where(within, 0.0, share)).max(axis=1).sum())


def _runs(text: str, values: Sequence[Value]) -> list[list[Value]]:
    """Values that stand side by side: "188%、281%"."""
    runs: list[list[Value]] = []
    for value in values:
        if runs and re.fullmatch(r"[、和与及]", text[runs[-1][-1].end : value.start]):
            runs[-1].append(value)
        else:
            runs.append([value])
    return [run for run in runs if len(run) > 1]


def _names_before(text: str, at: int, count: int) -> list[tuple[int, int]]:
    """The last `count` coordinated names before a place: in "A、B比上年增长" the stretches A and B."""
    begin = max(text.rfind(mark, 0, at) for mark in "，,；;。") + 1
    clause = text[begin:at]
    cuts = [m.end() for m in re.finditer(r"[、和与]", clause)]
    if len(cuts) < count - 1:
        return []
    if count == len("进出") and clause[cuts[-1] - 2 : cuts[-1] - 1] + clause[cuts[-1] : cuts[-1] + 1] in _OPPOSITES:
        cut = begin + cuts[-1]  # "天津口岸进、出整体通关时间": what stands around is said of both
        return [(cut - 2, cut - 1), (cut, cut + 1)]
    tail = _TAIL.search(clause, cuts[-1])
    edges = [0, *cuts[-(count - 1) :], tail.start() if tail else len(clause)]
    *names, (first, last) = [(begin + a, begin + b) for a, b in pairwise(edges)]
    before = names[-1][1] - names[-1][0] - 1
    if text[last - 1] != text[names[-1][1] - 2]:  # "小学、初中在校生": what is said of both is no name
        last = min(last, first + before)
    return [*names, (first, last)]


def _coordinated(
    asked: str, text: str, offsets: np.ndarray, relevant: np.ndarray, values: Sequence[Value]
) -> tuple[set[Value], set[Value]]:
    """In "A、B分别增长X、Y" the value that belongs to the name which the question names, and those beside it.

    asked: the question in its matching form; a name of one character counts more where it stands in it.
    """
    chosen: set[Value] = set()
    passed: set[Value] = set()
    for run in _runs(text, values):
        names = _names_before(text, run[0].start, len(run))
        strengths = []
        for start, end in names:
            single = end - start == 1  # a token may hold more than it
            left, right = (offsets[:, 1] - 1, offsets[:, 0] + 1) if single else (offsets[:, 0], offsets[:, 1])
            inside = (left >= start) & (right <= end)
            strength = float(relevant[:, inside].max(axis=1).sum()) if inside.any() else 0.0
            strengths.append(strength + (single and matching_form(text[start:end]) in asked))
        if strengths:
            own = run[int(np.argmax(strengths))]
            chosen.add(own)
            passed |= {value for value in run if value != own and value.value_class == own.value_class}
    return chosen, passed


def _is_another_s(asked: str, text: str, value: Value) -> bool:
    """In "天津10所与河北省19所结对": a value right behind a place that the question names only as the other side.

    A question that asks about both sides alike ("天津和河北各几所") has no other side.
    """
    if _ALIKE.search(asked):
        return False
    before = re.search(rf"({_PLACE_NAMES})[省市]?$", text[: value.start])
    sides = set(re.findall(rf"[与和跟同]({_PLACE_NAMES})(?!的|[,、?]|$)", asked))
    own = set(re.findall(_PLACE_NAMES, asked)) - sides
    return bool(before and before[1] in sides and own)


def _is_result(text: str, value: Value) -> bool:
    return bool(re.search(r"[由从]\S{1,24}(?:至|到|为)$", text[: value.start]))


def _is_part(text: str, value: Value) -> bool:
    begin = max(text.rfind(mark, 0, value.start) for mark in "；;。")
    return "其中" in text[begin + 1 : value.start]


def _is_start(text: str, value: Value) -> bool:
    return bool(
        re.search(r"[由从]\S{0,8}$", text[: value.start]) and re.match(r"\S{0,4}[升降增减提至到]", text[value.end :])
    )


def choose_value(
    question: Question,
    hit: SentenceHit,
    query_offsets: np.ndarray,
    window: tuple[int, int],
) -> tuple[Value, float] | None:
    """The value that answers, with its score (higher is better); None where none of the window's can.

    window: [start, end) from the sentence's start.
    """
    text, offsets = hit.text, hit.offsets
    relevant = relevance(question, hit, query_offsets)
    every = values_in(text)
    fit = answers_in(question, text, window)
    coordinated: set[Value] = set()
    passed: set[Value] = set()
    if hit.similarity.size:
        coordinated, passed = _coordinated(question.query.text, text, offsets, relevant, every)
    asks_start = bool(re.search(r"之前|原来|原先|原本|最初|以前|before", question.query.text))
    asks_total = bool(_TOTAL_ASKED.search(question.query.text))
    counted = _counted(text, every)
    scores: list[float] = []
    for value in fit:
        likeliest = _ACCEPTED[question.value_class or "any"][0]
        share = 1.0 - CLASS_PENALTY * (value.value_class != likeliest and question.value_class != "any")
        share += COORDINATE_BONUS * (value in coordinated)
        start, result = _is_start(text, value), _is_result(text, value)
        share += RESULT_BONUS * (start if asks_start else result)
        share *= OTHER_END_SHARE if (result if asks_start else start) else 1.0
        if asks_total:
            share += TOTAL_BONUS * bool(_TOTAL.search(text[: value.start]))
            share *= ADDED_SHARE if _ADDED.search(text[: value.start]) else 1.0
        share *= PASSED_SHARE if value in passed else 1.0
        share *= BARE_SHARE if value.text.isdigit() else 1.0
        share *= PART_SHARE if _is_part(text, value) else 1.0
        share *= PASSED_SHARE if _is_another_s(question.stated, text, value) else 1.0
        scores.append(_nearness(text, offsets, relevant, value, counted) * share)
    if not fit:
        return None
    best = int(np.argmax(scores))
    return fit[best], scores[best] / max(*scores, 1e-9)
