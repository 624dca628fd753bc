"""The two FAISS indexes of a library, kept at the catalogue's generation."""

import sqlite3
from pathlib import Path

import numpy as np

from index import catalogue as store
from index.vectors import VectorIndex, load, save

TABLES = ("passages", "sentences")


class Indexes:
    """Vector indexes of passages and sentences, under the rows of the catalogue.

    Loaded from the cache beside the database where that is whole; brought to the generation that a
    connection sees by the difference. Not safe for several threads at once: the library locks.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self.folder = folder
        loaded = {table: load(cache_file(folder, table), dimension) for table in TABLES}
        self._by_table = {table: found[0] if found else VectorIndex(dimension) for table, found in loaded.items()}
        self._generation = min(found[1] if found else -1 for found in loaded.values())

    @property
    def passages(self) -> VectorIndex:
        return self._by_table["passages"]

    @property
    def sentences(self) -> VectorIndex:
        return self._by_table["sentences"]

    def bring_to(self, db: sqlite3.Connection) -> "Indexes":
        """Takes out what the catalogue no longer has, puts in what is new, and saves the cache if that changed it."""
        now = store.generation(db)
        if self._generation != now:
            for table, index in self._by_table.items():
                _difference(db, index, table)
            self._generation = now
            self._save()
        return self

    def _save(self) -> None:
        """A cache that cannot be written costs time at the next start, nothing else."""
        try:
            for table, index in self._by_table.items():
                save(index, cache_file(self.folder, table), self._generation)
        except OSError:
            return


def cache_file(folder: Path, table: str) -> Path:
    return folder / f"{table}.faiss"


def _difference(db: sqlite3.Connection, index: VectorIndex, table: str) -> None:
    wanted = np.array([row for (row,) in db.execute(f"SELECT row FROM {table}")], np.int64)
    held = index.ids()
    index.remove(np.setdiff1d(held, wanted))
    for some in store.batches([int(row) for row in np.setdiff1d(wanted, held)]):
        query = f"SELECT row, vector FROM {table} WHERE row IN ({store.marks(some)})"
        found = db.execute(query, tuple(some)).fetchall()
        vectors = np.stack([np.frombuffer(vector, np.float32) for _, vector in found])
        index.add(np.array([row for row, _ in found], np.int64), vectors)
