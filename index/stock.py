"""How much a library holds, in numbers alone."""

from collections.abc import Iterable
from pathlib import Path
from sqlite3 import Connection

from index import store
from index.types import Stock


def stock(db: Connection, database: Path, originals: Path) -> Stock:
    """What a connection sees, and what lies on the disk for it."""
    documents = store.documents(db)
    files = _bytes(originals / document.sha256 for document in documents)
    passages, sentences = _rows(db, "passages"), _rows(db, "sentences")
    return Stock(len(documents), passages, sentences, _bytes([database]), files, store.generation(db))


def _rows(db: Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _bytes(paths: Iterable[Path]) -> int:
    """The size of the files that are there."""
    return sum(path.stat().st_size for path in paths if path.is_file())
