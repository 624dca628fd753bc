"""How much a library holds, in numbers alone."""

from pathlib import Path
from sqlite3 import Connection

from index import store
from index.originals import sizes
from index.types import Stock


def stock(db: Connection, database: Path, originals: Path) -> Stock:
    """What a connection sees, and what lies on the disk for it."""
    documents = store.documents(db)
    files = sum(sizes(originals, documents).values())
    passages, sentences = _rows(db, "passages"), _rows(db, "sentences")
    return Stock(len(documents), passages, sentences, database.stat().st_size, files, store.generation(db))


def _rows(db: Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
