"""Values in a sentence, and which of them a question asks for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from assistant.question import Question
from index import SentenceHit

HALF_LIFE = 6.0  # tokens from the value at which a matching word counts half
CLAUSE_STEP = 5.0  # a comma between word and value counts as so many tokens
SENTENCE_STEP = 20.0  # a semicolon parts two statements
AFTER_SHARE = 0.85  # Chinese names a thing before its value more often than after it
CLASS_PENALTY = 0.35  # share of the score a value of a merely possible class loses
MEASURE_BONUS = 0.25  # share a value gains whose measure word is the one asked with
COORDINATE_BONUS = 0.6  # share the k-th value gains where the k-th name matches best
RESULT_BONUS = 0.15  # share the "to" in "from X to Y" gains where the question does not ask for the start

_UNITS = (
    "微克/立方米|毫克/立方米|立方米|标准箱|平方千米|平方公里|平方米|公顷|英亩|亩|公里|千米|海里|米|"
    "个百分点|百分点|亿美元|万美元|美元|欧元|日元|亿元|万元|元|小时|分钟|秒|个月|工作日|周年|年|月|日|天|周|"
    "千瓦时|千瓦|度|公斤|千克|吨|斤|克|人次|人天|人|户|名|位|家|个|项|条|所|届|批|期|台套|台|套|座|辆|艘|架|列|"
    "款|枚|只|支|件|起|次|场|间|张|份|册|本|页|章|编|节|处|片|种|类|级|倍|岁|分|亿|万|成|箱|班|对|道|面|块|站"
)
_VALUE = re.compile(
    r"(?P<qualifier>超过|超|约|接近|近|逾|不少于|不低于|不超过|第|前)?"
    r"(?<![A-Za-z.\d])(?P<number>\d[\d,]*(?:\.\d+)?|\d+)(?P<scale>[百千万亿]*[余多]?[百千万亿]*)"
    rf"(?P<unit>%|％|‰|{_UNITS})?(?P<bound>以上|左右|以下|以内|上下|余)?"
)
_CODE = re.compile(r"[“\"]?\d+(?:\+\d+)+[”\"]?")
_RANK_UNITS = {"位", "名"}
_CLASS_OF_UNIT = {
    "money": "美元|欧元|日元|亿元|万元|元",
    "percent": "%|％|‰|个百分点|百分点|成",
    "area": "平方千米|平方公里|平方米|公顷|英亩|亩",
    "length": "公里|千米|海里|米",
    "time": "小时|分钟|秒|个月|工作日|天|周|周年",
    "concentration": "微克/立方米|毫克/立方米",
}
_CLASSES = {unit: name for name, units in _CLASS_OF_UNIT.items() for unit in units.split("|")}
# The classes that can answer, the first the likeliest; "any" takes all but dates.
_ACCEPTED: dict[str, tuple[str, ...]] = {
    "count": ("count", "money", "area", "length", "concentration", "time"),
    "any": ("count", "money", "area", "length", "concentration", "time", "percent", "rank"),
    "money": ("money",),
    "percent": ("percent",),
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


def _class(found: re.Match[str]) -> str:
    unit, number = found["unit"] or "", found["number"]
    if found["qualifier"] in {"第", "前"} and unit in _RANK_UNITS:
        return "rank"
    if (unit == "年" and re.fullmatch(r"(?:19|20)\d\d", number)) or unit in {"月", "日"}:
        return "date"
    return _CLASSES.get(unit, "time" if unit == "年" else "count")


def values_in(text: str) -> list[Value]:
    """Every value of a text in order; "1+16" is one code."""
    codes = [Value(m.start(), m.end(), m[0], "", "code") for m in _CODE.finditer(text)]
    taken = [(c.start, c.end) for c in codes]
    found = [
        Value(m.start(), m.end(), m[0], m["unit"] or "", _class(m))
        for m in _VALUE.finditer(text)
        if not any(a < m.end() and m.start() < b for a, b in taken)
    ]
    return sorted(codes + found, key=lambda v: v.start)


def accepts(question: Question, value: Value) -> bool:
    """Can this value answer, by its class and, where the question names a unit of measurement, by that?"""
    if question.unit and not value.unit.endswith(question.unit):
        return False
    return value.value_class in _ACCEPTED[question.value_class or "any"]


def _content_rows(question: Question, query_offsets: np.ndarray) -> np.ndarray:
    """Weights (q,) of the query's tokens: those of content count, words of asking do not."""
    weights = np.zeros(len(query_offsets), np.float32)
    for start, end in question.content:
        weights[(query_offsets[:, 0] < end) & (query_offsets[:, 1] > start)] = 1.0
    return weights


def relevance(question: Question, hit: SentenceHit, query_offsets: np.ndarray) -> np.ndarray:
    """(q, m): how much more than usual each content token of the query resembles each token of the sentence."""
    if not hit.similarity.size:
        return np.zeros((1, max(len(hit.offsets), 1)), np.float32)
    above = np.maximum(hit.similarity - hit.similarity.mean(axis=1, keepdims=True), 0.0)
    shaped: np.ndarray = above * _content_rows(question, query_offsets)[:, None]
    return shaped


def _distances(text: str, offsets: np.ndarray, value: Value) -> np.ndarray:
    """(m,): how far each token is from the value, in tokens, with a step at each comma and semicolon between."""
    steps = np.zeros(len(text) + 1, np.float32)
    for at, c in enumerate(text):
        steps[at + 1] = steps[at] + (SENTENCE_STEP if c in "；;。" else CLAUSE_STEP if c in "，," else 0.0)
    middle = np.clip(offsets.mean(axis=1).astype(int), 0, len(text))
    inside = int(np.argmin(np.abs(middle - (value.start + value.end) // 2)))
    by_tokens = np.abs(np.arange(len(offsets)) - inside)
    distance: np.ndarray = by_tokens + np.abs(steps[middle] - steps[value.start])
    return distance


def _nearness(text: str, offsets: np.ndarray, relevant: np.ndarray, value: Value) -> float:
    """Sum over the query's tokens of their best match, each halved with its distance from the value."""
    if not len(offsets):
        return 0.0
    share = 0.5 ** (_distances(text, offsets, value) / HALF_LIFE)
    share = np.where(offsets[:, 0] >= value.end, share * AFTER_SHARE, share)
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
    edges = [0, *cuts[-(count - 1) :], len(clause)]
    return [(begin + a, begin + b) for a, b in pairwise(edges)]


def _coordinated(text: str, offsets: np.ndarray, relevant: np.ndarray, values: Sequence[Value]) -> set[Value]:
    """In "A、B分别增长X、Y" the value that belongs to the name which the question names."""
    chosen: set[Value] = set()
    for run in _runs(text, values):
        names = _names_before(text, run[0].start, len(run))
        strengths = []
        for start, end in names:
            inside = (offsets[:, 0] >= start) & (offsets[:, 1] <= end)
            strengths.append(float(relevant[:, inside].max(axis=1).sum()) if inside.any() else 0.0)
        if strengths:
            chosen.add(run[int(np.argmax(strengths))])
    return chosen


def _is_result(text: str, value: Value) -> bool:
    return bool(re.search(r"由\S{1,24}(?:至|到|为)$", text[: value.start]))


def _is_start(text: str, value: Value) -> bool:
    return bool(
        re.search(r"由\S{0,8}$", text[: value.start]) and re.match(r"\S{0,4}[升降增减提至到]", text[value.end :])
    )


def choose_value(
    question: Question, hit: SentenceHit, query_offsets: np.ndarray, window: tuple[int, int]
) -> tuple[Value, float] | None:
    """The value that answers, with its score (higher is better); None where none of the window's can.

    window: [start, end) from the sentence's start.
    """
    text, offsets = hit.text, hit.offsets
    relevant = relevance(question, hit, query_offsets)
    every = values_in(text)
    fit = [v for v in every if accepts(question, v) and window[0] <= v.start and v.end <= window[1]]
    coordinated = _coordinated(text, offsets, relevant, every) if hit.similarity.size else set()
    asks_start = bool(re.search(r"之前|原来|原先|以前|before", question.query.text))
    best: tuple[Value, float] | None = None
    for value in fit:
        likeliest = _ACCEPTED[question.value_class or "any"][0]
        share = 1.0 - CLASS_PENALTY * (value.value_class != likeliest and question.value_class != "any")
        share += MEASURE_BONUS * bool(question.measure and value.unit.startswith(question.measure))
        share += COORDINATE_BONUS * (value in coordinated)
        share += RESULT_BONUS * (_is_start(text, value) if asks_start else _is_result(text, value))
        score = _nearness(text, offsets, relevant, value) * share
        if best is None or score > best[1]:
            best = (value, score)
    return best
