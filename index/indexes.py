"""The two FAISS indexes of a library, kept at the catalogue's generation."""

import sqlite3
from pathlib import Path

import numpy as np

from index import catalogue as store
from index.changes import TABLES, removed_since
from index.vectors import VectorIndex, load, save

NONE_HELD = -1
BLOCK = 4096  # vectors put in at a time


class Indexes:
    """Vector indexes of passages and sentences, under the rows of the catalogue.

    Loaded from the cache beside the database where that is whole and of this database; brought to the
    generation that a connection sees by the difference. Not safe for several threads at once: the library locks.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self.folder = folder
        self.dimension = dimension
        loaded = [load(cache_file(folder, table), dimension) for table in TABLES]
        whole = [found for found in loaded if found]
        self._library, self._generation = "", NONE_HELD
        self._by_table = {table: VectorIndex(dimension) for table in TABLES}
        if len(whole) == len(TABLES) and len({found.library for found in whole}) == 1:
            self._by_table = {table: found.index for table, found in zip(TABLES, whole, strict=True)}
            self._library, self._generation = whole[0].library, min(found.generation for found in whole)

    @property
    def passages(self) -> VectorIndex:
        return self._by_table["passages"]

    @property
    def sentences(self) -> VectorIndex:
        return self._by_table["sentences"]

    def bring_to(self, db: sqlite3.Connection) -> "Indexes":
        """Takes out what the catalogue no longer has, puts in what is new, and saves the cache if that changed it."""
        library, now = store.identity(db), store.generation(db)
        if self._library != library:
            self._by_table = {table: VectorIndex(self.dimension) for table in TABLES}
            self._generation = NONE_HELD
        if (self._library, self._generation) != (library, now):
            for table, index in self._by_table.items():
                _follow(db, index, table, self._generation)
            self._library, self._generation = library, now
            self._save()
        return self

    def _save(self) -> None:
        """A cache that cannot be written costs time at the next start, nothing else."""
        try:
            for table, index in self._by_table.items():
                save(index, cache_file(self.folder, table), self._library, self._generation)
        except OSError:
            return


def cache_file(folder: Path, table: str) -> Path:
    return folder / f"{table}.faiss"


def _follow(db: sqlite3.Connection, index: VectorIndex, table: str, since: int) -> None:
    """Brings an index from generation `since` to the one that the connection sees."""
    gone = removed_since(db, table, since)
    if gone is None:
        kept = np.array([row for (row,) in db.execute(f"SELECT row FROM {table}")], np.int64)
        gone = [(int(row), int(row)) for row in np.setdiff1d(index.ids(), kept)]
    index.remove(gone)
    query = f"SELECT row, vector FROM {table} WHERE row > ? ORDER BY row"
    new = db.execute(query, (index.highest(),))
    while found := new.fetchmany(BLOCK):
        with store.decoding("向量", "vectors"):
            vectors = np.stack([np.frombuffer(vector, np.float32).reshape(index.dimension) for _, vector in found])
        index.add(np.array([row for row, _ in found], np.int64), vectors)
