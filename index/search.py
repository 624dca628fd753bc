"""Finding: candidates from vectors and full text, then late interaction over the sentences' token vectors."""

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.changes import TABLES, rows_of
from index.fulltext import fulltext, mentioned
from index.indexes import Indexes
from index.lately import Lately
from index.products import TOKEN_SCALE, cosines
from index.store import (
    TITLE,
    batches,
    contexts,
    decoding,
    generation,
    identity,
    marks,
    passages_by_row,
    rows_there,
    token_vectors,
)
from index.threads import BESIDE
from index.types import Encoding, Offsets, Passage, PassageHit, SearchResult, SentenceHit, Tokens, Vectors

# How many of each the candidates are drawn from: enough that the right passage is nearly always there.
SENTENCE_CANDIDATES = 60
PASSAGE_CANDIDATES = 20
FULLTEXT_CANDIDATES = 20
# What the passage's own scores add to the late interaction of its best sentence.
FULLTEXT_WEIGHT = 0.01
PASSAGE_WEIGHT = 0.05
# How far a word of the question that the sentence lacks is answered by what stands above it.
TITLE_SHARE = 1.0
HEADING_SHARE = 0.7
KEPT_BYTES = 64 * 2**20  # of the material met lately, some 4,500 sentences
KEPT_CHARACTERS = 2**20  # of the passages met lately, some 5,000
Row = tuple[str, int]  # of a library, by its identity
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for. `weights`: (start, end, weight) for spans of `text`; elsewhere a token weighs 1.

    terms: search terms (see `terms`) of which the result is to tell those that stand in any passage, its title or
    headings; terms_within: ids of the documents that are looked in for them, None for all, whichever are searched.
    """

    text: str
    weights: tuple[tuple[int, int, float], ...] = ()
    terms: tuple[str, ...] | None = None
    terms_within: tuple[str, ...] | None = None


def as_int8(tokens: Vectors) -> Tokens:
    """(n, dim) unit rows as int8: the form in which token vectors are kept."""
    scaled: Tokens = np.rint(tokens * TOKEN_SCALE).astype(np.int8)
    return scaled


@dataclass(frozen=True, slots=True)
class _Sentence:
    row: int
    passage: int
    start: int
    end: int
    vector: Vectors
    tokens: Tokens
    offsets: Offsets


@dataclass(frozen=True, slots=True)
class _Scored:
    sentence: _Sentence
    score: float
    similarity: Vectors


def token_weights(query: Query, encoding: Encoding) -> Vectors:
    """(n,) float32: the weight of each of the query's tokens."""
    weights = np.ones(len(encoding.tokens), np.float32)
    for start, end, weight in query.weights:
        inside = (encoding.offsets[:, 0] < end) & (encoding.offsets[:, 1] > start)
        weights[inside] = weight
    return weights


@dataclass(frozen=True, slots=True)
class Above:
    """What stands above a sentence: each query token's nearest in the title and in the headings, (n,) −1…1."""

    title: Vectors
    headings: Vectors


def late_interaction(
    query: Vectors, weights: Vectors, sentences: Sequence[Tokens], above: Sequence[Above] | None = None
) -> tuple[Vectors, list[Vectors]]:
    """Maximum similarity per query token, weighted mean over the tokens (ColBERT, Khattab & Zaharia 2020).

    query (n, dim) float32 unit rows; weights (n,) float32; sentences: (m, dim) int8 each, m > 0; above: one each.
    A token that title or headings match better than the sentence gains a share of the difference. Returns the
    scores (s,), higher is better, and each sentence's (n, m) similarities; float32, −1…1.
    """
    similarity, starts = _similarity(query, sentences)
    nearest = np.maximum.reduceat(similarity, starts[:-1], axis=1)
    if above:
        title, headings = np.stack([a.title for a in above], axis=1), np.stack([a.headings for a in above], axis=1)
        lacking = np.maximum(TITLE_SHARE * (title - nearest), HEADING_SHARE * (headings - nearest))
        nearest = nearest + np.maximum(lacking, 0.0)
    scores = weights @ nearest / max(float(weights.sum()), 1e-6)
    return scores.astype(np.float32), [similarity[:, a:b] for a, b in pairwise(starts)]


def _similarity(query: Vectors, texts: Sequence[Tokens]) -> tuple[Vectors, NDArray[np.int64]]:
    """The cosines with all texts' tokens, (n, m), side by side, and where each text begins, with the end."""
    return cosines(query, texts), np.cumsum([0, *map(len, texts)])


def _passages_of(db: sqlite3.Connection, sentences: Sequence[int]) -> list[int]:
    found: list[int] = []
    for some in batches(sentences):
        found += (r for (r,) in db.execute(f"SELECT passage FROM sentences WHERE row IN ({marks(some)})", tuple(some)))
    return found


@dataclass(frozen=True, slots=True)
class _Material:
    """What a passage is weighed by: its sentences in order, and the tokens of the title and headings above it."""

    sentences: tuple[_Sentence, ...]
    title: Tokens
    headings: tuple[Tokens, ...]

    @property
    def nbytes(self) -> int:
        """Of a title, which its document's passages share, all the same: a bound may be too strict."""
        own: tuple[NDArray[Any], ...] = (self.title, *self.headings)
        return sum(array.nbytes for s in self.sentences for array in (s.vector, s.tokens, s.offsets)) + sum(
            array.nbytes for array in own
        )


class KeptPassages:
    """Passages and their material, what was met lately out of memory. Safe to use from several threads.

    The rows of a database are never given anew nor changed, so that what is kept of one stays true.
    """

    def __init__(self, kept_bytes: int = KEPT_BYTES, kept_characters: int = KEPT_CHARACTERS) -> None:
        self._passages: Lately[Row, Passage] = Lately(kept_characters, lambda p: len(p.text + p.context))
        self._material: Lately[Row, _Material] = Lately(kept_bytes, lambda found: found.nbytes)

    def passages(self, db: sqlite3.Connection, rows: Sequence[int]) -> dict[int, Passage]:
        """By row, of rows that the catalogue has."""
        return _by_row(self._passages, identity(db), rows, lambda lacking: passages_by_row(db, lacking))

    def material(self, db: sqlite3.Connection, passages: Mapping[int, Passage], dimension: int) -> dict[int, _Material]:
        """By row, of passages that the catalogue has."""

        def read(lacking: Sequence[int]) -> dict[int, _Material]:
            return _material(db, {row: passages[row] for row in lacking}, dimension)

        return _by_row(self._material, identity(db), list(passages), read)


def _by_row(
    kept: Lately[Row, V], library: str, rows: Sequence[int], read: Callable[[Sequence[int]], Mapping[int, V]]
) -> dict[int, V]:
    """What is kept, or read, of the rows of a library."""

    def read_keyed(lacking: Sequence[Row]) -> dict[Row, V]:
        return {(library, row): found for row, found in read([row for _, row in lacking]).items()}

    return {row: found for (_, row), found in kept.among(((library, row) for row in rows), read_keyed).items()}


def _material(db: sqlite3.Connection, passages: Mapping[int, Passage], dimension: int) -> dict[int, _Material]:
    own: dict[int, list[_Sentence]] = {row: [] for row in passages}
    for sentence in _sentences(db, list(passages), dimension):
        own[sentence.passage].append(sentence)
    names = ((p.document_id, text) for p in passages.values() for text in (TITLE, *p.heading_path))
    with decoding("向量", "vectors"):
        told = contexts(db, names)
        above = {name: np.frombuffer(tokens, np.int8).reshape(-1, dimension) for name, tokens in told.items()}
    none = np.empty((0, dimension), np.int8)
    return {
        row: _Material(
            tuple(own[row]),
            above.get((p.document_id, TITLE), none),
            tuple(above.get((p.document_id, heading), none) for heading in p.heading_path),
        )
        for row, p in passages.items()
    }


def _sentences(db: sqlite3.Connection, passages: Sequence[int], dimension: int) -> list[_Sentence]:
    found = []
    for some in batches(passages):
        query = (
            f"SELECT row, passage, start, end, vector, tokens, offsets FROM sentences WHERE passage IN ({marks(some)})"
        )
        with decoding("向量", "vectors"):
            for row, passage, start, end, vector, tokens, offsets in db.execute(query, tuple(some)):
                matrix, spans = token_vectors(tokens, offsets, dimension)
                whole = np.frombuffer(vector, np.float32).reshape(dimension)
                found.append(_Sentence(row, passage, start, end, whole, matrix, spans))
    return sorted(found, key=lambda s: s.row)  # SQLite would move all the bytes about


def _above(passages: Mapping[int, Passage], material: Mapping[int, _Material], encoding: Encoding) -> dict[int, Above]:
    """What stands above each passage, by its row."""
    texts: dict[tuple[str, str], Tokens] = {}  # each once, though many stand below it
    for row, p in passages.items():
        own = zip((TITLE, *p.heading_path), (material[row].title, *material[row].headings), strict=True)
        texts |= {(p.document_id, text): tokens for text, tokens in own if len(tokens)}
    nowhere = np.full(len(encoding.tokens), -1.0, np.float32)
    best: dict[tuple[str, str], Vectors] = {}
    if len(encoding.tokens) and texts:
        similarity, starts = _similarity(encoding.tokens, list(texts.values()))
        best = dict(zip(texts, np.maximum.reduceat(similarity, starts[:-1], axis=1).T, strict=True))
    return {
        row: Above(
            best.get((p.document_id, TITLE), nowhere),
            np.max([nowhere, *(best.get((p.document_id, h), nowhere) for h in p.heading_path)], axis=0),
        )
        for row, p in passages.items()
    }


def _scored(query: Query, encoding: Encoding, found: Sequence[_Sentence], above: Mapping[int, Above]) -> list[_Scored]:
    """Late interaction, or the cosine where the model gives no tokens."""
    if not found or not len(encoding.tokens) or any(not len(s.tokens) for s in found):
        return [_Scored(s, float(encoding.vector @ s.vector), np.zeros((0, 0), np.float32)) for s in found]
    weights = token_weights(query, encoding)
    over = [above[s.passage] for s in found]
    scores, similarity = late_interaction(encoding.tokens, weights, [s.tokens for s in found], over)
    return [_Scored(s, float(x), matrix) for s, x, matrix in zip(found, scores, similarity, strict=True)]


def _hit(passage: Passage, found: list[_Scored], score: float) -> PassageHit:
    at = passage.start
    sentences = []
    for scored in sorted(found, key=lambda f: -f.score):
        start, end = scored.sentence.start, scored.sentence.end
        place = (passage.id, passage.document_id, passage.paragraph, start, end, passage.text[start - at : end - at])
        kept = (scored.sentence.offsets, scored.sentence.tokens)
        sentences.append(SentenceHit(*place, scored.score, scored.similarity, *kept))
    return PassageHit(passage, score, tuple(sentences))


@dataclass(frozen=True, slots=True)
class ByTerms:
    """Passage rows with their BM25 scores, 0…1, as they were at a generation of the library.

    mentioned: those of the query's `terms` that stand in any passage; None where it has none.
    """

    generation: int
    scores: Mapping[int, float]
    mentioned: frozenset[str] | None


def by_terms(db: sqlite3.Connection, query: Query, documents: Sequence[str] | None) -> ByTerms:
    """The best by BM25."""
    scores = fulltext(db, query.text, FULLTEXT_CANDIDATES, documents)
    found = None if query.terms is None else mentioned(db, query.terms, query.terms_within)
    return ByTerms(generation(db), scores, found)


@dataclass(frozen=True, slots=True)
class Nearest:
    """Rows with their cosines by vectors alone, −1…1, higher is nearer, at a generation of the library.

    seconds: that it took.
    """

    generation: int
    passages: Mapping[int, float]
    sentences: Mapping[int, float]
    seconds: float


def nearest(
    db: sqlite3.Connection,
    indexes: Indexes,
    encoding: Encoding,
    documents: Sequence[str] | None = None,
    spare: bool = False,
) -> Nearest:
    """The nearest passages and sentences, among the given documents or all. Raises VectorsUnavailable.

    spare: a core is free, on which the passages are looked for beside.
    """
    begun = time.perf_counter()
    within = {table: None if documents is None else rows_of(db, table, documents) for table in TABLES}
    of_passages = partial(indexes.passages.search, encoding.vector, PASSAGE_CANDIDATES, within["passages"])
    beside = BESIDE.submit(of_passages) if spare else None
    sentences = dict(indexes.sentences.search(encoding.vector, SENTENCE_CANDIDATES, within["sentences"]))
    passages = dict(beside.result() if beside else of_passages())
    return Nearest(generation(db), passages, sentences, time.perf_counter() - begun)


def search(
    db: sqlite3.Connection,
    near: Nearest,
    encoding: Encoding,
    query: Query,
    k: int,
    kept: KeptPassages,
    documents: Sequence[str] | None = None,
    words: Future[ByTerms] | None = None,
) -> SearchResult:
    """The k best passages within one state of the catalogue, for a query encoded already.

    Candidates are the nearest sentences, the nearest passages and the best of BM25; late interaction
    orders them. What the catalogue no longer holds is never among them. `words`: BM25, begun before; it is looked up
    anew where the library has changed since.
    """
    begun = time.perf_counter() - near.seconds
    found_by = words.result() if words else None
    if found_by is None or found_by.generation != near.generation:
        found_by = by_terms(db, query, documents)
    there = dict.fromkeys([*_passages_of(db, list(near.sentences)), *found_by.scores])
    told = [row for row in near.passages if row not in there]  # by the vectors alone, which may lag behind
    passages = kept.passages(db, [*there, *rows_there(db, told)])
    searched = time.perf_counter()
    material = kept.material(db, passages, len(encoding.vector))
    found = sorted((s for own in material.values() for s in own.sentences), key=lambda s: s.row)
    by_passage: dict[int, list[_Scored]] = {}
    for scored in _scored(query, encoding, found, _above(passages, material, encoding)):
        by_passage.setdefault(scored.sentence.passage, []).append(scored)
    scores = {
        row: max(scored.score for scored in group)
        + FULLTEXT_WEIGHT * found_by.scores.get(row, 0.0)
        + PASSAGE_WEIGHT * near.passages.get(row, 0.0)
        for row, group in by_passage.items()
    }
    with decoding("段落", "passages"):
        order = sorted(scores, key=lambda row: (-scores[row], passages[row].document_id, passages[row].start))
        hits = tuple(_hit(passages[row], by_passage[row], scores[row]) for row in order[:k])
    done = time.perf_counter()
    return SearchResult(
        hits,
        encoding.offsets,
        near.generation,
        0.0,
        (searched - begun) * 1000,
        (done - searched) * 1000,
        found_by.mentioned,
    )
