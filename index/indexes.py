"""The vectors of a library, in whatever engine they lie, kept at the catalogue's generation."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from index.changes import Rows
from index.faiss_tables import FaissTables
from index.milvus import MilvusTables
from index.types import Vectors, VectorServer
from index.vectors import Ids


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

    def search(self, vector: Vectors, k: int, among: Sequence[Rows] | None = None) -> list[tuple[int, float]]:
        """The k nearest (row, cosine), best first, within the given ranges of rows or among all."""


class Engine(Protocol):
    """Where the vectors of one library lie. It may be shared with other processes on the same data folder."""

    @property
    def tables(self) -> Mapping[str, Table]:
        """By name: "passages" and "sentences"."""

    def bring_to(self, db: sqlite3.Connection) -> None:
        """Takes out what the catalogue no longer has, puts in what is new, and keeps that."""


class Indexes:
    """Vectors of passages and sentences, under the rows of the catalogue: in FAISS, or on a server where one is given.

    Not safe for several threads at once, except that each table may be searched by one: the library locks. With a
    server every method may raise VectorsUnavailable; nothing is lost, the next call goes on.
    """

    def __init__(self, folder: Path, dimension: int, server: VectorServer | None = None) -> None:
        self._engine: Engine = MilvusTables(server, folder, dimension) if server else FaissTables(folder, dimension)

    @property
    def passages(self) -> Table:
        return self._engine.tables["passages"]

    @property
    def sentences(self) -> Table:
        return self._engine.tables["sentences"]

    def bring_to(self, db: sqlite3.Connection) -> "Indexes":
        """To the generation that a connection sees, by the difference.

        The connection's view may begin anew: where another process has brought a server further than it sees.
        """
        self._engine.bring_to(db)
        return self
