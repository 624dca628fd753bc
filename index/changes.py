"""What an index of vectors must take out and put in to follow the catalogue.

Row numbers grow and are never used twice, and a document's rows are written by one writer in one transaction. So a
document is a range of rows, what is new lies above the highest row held, and what is gone need only be noted.
"""

import json
import sqlite3
from collections.abc import Iterable

TABLES = ("passages", "sentences")
GONE = (
    "CREATE TABLE IF NOT EXISTS gone (generation INTEGER NOT NULL, kind TEXT NOT NULL, first INTEGER NOT NULL, "
    "last INTEGER NOT NULL, PRIMARY KEY (generation, kind, first)) WITHOUT ROWID"
)
Rows = tuple[int, int]  # the first and the last of a range, both in it
_OF_DOCUMENT = {
    "passages": "SELECT min(row), max(row) FROM passages p",
    "sentences": "SELECT min(s.row), max(s.row) FROM passages p JOIN sentences s ON s.passage = p.row",
}


def rows_of(db: sqlite3.Connection, table: str, document_ids: Iterable[str]) -> list[Rows]:
    """The rows of documents in a table. Those between a document's first and last are its own or nobody's."""
    one_a_document = "WHERE p.document_id IN (SELECT value FROM json_each(?)) GROUP BY p.document_id"
    return db.execute(f"{_OF_DOCUMENT[table]} {one_a_document}", (json.dumps(list(document_ids)),)).fetchall()


def note_removal(db: sqlite3.Connection, document_id: str) -> None:
    """Of a document, inside the writer's transaction, while its rows are still there."""
    for table in TABLES:
        note_rows(db, table, rows_of(db, table, [document_id]))


def note_rows(db: sqlite3.Connection, table: str, gone: Iterable[Rows]) -> None:
    """Inside the writer's transaction, whose end makes the next generation."""
    query = "INSERT OR REPLACE INTO gone SELECT value + 1, ?, ?, ? FROM meta WHERE key = 'generation'"
    db.executemany(query, [(table, *rows) for rows in gone])


def begin_noting(db: sqlite3.Connection) -> None:
    """From now on; what an older program removed was not noted."""
    db.execute(GONE)
    db.execute("INSERT OR REPLACE INTO meta SELECT 'gone since', value FROM meta WHERE key = 'generation'")


def removed_since(db: sqlite3.Connection, table: str, generation: int) -> list[Rows] | None:
    """The ranges removed after a generation; None where removals were not noted that long ago."""
    noted = db.execute("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'gone since'").fetchone()
    if noted is None or generation < noted[0]:
        return None
    query = "SELECT first, last FROM gone WHERE generation > ? AND kind = ?"
    return db.execute(query, (generation, table)).fetchall()
