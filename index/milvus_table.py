"""One collection on a Milvus server: unit vectors under the catalogue's rows, and a note of what it holds."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.changes import Rows
from index.milvus_server import Connection
from index.types import Vectors

WRITE_SECONDS = 60.0  # for a block of vectors to be taken
STATE_ROW = -1  # where a collection says what it holds; rows of the catalogue are positive
# Measured (tests/benchmarks/engines.py) on 20 000 sentences and two cores: comparing all is exact and takes 10 ms. With
# an index it takes 5; but until Milvus has made it of what was added last, it finds only .84 of the best ten there.
FLAT: dict[str, Any] = {"index_type": "FLAT", "metric_type": "IP", "params": {}}
HNSW: dict[str, Any] = {"index_type": "HNSW", "metric_type": "IP", "params": {"M": 32, "efConstruction": 200}}
EF_LEAST, EF_PER_HIT = 256, 4  # how widely HNSW looks about: .990 of the best ten of 20 000; 128 found .967
DELETED_AT_ONCE = 10_000  # rows named in one request
LISTED_AT_ONCE = 10_000  # rows in one answer; Milvus gives at most 16 384
MOST_HITS = 16_383  # in one answer, besides the state's row
BLOCK_BYTES = 8 * 2**20  # of vectors in one request; Milvus takes at most 64 MB
RANGES_AT_ONCE = 16  # in one search: the time that Milvus takes to read a condition grows faster than its length
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class State:
    """The generation that a collection holds, and the row up to which it does."""

    generation: int
    last: int


class MilvusTable:
    """The collection of one table: unit vectors under the catalogue's rows; a score is the cosine."""

    def __init__(
        self, connection: Connection, name: str, dimension: int, made_by: str, level: Callable[[], str]
    ) -> None:
        self.name = name
        self.dimension = dimension
        self._call = connection.call
        self._make = connection.make
        self._made_by = made_by
        self._level = level
        self._last = 0

    # What it holds

    def open(self, index: dict[str, Any] | None = None) -> None:
        """Makes the collection where it is missing, of another dimension or without that index; has it loaded."""
        if self.fits(index):
            if self._call("get_load_state", self.name)["state"].name != "Loaded":
                self._call("load_collection", self.name)
            return
        self.drop()
        self._make(self.name, self.dimension, self._made_by, index or FLAT, WRITE_SECONDS)

    def fits(self, index: dict[str, Any] | None = None) -> bool:
        """Is it there, of this dimension, and has it that index or a better one?"""
        if not self._call("has_collection", self.name):
            return False
        if _dimension_of(self._call("describe_collection", self.name)) != self.dimension:
            return False
        made = (self._call("describe_index", self.name, "vector") or {}).get("index_type")
        return made is not None and (made == HNSW["index_type"] or index != HNSW)  # never back to FLAT: both are right

    def drop(self) -> None:
        self._call("drop_collection", self.name)
        self._last = 0

    def state(self, level: str) -> State | None:
        """What the collection says that it holds; None where it says nothing."""
        found = self._query(f"row == {STATE_ROW}", ["note"], level)
        states = [State(**json.loads(row["note"])) for row in found]
        state = min(states, key=lambda s: (s.generation, s.last), default=None)
        self._last = state.last if state else 0
        return state

    def reached(self, generation: int, last: int) -> None:
        """Up to the row `last` all is there as the generation has it."""
        note = json.dumps({"generation": generation, "last": last})
        self._upsert([{"row": STATE_ROW, "note": note, "vector": np.zeros(self.dimension, np.float32)}])
        self._last = last

    def highest(self) -> int:
        """The row up to which all is held."""
        return self._last

    def ids(self) -> Ids:
        """(n,) int64, ascending: all rows that are there."""
        bound = LISTED_AT_ONCE
        while self._query(f"row >= {bound}", ["count(*)"], "Strong")[0]["count(*)"]:
            bound *= 2
        found: set[int] = set()
        for first in range(0, bound, LISTED_AT_ONCE):
            rows = self._query(f"{first} <= row < {first + LISTED_AT_ONCE}", ["row"], "Strong")
            found.update(row["row"] for row in rows)
        return np.array(sorted(found), np.int64)

    def vectors(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """The vectors of those rows that are there, (dim,) float32 each."""
        rows = self._query(f"row in {list(ids)}", ["row", "vector"], "Strong") if ids else []
        return {row["row"]: np.asarray(row["vector"], np.float32) for row in rows}

    # Changing it

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """ids (n,) int64; vectors (n, dim) float32 unit rows. What is there already is replaced."""
        step = max(1, BLOCK_BYTES // (4 * self.dimension))
        for at in range(0, len(ids), step):
            pairs = zip(ids[at : at + step].tolist(), vectors[at : at + step], strict=True)
            self._upsert([{"row": row, "note": "", "vector": vector} for row, vector in pairs])

    def remove(self, gone: Sequence[Rows]) -> None:
        """All rows in the given ranges; there need not be any."""
        rows = [row for first, last in gone for row in range(first, last + 1)]
        for at in range(0, len(rows), DELETED_AT_ONCE):
            self._call("delete", self.name, ids=rows[at : at + DELETED_AT_ONCE], seconds=WRITE_SECONDS)

    def _upsert(self, rows: list[dict[str, Any]]) -> None:
        self._call("upsert", self.name, rows, seconds=WRITE_SECONDS)

    # Searching

    def search(self, vector: Vectors, k: int, among: Sequence[Rows] | None = None) -> list[tuple[int, float]]:
        """The k nearest (row, cosine), best first, within the given ranges of rows or among all."""
        if among is None:
            return self._nearest(vector, k, "")
        ranges = _merged(among)
        parts = [ranges[at : at + RANGES_AT_ONCE] for at in range(0, len(ranges), RANGES_AT_ONCE)]
        found = [hit for part in parts for hit in self._nearest(vector, k, _condition(part))]
        return sorted(found, key=lambda hit: -hit[1])[:k]

    def _nearest(self, vector: Vectors, k: int, condition: str) -> list[tuple[int, float]]:
        limit = min(k, MOST_HITS) + 1  # the state's row may be among them
        found = self._call(
            "search",
            self.name,
            [np.ascontiguousarray(vector, np.float32)],
            filter=condition,
            limit=limit,
            search_params={"metric_type": "IP", "params": {"ef": max(EF_LEAST, EF_PER_HIT * limit)}},
            consistency_level=self._level(),
        )
        hits = [(int(hit["id"]), float(hit["distance"])) for hit in found[0]]
        return [hit for hit in hits if hit[0] != STATE_ROW][:k]

    def _query(self, condition: str, fields: list[str], level: str) -> list[dict[str, Any]]:
        found = self._call("query", self.name, filter=condition, output_fields=fields, consistency_level=level)
        return list(found)


def _dimension_of(description: Mapping[str, Any]) -> int:
    found = [field["params"].get("dim", 0) for field in description["fields"] if field["name"] == "vector"]
    return int(found[0]) if found else 0


def _merged(ranges: Sequence[Rows]) -> list[Rows]:
    """Ascending, those that touch as one."""
    found: list[Rows] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _condition(ranges: Sequence[Rows]) -> str:
    """As a balanced tree: Milvus reads a long chain of `or` in time that grows exponentially."""
    if len(ranges) == 1:
        return f"({ranges[0][0]} <= row <= {ranges[0][1]})"
    half = len(ranges) // 2
    return f"({_condition(ranges[:half])} or {_condition(ranges[half:])})"
