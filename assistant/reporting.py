"""Which paragraphs of a document report on a clause of a plan.

A clause is compared with every sentence, or part of one, that tells what was done, by late interaction over the
token vectors that the library keeps (Khattab & Zaharia 2020), so that no model is needed. The token vectors of one
model lie close together; taking their mean away sets apart what differs. A token weighs by how rare its words are in
the two texts (推进 and 建设 are everywhere, 融资租赁 is not), and words that both have in common add to the score.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.clauses import Clause, measured, names_spirit
from assistant.periods import part_of
from index import EncodedDocument, EncodedSentence, terms

Floats = NDArray[np.float32]

SHOWN = 3  # paragraphs of one document that are shown beside a clause
# Below it a paragraph is about something else more often than not: read on clauses of four work reports.
ENOUGH = 0.46
CLOSE = 0.54  # from here on it is about the very thing in nearly all of the same readings; below, the reader is told
BEHIND_BEST = 0.15  # a paragraph so far behind the best one reports on something else
HEADING_SHARE = 0.7  # how far a word that the sentence lacks is answered by the headings above it, as in the search
WORDS_WEIGHT = 0.15  # what it adds that all of the clause's words stand in the sentence
NAMED_SHARE = 0.55  # of an indicator's words, by rarity: "生产总值" is "地区生产总值", "居民收入" is not "居民消费价格"
SCALE = 127.0  # token vectors are kept as int8

_LETTER = re.compile(r"[^\W_]")
_PART = re.compile(r"[^;；]+")
_LEADERS = re.compile(r"总书记|贺信")  # what leaders said and wrote is not what was done
# A paragraph that owns up to what is lacking reports no progress.
_LACKING = re.compile(
    r"清醒|困难和(?:问题|挑战)|不足和问题|问题和不足|(?:存在|面临)\S{0,8}(?:不足|问题|短板|困难|差距)"
)


@dataclass(frozen=True, slots=True)
class Telling:
    """What tells of one thing that was done: a sentence, or its part [start, end) between two semicolons."""

    sentence: EncodedSentence
    start: int
    end: int

    @property
    def text(self) -> str:
        """Its words, exactly."""
        return self.sentence.text[self.start : self.end]

    @property
    def tokens(self) -> NDArray[np.int8]:
        """(m, dim): the token vectors that fall into it."""
        starts = self.sentence.offsets[:, 0]
        return self.sentence.tokens[(starts >= self.start) & (starts < self.end)]


@dataclass(frozen=True, slots=True)
class Report:
    """What one paragraph tells of a clause. `score`: higher is better."""

    telling: Telling
    score: float


class Reporting:
    """The sentences of one document that tell what was done, ready to be compared with clauses of plans.

    plans: the sentences that the clauses stand in; told: the document that may report on them.
    """

    def __init__(self, plans: Sequence[EncodedSentence], told: EncodedDocument) -> None:
        tellings = _tellings(told)
        self._semantic = any(len(telling.tokens) for telling in tellings)  # some models give no token vectors
        self._tellings = [t for t in tellings if len(t.tokens) or not self._semantic]
        self._leads = [_is_lead(telling) for telling in self._tellings]
        every: list[EncodedSentence | Telling] = [*plans, *self._tellings]
        self._count = len(every)
        self._terms = [set(terms(telling.text)) for telling in self._tellings]
        self._spread = Counter(term for one in every for term in set(terms(one.text)))
        if self._semantic:
            self._mean = np.concatenate([_floats(one.tokens) for one in every]).mean(axis=0)
            self._sentences = self._stack([telling.tokens for telling in self._tellings])
            paths = [telling.sentence.passage.heading_path for telling in self._tellings]
            distinct = list(dict.fromkeys(paths))
            self._headings = self._stack([_above(path, told.headings, self._mean.shape[0]) for path in distinct])
            self._path_of = [distinct.index(path) for path in paths]

    def of(self, sentence: EncodedSentence, clause: Clause) -> list[Report]:
        """The paragraphs that report on a clause of a plan's sentence, best first; none where nothing does."""
        if not self._tellings:
            return []
        scores = shared = self._shared(sentence.text[clause.start : clause.end])
        if self._semantic:
            scores = self._late_interaction(sentence, clause) + WORDS_WEIGHT * shared
            scores = np.where((shared > 0) | (scores >= CLOSE), scores, np.float32(0))  # near needs a word in common
        if indicator := measured(sentence.text[clause.start : clause.end]):
            scores = np.where(self._named(indicator), scores, np.float32(0))
        best = self._by_paragraph(scores)
        bound = max(ENOUGH, best[0].score - BEHIND_BEST)
        return [report for report in best if report.score >= bound][:SHOWN]

    def _by_paragraph(self, scores: Floats) -> list[Report]:
        """Each paragraph with its best score; a mere title hands its score to the best sentence below it."""
        found: dict[int, tuple[int, float]] = {}
        for at in np.argsort(-scores, kind="stable").tolist():
            number = self._tellings[at].sentence.passage.paragraph
            held = found.setdefault(number, (at, float(scores[at])))
            if self._leads[held[0]] and not self._leads[at]:
                found[number] = (at, held[1])
        best = sorted(found.values(), key=lambda one: -one[1])
        return [Report(self._tellings[at], score) for at, score in best]

    def _shared(self, text: str) -> Floats:
        """(s,) 0…1: how much of the clause's words, by rarity, stands in each sentence."""
        own = {term: self._rarity(term) for term in set(terms(text))}
        whole = sum(own.values()) or 1.0
        return np.array([sum(w for t, w in own.items() if t in words) / whole for words in self._terms], np.float32)

    def _named(self, indicator: str) -> NDArray[np.bool_]:
        """(s,): which sentences name an indicator; the figure of another one is no progress of this one."""
        first = next(iter(terms(indicator)), "")
        begun = np.array([first in words for words in self._terms], np.bool_)
        return begun & (self._shared(indicator) >= NAMED_SHARE)

    def _late_interaction(self, sentence: EncodedSentence, clause: Clause) -> Floats:
        """(s,): weighted mean over the clause's tokens of their likeness to the nearest of each sentence's."""
        rows, weights = self._weighed(sentence, clause)
        if not rows:
            return np.zeros(len(self._tellings), np.float32)
        query = self._apart(_floats(sentence.tokens[rows]))
        nearest = self._sentences.nearest(query)
        above = self._headings.nearest(query)[:, self._path_of]
        nearest += HEADING_SHARE * np.maximum(above - nearest, 0.0)
        scores: Floats = (weights @ nearest / max(float(weights.sum()), 1e-6)).astype(np.float32)
        return scores

    def _weighed(self, sentence: EncodedSentence, clause: Clause) -> tuple[list[int], Floats]:
        """The clause's tokens among its sentence's, and their weights: the mean rarity of the words around each."""
        rows, weights = [], []
        for row, (start, end) in enumerate(sentence.offsets.tolist()):
            if end <= clause.start or start >= clause.end or not _LETTER.search(sentence.text[max(start, 0) : end]):
                continue
            around = terms(sentence.text[max(clause.start, start - 1) : min(clause.end, end + 1)])
            rows.append(row)
            weights.append(sum(map(self._rarity, around)) / max(1, len(around)))
        return rows, np.array(weights, np.float32)

    def _rarity(self, term: str) -> float:
        """Inverse document frequency over the sentences of both sides."""
        return math.log((self._count + 1) / (self._spread[term] + 0.5))

    def _apart(self, tokens: Floats) -> Floats:
        """Unit rows again, the mean taken away."""
        moved = tokens - self._mean
        unit: Floats = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-6)
        return unit

    def _stack(self, texts: Sequence[NDArray[np.int8]]) -> "_Stack":
        starts = np.cumsum([0, *(len(tokens) for tokens in texts)])[:-1]
        return _Stack(self._apart(_floats(np.concatenate(texts))), starts)


@dataclass(frozen=True, slots=True)
class _Stack:
    """The token vectors of several texts, none empty, one after another: (n, dim) unit rows; where each begins."""

    tokens: Floats
    starts: NDArray[np.int64]

    def nearest(self, query: Floats) -> Floats:
        """(q, texts): how like each of the query's tokens is to the likest of each text's."""
        found: Floats = np.maximum.reduceat(self.tokens @ query.T, self.starts, axis=0).T
        return found


def _above(path: Sequence[str], headings: Mapping[str, NDArray[np.int8]], dimension: int) -> NDArray[np.int8]:
    """The token vectors of all headings of a path; a single row of zeros, which is like nothing, where it has none."""
    found = [headings[words] for words in path if words in headings and len(headings[words])]
    return np.concatenate(found) if found else np.zeros((1, dimension), np.int8)


def _tellings(told: EncodedDocument) -> list[Telling]:
    """What stands under headings of what was done, but for shortcomings and for in whose spirit it was done."""
    return [
        telling
        for s in told.sentences
        if part_of(s.passage.heading_path) == "progress" and not _LACKING.search(s.passage.text)
        for part in _PART.finditer(s.text)
        if _tells(telling := _trimmed(s, part.start(), part.end()))
    ]


def _tells(telling: Telling) -> bool:
    text = telling.text
    return bool(_LETTER.search(text)) and not names_spirit(text) and not _LEADERS.search(text)


def _trimmed(sentence: EncodedSentence, start: int, end: int) -> Telling:
    part = sentence.text[start:end]
    return Telling(sentence, start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip()))


def _is_lead(telling: Telling) -> bool:
    """Is it only the title of its paragraph ("一是……。")?"""
    path: Sequence[str] = telling.sentence.passage.heading_path
    return bool(path) and telling.text.rstrip("。") == path[-1]


def _floats(tokens: NDArray[np.int8]) -> Floats:
    return np.asarray(tokens, np.float32) / np.float32(SCALE)
