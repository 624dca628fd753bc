"""Passages by the words that they share with a query: BM25 over the full-text index, in bounded time."""

import json
import math
import sqlite3
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.changes import Rows, rows_of
from index.normalise import terms
from index.store import batches, decoding, marks
from index.words import frequencies

MAX_QUERY_TERMS = 64  # a pasted page is searched by its first terms
# Places in the inverted index that a search may read. SQLite ranks some 1,500 a millisecond: up to here, 20,000
# passages or so, it ranks all that share a term; beyond, those that share one of the rarest.
POSTINGS = 40_000
RESCORED = 200  # of those, the most promising have all their terms counted
K1, B, LEAST_IDF = 1.2, 0.75, 1e-6  # of BM25, as SQLite has them
AVERAGES = 1  # the id of the record in which FTS5 keeps how many rows and tokens there are


def fulltext(db: sqlite3.Connection, text: str, k: int, documents: Sequence[str] | None) -> dict[int, float]:
    """Passage rows by BM25 over character bigrams, scaled so that the best has 1; higher is better.

    Where the terms stand in more than POSTINGS places, among the passages that hold one of the rarest only; their
    scores are the same.
    """
    words = list(dict.fromkeys(terms(text)))[:MAX_QUERY_TERMS]
    if not words:
        return {}
    known = frequencies(db, words)
    if known is None or sum(known.values()) <= POSTINGS:
        rows = _ranked(db, words, k, documents)
    else:
        rows = _by_rarest(db, known, k, None if documents is None else rows_of(db, "passages", documents))
    best = max((score for _, score in rows), default=0.0)
    return {row: score / best for row, score in rows if score > 0} if best > 0 else {}


def mentioned(db: sqlite3.Connection, words: Iterable[str], documents: Sequence[str] | None = None) -> frozenset[str]:
    """Those of some search terms that stand in any passage of the given documents, or of all."""
    words = list(dict.fromkeys(words))
    known = frequencies(db, words) if documents is None else None
    if known is not None:
        return frozenset(word for word in words if known[word])
    among = None if documents is None else sorted(rows_of(db, "passages", documents))
    return frozenset(word for word in words if _stands(db, word, among))


def _stands(db: sqlite3.Connection, word: str, among: Sequence[Rows] | None) -> bool:
    query = "SELECT rowid FROM fulltext WHERE fulltext MATCH ? LIMIT ?"
    holding = db.execute(query, (f'"{word}"', 1 if among is None else POSTINGS))
    return any(among is None or _in_range(row, among) for (row,) in holding)


def _in_range(row: int, among: Sequence[Rows]) -> bool:
    """among: ascending, without overlap."""
    at = bisect_right(among, (row, sys.maxsize)) - 1
    return at >= 0 and row <= among[at][1]


def _ranked(
    db: sqlite3.Connection, words: Sequence[str], k: int, documents: Sequence[str] | None
) -> list[tuple[int, float]]:
    match = " OR ".join(f'"{word}"' for word in words)
    within, values = "", [match]
    if documents is not None:
        # "+": SQLite would look each of those rows up in the index of words, one after another.
        within = "AND +rowid IN (SELECT row FROM passages WHERE document_id IN (SELECT value FROM json_each(?)))"
        values.append(json.dumps(list(documents)))
    query = (
        "SELECT rowid, -bm25(fulltext) AS score FROM fulltext "
        f"WHERE fulltext MATCH ? {within} ORDER BY score DESC LIMIT {k}"
    )
    return db.execute(query, values).fetchall()


def _by_rarest(
    db: sqlite3.Connection, known: dict[str, int], k: int, among: Sequence[Rows] | None
) -> list[tuple[int, float]]:
    count, average = _averages(db)
    rarity = {term: _idf(count, n) for term, n in known.items()}
    if among is not None and sum(last - first + 1 for first, last in among) <= RESCORED:
        rows = [row for first, last in among for row in range(first, last + 1)]
    else:
        rows = _promising(db, known, rarity, among)
    scored = [(row, _bm25(words, rarity, average)) for row, words in _terms_of(db, rows).items()]
    return sorted(scored, key=lambda found: (-found[1], found[0]))[:k]


def _idf(count: int, holding: int) -> float:
    return max(math.log(max(count - holding + 0.5, 0.5) / (holding + 0.5)), LEAST_IDF)


def _promising(
    db: sqlite3.Connection, known: dict[str, int], rarity: dict[str, float], among: Sequence[Rows] | None
) -> list[int]:
    """Rows that hold the rarest terms, weighed by rarity, best first."""
    left, found, weights = POSTINGS, [np.empty(0, np.int64)], [np.empty(0)]
    for term in sorted((term for term, n in known.items() if n), key=lambda term: (known[term], term)):
        if left <= 0 or (known[term] > left and left < POSTINGS):
            break
        # In one step of SQLite, which holds nobody up, and not in one for each of many thousand rows.
        query = "SELECT group_concat(rowid, ' ') FROM (SELECT rowid FROM fulltext WHERE fulltext MATCH ? LIMIT ?)"
        told = db.execute(query, (f'"{term}"', left)).fetchone()[0]
        rows = np.fromstring(told, np.int64, sep=" ") if told else np.empty(0, np.int64)
        left -= len(rows)
        found.append(rows)
        weights.append(np.full(len(rows), rarity[term]))
    rows, places = np.unique(np.concatenate(found), return_inverse=True)
    sums = np.bincount(places, np.concatenate(weights), len(rows))
    if among is not None:
        inside = _inside(rows, among)
        rows, sums = rows[inside], sums[inside]
    best: list[int] = rows[np.lexsort((rows, -sums))][:RESCORED].tolist()
    return best


def _inside(rows: NDArray[np.int64], among: Sequence[Rows]) -> NDArray[np.bool_]:
    """Which of the rows lie in a range; the ranges do not overlap."""
    ends = np.array(sorted(among), np.int64).reshape(-1, 2)
    at = np.searchsorted(ends[:, 0], rows, "right") - 1
    inside: NDArray[np.bool_] = (at >= 0) & (rows <= np.append(ends[:, 1], -1)[at])
    return inside


def _terms_of(db: sqlite3.Connection, rows: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for some in batches(rows):
        query = f"SELECT rowid, terms FROM fulltext WHERE rowid IN ({marks(some)})"
        found.update((row, words.split()) for row, words in db.execute(query, tuple(some)))
    return found


def _bm25(words: Sequence[str], rarity: dict[str, float], average: float) -> float:
    """Okapi BM25 (Robertson et al. 1994) with SQLite's constants."""
    counts = Counter(word for word in words if word in rarity)
    length = K1 * (1 - B + B * len(words) / average)
    return sum(rarity[word] * n * (K1 + 1) / (n + length) for word, n in counts.items())


def _averages(db: sqlite3.Connection) -> tuple[int, float]:
    """How many passages there are, and their mean length in tokens: FTS5's own record, two SQLite varints."""
    with decoding("全文索引", "the full-text index"):
        record = db.execute("SELECT block FROM fulltext_data WHERE id = ?", (AVERAGES,)).fetchone()[0]
        numbers, value = [], 0
        for byte in record:
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                numbers.append(value)
                value = 0
        return numbers[0], numbers[1] / max(numbers[0], 1)
