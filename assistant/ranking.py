"""The order of sentences for one question: the search's scores and what the question offers besides."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.places import period_years, places_in
from assistant.question import Question, Section
from assistant.tables import is_row, numeric_cells
from assistant.values import accepts, values_in
from index import Document, PassageHit, SentenceHit, simplified

# What each agreement adds to a late-interaction score (one step between neighbours is about .01).
VALUE_BONUS = 0.03
YEAR_BONUS = 0.02
LIST_BONUS = 0.02
FOCUS_BONUS = 0.06  # the sentence has the new subject of a follow-up in its very words
SECTION_BONUS = 0.03
PLACE_BONUS = 0.02  # the document is about the place that the question names
PERIOD_BONUS = 0.01  # and speaks of its year
LEAD_STEP = 0.001  # a title sentence stands just behind the sentence that it hands its score to

_PLAN_HEADING = re.compile(
    r"下一步|今后|未来|打算|计划|安排|展望|目标任务|重点任务|工作考虑|总体要求|主要目标|\d{4}年(?:重点)?工作"
)
_PROGRESS_HEADING = re.compile(r"进展|成效|回顾|成就|完成情况|过去|基本情况")
_ENUMERATION = re.compile(r"[^、。;；]+、[^、。;；]+(?:、|和|及|与|等)")
_ITEM = re.compile(r"(?:[一二三四五六七八九十]+是|[(（][一二三四五六七八九十]+[)）]|[一二三四五六七八九十]+、)")


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sentence in its passage with its score for this question; higher is better.

    The passage's own scores (its vector, BM25) order the passages, not the sentences: a word shared with
    the question tells where it is spoken of, not which sentence answers.
    """

    passage: PassageHit
    sentence: SentenceHit
    score: float

    @property
    def passage_score(self) -> float:
        return self.score + self.passage.score - self.passage.sentences[0].score


def section_of(hit: PassageHit) -> Section | None:
    """Does the passage stand among plans or among what was done? By its headings; the innermost that says so counts."""
    for heading in reversed(hit.passage.heading_path):
        if _PROGRESS_HEADING.search(heading):
            return "progress"
        if _PLAN_HEADING.search(heading):
            return "plan"
    return None


def is_lead(hit: PassageHit, sentence: SentenceHit) -> bool:
    """Is the sentence only the title of its paragraph ("一是……。")?"""
    path = hit.passage.heading_path
    return bool(path) and sentence.text.rstrip("。") == path[-1] and bool(_ITEM.match(sentence.text))


def has_value(question: Question, text: str) -> bool:
    """Is there a value that could answer, in a sentence or in the cells of a row?"""
    return bool(numeric_cells(text)) if is_row(text) else any(accepts(question, v) for v in values_in(text))


def _bonus(question: Question, hit: PassageHit, sentence: SentenceHit) -> float:
    bonus = 0.0
    if question.kind == "value" and has_value(question, sentence.text):
        bonus += VALUE_BONUS
    if question.kind == "list" and _ENUMERATION.search(sentence.text):
        bonus += LIST_BONUS
    if question.focus and question.focus in simplified(sentence.text).lower():
        bonus += FOCUS_BONUS
    if any(f"{year}年" in sentence.text for year in question.years):
        bonus += YEAR_BONUS
    section = section_of(hit)
    if question.section and section:
        bonus += SECTION_BONUS if section == question.section else -SECTION_BONUS
    return bonus


def _document_bonus(question: Question, document: Document) -> float:
    """A document about another place or time than the question's stands behind; one that says neither, between."""
    bonus = 0.0
    asked, about = places_in(question.stated), places_in(document.title + document.file_name)
    if asked and about:
        bonus += PLACE_BONUS if asked & about else -PLACE_BONUS
    years = period_years(document)
    if question.years and years:
        bonus += PERIOD_BONUS if question.years & years else -PERIOD_BONUS
    return bonus


def _hand_over(ranked: list[Ranked]) -> list[Ranked]:
    """A title that ranks before its paragraph's sentences gives its score to the best of them."""
    leads = [r for r in ranked if is_lead(r.passage, r.sentence)]
    others = [r for r in ranked if not is_lead(r.passage, r.sentence)]
    if not leads or not others:
        return ranked
    best = max(others, key=lambda r: r.score)
    top = max(best.score, max(r.score for r in leads))
    return [replace(r, score=top) if r is best else r for r in others] + [
        replace(r, score=min(r.score, top - LEAD_STEP)) for r in leads
    ]


def rank(question: Question, hits: Sequence[PassageHit], documents: Mapping[str, Document]) -> list[Ranked]:
    """Every sentence of the hits, best first."""
    ranked: list[Ranked] = []
    for hit in hits:
        about = _document_bonus(question, documents[hit.passage.document_id])
        own = [Ranked(hit, s, s.score + about + _bonus(question, hit, s)) for s in hit.sentences]
        ranked += _hand_over(own)
    return sorted(ranked, key=lambda r: -r.score)


def passages_in_order(ranked: list[Ranked]) -> list[tuple[PassageHit, float]]:
    """The passages, each once, by their best sentence with the passage's own scores added."""
    best: dict[str, tuple[PassageHit, float]] = {}
    for r in ranked:
        best.setdefault(r.passage.passage.id, (r.passage, r.passage_score))
    return sorted(best.values(), key=lambda found: -found[1])
