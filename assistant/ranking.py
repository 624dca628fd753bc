"""The order of sentences for one question: the search's scores and what the question offers besides."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.judge import read_hits
from assistant.names import asks_person, official_in
from assistant.periods import section_of, years_told
from assistant.places import asks_of_nation, own_places, places_in
from assistant.question import Question
from assistant.tables import is_row, numeric_cells
from assistant.values import answers_in
from index import Document, Judge, PassageHit, Reading, SentenceHit, line_above, simplified

# What each agreement adds to a late-interaction score (one step between neighbours is about .01).
VALUE_BONUS = 0.03
YEAR_BONUS = 0.02  # the sentence speaks of the year that the question names
LIST_BONUS = 0.02
PERSON_BONUS = 0.05  # a line with an office and a name, where it is asked who
FOCUS_BONUS = 0.06  # the sentence has the new subject of a follow-up in its very words
SECTION_BONUS = 0.03
PLACE_BONUS = 0.02  # the document is about the place that the question names
OTHER_YEAR_COST = 0.01  # the sentence speaks of another year than the question
TITLE_COST = 0.05  # a line of the document's title answers nothing
JUDGED = 6  # sentences that the judge reads at most
GROUP = 2  # of them at a time, until none can come first that is not read yet
JUDGE_WEIGHT = 0.03  # what its certain yes adds
REORDERED = ("value", "name")  # kinds of question whose answer is one sentence; the judge knows no lists
KEPT_TEXTS = 4096  # of which it is remembered what their letters are
LEAD_STEP = 0.001  # a title sentence stands just behind the sentence that it hands its score to

_MARKS = re.compile(r"\W")
_ENUMERATION = re.compile(r"[^、。;；]+、[^、。;；]+(?:、|和|及|与|等)")
_ITEM = re.compile(r"(?:[一二三四五六七八九十]+是|[(（][一二三四五六七八九十]+[)）]|[一二三四五六七八九十]+、)")


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sentence in its passage with its score for this question; higher is better.

    The passage's own scores (its vector, BM25) order the passages, not the sentences: a word shared with
    the question tells where it is spoken of, not which sentence answers.
    reading: what the judge finds in the sentence; raised: what that adds to the score where sentences are put in
    order. How far one score lies behind another is told without it.
    """

    passage: PassageHit
    sentence: SentenceHit
    score: float
    reading: Reading | None = None
    raised: float = 0.0

    @property
    def order(self) -> float:
        """What sentences are put in order by; higher is better."""
        return self.score + self.raised

    @property
    def passage_score(self) -> float:
        return self.order + self.passage.score - self.passage.sentences[0].score


def is_lead(hit: PassageHit, sentence: SentenceHit) -> bool:
    """Is the sentence only the title of its paragraph ("一是……。")?"""
    path = hit.passage.heading_path
    return bool(path) and sentence.text.rstrip("。") == path[-1] and bool(_ITEM.match(sentence.text))


def is_list(text: str) -> bool:
    """Does the sentence tell three things or more side by side?"""
    return bool(_ENUMERATION.search(text))


def has_value(question: Question, text: str) -> bool:
    """Is there a value that could answer, in a sentence or in the cells of a row?"""
    return bool(numeric_cells(text)) if is_row(text) else bool(answers_in(question, text))


def _bonus(question: Question, hit: PassageHit, sentence: SentenceHit) -> float:
    bonus = 0.0
    if question.kind == "value" and has_value(question, sentence.text):
        bonus += VALUE_BONUS
    if question.kind == "list" and is_list(sentence.text):
        bonus += LIST_BONUS
    if question.kind == "name" and asks_person(question) and official_in(sentence.text):
        bonus += PERSON_BONUS
    if question.focus and question.focus in simplified(sentence.text).lower():
        bonus += FOCUS_BONUS
    section = section_of(hit)
    if question.section and section:
        bonus += SECTION_BONUS if section == question.section else -SECTION_BONUS
    return bonus


def _document_bonus(question: Question, document: Document) -> float:
    """A document about another place than the question's stands behind; one that says none, between.

    Where the whole country is asked about, one about a part of it stands behind.
    """
    asked, about = places_in(question.stated), own_places(document)
    if about and asks_of_nation(question.stated):
        return -PLACE_BONUS
    return (PLACE_BONUS if asked & about else -PLACE_BONUS) if asked and about else 0.0


def is_title(document: Document, sentence: SentenceHit) -> bool:
    """Is the sentence a line of the document's own title? It names the document and says nothing."""
    said = _letters(sentence.text)
    return bool(said) and said in _letters(document.title)


@lru_cache(KEPT_TEXTS)  # the titles of the documents, and the sentences that are found again and again
def _letters(text: str) -> str:
    return _MARKS.sub("", text)


def _year_bonus(question: Question, document: Document, hit: PassageHit, sentence: SentenceHit) -> float:
    told = years_told(document, hit, sentence.text) if question.years else set()
    return (YEAR_BONUS if told & question.years else -OTHER_YEAR_COST) if told else 0.0


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
    abouts = {i: _document_bonus(question, documents[i]) for i in {hit.passage.document_id for hit in hits}}
    for hit in hits:
        document, about = documents[hit.passage.document_id], abouts[hit.passage.document_id]
        own = [
            Ranked(
                hit,
                s,
                s.score
                + about
                + _year_bonus(question, document, hit, s)
                + _bonus(question, hit, s)
                - TITLE_COST * is_title(document, s),
            )
            for s in hit.sentences
        ]
        ranked += _hand_over(own)
    return sorted(ranked, key=lambda r: -r.score)


def above(ranked: Ranked, documents: Mapping[str, Document]) -> str:
    """The title and the headings that a sentence stands under, in one line, as the judge reads them."""
    return line_above(documents[ranked.sentence.document_id].title, ranked.passage.passage.heading_path)


def judged(
    question: Question,
    ranked: Sequence[Ranked],
    documents: Mapping[str, Document],
    judge: Judge,
    chosen: Callable[[Sequence[Ranked]], Ranked | None],
) -> list[Ranked]:
    """The sentences in the order that the judge's reading gives them; it reads no more than it must.

    chosen: which of the sentences in their order will be answered with, if any; it is read too.
    Not for lists and surveys, whose sentences answer a part each, nor where a question leans on the one before, which
    the judge has never read.
    """
    if question.kind == "list" or question.both_sections or question.leans:
        return list(ranked)
    read, rest = list(ranked[:JUDGED]), list(ranked[JUDGED:])
    rest += [r for r in read if is_row(r.sentence.text)]  # it has never read a table
    first = [r for r in read if not is_row(r.sentence.text)]
    found: list[Ranked] = []
    while first and not _is_settled(question, found, first[0]):
        found += _read(question, first[:GROUP], documents, judge)
        first = first[GROUP:]
    while True:
        order = sorted([*found, *first, *rest], key=lambda r: -r.order)
        answering = chosen(order)
        unread = [r for r in first if r is answering]
        if not unread:
            return order
        first = [r for r in first if r is not answering]
        found += _read(question, unread, documents, judge)


def _is_settled(question: Question, read: Sequence[Ranked], following: Ranked) -> bool:
    """Can none that is not read yet come to stand before the best of those that are?"""
    most = JUDGE_WEIGHT if question.kind in REORDERED else 0.0
    return bool(read) and max(r.order for r in read) >= following.score + most


def _read(
    question: Question, ranked: Sequence[Ranked], documents: Mapping[str, Document], judge: Judge
) -> list[Ranked]:
    """The same sentences with the judge's reading of each."""
    contexts = [above(r, documents) for r in ranked]
    readings = read_hits(judge, question.stated, [(r.passage, r.sentence) for r in ranked], contexts)
    found = []
    for r, reading in zip(ranked, readings, strict=True):
        title = is_lead(r.passage, r.sentence) or is_title(documents[r.sentence.document_id], r.sentence)
        raised = JUDGE_WEIGHT * reading.answers if question.kind in REORDERED and not title else 0.0
        found.append(replace(r, reading=reading, raised=raised))
    return found


def passages_in_order(ranked: Sequence[Ranked]) -> list[tuple[PassageHit, float]]:
    """The passages, each once, by their best sentence with the passage's own scores added."""
    best: dict[str, tuple[PassageHit, float]] = {}
    for r in ranked:
        if r.passage.passage.id not in best:
            best[r.passage.passage.id] = r.passage, r.passage_score
    return sorted(best.values(), key=lambda found: -found[1])
