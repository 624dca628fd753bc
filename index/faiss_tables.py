"""Vectors in FAISS: two indexes in memory and their cache beside the database, kept at the catalogue's generation."""

import logging
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from index import store
from index.cached import load, save
from index.changes import TABLES
from index.errors import LibraryUnusable
from index.filling import follow, grown
from index.sqlite import connected
from index.swap import in_use
from index.threads import cores
from index.types import NONE_HELD
from index.vectors import VectorIndex, lists_for

LOG = logging.getLogger("xietong")
# So many vectors are trained into lists: below, comparing all takes about 12 ms and finds all there is to find.
LISTS_FROM = 200_000
# So many new ones for an index without lists are not put in one by one to be trained afterwards: a library of this
# size whose cache is lost. Comparing all of them would take 40 ms and 1 GB.
LISTS_AT_ONCE = 600_000
REGROWN = 2  # times the lists: an index is trained again when it has grown fourfold
# A cache is saved when so much of it has changed; the next start takes the rest from the catalogue, at 10^6 passages
# within a second or two.
SAVED_SHARE = 0.01
WRITTEN_BESIDE = 8000  # vectors; fewer are written before a question could notice


@dataclass(slots=True)
class _Growing:
    """Lists trained in the background, from what the library held at a generation or later."""

    library: str
    generation: int
    thread: threading.Thread | None = None
    index: VectorIndex | None = None


class FaissTables:
    """Vector indexes of passages and sentences, under the rows of the catalogue.

    Loaded from the cache beside the database where that is whole and of this database; brought to the
    generation that a connection sees by the difference. An index that has become large is trained into lists in the
    background while the old one serves. Not safe for several threads at once: the library locks.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self.folder = folder
        self.dimension = dimension
        with ThreadPoolExecutor(len(TABLES)) as beside:
            loaded = list(beside.map(lambda table: load(cache_file(folder, table), dimension), TABLES))
        whole = [found for found in loaded if found]
        self._library, self._generation = "", NONE_HELD
        self.tables: dict[str, VectorIndex] = {table: VectorIndex(dimension) for table in TABLES}
        if len(whole) == len(TABLES) and len({found.library for found in whole}) == 1:
            self.tables = {table: found.index for table, found in zip(TABLES, whole, strict=True)}
            self._library, self._generation = whole[0].library, min(found.generation for found in whole)
        self._unsaved = dict.fromkeys(TABLES, 0)
        self._growing: dict[str, _Growing] = {}
        self._still = threading.Lock()  # held while an index is changed, and while it is written

    @property
    def growing(self) -> bool:
        """Is an index being trained in the background?"""
        return any(found.thread is not None and found.thread.is_alive() for found in self._growing.values())

    def bring_to(self, db: sqlite3.Connection) -> None:
        """Takes out what the catalogue no longer has and puts in what is new; saves what has changed enough."""
        library, now = store.identity(db), store.generation(db)
        if self._library != library:
            self.tables = {table: VectorIndex(self.dimension) for table in TABLES}
            self._generation = NONE_HELD
            self._unsaved = dict.fromkeys(TABLES, 0)
        self._take_grown(db, library)
        if (self._library, self._generation) != (library, now):
            for table in TABLES:
                self._bring(db, table)
            self._library, self._generation = library, now
        self._grow(db)
        self._save()

    def _bring(self, db: sqlite3.Connection, table: str) -> None:
        index = self.tables[table]
        if not index.lists and _highest(db, table) - index.highest() > LISTS_AT_ONCE:
            index = grown(db, table, self.dimension, cores())
            self.tables[table] = index
            self._unsaved[table] = len(index)
            return
        with self._still:
            self._unsaved[table] += follow(db, index, table, self._generation)

    def _take_grown(self, db: sqlite3.Connection, library: str) -> None:
        """An index that has been trained meanwhile takes the old one's place."""
        for table, found in self._growing.items():
            if found.index is not None and found.library == library:
                with self._still:
                    follow(db, found.index, table, found.generation)
                self.tables[table], self._unsaved[table] = found.index, len(found.index)
        self._growing = {table: found for table, found in self._growing.items() if found.index is None}

    def _grow(self, db: sqlite3.Connection) -> None:
        """Begins to train an index that has become too large for what it is."""
        for table, index in self.tables.items():
            due = len(index) >= LISTS_FROM and lists_for(len(index)) >= REGROWN * index.lists
            if due and table not in self._growing:
                found = self._growing[table] = _Growing(self._library, self._generation)
                path = Path(db.execute("PRAGMA database_list").fetchone()[2])
                arguments = (found, path, table, self.dimension)
                found.thread = threading.Thread(target=_train, args=arguments, name=f"xietong-{table}", daemon=True)
                found.thread.start()

    def _save(self) -> None:
        """A cache that cannot be written costs time at the next start, nothing else.

        One that is not small is written by a thread that the end of the program waits for: a few seconds at most.
        """
        for table, index in self.tables.items():
            if self._unsaved[table] > SAVED_SHARE * len(index):
                self._unsaved[table] = 0
                arguments = (index, cache_file(self.folder, table), self._library, self._generation)
                if len(index) >= WRITTEN_BESIDE:
                    threading.Thread(target=self._write, args=arguments, name=f"xietong-save-{table}").start()
                else:
                    self._write(*arguments)

    def _write(self, index: VectorIndex, path: Path, library: str, generation: int) -> None:
        try:
            with self._still:
                save(index, path, library, generation)
        except OSError:
            return


def cache_file(folder: Path, table: str) -> Path:
    return folder / f"{table}.faiss"


def _highest(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT coalesce(max(row), 0) FROM {table}").fetchone()[0])


def _train(found: _Growing, path: Path, table: str, dimension: int) -> None:
    """In a thread of its own. What fails leaves the old index, which is right, only slower."""
    try:
        with in_use(path.parent), closing(connected(path)) as db:
            if store.identity(db) == found.library:
                found.index = grown(db, table, dimension, max(1, cores() // 2))
    except (sqlite3.Error, LibraryUnusable, OSError, MemoryError) as error:
        LOG.warning("%s: %s", table, error)
