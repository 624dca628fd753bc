"""Filling an index of vectors from the catalogue: what is new, or all of it into trained lists."""

import sqlite3
from collections.abc import Iterator

import numpy as np

from index import catalogue as store
from index.changes import removed_since
from index.types import Vectors
from index.vectors import SAMPLE, Ids, VectorIndex, lists_for, trained

NONE_HELD = -1  # the generation of an index that follows no state of the library yet
BLOCK = 4096  # vectors put in at a time
CHANCE = 0  # seed of the sample: the same library gives the same lists


def follow(db: sqlite3.Connection, index: VectorIndex, table: str, since: int) -> int:
    """Brings an index from generation `since` to the one that the connection sees; returns how many rows changed."""
    gone = removed_since(db, table, since)
    if gone is None:
        gone = [(int(row), int(row)) for row in np.setdiff1d(index.ids(), _rows(db, table))] if len(index) else []
    before = len(index)
    index.remove(gone)
    changed = before - len(index)
    for ids, vectors in _above(db, table, index.highest(), index.dimension):
        index.add(ids, vectors)
        changed += len(ids)
    return changed


def grown(db: sqlite3.Connection, table: str, dimension: int, threads: int) -> VectorIndex:
    """An index of all rows in trained lists. Outside a transaction it takes in what is added meanwhile, too."""
    rows = _rows(db, table)
    wanted = min(len(rows), SAMPLE * lists_for(len(rows)))
    chosen = np.sort(np.random.default_rng(CHANCE).choice(rows, wanted, replace=False))
    found: list[tuple[bytes]] = []
    for some in store.batches(chosen.tolist()):
        found += db.execute(f"SELECT vector FROM {table} WHERE row IN ({store.marks(some)})", tuple(some)).fetchall()
    index = trained(_matrix([vector for (vector,) in found], dimension), len(rows), threads)
    for ids, vectors in _above(db, table, 0, dimension):
        index.add(ids, vectors)
    return index


def _rows(db: sqlite3.Connection, table: str) -> Ids:
    return np.fromiter((row for (row,) in db.execute(f"SELECT row FROM {table}")), np.int64)


def _above(db: sqlite3.Connection, table: str, row: int, dimension: int) -> Iterator[tuple[Ids, Vectors]]:
    """Rows above one with their vectors; a statement a block, so that no long one keeps SQLite from tidying up."""
    query = f"SELECT row, vector FROM {table} WHERE row > ? ORDER BY row LIMIT {BLOCK}"
    while found := db.execute(query, (row,)).fetchall():
        yield np.array([row for row, _ in found], np.int64), _matrix([vector for _, vector in found], dimension)
        row = found[-1][0]


def _matrix(blobs: list[bytes], dimension: int) -> Vectors:
    with store.decoding("向量", "vectors"):
        return np.stack([np.frombuffer(blob, np.float32).reshape(dimension) for blob in blobs])
