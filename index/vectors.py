"""Search over unit vectors with FAISS: exact while they are few, by trained lists once they are many.

Flat: every vector compared; where there are some thousands, rounded to eight bits a number first, and those that come
nearest exactly. Trained: vectors of eight bits a number in lists about centres found by k-means, of which the nearest
are compared (inverted file with scalar quantiser; Jégou, Douze & Schmid 2011). Measured beside HNSW by
tests/benchmarks/vectors.py: as near, half the memory, and removal, which HNSW cannot.
"""

from collections.abc import Callable, Sequence
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.changes import Rows
from index.types import Vectors

LISTS_PER_ROOT = 4  # FAISS's own advice: lists in number about four roots of the vectors
LISTS_MOST = 2048  # twice as many take four times as long to train, a minute or two, to search twice as fast
SAMPLE = 40  # vectors for each centre: FAISS warns below 39
ROUNDS = 8  # of k-means; more move no centre that matters
# Lists compared, in 12 ms of 2.5·10^6 vectors: of the ten truly nearest nearly all are among the 60 that are drawn.
PROBES = 128
ROUNDED_FROM = 8000  # vectors; fewer are compared as they are within a millisecond
# So many times the vectors asked for are compared exactly after rounding; twice would do (tests/benchmarks/vectors.py).
RESCORED = 4
ROUNDED_AT_ONCE = 2**11  # some 10 MB on the way
INT8 = 127.0  # the largest number
TINY = 1e-12  # no vector has so small a largest number
HEADROOM = 1.25  # for numbers that are larger than all before
Ids = NDArray[np.int64]


def lists_for(count: int) -> int:
    """How many lists so many vectors are well kept in."""
    return max(1, min(LISTS_MOST, int(LISTS_PER_ROOT * sqrt(count))))


class VectorIndex:
    """Unit vectors under integer ids; inner product, so that a score is the cosine, higher is better."""

    def __init__(self, dimension: int, index: Any = None, highest: int = 0) -> None:
        import faiss

        self.dimension = dimension
        self._faiss: Any = faiss
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension)) if index is None else index
        self._highest = highest
        self._rounded: _Rounded | None = None
        self._round()

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def lists(self) -> int:
        """In how many lists the vectors are kept; 0 where every one is compared."""
        return int(getattr(self._index, "nlist", 0))

    def ids(self) -> Ids:
        """(n,) int64, in no order."""
        if not self.lists:
            flat: Ids = self._faiss.vector_to_array(self._index.id_map).astype(np.int64)
            return flat
        kept, parts = self._index.invlists, [np.empty(0, np.int64)]
        for at in range(self.lists):
            if size := kept.list_size(at):
                parts.append(self._faiss.rev_swig_ptr(kept.get_ids(at), size).copy())
        return np.concatenate(parts)

    def highest(self) -> int:
        """The highest id that was ever there, 0 without any."""
        return self._highest

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """ids (n,) int64, none of which is there already; vectors (n, dim) float32 unit rows."""
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.ascontiguousarray(ids, np.int64))
            self._highest = max(self._highest, int(ids.max()))
            self._round()

    def remove(self, gone: Sequence[Rows]) -> None:
        """All ids in the given ranges; there need not be any."""
        if self.lists and gone:
            self._index.remove_ids(self._selector(gone))
        elif len(ids := self._within(gone)):
            if self._rounded:
                self._rounded.remove(np.flatnonzero(np.isin(self.ids(), ids)))
            self._index.remove_ids(ids)

    def search(self, vector: Vectors, k: int, among: Sequence[Rows] | None = None) -> list[tuple[int, float]]:
        """The k nearest (id, cosine), best first, within the given ranges of ids or among all.

        Trained: those of the lists nearest to the vector; within few ids, those of all lists.
        """
        found = self._in_lists(vector, k, among) if self.lists else self._in_all(vector, k, among)
        return [(int(i), float(s)) for s, i in found if i >= 0]

    def _in_all(self, vector: Vectors, k: int, among: Sequence[Rows] | None) -> Any:
        chosen = None if among is None else self._within(among)
        k = min(k, len(self) if chosen is None else len(chosen))
        if k <= 0:
            return ()
        if chosen is not None:
            return self._found(vector, k, self._faiss.SearchParameters(sel=self._faiss.IDSelectorBatch(chosen)))
        if not self._rounded:
            return self._found(vector, k, None)
        scores, places = self._rounded.search(vector, k)
        ids = self._faiss.rev_swig_ptr(self._index.id_map.data(), len(self))[places]
        return zip(scores, ids, strict=True)

    def _in_lists(self, vector: Vectors, k: int, among: Sequence[Rows] | None) -> Any:
        count = len(self) if among is None else min(len(self), sum(last - first + 1 for first, last in among))
        if min(k, count) <= 0:
            return ()
        # As many chosen vectors as an unrestricted search compares; all of them where they are few.
        probes = min(self.lists, ceil(PROBES * len(self) / count))
        chosen = {} if among is None else {"sel": self._selector(among)}
        return self._found(vector, min(k, count), self._faiss.SearchParametersIVF(nprobe=probes, **chosen))

    def _round(self) -> None:
        """Rounds what is new; once begun also where few are left, for all that is searched has been rounded."""
        if not self._rounded and not self.lists and len(self) >= ROUNDED_FROM:
            self._rounded = _Rounded(self._faiss.downcast_index(self._index.index))
        if self._rounded:
            self._rounded.follow()

    def _found(self, vector: Vectors, k: int, parameters: Any) -> Any:
        self._faiss.omp_set_num_threads(1)  # of this thread: one query is soon compared, several share the cores
        scores, ids = self._index.search(vector.reshape(1, -1), k, params=parameters)
        return zip(scores[0], ids[0], strict=True)

    def _within(self, ranges: Sequence[Rows]) -> Ids:
        """(n,) int64, ascending: the ids that are there and lie in a range."""
        ids = np.sort(self.ids())
        found = [ids[slice(*np.searchsorted(ids, (first, last + 1)))] for first, last in ranges]
        return np.unique(np.concatenate([np.empty(0, np.int64), *found]))

    def _selector(self, ranges: Sequence[Rows]) -> Any:
        """One bit an id: told in the same time however many ranges there are."""
        bits = np.zeros(self._highest + 1, bool)
        for first, last in ranges:
            bits[first : last + 1] = True
        return self._faiss.IDSelectorBitmap(np.packbits(bits, bitorder="little"))

    def write(self, out: Callable[[bytes], Any]) -> None:
        """All of it, in pieces: it may be larger than what memory is left."""
        self._faiss.write_index(self._index, self._faiss.PyCallbackIOWriter(out))


class _Rounded:
    """The vectors of a flat index once more, as int8: a quarter of the bytes tells which of them can be nearest.

    Where more than are compared exactly lie within a thousandth of a cosine, those drawn are near by chance.
    """

    def __init__(self, flat: Any) -> None:
        import faiss

        self._faiss: Any = faiss
        self._flat = flat
        self._largest = TINY  # number, which becomes 127
        self._codes = self._none()

    def search(self, vector: Vectors, k: int) -> tuple[Vectors, Ids]:
        """The exact scores and the places in the flat index of the k nearest, best first; k of at most all."""
        self._faiss.omp_set_num_threads(1)  # as for every search of one query
        query = np.ascontiguousarray(vector.reshape(1, -1), np.float32)
        count = min(RESCORED * k, self._flat.ntotal)
        _, places = self._codes.search(_rounded(query, max(TINY, float(np.abs(query).max()))), count)
        places.sort()  # of vectors that are alike the first comes first
        scores = np.empty((1, count), np.float32)
        pointers = [self._faiss.swig_ptr(array) for array in (query, scores, places)]
        self._flat.compute_distance_subset(1, pointers[0], count, *pointers[1:])
        best = np.argsort(-scores[0], kind="stable")[:k]
        return scores[0, best], places[0, best]

    def remove(self, places: Ids) -> None:
        """Those in the flat index, which closes up behind them."""
        self._codes.remove_ids(places)

    def follow(self) -> None:
        """Takes in what has been added."""
        while (begin := self._codes.ntotal) < self._flat.ntotal:
            new = self._flat.reconstruct_n(begin, min(ROUNDED_AT_ONCE, self._flat.ntotal - begin))
            if (largest := float(np.abs(new).max())) > self._largest:
                self._largest, self._codes = HEADROOM * largest, self._none()  # and all over again
            else:
                self._codes.add(_rounded(new, self._largest))

    def _none(self) -> Any:
        quantiser = self._faiss.ScalarQuantizer.QT_8bit_direct_signed
        return self._faiss.IndexScalarQuantizer(self._flat.d, quantiser, self._faiss.METRIC_INNER_PRODUCT)


def _rounded(vectors: Vectors, largest: float) -> Vectors:
    found: Vectors = np.rint(vectors * (INT8 / largest))
    return found


def read(dimension: int, source: Callable[[int], bytes], highest: int) -> VectorIndex:
    """What `write` wrote, from a source that gives so many bytes as are asked for. Raises ValueError.

    Only for bytes known to be whole: FAISS trusts what they say of sizes.
    """
    import faiss

    library: Any = faiss
    try:
        index = library.read_index(library.PyCallbackIOReader(source))
    except RuntimeError as error:
        raise ValueError(str(error)) from error
    return VectorIndex(dimension, index, highest)


def trained(sample: Vectors, count: int, threads: int) -> VectorIndex:
    """An empty index whose centres suit so many vectors of which (n, dim) `sample` is one part by chance.

    Takes a minute or two at the most lists; `threads` of its own so that questions keep a processor.
    """
    import faiss

    dimension = sample.shape[1]
    lists = min(lists_for(count), len(sample))
    kind = faiss.ScalarQuantizer.QT_8bit
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension), dimension, lists, kind, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.niter = ROUNDS
    index.cp.min_points_per_centroid = 1  # a small sample is no error worth a line on stderr
    index.cp.max_points_per_centroid = 2 * SAMPLE
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(threads)
    try:
        index.train(np.ascontiguousarray(sample, np.float32))
    finally:
        faiss.omp_set_num_threads(before)
    return VectorIndex(dimension, index)
