"""The figures in the catalogue: derived from the stored texts, made anew when the rules have changed."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from index import store
from index.figures import FIGURES_VERSION, figures_of
from index.types import Document, Figure

VERSION = "figures"  # the key under which the catalogue keeps the version of the rules
_STORED = (
    "document_id, start, end, value, unit, kind, indicator, period, change, entity, paragraph, page, quote_start"
)  # fmt: skip


def is_current(db: sqlite3.Connection) -> bool:
    """Are the figures those that the present rules give?"""
    return store.meta(db, VERSION) == str(FIGURES_VERSION)


def insert(db: sqlite3.Connection, found: Sequence[Figure]) -> None:
    """Keeps figures; of their texts only the places are kept."""
    names = _STORED.split(", ")
    values = [(*(getattr(f, name) for name in names), f.quote_start + len(f.quote)) for f in found]
    db.executemany(f"INSERT INTO figures ({_STORED}, quote_end) VALUES ({store.marks([*names, 1])})", values)


def figures(db: sqlite3.Connection, document_id: str) -> list[Figure]:
    """The stored figures of a document in the order of its text."""
    text = store.text_of(db, document_id) or ""
    query = f"SELECT {_STORED}, quote_end FROM figures WHERE document_id = ? ORDER BY start"
    return [_figure(text, *row) for row in db.execute(query, (document_id,))]


def _figure(text: str, *row: Any) -> Figure:
    values = dict(zip([*_STORED.split(", "), "quote_end"], row, strict=True))
    with store.decoding("数据", "figures"):
        quote = text[values["quote_start"] : values.pop("quote_end")]
        return Figure(**values, raw=text[values["start"] : values["end"]], quote=quote)


def derived(db: sqlite3.Connection, document: Document) -> list[Figure]:
    """The figures that the present rules find in a document's stored text."""
    return figures_of(document, store.text_of(db, document.id) or "", store.layout_of(db, document.id))


def refill(db: sqlite3.Connection) -> None:
    """Makes all figures anew. No model is needed."""
    db.execute("DELETE FROM figures")
    for document in store.documents(db):
        insert(db, derived(db, document))
    store.set_meta(db, VERSION, str(FIGURES_VERSION))
