"""From an older library's tables to the present ones, each step a function of its own."""

import sqlite3

from index import figure_store, store
from index.changes import begin_noting
from index.departures import DEPARTED
from index.words import recount


def migrate(db: sqlite3.Connection, version: int) -> None:
    """Brings a library of an older schema up to date, inside the writer's transaction. Needs no model."""
    for since, step in STEPS:
        if version < since:
            step(db)


def _add_contexts(db: sqlite3.Connection) -> None:
    """What they hold comes with `reindex`."""
    db.execute(store.CONTEXTS)


def _add_figures(db: sqlite3.Connection) -> None:
    """Computed from the stored texts and layouts."""
    db.execute(store.FIGURES)
    figure_store.refill(db)


def _add_departures(db: sqlite3.Connection) -> None:
    """What leaves from now on is kept in mind."""
    db.execute(DEPARTED)


def _list(db: sqlite3.Connection) -> None:
    """So that a list need not read past the texts."""
    db.execute(store.LISTED)


def _add_lines(db: sqlite3.Connection) -> None:
    """What they hold comes with `reindex`; until then it is encoded when it is asked for."""
    db.execute(store.LINES)


# the schema version that brought it, what it does
STEPS = (
    (2, _add_contexts), (3, _add_figures), (3, _add_departures), (4, begin_noting), (5, recount), (5, _list),
    (6, _add_lines),
)  # fmt: skip
