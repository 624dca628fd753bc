"""Vectors on a Milvus server, for libraries that outgrow a machine. The truth stays in the catalogue.

A library has two collections on the server. In each, a row without a place in the catalogue says which generation
the collection holds and up to which row: written after what it claims, so that it never claims too much. Whatever
else a broken-off work left there, the next difference puts in again or takes out.
"""

import platform
import sqlite3
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from index import store
from index.changes import TABLES
from index.filling import above, removals
from index.lock import alone_with
from index.milvus_server import Connection, busy
from index.milvus_table import FLAT, HNSW, MilvusTable
from index.types import NONE_HELD, VectorServer

PREFIX = "xietong"
TURN_FILE = "vectors.lock"
TURN_SECONDS = 60.0  # a search waits this long for another process that brings the server up to date
FLAT_ROWS = 1_000_000  # above it the collection is made with HNSW
# After this long the "bounded" view of Milvus (5 s old at most, unless its settings say otherwise) holds what was
# there when a generation was taken up, and costs no waiting.
SETTLED_SECONDS = 10.0
TRUSTED_SECONDS = 30.0  # a server that was put back to an older state is noticed within this


class MilvusTables:
    """Both collections of one library. Every method may raise VectorsUnavailable, and works again when that is over."""

    def __init__(self, server: VectorServer, folder: Path, dimension: int, flat_rows: int = FLAT_ROWS) -> None:
        self._connection = Connection(server, self._forget)
        self._folder = folder
        self._dimension = dimension
        self._flat_rows = flat_rows
        self.tables: Mapping[str, MilvusTable] = {}
        self._library = ""
        self._forget()

    def bring_to(self, db: sqlite3.Connection) -> None:
        """To the generation that a connection sees, whose view may begin anew; the server may be ahead of it."""
        if not self.is_at(store.identity(db), store.generation(db)):
            with self.turn():
                self._bring(db)

    def _bring(self, db: sqlite3.Connection) -> None:
        library, now, since = self._compared(db)
        if since > now:
            db.execute("ROLLBACK")
            db.execute("BEGIN")
            library, now, since = self._compared(db)
        if since > now:  # still: the database was put back to what it was before
            self.reset()
            library, now, since = self._compared(db)
        if since != now:
            for name, table in self.tables.items():
                _follow(db, table, name, since, now)
            self.keep(library, now)

    def _compared(self, db: sqlite3.Connection) -> tuple[str, int, int]:
        """The library that a connection sees, its generation, and the one that the server holds."""
        sizes = {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in TABLES}
        library = store.identity(db)
        return library, store.generation(db), self.held(library, sizes)

    def _forget(self) -> None:
        """What the server holds must be read again."""
        self._held = NONE_HELD
        self._read_at = self._taken_up_at = -np.inf
        self._ours = False

    def is_at(self, library: str, generation: int) -> bool:
        """Do both hold that generation? Read from the server now and then, else known."""
        if (self._library, self._held) != (library, generation):
            return False
        return time.monotonic() - self._read_at < TRUSTED_SECONDS or self._read(library, self._level()) == generation

    def held(self, library: str, sizes: Mapping[str, int]) -> int:
        """The generation that both hold, as the server says now; NONE_HELD where it says nothing."""
        return self._read(library, "Strong", sizes)

    def _read(self, library: str, level: str, sizes: Mapping[str, int] | None = None) -> int:
        self.name(library)
        self._connection.connect()

        def look(name: str) -> int:
            self.tables[name].open(self._index((sizes or {}).get(name)))
            state = self.tables[name].state(level)
            return state.generation if state else NONE_HELD

        with ThreadPoolExecutor(len(TABLES)) as both:  # most of the time is spent waiting
            held = min(both.map(look, TABLES))
        if held != self._held:
            self._ours, self._taken_up_at = False, time.monotonic()
        self._held, self._read_at = held, time.monotonic()
        return held

    def name(self, library: str) -> None:
        """Whose collections are meant. Asks the server nothing."""
        if self._library != library or not self.tables:
            self.tables = {
                table: MilvusTable(
                    self._connection,
                    collection(self._folder, library, table),
                    self._dimension,
                    made_by(self._folder),
                    self._level,
                )
                for table in TABLES
            }
            self._library = library
            self._forget()

    def _index(self, size: int | None) -> dict[str, Any] | None:
        """What suits so many vectors; None, whatever is there, where their number is not known."""
        return None if size is None else HNSW if size > self._flat_rows else FLAT

    def keep(self, library: str, generation: int) -> None:
        """Both have said so on the server."""
        self._held, self._ours = generation, True
        self._read_at = self._taken_up_at = time.monotonic()

    def reset(self) -> None:
        for table in self.tables.values():
            table.drop()
        self._forget()

    def orphans(self) -> list[str]:
        """The names of other collections that were made for this data folder."""
        call, own = self._connection.call, {table.name for table in self.tables.values()}
        others = [name for name in call("list_collections") if name.startswith(f"{PREFIX}_") and name not in own]
        return sorted(n for n in others if call("describe_collection", n)["description"] == made_by(self._folder))

    def drop(self, name: str) -> None:
        """A collection, with all that it holds."""
        self._connection.call("drop_collection", name)

    def _level(self) -> str:
        """How fresh a view a search needs, to see all of the generation that was taken up."""
        if time.monotonic() - self._taken_up_at > SETTLED_SECONDS:
            return "Bounded"
        return "Session" if self._ours else "Strong"

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Raises VectorsUnavailable where another process works for longer than a search can wait."""
        with alone_with(self._folder / TURN_FILE, TURN_SECONDS) as taken:
            if not taken:
                raise busy(TURN_SECONDS)
            yield


def _follow(db: sqlite3.Connection, table: MilvusTable, name: str, since: int, now: int) -> None:
    """Brings a table from generation `since` to `now`, which the connection sees."""
    table.remove(removals(db, name, since, table.ids))
    last = table.highest()
    for ids, vectors in above(db, name, last, table.dimension):
        table.add(ids, vectors)
        last = int(ids[-1])
        table.reached(now, last)
    table.reached(now, last)


def collection(folder: Path, library: str, table: str) -> str:
    """The name of a library's collection. A copy of a data folder has others: its database is another file."""
    return f"{PREFIX}_{library}_{(folder / 'xietong.db').stat().st_ino:x}_{table}"


def made_by(folder: Path) -> str:
    """What a collection says of the folder that it was made for."""
    return f"{platform.node()}:{folder.resolve()}"
