"""Exact search over unit vectors with FAISS, and its cache on disk. The truth is in the catalogue."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.changes import Rows
from index.types import Vectors

Ids = NDArray[np.int64]
MAGIC = b"xietong-faiss 2\n"


class VectorIndex:
    """Unit vectors under integer ids; inner product, so that a score is the cosine, higher is better."""

    def __init__(self, dimension: int, index: Any = None) -> None:
        import faiss

        self.dimension = dimension
        self._faiss: Any = faiss
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension)) if index is None else index

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def ids(self) -> Ids:
        """(n,) int64, in no order."""
        found: Ids = self._faiss.vector_to_array(self._index.id_map).astype(np.int64)
        return found

    def highest(self) -> int:
        """The highest id that is there, 0 without any."""
        return int(self.ids().max(initial=0))

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """ids (n,) int64, none of which is there already; vectors (n, dim) float32 unit rows."""
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.ascontiguousarray(ids, np.int64))

    def remove(self, gone: Sequence[Rows]) -> None:
        """All ids in the given ranges; there need not be any."""
        if len(ids := self._within(gone)):
            self._index.remove_ids(ids)

    def reached(self, generation: int, last: int) -> None:
        """Nothing to note: what is in memory is lost or saved as a whole."""

    def search(self, vector: Vectors, k: int, among: Sequence[Rows] | None = None) -> list[tuple[int, float]]:
        """The k nearest (id, cosine), best first, within the given ranges of ids or among all."""
        chosen = None if among is None else self._within(among)
        k = min(k, len(self) if chosen is None else len(chosen))
        if k <= 0:
            return []
        parameters = None
        if chosen is not None:
            parameters = self._faiss.SearchParameters(sel=self._faiss.IDSelectorBatch(chosen))
        scores, ids = self._index.search(vector.reshape(1, -1), k, params=parameters)
        return [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]

    def _within(self, ranges: Sequence[Rows]) -> Ids:
        """(n,) int64, ascending: the ids that are there and lie in a range."""
        ids = np.sort(self.ids())
        found = [ids[slice(*np.searchsorted(ids, (first, last + 1)))] for first, last in ranges]
        return np.unique(np.concatenate([np.empty(0, np.int64), *found]))


@dataclass(frozen=True, slots=True)
class Cached:
    """An index from disk, with the library whose vectors it holds and the generation of that library."""

    index: VectorIndex
    library: str
    generation: int


def save(index: VectorIndex, path: Path, library: str, generation: int) -> None:
    """Written beside its place and moved there whole, with the library's identity and generation and a checksum."""
    import faiss

    body = faiss.serialize_index(index._index).tobytes()
    sha256 = hashlib.sha256(body).hexdigest()
    head = {"library": library, "generation": generation, "dimension": index.dimension, "sha256": sha256}
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as out:
            out.write(MAGIC + json.dumps(head).encode() + b"\n" + body)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def load(path: Path, dimension: int) -> Cached | None:
    """The cached index; None where it is missing, torn or of another dimension."""
    import faiss

    try:
        with path.open("rb") as file:
            if file.readline() != MAGIC:
                return None
            head = json.loads(file.readline())
            body = file.read()
        if head["dimension"] != dimension or head["sha256"] != hashlib.sha256(body).hexdigest():
            return None
        index = VectorIndex(dimension, faiss.deserialize_index(np.frombuffer(body, np.uint8)))
        return Cached(index, str(head["library"]), int(head["generation"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
