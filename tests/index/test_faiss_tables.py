"""An index that has become large is trained into lists, and follows, restricts, saves and loads as before."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import Document, Passage, cached, faiss_tables, store
from index.catalogue import Catalogue
from index.changes import TABLES, rows_of
from index.faiss_tables import FaissTables, cache_file
from index.store import PassageRow, SentenceRow
from index.types import Vectors

DIMENSION = 32
PASSAGES = 20  # of a document
OFFSETS = np.array([(0, 1)], np.int32)
SEED = np.random.default_rng(0).standard_normal((12, DIMENSION))


def vectors(number: int, count: int) -> Vectors:
    """Unit rows about one of a dozen directions."""
    chance = np.random.default_rng(number)
    rows = SEED[number % len(SEED)] + 0.4 * chance.standard_normal((count, DIMENSION))
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


@pytest.fixture
def kept(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "xietong.db")


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists from 400 vectors on; always in the background."""
    monkeypatch.setattr(faiss_tables, "LISTS_FROM", 400)


def add(kept: Catalogue, numbers: Sequence[int]) -> list[str]:
    """Documents of PASSAGES passages with a sentence each; returns their ids."""
    made = []
    with kept.write() as db:
        for number in numbers:
            sha256 = f"{number * 7919 % 10007:064x}"  # ids in another order than rows
            document = Document(
                sha256[-16:], "题", f"{number}.txt", sha256, "text/plain", None, 1, 6, "2024", *[None] * 3
            )
            rows = [
                PassageRow(
                    Passage(f"{document.id}-{n}", document.id, 0, 3, 1, None, (), "", "天津港"), "天津", vector,
                    (SentenceRow(0, 3, vector, np.zeros((1, DIMENSION), np.int8), OFFSETS, number),),
                )
                for n, vector in enumerate(vectors(number, PASSAGES))
            ]  # fmt: skip
            store.insert_document(db, document, "天津港", rows)
            made.append(document.id)
    return made


def remove(kept: Catalogue, document_id: str) -> None:
    with kept.write() as db:
        store.delete_document(db, document_id)


def follow(kept: Catalogue, held: FaissTables) -> FaissTables:
    with kept.read() as db:
        held.bring_to(db)
    return held


def trained(kept: Catalogue, held: FaissTables) -> FaissTables:
    """Once the training in the background is over."""
    until = time.monotonic() + 30
    while held.growing and time.monotonic() < until:
        time.sleep(0.01)
    follow(kept, held)
    assert held.tables["passages"].lists > 0 and held.tables["sentences"].lists > 0
    return held


def holds_all(kept: Catalogue, held: FaissTables) -> bool:
    with kept.read() as db:
        wanted = [[row for (row,) in db.execute(f"SELECT row FROM {table} ORDER BY row")] for table in TABLES]
    return [sorted(index.ids().tolist()) for index in (held.tables["passages"], held.tables["sentences"])] == wanted


def nearest(kept: Catalogue, query: Vectors, k: int, within: Sequence[str] = ()) -> list[int]:
    """By comparing all."""
    with kept.read() as db:
        where = f"WHERE document_id IN ({store.marks(within)})" if within else ""
        rows = db.execute(f"SELECT row, vector FROM passages {where}", tuple(within)).fetchall()
    scored = sorted((-float(np.frombuffer(vector, np.float32) @ query), row) for row, vector in rows)
    return [row for _, row in scored[:k]]


def recall(kept: Catalogue, held: FaissTables, k: int = 10) -> float:
    queries = np.concatenate([vectors(number + 5000, 5) for number in range(12)])
    shares = [len({r for r, _ in held.tables["passages"].search(q, k)} & {*nearest(kept, q, k)}) / k for q in queries]
    return sum(shares) / len(shares)


def test_few_vectors_are_all_compared(kept: Catalogue, tmp_path: Path) -> None:
    add(kept, range(30))
    held = follow(kept, FaissTables(tmp_path, DIMENSION))
    assert held.tables["passages"].lists == 0 and not held.growing and recall(kept, held) == 1.0


@pytest.mark.usefixtures("soon")
def test_many_are_trained_into_lists_while_the_old_index_serves(kept: Catalogue, tmp_path: Path) -> None:
    add(kept, range(60))
    held = follow(kept, FaissTables(tmp_path, DIMENSION))
    assert held.tables["passages"].lists == 0 and recall(kept, held) == 1.0
    trained(kept, held)
    assert holds_all(kept, held) and recall(kept, held) >= 0.97


@pytest.mark.usefixtures("soon")
def test_what_changes_while_lists_are_trained_is_in_them(kept: Catalogue, tmp_path: Path) -> None:
    made = add(kept, range(60))
    held = follow(kept, FaissTables(tmp_path, DIMENSION))
    remove(kept, made[7])
    add(kept, [100])
    follow(kept, held)
    trained(kept, held)
    assert holds_all(kept, held)


@pytest.mark.usefixtures("soon")
def test_lists_follow_what_is_added_and_removed(kept: Catalogue, tmp_path: Path) -> None:
    made = add(kept, range(60))
    held = trained(kept, follow(kept, FaissTables(tmp_path, DIMENSION)))
    for number in range(200, 210):
        made += add(kept, [number])
        remove(kept, made.pop(number % 50))
        follow(kept, held)
        assert holds_all(kept, held)
    assert recall(kept, held) >= 0.97


@pytest.mark.usefixtures("soon")
def test_within_documents_all_of_theirs_are_compared(kept: Catalogue, tmp_path: Path) -> None:
    made = add(kept, range(60))
    held = trained(kept, follow(kept, FaissTables(tmp_path, DIMENSION)))
    for chosen in ([made[3]], made[10:13]):
        with kept.read() as db:
            ranges = rows_of(db, "passages", chosen)
        query = vectors(77, 1)[0]
        found = [row for row, _ in held.tables["passages"].search(query, 1000, ranges)]
        assert sorted(found) == sorted(nearest(kept, query, 1000, chosen))
        assert len(set(found[:10]) & set(nearest(kept, query, 10, chosen))) >= 9  # eight bits a number
    assert held.tables["passages"].search(query, 5, []) == []


@pytest.mark.usefixtures("soon")
def test_an_index_that_has_grown_fourfold_is_trained_again(kept: Catalogue, tmp_path: Path) -> None:
    add(kept, range(21))
    held = trained(kept, follow(kept, FaissTables(tmp_path, DIMENSION)))
    before = held.tables["passages"].lists
    add(kept, range(21, 90))
    follow(kept, held)
    trained(kept, held)
    assert held.tables["passages"].lists >= 2 * before and holds_all(kept, held)


def test_a_large_library_without_a_cache_is_trained_at_once(
    kept: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faiss_tables, "LISTS_AT_ONCE", 400)
    add(kept, range(60))
    held = follow(kept, FaissTables(tmp_path, DIMENSION))
    assert held.tables["passages"].lists > 0 and holds_all(kept, held) and recall(kept, held) >= 0.97


# The cache


def saved(folder: Path) -> list[bytes]:
    until = time.monotonic() + 10
    while time.monotonic() < until and (not cache_file(folder, "sentences").exists() or [*folder.glob("*.tmp")]):
        time.sleep(0.01)
    return [cache_file(folder, table).read_bytes() for table in TABLES]


def test_a_small_change_is_not_saved_but_taken_from_the_catalogue_at_the_next_start(
    kept: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faiss_tables, "SAVED_SHARE", 0.1)
    made = add(kept, range(30))
    held = follow(kept, FaissTables(tmp_path, DIMENSION))
    before = saved(tmp_path)
    add(kept, [50])
    remove(kept, made[4])
    assert holds_all(kept, follow(kept, held)) and saved(tmp_path) == before
    again = follow(kept, FaissTables(tmp_path, DIMENSION))  # the process was killed meanwhile
    assert holds_all(kept, again)
    add(kept, [51, 52])
    assert holds_all(kept, follow(kept, held)) and saved(tmp_path) != before


def test_a_cache_that_is_not_small_is_written_while_searches_go_on(
    kept: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, end, save = threading.Event(), threading.Event(), cached.save

    def slow(*arguments: Any) -> None:
        begun.set()
        end.wait(10)
        save(*arguments)

    monkeypatch.setattr(faiss_tables, "WRITTEN_BESIDE", 1)
    monkeypatch.setattr(faiss_tables, "save", slow)
    add(kept, range(30))
    held = follow(kept, FaissTables(tmp_path, DIMENSION))
    assert begun.wait(10) and holds_all(kept, held)
    assert not cache_file(tmp_path, "sentences").exists()
    end.set()
    assert all(saved(tmp_path))


@pytest.mark.usefixtures("soon")
def test_lists_are_saved_and_loaded_and_take_what_has_changed_since(
    kept: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faiss_tables, "SAVED_SHARE", 0.1)
    made = add(kept, range(60))
    trained(kept, follow(kept, FaissTables(tmp_path, DIMENSION)))
    saved(tmp_path)
    add(kept, [99])
    remove(kept, made[5])
    again = FaissTables(tmp_path, DIMENSION)
    until = time.monotonic() + 10
    while again.tables["sentences"].lists == 0 and time.monotonic() < until:  # the second file may just be under way
        again = FaissTables(tmp_path, DIMENSION)
    assert again.tables["passages"].lists > 0
    assert holds_all(kept, follow(kept, again)) and recall(kept, again) >= 0.97


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("share", [0.001, 0.5, 0.999])
def test_torn_lists_are_never_loaded(kept: Catalogue, tmp_path: Path, share: float) -> None:
    add(kept, range(60))
    trained(kept, follow(kept, FaissTables(tmp_path, DIMENSION)))
    whole = saved(tmp_path)[0]
    cache_file(tmp_path, "passages").write_bytes(whole[: int(len(whole) * share)])
    again = FaissTables(tmp_path, DIMENSION)
    assert len(again.tables["passages"]) == 0
    assert holds_all(kept, follow(kept, again))
