"""In how many passages each search term stands: what a full-text search of it will cost, known beforehand."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence

WORDS = "CREATE TABLE IF NOT EXISTS words (term TEXT PRIMARY KEY, passages INTEGER NOT NULL) WITHOUT ROWID"
_ADD = (
    "INSERT INTO words VALUES (?, ?) ON CONFLICT (term) DO UPDATE SET passages = passages + excluded.passages"
)  # fmt: skip


def counted(texts: Iterable[str]) -> Counter[str]:
    """The passages that hold each term; a passage's terms stand between spaces."""
    found: Counter[str] = Counter()
    for text in texts:
        found.update(set(text.split()))
    return found


def count_in(db: sqlite3.Connection, texts: Iterable[str]) -> None:
    """Passages that come."""
    db.executemany(_ADD, counted(texts).items())


def count_out(db: sqlite3.Connection, texts: Iterable[str]) -> None:
    """Passages that go."""
    gone = counted(texts)
    db.executemany("UPDATE words SET passages = passages - ? WHERE term = ?", [(n, term) for term, n in gone.items()])
    db.executemany("DELETE FROM words WHERE term = ? AND passages <= 0", [(term,) for term in gone])


def recount(db: sqlite3.Connection) -> None:
    """All of them anew."""
    db.execute(WORDS)
    db.execute("DELETE FROM words")
    count_in(db, (text for (text,) in db.execute("SELECT terms FROM fulltext")))


def frequencies(db: sqlite3.Connection, terms: Sequence[str]) -> dict[str, int] | None:
    """Of each term the passages that hold it; None in a library whose words have not been counted."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'words'").fetchone():
        return None
    query = f"SELECT term, passages FROM words WHERE term IN ({','.join('?' * len(terms))})"
    return dict.fromkeys(terms, 0) | dict(db.execute(query, tuple(terms)).fetchall())
