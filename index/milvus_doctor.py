"""Does the Milvus server hold what the catalogue says? Each row, and the vectors of a sample of them."""

import sqlite3
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index import store
from index.changes import removed_since
from index.errors import VectorsUnavailable
from index.milvus import MilvusTables
from index.milvus_table import Ids, MilvusTable
from index.types import NONE_HELD, Check, Vectors, VectorServer

SAMPLE = 64  # vectors that are compared
VECTOR_TOLERANCE = 1e-6  # they are kept as they were given
SHOWN = 5  # how many offenders a detail names


@dataclass(frozen=True, slots=True)
class _Findings:
    """What is wrong with a collection, by rows, and what is to be said of it."""

    missing: list[int]
    ghosts: list[int]
    differing: list[int]
    said: str

    @property
    def bad(self) -> list[str]:
        kinds = (("missing", self.missing), ("ghost", self.ghosts), ("other vector", self.differing))
        return [f"{kind} {row}" for kind, rows in kinds for row in rows]


def examine_server(db: sqlite3.Connection, folder: Path, server: VectorServer, repair: bool) -> list[Check]:
    """A check a collection, and one of what other libraries of this folder left. One false row where it is away."""
    dimension = int(store.meta(db, "dimension") or 0)
    if not dimension:
        return []
    tables = MilvusTables(server, folder, dimension)
    try:
        tables.name(store.identity(db))
        with tables.turn() if repair else nullcontext():
            checks = [_check(db, name, table, repair) for name, table in tables.tables.items()]
            return [*checks, _orphans(tables, repair)]
    except VectorsUnavailable as error:
        return [Check("milvus", False, str(error), False)]


def _check(db: sqlite3.Connection, name: str, table: MilvusTable, repair: bool) -> Check:
    label = f"milvus-{name}"
    if not table.fits():
        return Check(label, True, "missing or of another dimension; made at the next search", False)
    found = _examine(db, name, table)
    if not found.bad:
        return Check(label, True, found.said, False)
    shown = ", ".join(found.bad[:SHOWN]) + (" …" if len(found.bad) > SHOWN else "")
    if repair:
        _mend(db, name, table, found)
        again = _examine(db, name, table)
        if not again.bad:
            return Check(label, True, f"{again.said}; mended: {shown}", True)
    return Check(label, False, f"{found.said}: {shown}; mend with `xietong doctor --repair`", False)


def _examine(db: sqlite3.Connection, name: str, table: MilvusTable) -> _Findings:
    now, state = store.generation(db), table.state("Strong")
    wanted = np.array([row for (row,) in db.execute(f"SELECT row FROM {name} ORDER BY row")], np.int64)
    held = table.ids()
    generation = state.generation if state else NONE_HELD
    word = "current" if generation == now else "stale"
    said = f"{word}, {len(held)} of {len(wanted)} vectors, generation {generation} of {now}"
    if word == "stale":
        said += "; made at the next search"
    if state is None or generation > now:  # the next search compares all, or begins anew
        return _Findings([], [], [], said)
    claimed = wanted[wanted <= state.last]
    missing, ghosts = np.setdiff1d(claimed, held), np.setdiff1d(held, wanted)
    for first, last in removed_since(db, name, generation) or []:
        ghosts = ghosts[(ghosts < first) | (ghosts > last)]
    both = np.intersect1d(claimed, held)
    sample = both[np.unique(np.linspace(0, len(both) - 1, min(SAMPLE, len(both))).astype(int))] if len(both) else both
    differing = _differing(table, _stored(db, name, sample, table.dimension))
    return _Findings(missing.tolist(), ghosts.tolist(), differing, said)


def _stored(db: sqlite3.Connection, name: str, rows: Ids, dimension: int) -> dict[int, Vectors]:
    found: dict[int, Vectors] = {}
    for some in store.batches(rows.tolist()):
        query = f"SELECT row, vector FROM {name} WHERE row IN ({store.marks(some)})"
        with store.decoding("向量", "vectors"):
            for row, vector in db.execute(query, tuple(some)):
                found[row] = np.frombuffer(vector, np.float32).reshape(dimension)
    return found


def _differing(table: MilvusTable, stored: dict[int, Vectors]) -> list[int]:
    there = table.vectors(list(stored))
    return [r for r, v in stored.items() if r in there and not np.allclose(there[r], v, atol=VECTOR_TOLERANCE)]


def _mend(db: sqlite3.Connection, name: str, table: MilvusTable, found: _Findings) -> None:
    """Where a vector of the sample differs others may too: then all are put in again."""
    table.remove([(row, row) for row in found.ghosts])
    rows: Sequence[int] = found.missing
    if found.differing:
        rows = [row for (row,) in db.execute(f"SELECT row FROM {name} WHERE row <= ?", (table.highest(),))]
    for some in store.batches(rows):
        stored = _stored(db, name, np.array(some, np.int64), table.dimension)
        table.add(np.array(list(stored), np.int64), np.stack(list(stored.values())))


def _orphans(tables: MilvusTables, repair: bool) -> Check:
    """Collections made for this folder by a library that was restored over, rebuilt or moved."""
    orphans = tables.orphans()
    said = f"{len(orphans)} collections that another library in this folder left"
    if orphans and repair:
        for name in orphans:
            tables.drop(name)
        return Check("milvus-orphans", True, f"{said}; dropped: {', '.join(orphans)}", True)
    remedy = f"; drop them with `xietong doctor --repair`: {', '.join(orphans)}" if orphans else ""
    return Check("milvus-orphans", True, said + remedy, False)
