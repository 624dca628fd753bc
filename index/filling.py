"""Filling an index of vectors from the catalogue: what is new, or all of it into trained lists."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import numpy as np

from index import store
from index.changes import Rows, removed_since
from index.sqlite import connected
from index.types import Vectors
from index.vectors import SAMPLE, Ids, VectorIndex, lists_for, trained

BLOCK = 4096  # vectors put in at a time
READERS = 8  # connections that wait for the disk at the same time
CHANCE = 0  # seed of the sample: the same library gives the same lists


def follow(db: sqlite3.Connection, index: VectorIndex, table: str, since: int) -> int:
    """Brings an index from generation `since` to the one that the connection sees; returns how many rows changed."""
    before = len(index)
    index.remove(removals(db, table, since, index.ids))
    changed = before - len(index)
    for ids, vectors in above(db, table, index.highest(), index.dimension):
        index.add(ids, vectors)
        changed += len(ids)
    return changed


def removals(db: sqlite3.Connection, table: str, since: int, held: Callable[[], Ids]) -> list[Rows]:
    """Ranges of rows that are gone since a generation: as noted, or found by comparing what is held."""
    gone = removed_since(db, table, since)
    if gone is None and len(ids := held()):
        gone = [(int(row), int(row)) for row in np.setdiff1d(ids, _rows(db, table))]
    return gone or []


def grown(db: sqlite3.Connection, table: str, dimension: int, threads: int) -> VectorIndex:
    """An index of all rows in trained lists. It may hold rows that are added meanwhile, which `db` does not see yet."""
    rows = _rows(db, table)
    wanted = min(len(rows), SAMPLE * lists_for(len(rows)))
    chosen = np.sort(np.random.default_rng(CHANCE).choice(rows, wanted, replace=False)).tolist()
    queries = [
        (f"SELECT row, vector FROM {table} WHERE row IN ({store.marks(some)})", tuple(some))
        for some in store.batches(chosen)
    ]
    sample = np.concatenate([vectors for _, vectors in _read_apart(db, queries, dimension)])
    index = trained(sample, len(rows), threads)
    for ids, vectors in every(db, table, dimension):
        index.add(ids, vectors)
    return index


def every(db: sqlite3.Connection, table: str, dimension: int) -> Iterator[tuple[Ids, Vectors]]:
    """All rows of a table with their vectors, in blocks, and perhaps some that `db` does not see yet."""
    rows = np.sort(_rows(db, table))
    ends = [*rows[::BLOCK].tolist(), int(rows[-1]) + 1] if len(rows) else []
    between = f"SELECT row, vector FROM {table} WHERE row >= ? AND row < ? ORDER BY row"
    return _read_apart(db, [(between, two) for two in pairwise(ends)], dimension)


def _read_apart(
    db: sqlite3.Connection, queries: Sequence[tuple[str, Sequence[int]]], dimension: int
) -> Iterator[tuple[Ids, Vectors]]:
    """What the queries give, in order, read by several connections: rows lie far apart on the disk."""
    path = Path(db.execute("PRAGMA database_list").fetchone()[2])

    def read(query: tuple[str, Sequence[int]]) -> list[tuple[int, bytes]]:
        with closing(connected(path)) as own:
            return own.execute(*query).fetchall()

    with ThreadPoolExecutor(READERS) as pool:
        for at in range(0, len(queries), READERS):
            for found in pool.map(read, queries[at : at + READERS]):
                if found:
                    yield _arrays(found, dimension)


def _rows(db: sqlite3.Connection, table: str) -> Ids:
    return np.fromiter((row for (row,) in db.execute(f"SELECT row FROM {table}")), np.int64)


def above(db: sqlite3.Connection, table: str, row: int, dimension: int) -> Iterator[tuple[Ids, Vectors]]:
    """Rows above one with their vectors; a statement a block, so that no long one keeps SQLite from tidying up."""
    query = f"SELECT row, vector FROM {table} WHERE row > ? ORDER BY row LIMIT {BLOCK}"
    while found := db.execute(query, (row,)).fetchall():
        yield _arrays(found, dimension)
        row = found[-1][0]


def _arrays(found: Sequence[tuple[int, bytes]], dimension: int) -> tuple[Ids, Vectors]:
    with store.decoding("向量", "vectors"):
        vectors = np.stack([np.frombuffer(vector, np.float32).reshape(dimension) for _, vector in found])
    return np.array([row for row, _ in found], np.int64), vectors
