"""What became of documents that the library no longer holds: names and dates only, never their text."""

import sqlite3
from datetime import UTC, datetime

from index.types import Fate

DEPARTED = (
    "CREATE TABLE IF NOT EXISTS departed (id TEXT PRIMARY KEY, title TEXT NOT NULL, file_name TEXT NOT NULL, at TEXT NOT NULL, "
    "replaced_by TEXT) WITHOUT ROWID"
)
PRESENT = Fate("present")
UNKNOWN = Fate("unknown")


def note(db: sqlite3.Connection, document_id: str, by: str | None) -> None:
    """Keeps in mind that a document leaves now, and the id of what takes its place; before its row goes."""
    db.execute(
        "INSERT OR REPLACE INTO departed SELECT id, title, file_name, ?, ? FROM documents WHERE id = ?",
        (datetime.now(UTC).isoformat(timespec="milliseconds"), by, document_id),
    )


def forget(db: sqlite3.Connection, document_id: str) -> None:
    """The document is in the library again."""
    db.execute("DELETE FROM departed WHERE id = ?", (document_id,))


def fate(db: sqlite3.Connection, document_id: str) -> Fate:
    """What became of one document. A library from before departures were kept knows of none."""
    if not document_id.isascii():  # no id is, and half a surrogate pair could not even be asked for
        return UNKNOWN
    if db.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone():
        return PRESENT
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'departed'").fetchone():
        return UNKNOWN
    row = _departure(db, document_id)
    if row is None:
        return UNKNOWN
    at, by = row
    return Fate("replaced", at, _latest(db, by)) if by else Fate("removed", at)


def _departure(db: sqlite3.Connection, document_id: str) -> tuple[str, str | None] | None:
    row = db.execute("SELECT at, replaced_by FROM departed WHERE id = ?", (document_id,)).fetchone()
    return None if row is None else (row[0], row[1])


def _latest(db: sqlite3.Connection, document_id: str) -> str:
    """The last of the versions that followed: one that was replaced in its turn is no help to a reader."""
    seen = {document_id}
    while (row := _departure(db, document_id)) and row[1] and row[1] not in seen:
        document_id = row[1]
        seen.add(document_id)
    return document_id
