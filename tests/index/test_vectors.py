from pathlib import Path

import numpy as np
import pytest

from index import vectors as vectors_module
from index.cached import load, save
from index.types import Vectors
from index.vectors import Ids, VectorIndex

DIMENSION = 24


def unit_rows(count: int, seed: int = 0) -> Vectors:
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSION))
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def singly(ids: Ids) -> list[tuple[int, int]]:
    """Each id as a range of its own."""
    return [(i, i) for i in ids.tolist()]


@pytest.fixture(autouse=True, params=[1, vectors_module.ROUNDED_FROM], ids=["rounded", "as they are"])
def rounded_from(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors_module, "ROUNDED_FROM", request.param)


@pytest.fixture
def ids() -> Ids:
    return np.random.default_rng(1).permutation(10_000)[:300].astype(np.int64) + 2**40


@pytest.fixture
def vectors() -> Vectors:
    return unit_rows(300)


@pytest.fixture
def index(ids: Ids, vectors: Vectors) -> VectorIndex:
    made = VectorIndex(DIMENSION)
    made.add(ids[:200], vectors[:200])
    made.add(ids[200:], vectors[200:])
    return made


def brute_force(ids: Ids, vectors: Vectors, query: Vectors) -> dict[int, float]:
    """The cosine of every vector with the query, by id."""
    rows = zip(ids.tolist(), vectors.tolist(), strict=True)
    return {i: sum(a * b for a, b in zip(row, query.tolist(), strict=True)) for i, row in rows}


def are_nearest(found: list[tuple[int, float]], cosines: dict[int, float], k: int) -> bool:
    """Each id once with its own cosine, and the cosines the k highest, best first (ids may swap in a tie)."""
    best = sorted(cosines.values(), reverse=True)[:k]
    return (
        len({i for i, _ in found}) == len(found) == len(best)
        and np.allclose([s for _, s in found], best, atol=1e-5)
        and np.allclose([s for _, s in found], [cosines[i] for i, _ in found], atol=1e-5)
    )


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("k", [1, 7, 300, 1000])
def test_the_nearest_are_those_of_a_slow_comparison_with_their_cosines(
    index: VectorIndex, ids: Ids, vectors: Vectors, seed: int, k: int
) -> None:
    query = unit_rows(1, seed + 100)[0]
    assert are_nearest(index.search(query, k), brute_force(ids, vectors, query), k)


@pytest.mark.parametrize("seed", range(10))
def test_a_filter_leaves_only_the_given_ids(index: VectorIndex, ids: Ids, vectors: Vectors, seed: int) -> None:
    chosen = np.sort(np.random.default_rng(seed).choice(300, 40, replace=False))
    query = unit_rows(1, seed + 200)[0]
    expected = brute_force(ids[chosen], vectors[chosen], query)
    assert are_nearest(index.search(query, 15, singly(ids[chosen])), expected, 15)
    assert are_nearest(index.search(query, 99, singly(ids[chosen])), expected, 99)


def test_a_filter_takes_ranges_with_both_ends(index: VectorIndex, ids: Ids, vectors: Vectors) -> None:
    first, last = np.sort(ids)[[20, 59]].tolist()
    inside = (ids >= first) & (ids <= last)
    query = unit_rows(1, 5)[0]
    assert are_nearest(index.search(query, 99, [(first, last)]), brute_force(ids[inside], vectors[inside], query), 99)


def test_a_filter_of_no_ids_finds_nothing(index: VectorIndex) -> None:
    assert index.search(unit_rows(1)[0], 5, []) == []


def test_ids_that_are_not_there_are_not_found(index: VectorIndex, ids: Ids) -> None:
    found = index.search(unit_rows(1)[0], 5, [*singly(ids[:1]), (7, 9)])
    assert [i for i, _ in found] == [ids[0]]


def test_an_empty_index_finds_nothing() -> None:
    assert VectorIndex(DIMENSION).search(unit_rows(1)[0], 5) == []


def test_what_is_removed_is_not_found_and_the_rest_keeps_its_ids(
    index: VectorIndex, ids: Ids, vectors: Vectors
) -> None:
    index.remove(singly(ids[:250]))
    assert len(index) == 50 and set(index.ids().tolist()) == set(ids[250:].tolist())
    query = vectors[0]
    assert are_nearest(index.search(query, 10), brute_force(ids[250:], vectors[250:], query), 10)


def test_vectors_with_larger_numbers_than_all_before_are_compared_as_well() -> None:
    index = VectorIndex(DIMENSION)
    alike = unit_rows(1)[0] + 0.3 * unit_rows(300, 7)
    vectors = np.concatenate(
        [alike / np.linalg.norm(alike, axis=1, keepdims=True), np.eye(DIMENSION, dtype=np.float32)]
    )
    ids = np.arange(len(vectors), dtype=np.int64) + 1
    index.add(ids[:300], vectors[:300])
    index.add(ids[300:], vectors[300:])
    index.remove([(1, 3), (301, 301)])
    kept = np.setdiff1d(ids, [1, 2, 3, 301])
    for query in (*vectors[290:300], *vectors[320:]):
        assert are_nearest(index.search(query, 8), brute_force(kept, vectors[kept - 1], query), 8)


def test_what_is_added_after_most_was_removed_is_found(
    ids: Ids, vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors_module, "ROUNDED_FROM", 200)
    index = VectorIndex(DIMENSION)
    index.add(ids[:250], vectors[:250])
    index.remove(singly(ids[:150]))
    index.add(ids[250:], vectors[250:])
    for query in vectors[240:260]:
        assert are_nearest(index.search(query, 5), brute_force(ids[150:], vectors[150:], query), 5)


def test_of_vectors_that_are_the_same_each_is_found_once() -> None:
    index = VectorIndex(DIMENSION)
    one, other = unit_rows(2)
    index.add(np.arange(1, 61, dtype=np.int64), np.concatenate([np.stack([one] * 50), np.stack([other] * 10)]))
    assert {i for i, _ in index.search(other, 10)} == set(range(51, 61))
    assert len({i for i, _ in index.search(one, 20)} & set(range(1, 51))) == 20


def test_nothing_added_or_removed_changes_nothing(index: VectorIndex) -> None:
    index.add(np.empty(0, np.int64), np.empty((0, DIMENSION), np.float32))
    index.remove([])
    index.remove([(1, 9)])
    assert len(index) == 300


# The cache on disk


def test_a_saved_index_is_loaded_with_its_library_and_generation(
    index: VectorIndex, ids: Ids, vectors: Vectors, tmp_path: Path
) -> None:
    path = tmp_path / "文件夹 é" / "p.faiss"
    path.parent.mkdir()
    save(index, path, "l", 41)
    loaded = load(path, DIMENSION)
    assert loaded is not None and (loaded.library, loaded.generation) == ("l", 41)
    query = unit_rows(1, 5)[0]
    assert are_nearest(loaded.index.search(query, 20), brute_force(ids, vectors, query), 20)
    assert [p.name for p in path.parent.iterdir()] == ["p.faiss"]


def test_a_loaded_index_takes_additions_and_removals(index: VectorIndex, ids: Ids, tmp_path: Path) -> None:
    save(index, tmp_path / "p", "l", 1)
    loaded = load(tmp_path / "p", DIMENSION)
    assert loaded is not None
    loaded.index.remove(singly(ids[:299]))
    loaded.index.add(np.array([5], np.int64), unit_rows(1, 9))
    assert sorted(loaded.index.ids().tolist()) == sorted([5, int(ids[299])])


def test_a_missing_cache_and_one_of_another_dimension_are_none(index: VectorIndex, tmp_path: Path) -> None:
    save(index, tmp_path / "p", "l", 1)
    assert load(tmp_path / "q", DIMENSION) is None
    assert load(tmp_path / "p", DIMENSION + 1) is None
    assert load(tmp_path, DIMENSION) is None


@pytest.mark.parametrize("share", [0, 0.001, 0.01, 0.5, 0.999])
def test_a_torn_cache_is_none(index: VectorIndex, tmp_path: Path, share: float) -> None:
    save(index, tmp_path / "p", "l", 1)
    whole = (tmp_path / "p").read_bytes()
    (tmp_path / "p").write_bytes(whole[: int(len(whole) * share)])
    assert load(tmp_path / "p", DIMENSION) is None


@pytest.mark.parametrize("at", [0, 5, 400, 2000, -1])
def test_one_wrong_bit_in_the_vectors_makes_it_none(index: VectorIndex, tmp_path: Path, at: int) -> None:
    save(index, tmp_path / "p", "l", 1)
    data = bytearray((tmp_path / "p").read_bytes())
    body = data.index(b"\n", data.index(b"\n") + 1) + 1
    data[at if at < 0 else body + at] ^= 4
    (tmp_path / "p").write_bytes(data)
    assert load(tmp_path / "p", DIMENSION) is None


@pytest.mark.parametrize(
    "head", [b"", b"[]", b"{}", b"null", b'{"generation": 1}', b"\xff\xff", b'{"generation": null, "dimension": 24}']
)
def test_a_cache_with_a_broken_head_is_none(index: VectorIndex, tmp_path: Path, head: bytes) -> None:
    save(index, tmp_path / "p", "l", 1)
    magic, _, body = (tmp_path / "p").read_bytes().split(b"\n", 2)
    (tmp_path / "p").write_bytes(b"\n".join([magic, head, body]))
    assert load(tmp_path / "p", DIMENSION) is None
