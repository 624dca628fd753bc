"""The database file of conversations: made at the first change, opened anew for every call; whose a row is."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from assistant.types import Talk, Turn
from index import BUSY_SECONDS, InputRefused, LibraryTooNew, LibraryUnusable, connected, folder_in_use, trouble

SCHEMA_VERSION = 1
# `form`: what is searched. A turn's feedback holds the whole record, so that it outlasts the turn.
SCHEMA = """
CREATE TABLE talks (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, form TEXT NOT NULL,
    created_at TEXT NOT NULL, changed_at TEXT NOT NULL, deleted_at TEXT);
CREATE INDEX talks_by_owner ON talks (owner, changed_at);
CREATE TABLE turns (
    row INTEGER PRIMARY KEY AUTOINCREMENT, talk TEXT NOT NULL REFERENCES talks (id) ON DELETE CASCADE,
    number INTEGER NOT NULL, question TEXT NOT NULL, answer TEXT, context TEXT NOT NULL, form TEXT NOT NULL,
    asked_at TEXT NOT NULL, UNIQUE (talk, number));
CREATE TABLE feedback (
    turn INTEGER PRIMARY KEY, talk TEXT NOT NULL REFERENCES talks (id) ON DELETE CASCADE,
    kind TEXT NOT NULL, note TEXT NOT NULL, at TEXT NOT NULL, record TEXT NOT NULL);
CREATE INDEX feedback_by_talk ON feedback (talk)
"""
TALK = "t.id, t.owner, t.title, t.created_at, t.changed_at, (SELECT count(*) FROM turns n WHERE n.talk = t.id) AS turns"


class UnknownConversation(InputRefused):
    """The person has no conversation of this id, or it has no such turn."""

    def __init__(self) -> None:
        super().__init__(
            "没有这段对话:它可能已被删除,或属于另一位用户;请在对话列表中另选。",
            "there is no such conversation: it may have been deleted, or it is another person's; choose one from the "
            "list.",
        )


class Database:
    """Reads and writes of one file. Threads and processes mix; a restore of the data folder is waited for."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection | None]:
        """A connection that sees one state throughout; None where nothing was ever saved. Raises LibraryUnusable."""
        with folder_in_use(self.path.parent):
            if not self.path.is_file() or self.path.stat().st_size == 0:
                yield None
                return
            with self._open() as db:
                db.execute("BEGIN")
                yield db if _version(db) else None

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """The only writer, until the block ends: then all of it is stored, or nothing. Raises LibraryUnusable."""
        self._make_folder()
        with folder_in_use(self.path.parent), self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                if _version(db) == 0:
                    _make(db)
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = None
        try:
            db = connected(self.path)
            db.execute("PRAGMA secure_delete = ON")  # what a person deletes is not left in free pages
            self._refuse_newer(_version(db))
            yield db
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        finally:
            if db is not None:
                db.close()

    def _make_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error

    def _refuse_newer(self, version: int) -> None:
        if version > SCHEMA_VERSION:
            raise LibraryTooNew(
                f"对话记录“{self.path}”的格式版本是 {version},本程序只识别到 {SCHEMA_VERSION}:请升级 xietong。",
                f'the conversations in "{self.path}" have format {version}, this program knows formats up to '
                f"{SCHEMA_VERSION}: upgrade xietong.",
            )

    def _unusable(self, error: sqlite3.Error) -> LibraryUnusable:
        kind = trouble(error)
        if kind == "unwritable":
            return self._unwritable(str(error))
        if kind == "busy":
            return LibraryUnusable(
                f"对话记录“{self.path}”正被另一个进程写入,等待{BUSY_SECONDS:.0f}秒仍未轮到:请稍后再试。",
                f'the conversations in "{self.path}" are being written by another process and did not come free within '
                f"{BUSY_SECONDS:.0f} s: try again later.",
            )
        return self.damaged(str(error))

    def damaged(self, said: str) -> LibraryUnusable:
        """The error for a file, or a row in it, that this program cannot have written."""
        return LibraryUnusable(
            f"对话记录“{self.path}”已损坏({said}):它须是完好的 SQLite 数据库;请从备份恢复,或移开该文件重新开始"
            "(文档库不受影响)。",
            f'the conversations in "{self.path}" are damaged ({said}): the file must be a sound SQLite database; put a '
            "backup back, or move the file away and begin anew (the library is not affected).",
        )

    def _unwritable(self, said: str) -> LibraryUnusable:
        return LibraryUnusable(
            f"对话记录“{self.path}”无法写入({said}):数据文件夹须可写且磁盘有余量;请检查权限和空间。",
            f'the conversations in "{self.path}" cannot be written ({said}): the data folder must be writable with '
            "space left; check its permissions and space.",
        )


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _make(db: sqlite3.Connection) -> None:
    for statement in SCHEMA.strip().split(";\n"):
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def own_talk(db: sqlite3.Connection | None, owner: str, talk_id: str) -> Talk:
    """The owner's conversation. Raises UnknownConversation."""
    query = f"SELECT {TALK} FROM talks t WHERE t.id = ? AND t.owner = ? AND t.deleted_at IS NULL"
    row = db.execute(query, (sound(talk_id), owner)).fetchone() if db else None
    if row is None:
        raise UnknownConversation
    return Talk(*row)


def turns_before(db: sqlite3.Connection, talk_id: str, number: int) -> Sequence[Turn]:
    """What had been asked and answered before."""
    query = (
        "SELECT question, json_extract(answer, '$.answer') FROM turns WHERE talk = ? AND number < ? "
        "AND json_extract(answer, '$.status') != 'invalid' ORDER BY number"
    )
    return [Turn(*row) for row in db.execute(query, (talk_id, number))]


def sound(text: str) -> str:
    """Half a surrogate pair, which a broken client may send, cannot be stored: a "?" stands for it."""
    return text.encode("utf-8", "replace").decode("utf-8")
