"""A question of several parts, each to be looked for by itself with the words of the others held back."""

import re
from dataclasses import replace

from assistant.places import PLACES
from assistant.question import PLAN, PROGRESS, Question, Section, asks, understand, years_in

MASKED_WEIGHT = 0.15  # the words of another part
TOPIC_WEIGHT = 0.5  # the first clause names what the later ones ask about
MAX_PARTS = 4

_ITEM = r"[^,;、和跟与及在的是对::\s各分都上谁两三这哪几多()]{1,14}"
# "A、B、C各有……", "A跟B谁……": coordinated items that the question asks about one by one.
_COORDINATED = re.compile(
    rf"(?P<items>{_ITEM}(?:[、和跟与及]{_ITEM})+)"
    r"(?=.{0,12}?(?:各|分别|谁|比一比|比较|对比|哪个[更高]|哪个[多少大小]|一样|相同|差多少))"
)
# "比较A和B": the same, told to do instead of asked.
_COMPARED = re.compile(rf"(?:比较|对比|比一比)(?:一下)?(?P<items>{_ITEM}(?:[、和跟与及]{_ITEM})+)")
_DISTRIBUTIVE = re.compile(r"各|分别|谁|比一比|比较|对比|哪个[更高多少大小]|一样|相同|差多少|两地|三地")
_PLACE = re.compile("|".join(PLACES))
_ASKS = re.compile(r"多少|几|哪|什么|啥|谁|怎|如何|吗|为何|how|what|which|who|when|where|why")
_CLAUSE = re.compile(r"[^,;?？]+")
_LETTERS = re.compile(r"\w")
_SHARED_OUT = re.compile(r"分别|各自?|比一比|对比一?下?")
SHORT_CLAUSE = 4  # letters; a shorter clause is an aside, not a part

Spans = list[tuple[int, int]]


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


def _one_by_one(question: Question, spans: Spans) -> list[Question]:
    """A part for each of the spans, the others held back; each asks for what the whole asks of all."""
    kind, value, measure = asks(_SHARED_OUT.sub("", question.query.text))
    shared = replace(question, kind=kind, value_class=value, measure=measure)
    return [_masked(shared, [(a, b, MASKED_WEIGHT) for a, b in spans if (a, b) != own]) for own in spans]


def _items(question: Question) -> list[Question]:
    found = _COORDINATED.search(question.query.text) or _COMPARED.search(question.query.text)
    if not found:
        return []
    at = found.start("items")
    spans = [(at + m.start(), at + m.end()) for m in re.finditer(r"[^、和跟与及]+", found["items"])]
    return _one_by_one(question, spans) if 2 <= len(spans) <= MAX_PARTS else []


def _places(question: Question) -> list[Question]:
    """ "天津河北各", "两地(天津、河北)": the places, wherever they stand."""
    text = question.query.text
    spans = [m.span() for m in _PLACE.finditer(text)]
    distinct = len({text[a:b] for a, b in spans}) == len(spans)
    if not distinct or not 2 <= len(spans) <= MAX_PARTS or not _DISTRIBUTIVE.search(text):
        return []
    return _one_by_one(question, spans)


def _asking_clauses(text: str) -> tuple[Spans, Spans]:
    """(all clauses, those that ask); "A几个、B几个" is two clauses."""
    clauses: Spans = []
    for m in _CLAUSE.finditer(text):
        pieces = [(m.start() + p.start(), m.start() + p.end()) for p in re.finditer(r"[^、]+", m[0])]
        each_asks = len(pieces) > 1 and all(_ASKS.search(text[a:b]) for a, b in pieces)
        clauses += pieces if each_asks else [m.span()]
    clauses = [(a, b) for a, b in clauses if len(_LETTERS.findall(text[a:b])) >= SHORT_CLAUSE]
    return clauses, [(a, b) for a, b in clauses if _ASKS.search(text[a:b])]


def _clauses(question: Question) -> list[Question]:
    """Several clauses that ask: what stands before them, else the first of them, names the topic of the others."""
    text = question.query.text
    clauses, asking = _asking_clauses(text)
    if not 2 <= len(asking) <= MAX_PARTS:
        return []
    topic = clauses[0] if clauses[0] not in asking else None
    if topic is None and len(clauses) != len(asking):
        return []
    planned = any(PLAN.search(text[a:b]) for a, b in asking)
    about = text[slice(*topic)] if topic else ""
    return [
        _asking(
            _masked(
                question,
                [
                    (a, b, TOPIC_WEIGHT if (a, b) == asking[0] and not topic else MASKED_WEIGHT)
                    for a, b in asking
                    if (a, b) != own
                ],
            ),
            about + text[slice(*own)],
            "progress" if planned and not PLAN.search(text[slice(*own)]) else None,
        )
        for own in asking
    ]


def _asking(part: Question, clause: str, otherwise: Section | None) -> Question:
    """The part asks by its own clause: for the kind of answer, the unit and the year that it says.

    clause: with the topic before it. otherwise: the section that it is about where it says none: what has been done,
    where another clause asks for what is planned.
    """
    own = understand(_SHARED_OUT.sub("", clause))
    return replace(
        part,
        kind=own.kind,
        value_class=own.value_class,
        measure=own.measure,
        unit=own.unit,
        years=own.years or part.years,
        section=own.section or otherwise or part.section,
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
    return tuple(_items(question) or _clauses(question) or _places(question)) or (question,)
