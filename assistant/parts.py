"""A question of several parts, each to be looked for by itself with the words of the others held back."""

import re
from dataclasses import replace

from assistant.question import PLAN, PROGRESS, Question, understand, years_in

MASKED_WEIGHT = 0.15  # the words of another part
TOPIC_WEIGHT = 0.5  # the first clause names what the later ones ask about
MAX_PARTS = 4

_ITEM = r"[^,;、和跟与及在的是对::\s各分都上谁两三这哪几多]{1,14}"
# "A、B、C各有……", "A跟B谁……": coordinated items that the question asks about one by one.
_COORDINATED = re.compile(
    rf"(?P<items>{_ITEM}(?:[、和跟与及]{_ITEM})+)(?=.{{0,8}}?(?:各|分别|谁|比一比|比较|哪个[更高]))"
)
_ASKS = re.compile(r"多少|几|哪|什么|啥|谁|怎|如何|吗|为何|how|what|which|who|when|where|why")
_CLAUSE = re.compile(r"[^,;?？]+")
_LETTERS = re.compile(r"\w")
SHORT_CLAUSE = 4  # letters; a shorter clause is an aside, not a part


def _masked(question: Question, masks: list[tuple[int, int, float]]) -> Question:
    """The question with some of its words held back, for the search and for the checks."""
    text = question.query.text
    hidden = [False] * len(text)
    for start, end, weight in masks:
        if weight < TOPIC_WEIGHT:
            hidden[start:end] = [True] * (end - start)
    stated = "".join(" " if away else c for c, away in zip(text, hidden, strict=True))
    return replace(
        question,
        query=replace(question.query, weights=(*question.query.weights, *masks)),
        stated=stated,
        years=years_in(stated) or question.years,
        content=tuple((a, b) for a, b in question.content if not all(hidden[a:b])),
    )


def _items(question: Question) -> list[Question]:
    found = _COORDINATED.search(question.query.text)
    if not found:
        return []
    at = found.start("items")
    spans = [(at + m.start(), at + m.end()) for m in re.finditer(r"[^、和跟与及]+", found["items"])]
    if not 2 <= len(spans) <= MAX_PARTS:
        return []
    return [_masked(question, [(a, b, MASKED_WEIGHT) for a, b in spans if (a, b) != own]) for own in spans]


def _clauses(question: Question) -> list[Question]:
    """Two clauses that both ask: the first names the topic of the second."""
    text = question.query.text
    spans = [m.span() for m in _CLAUSE.finditer(text) if len(_LETTERS.findall(m[0])) >= SHORT_CLAUSE]
    if not 2 <= len(spans) <= MAX_PARTS or not all(_ASKS.search(text[a:b]) for a, b in spans):
        return []
    return [
        _asking(
            _masked(
                question,
                [(a, b, TOPIC_WEIGHT if at == 0 else MASKED_WEIGHT) for at, (a, b) in enumerate(spans) if at != own],
            ),
            text[slice(*spans[own])],
        )
        for own in range(len(spans))
    ]


def _asking(part: Question, clause: str) -> Question:
    """The part asks by its own clause: for the kind of answer, the unit and the year that it says."""
    own = understand(clause)
    return replace(
        part,
        kind=own.kind,
        value_class=own.value_class,
        measure=own.measure,
        unit=own.unit,
        years=own.years or part.years,
        direction=own.direction,
        yes_no=own.yes_no,
        reason=own.reason,
    )


def _sections(question: Question) -> list[Question]:
    """ "What was done, and what comes next": the words that say so are no topic of either."""
    text = question.query.text
    words = [(m.start(), m.end(), MASKED_WEIGHT) for pattern in (PROGRESS, PLAN) for m in pattern.finditer(text)]
    whole = replace(question, query=replace(question.query, weights=(*question.query.weights, *words)))
    return [replace(whole, section="progress"), replace(whole, section="plan")]


def parts_of(question: Question) -> tuple[Question, ...]:
    """The parts in the order of the question; the question itself where it has but one."""
    if question.standalone is not None:
        return (question,)
    if question.both_sections:
        return tuple(_sections(question))
    return tuple(_items(question) or _clauses(question)) or (question,)
