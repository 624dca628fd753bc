"""The truth of the library, one SQLite file (WAL): who opens it, who may write now, what its complaints mean."""

import sqlite3
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from index.errors import LibraryUnusable
from index.sqlite import BUSY_SECONDS, connected, trouble
from index.store import ensure_schema, has_schema, refuse_newer
from index.swap import in_use, settle

TURN_SECONDS = 600.0  # a writer waits this long for its turn: longer than any other's transaction takes
PATIENCE_MS = 250  # a writer that waits longer says so, and lets Ctrl-C through as often
# Connections that wait for the next reader. Windows moves no file that is open, and a restore moves this one.
LEFT_OPEN = 0 if sys.platform == "win32" else 4


def unusable(error: sqlite3.Error, path: Path) -> LibraryUnusable:
    """The library's own words for what SQLite says."""
    said, kind = str(error), trouble(error)
    if kind == "busy":
        return LibraryUnusable(
            f"文档库“{path}”正被另一个进程写入,等待{TURN_SECONDS:.0f}秒仍未轮到:请等它完成后再试。",
            f'library "{path}" is being written by another process and did not come free within '
            f"{TURN_SECONDS:.0f} s: wait for it and try again.",
        )
    if kind == "unwritable":
        return LibraryUnusable(
            f"文档库“{path}”无法写入({said}):数据文件夹须可写且磁盘有余量,请检查权限、空间,或另设 XIETONG_DATA。",
            f'library "{path}" cannot be written ({said}): the data folder must be writable with space left; '
            "check both, or set XIETONG_DATA to another folder.",
        )
    return LibraryUnusable(
        f"文档库“{path}”已损坏({said}):它必须是完好的 SQLite 数据库;请运行 xietong doctor 查看,从备份恢复,"
        "或把该文件移开后重新添加 files 文件夹中的原件(原件未动)。",
        f'library "{path}" is damaged ({said}): it must be a sound SQLite database; run `xietong doctor`, put a backup '
        "back, or move the file away and add the originals in the folder `files` again (they are untouched).",
    )


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What SQLite says becomes the library's own words."""
    try:
        yield
    except sqlite3.Error as error:
        raise unusable(error, path) from error


class Catalogue:
    """Reads and writes of one database file. Every call opens a connection of its own, so that threads and processes
    mix; only what one thread reads within `together` goes over one.

    `on_wait` is called when a writer must wait for another's turn to end; `waiting` counts those that do.
    """

    def __init__(self, path: Path, on_wait: Callable[[], None] | None = None) -> None:
        self.path = path
        self.waiting = 0
        self._on_wait = on_wait
        self._count_lock = threading.Lock()
        self._shared = threading.local()  # the connection of `together`
        self._idle: list[_Idle] = []
        weakref.finalize(self, _close_all, self._idle)

    def exists(self) -> bool:
        """Is there a library here, if only an empty one? Raises LibraryUnusable where the file is no database."""
        if getattr(self._shared, "db", None):
            return True
        if not self._has_file():
            return False
        with self._connected(create=False) as db:
            return has_schema(db)

    def _has_file(self) -> bool:
        settle(self.path.parent)
        return self.path.is_file() and self.path.stat().st_size > 0

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the library throughout."""
        shared = getattr(self._shared, "db", None)
        if shared is None:
            with self._connected(create=False) as db:
                db.execute("BEGIN")
                yield db
        elif shared.in_transaction:
            yield shared
        else:
            with _told(self.path):
                shared.execute("BEGIN")
                try:
                    yield shared
                finally:
                    shared.rollback()

    @contextmanager
    def together(self, left_open: bool = False) -> Iterator[None]:
        """Until the block ends the reads of this thread, one after another, go over one connection.

        Opening one takes longer than most reads. Each still sees the library's latest state. `left_open`: the
        connection waits for the next who reads so, with what it has read, until this object writes.
        """
        if getattr(self._shared, "db", None) or not self._has_file():
            yield
            return
        with in_use(self.path.parent), self._lent() if left_open else self._open() as db:
            self._shared.db = db if has_schema(db) else None
            try:
                yield
            finally:
                self._shared.db = None

    def close(self) -> None:
        """Closes the connections that were left open; the next read opens one anew."""
        _close_all(self._idle)

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        """A connection that was left open, or a new one; left open in its turn where nothing goes wrong."""
        with _told(self.path):
            file = _file_at(self.path)
            db = self._left_open(file) or connected(self.path)
        try:
            with _told(self.path):
                refuse_newer(db, self.path)
                yield db
        except BaseException:
            db.close()
            raise
        if len(self._idle) < LEFT_OPEN:
            self._idle.append(_Idle(file, db))
        else:
            db.close()

    def _left_open(self, file: tuple[int, int] | None) -> sqlite3.Connection | None:
        with suppress(IndexError):  # there is none, or other threads took them
            while True:
                idle = self._idle.pop()
                if idle.file == file:
                    return idle.db
                idle.db.close()  # another database has come into the place of its own
        return None

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """The only writer, until the block ends: then all of it is stored and the generation goes up, or nothing."""
        with self._connected(create=True) as db:
            self._take_turn(db)
            try:
                ensure_schema(db)
                yield db
                db.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
            finally:
                self.close()  # the journal goes with the last connection, and what it takes of the disk

    @contextmanager
    def pause(self) -> Iterator[sqlite3.Connection]:
        """Keeps writers waiting until the block ends; writes nothing."""
        with self._connected(create=False) as db:
            self._take_turn(db)
            yield db

    def _take_turn(self, db: sqlite3.Connection) -> None:
        """Begins to write, once nobody else does."""
        db.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
        if not _begun(db):
            with self.counted():
                until = time.monotonic() + TURN_SECONDS
                while not _begun(db, last=time.monotonic() > until):
                    pass
        db.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}")

    @contextmanager
    def counted(self) -> Iterator[None]:
        """A writer waits until the block ends: `waiting` counts it, `on_wait` is told."""
        with self._count_lock:
            self.waiting += 1
        try:
            if self._on_wait:
                self._on_wait()
            yield
        finally:
            with self._count_lock:
                self.waiting -= 1

    @contextmanager
    def _connected(self, create: bool) -> Iterator[sqlite3.Connection]:
        if create:
            self.make_folder()
        with in_use(self.path.parent), self._open() as db:
            yield db

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = None
        try:
            with _told(self.path):
                db = connected(self.path)
                refuse_newer(db, self.path)
                yield db
        finally:
            if db is not None:
                db.close()

    def make_folder(self) -> None:
        """Raises LibraryUnusable where the data folder cannot be made."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryUnusable(
                f"数据文件夹“{self.path.parent}”无法建立({error.strerror}):它须是可写的文件夹,"
                "请检查权限或另设 XIETONG_DATA。",
                f'data folder "{self.path.parent}" cannot be made ({error.strerror}): it must be a writable folder; '
                "check its permissions or set XIETONG_DATA to another one.",
            ) from error


@dataclass(frozen=True, slots=True)
class _Idle:
    file: tuple[int, int] | None
    db: sqlite3.Connection


def _file_at(path: Path) -> tuple[int, int] | None:
    """Which file lies there: another cannot have the same numbers while this one is open."""
    with suppress(OSError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


def _close_all(idle: list[_Idle]) -> None:
    with suppress(IndexError):
        while True:
            idle.pop().db.close()


def _begun(db: sqlite3.Connection, last: bool = False) -> bool:
    """Tries for the writer's turn; False where another has it, an exception at the `last` try."""
    try:
        db.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if last or trouble(error) != "busy":
            raise
        return False
    return True
