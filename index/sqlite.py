"""What every database file of the data folder needs: what SQLite's complaints mean, and a new file made by two."""

import sqlite3
import time
from pathlib import Path
from typing import Literal

BUSY_SECONDS = 60.0  # a connection waits this long for what SQLite itself locks for a moment
RETRY_SECONDS = 0.02
PRIMARY_CODE = 0xFF  # the bits of SQLite's extended result codes that hold the primary one
BUSY_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
UNWRITABLE_CODES = {
    sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM,
}  # fmt: skip


def trouble(error: sqlite3.Error) -> Literal["busy", "unwritable", "damaged"]:
    """Does another process write, does the disk refuse, or is the file itself wrong?"""
    code = getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE
    return "busy" if code in BUSY_CODES else "unwritable" if code in UNWRITABLE_CODES else "damaged"


def use_wal(db: sqlite3.Connection) -> None:
    """Two that make the same new database at once: SQLite refuses the later at once, whatever the timeout."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if trouble(error) != "busy" or time.monotonic() > until:
                raise
        time.sleep(RETRY_SECONDS)


def connected(path: Path) -> sqlite3.Connection:
    """A connection to a database that is made where there is none: WAL, every commit on disk, keys kept.

    The caller begins and ends transactions, closes it, and has it used by one thread at a time. Raises sqlite3.Error.
    """
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        use_wal(db)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        db.close()
        raise
    return db


def faults(db: sqlite3.Connection) -> str:
    """What SQLite finds wrong, shortly; empty for a sound database."""
    said = [row[0] for row in db.execute("PRAGMA integrity_check(1)")]
    broken = db.execute("SELECT 1 FROM pragma_foreign_key_check LIMIT 1").fetchone()
    return "" if said == ["ok"] and not broken else " ".join([*said, "foreign keys"] if broken else said)
