"""Who is signed in, kept in a SQLite file of the data folder: all servers of one library know the same sessions.

A file of its own, no part of backups: nobody is signed in again by a restore. It holds digests only, of tokens and of
what the file of users said of a person; whoever reads it can sign in as nobody.
"""

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant import Person, UsersUnusable, token_digest

from .texts import PAIRS

SESSIONS = "sessions.sqlite"  # in the data folder; not *.db, which backups and restores take along
SESSION_SECONDS = 12 * 3600.0  # a working day, whatever is done meanwhile
IDLE_SECONDS = 3 * 3600.0  # since the person last did something; a page that only refreshes itself does nothing
TOUCH_SECONDS = 60.0  # what is done so soon after is not noted anew: most requests write nothing
PER_PERSON = 20  # browsers in which one person is signed in; one more ends the oldest
TOKEN_BYTES = 32
NAME_BYTES = 4
BUSY_SECONDS = 10.0  # each writes for a millisecond
PRIVATE = 0o600
MEMORY = ":memory:"
SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    key TEXT PRIMARY KEY, name TEXT NOT NULL, mark TEXT NOT NULL, began REAL NOT NULL, seen REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS own (name TEXT NOT NULL);
"""
_LIVES = f"began > :now - {SESSION_SECONDS} AND seen > :now - {IDLE_SECONDS}"


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser: whose, and the mark of the person as the file of users had them then."""

    name: str
    mark: str


class Sessions:
    """Sessions by the digest of their token. Safe to use from several threads, beside other processes.

    Without a path they are this object's alone and end with it. Every method may raise UsersUnusable. `clock`: seconds
    that all processes share.
    """

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = path, clock
        self._lock = threading.Lock()
        self._db = self._opened()

    def own_name(self) -> str:
        """A random name that all servers of the data folder share: it names their cookie."""
        with self._using() as db:
            if found := db.execute("SELECT name FROM own").fetchone():
                return str(found[0])
            db.execute("INSERT INTO own VALUES (?)", (name := secrets.token_hex(NAME_BYTES),))
            return name

    def begin(self, person: Person) -> str:
        """Signs the person in; the token for their browser."""
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._clock()
        oldest = "SELECT key FROM sessions WHERE name = ? ORDER BY seen DESC, key LIMIT -1 OFFSET ?"
        with self._using() as db:
            db.execute(f"DELETE FROM sessions WHERE NOT ({_LIVES})", {"now": now})
            db.execute(f"DELETE FROM sessions WHERE key IN ({oldest})", (person.name, PER_PERSON - 1))
            row = token_digest(token), person.name, mark_of(person), now, now
            db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", row)
        return token

    def find(self, token: str) -> Session | None:
        """Who signed in with this token; None where that is over."""
        asked = {"key": token_digest(token), "now": self._clock()}
        with self._using(write=False) as db:
            row = db.execute(f"SELECT name, mark FROM sessions WHERE key = :key AND {_LIVES}", asked).fetchone()
        return Session(*row) if row else None

    def touch(self, token: str) -> None:
        """The person has done something: the idle time begins anew."""
        asked = {"key": token_digest(token), "now": self._clock()}
        due = f"key = :key AND seen <= :now - {TOUCH_SECONDS}"
        with self._using(write=False) as db:
            if db.execute(f"SELECT 1 FROM sessions WHERE {due}", asked).fetchone():
                db.execute(f"UPDATE sessions SET seen = :now WHERE {due}", asked)

    def end(self, token: str) -> None:
        """Signs out, at every server."""
        with self._using() as db:
            db.execute("DELETE FROM sessions WHERE key = ?", (token_digest(token),))

    def count(self) -> int:
        """How many browsers are signed in, at whatever server."""
        with self._using(write=False) as db:
            found = db.execute(f"SELECT count(*) FROM sessions WHERE {_LIVES}", {"now": self._clock()}).fetchone()
        return int(found[0])

    def _opened(self) -> sqlite3.Connection:
        try:
            if self._path:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, PRIVATE))
            db = sqlite3.connect(
                self._path or MEMORY, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            db.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}")
            db.execute("PRAGMA secure_delete = ON")
            db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT")
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error
        return db

    @contextmanager
    def _using(self, write: bool = True) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if write:
                    self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                if write:
                    self._db.execute("COMMIT")
            except BaseException as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise self._unusable(error) from error
                raise

    def _unusable(self, error: Exception) -> UsersUnusable:
        zh, en = (half.format(path=self._path, reason=error) for half in PAIRS["sessions_unusable"])
        return UsersUnusable(zh, en)


def mark_of(person: Person) -> str:
    """What differs once the person's password or role does, and tells nothing of either."""
    return token_digest(f"{person.role} {person.scrypt}")
