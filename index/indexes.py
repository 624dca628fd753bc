"""The vectors of a library, in whatever engine they lie, kept at the catalogue's generation."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Protocol

import numpy as np

from index import catalogue as store
from index.changes import TABLES, Rows, removed_since
from index.milvus import MilvusTables
from index.types import NONE_HELD, Vectors, VectorServer
from index.vectors import Ids, VectorIndex, load, save

BLOCK = 4096  # vectors put in at a time


class Table(Protocol):
    """Unit vectors of one table under its rows; a score is the cosine, higher is better."""

    dimension: int

    def ids(self) -> Ids:
        """(n,) int64, in no order: all rows that are there."""

    def highest(self) -> int:
        """The row above which nothing is held for certain, 0 without any."""

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """ids (n,) int64 above `highest`; vectors (n, dim) float32 unit rows."""

    def remove(self, gone: Sequence[Rows]) -> None:
        """All rows in the given ranges; there need not be any."""

    def reached(self, generation: int, last: int) -> None:
        """Up to the row `last` all is there as the generation has it: what a broken-off work need not do again."""

    def search(self, vector: Vectors, k: int, among: Sequence[Rows] | None = None) -> list[tuple[int, float]]:
        """The k nearest (row, cosine), best first, within the given ranges of rows or among all."""


class Engine(Protocol):
    """Where the vectors of one library lie. It may be shared with other processes on the same data folder."""

    @property
    def tables(self) -> Mapping[str, Table]:
        """By name: "passages" and "sentences"."""

    def is_at(self, library: str, generation: int) -> bool:
        """Do both tables hold that generation, as far as is known? Cheap: asked before each search."""

    def held(self, library: str, sizes: Mapping[str, int]) -> int:
        """The generation that both tables hold of a library; NONE_HELD for nothing certain. `sizes`: of both to be."""

    def keep(self, library: str, generation: int) -> None:
        """Both tables hold that generation now."""

    def reset(self) -> None:
        """Lets go of all that is held."""

    def turn(self) -> AbstractContextManager[None]:
        """Only one process changes what is held at a time."""


class FaissTables:
    """Both indexes in memory, loaded from the cache beside the database where that is whole, and saved there."""

    def __init__(self, folder: Path, dimension: int) -> None:
        self._folder = folder
        self._dimension = dimension
        self.tables: Mapping[str, VectorIndex] = {}
        self.reset()
        loaded = [load(cache_file(folder, table), dimension) for table in TABLES]
        whole = [found for found in loaded if found]
        if len(whole) == len(TABLES) and len({found.library for found in whole}) == 1:
            self.tables = {table: found.index for table, found in zip(TABLES, whole, strict=True)}
            self._library, self._generation = whole[0].library, min(found.generation for found in whole)

    def is_at(self, library: str, generation: int) -> bool:
        return (self._library, self._generation) == (library, generation)

    def held(self, library: str, sizes: Mapping[str, int]) -> int:
        if self._library != library:
            self.reset()
        return self._generation

    def keep(self, library: str, generation: int) -> None:
        """A cache that cannot be written costs time at the next start, nothing else."""
        self._library, self._generation = library, generation
        try:
            for table, index in self.tables.items():
                save(index, cache_file(self._folder, table), library, generation)
        except OSError:
            return

    def reset(self) -> None:
        self.tables = {table: VectorIndex(self._dimension) for table in TABLES}
        self._library, self._generation = "", NONE_HELD

    def turn(self) -> AbstractContextManager[None]:
        return nullcontext()


class Indexes:
    """Vectors of passages and sentences, under the rows of the catalogue: in FAISS, or on a server where one is given.

    Brought to the generation that a connection sees by the difference. Not safe for several threads at once: the
    library locks. With a server every method may raise VectorsUnavailable; nothing is lost, the next call goes on.
    """

    def __init__(self, folder: Path, dimension: int, server: VectorServer | None = None) -> None:
        self.folder = folder
        self.dimension = dimension
        self._engine: Engine = MilvusTables(server, folder, dimension) if server else FaissTables(folder, dimension)

    @property
    def passages(self) -> Table:
        return self._engine.tables["passages"]

    @property
    def sentences(self) -> Table:
        return self._engine.tables["sentences"]

    def bring_to(self, db: sqlite3.Connection) -> "Indexes":
        """Takes out what the catalogue no longer has, puts in what is new, and keeps that.

        The connection's view may begin anew: where another process has brought the engine further than it sees.
        """
        if not self._engine.is_at(store.identity(db), store.generation(db)):
            with self._engine.turn():
                self._bring(db)
        return self

    def _bring(self, db: sqlite3.Connection) -> None:
        library, now, since = self._compared(db)
        if since > now:
            db.execute("ROLLBACK")
            db.execute("BEGIN")
            library, now, since = self._compared(db)
        if since > now:  # still: the database was put back to what it was before
            self._engine.reset()
            library, now, since = self._compared(db)
        if since != now:
            for name, table in self._engine.tables.items():
                _follow(db, table, name, since, now)
            self._engine.keep(library, now)

    def _compared(self, db: sqlite3.Connection) -> tuple[str, int, int]:
        """The library that a connection sees, its generation, and the one that the engine holds."""
        sizes = {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in TABLES}
        library = store.identity(db)
        return library, store.generation(db), self._engine.held(library, sizes)


def cache_file(folder: Path, table: str) -> Path:
    return folder / f"{table}.faiss"


def _follow(db: sqlite3.Connection, table: Table, name: str, since: int, now: int) -> None:
    """Brings a table from generation `since` to `now`, which the connection sees."""
    gone = removed_since(db, name, since)
    if gone is None:
        kept = np.array([row for (row,) in db.execute(f"SELECT row FROM {name}")], np.int64)
        gone = [(int(row), int(row)) for row in np.setdiff1d(table.ids(), kept)]
    table.remove(gone)
    last = table.highest()
    new = db.execute(f"SELECT row, vector FROM {name} WHERE row > ? ORDER BY row", (last,))
    while found := new.fetchmany(BLOCK):
        last = found[-1][0]
        table.add(np.array([row for row, _ in found], np.int64), vectors_of(found, table.dimension))
        table.reached(now, last)
    table.reached(now, last)


def vectors_of(found: Sequence[tuple[int, bytes]], dimension: int) -> Vectors:
    """(n, dim) float32 from stored rows. Raises LibraryUnusable."""
    with store.decoding("向量", "vectors"):
        return np.stack([np.frombuffer(vector, np.float32).reshape(dimension) for _, vector in found])
