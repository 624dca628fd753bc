"""Ways to keep many vectors, side by side: `python -m tests.benchmarks.vectors --vectors 1000000`.

For each way: seconds to build on all processors, bytes on disk, recall against comparing all, milliseconds of a search
on one processor, and what adding 20 and removing 20 takes. Vectors are those of synthetic.py. HNSW cannot remove.
First the program's own way below LISTS_FROM vectors: rounded to eight bits, and some of them compared exactly.
"""

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from index import vectors as own
from index.types import Vectors
from tests.benchmarks.synthetic import DIMENSION, SHARES, TOPICS, Space

PER_DOCUMENT = 50  # sentences
ASKED = 200
NEAREST = 60  # as many as are drawn
MOST_HNSW = 100_000  # it takes a minute there, and twenty for 10^6
WAYS = (("sq8", 1024), ("sq8", 2048), ("sq8", 4096), ("fp16", 2048), ("flat lists", 2048), ("hnsw", 32))
PROBES = (16, 32, 64, 128)
RESCORED = (1, 2, 4)


def spread(space: Space, count: int) -> tuple[Vectors, Vectors]:
    """(count, dim) sentences of documents, and ASKED queries, each another sentence of some document."""
    chance = np.random.default_rng(1)
    documents = count // PER_DOCUMENT
    topics = chance.choice(TOPICS, documents, p=space.sizes)
    centres = space.topics[topics] + space.noise(chance, documents, SHARES[1])
    own = SHARES[2] + SHARES[3]
    parts = [
        space.unit(np.repeat(some, PER_DOCUMENT, axis=0) + space.noise(chance, len(some) * PER_DOCUMENT, own))
        for some in np.array_split(centres, max(1, documents // 1000))
    ]
    queries = space.unit(centres[chance.integers(0, documents, ASKED)] + space.noise(chance, ASKED, own))
    return np.concatenate(parts), queries


def made(faiss: Any, way: str, lists: int) -> Any:
    if way == "hnsw":
        return faiss.IndexHNSWFlat(DIMENSION, lists, faiss.METRIC_INNER_PRODUCT)
    centres, product = faiss.IndexFlatIP(DIMENSION), faiss.METRIC_INNER_PRODUCT
    if way == "flat lists":
        return faiss.IndexIVFFlat(centres, DIMENSION, lists, product)
    kind = faiss.ScalarQuantizer.QT_8bit if way == "sq8" else faiss.ScalarQuantizer.QT_fp16
    return faiss.IndexIVFScalarQuantizer(centres, DIMENSION, lists, kind, product)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def searched(index: Any, queries: Vectors, truth: Any) -> str:
    times, found = [], []
    for query in queries:
        seconds, (_, ids) = timed(lambda query=query: index.search(query[None], NEAREST))  # type: ignore[misc]
        times.append(seconds * 1000)
        found.append(ids[0])
    recalls = [
        np.mean([len({*a[:k]} & {*b[:k]}) / k for a, b in zip(found, truth, strict=True)]) for k in (10, NEAREST)
    ]
    p50, p95 = np.percentile(times, [50, 95])
    return f"recall@10 {recalls[0]:.3f} @{NEAREST} {recalls[1]:.3f}   {p50:6.2f} ms, p95 {p95:6.2f}"


class Rounded:
    """The program's own index, rounded to eight bits first, with FAISS's way of asking."""

    def __init__(self, vectors: Vectors) -> None:
        self._index = own.VectorIndex(DIMENSION)
        self._index.add(np.arange(len(vectors), dtype=np.int64), vectors)

    def search(self, queries: Vectors, k: int) -> tuple[list[list[float]], list[list[int]]]:
        found = [self._index.search(query, k) for query in queries]
        return [[score for _, score in one] for one in found], [[i for i, _ in one] for one in found]


def measured(faiss: Any, way: str, lists: int, vectors: Vectors, queries: Vectors, truth: Any) -> None:
    index = made(faiss, way, lists)
    if way != "hnsw":
        index.cp.niter, index.cp.max_points_per_centroid = 8, 80
        sample = vectors[np.random.default_rng(0).permutation(len(vectors))[: 40 * lists]]
        training, _ = timed(lambda: index.train(sample))
    else:
        training = 0.0
    adding, _ = timed(lambda: index.add(vectors))
    size = faiss.serialize_index(index).nbytes
    sys.stdout.write(f"{way} {lists}: trained {training:.1f} s, added {adding:.1f} s, {size / 1e6:.0f} MB\n")
    faiss.omp_set_num_threads(1)
    for probes in PROBES:
        if way == "hnsw":
            index.hnsw.efSearch = probes
        else:
            index.nprobe = probes
        sys.stdout.write(f"  {probes:4} {searched(index, queries, truth)}\n")
    more, _ = timed(lambda: index.add(vectors[:20]))
    less = "cannot"
    if way != "hnsw":
        gone = faiss.IDSelectorRange(len(vectors), len(vectors) + 20)
        less = f"{timed(lambda: index.remove_ids(gone))[0] * 1000:.2f} ms"
    sys.stdout.write(f"  add 20: {more * 1000:.2f} ms, remove 20: {less}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=int, default=100_000)
    count = parser.parse_args().vectors
    import faiss

    library: Any = faiss
    processors = library.omp_get_max_threads()
    vectors, queries = spread(Space(), count)
    every = library.IndexFlatIP(DIMENSION)
    every.add(vectors)
    _, truth = every.search(queries, NEAREST)
    library.omp_set_num_threads(1)
    sys.stdout.write(f"{len(vectors)} vectors; compared all: {searched(every, queries, truth)}\n")
    rounded = Rounded(vectors)
    for own.RESCORED in RESCORED:
        sys.stdout.write(f"rounded, {own.RESCORED} times exactly: {searched(rounded, queries, truth)}\n")
    for way, lists in WAYS:
        if way != "hnsw" or count <= MOST_HNSW:
            library.omp_set_num_threads(processors)
            measured(library, way, lists, vectors, queries, truth)
    return 0


if __name__ == "__main__":
    sys.exit(main())
