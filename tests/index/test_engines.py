"""One behaviour of two engines: whatever FAISS in memory does, a Milvus server does too."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest

from assistant import Assistant
from index import Library, VectorServer
from index.indexes import Indexes, Table
from index.milvus import MilvusTables
from index.milvus_server import Connection
from index.milvus_table import MilvusTable
from index.types import Vectors
from index.vectors import Ids, VectorIndex
from tests.conftest import BigramEmbedder
from tests.faults.oracle import exact
from tests.milvus_standalone import Standalone

DIMENSION = 24
COUNT = 300
ENGINES = ("faiss", "milvus")
Write = Callable[..., Path]


def unit_rows(count: int, seed: int) -> Vectors:
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSION))
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


IDS = np.sort(np.random.default_rng(1).permutation(10_000)[:COUNT]).astype(np.int64) + 1
VECTORS = unit_rows(COUNT, 0)


@pytest.fixture(scope="module")
def collection(milvus: Standalone) -> Iterator[MilvusTable]:
    """One collection for all tests of tables: to make one takes seconds."""
    connection = Connection(milvus.server, lambda: None)
    made = MilvusTable(connection, "conformance", DIMENSION, "tests", lambda: "Strong")
    made.open()
    yield made
    made.drop()


@pytest.fixture(params=ENGINES)
def table(request: pytest.FixtureRequest) -> Table:
    """A table that holds IDS with VECTORS, put in by two calls."""
    made: Table = VectorIndex(DIMENSION)
    if request.param == "milvus":
        made = request.getfixturevalue("collection")
        made.remove([(1, 20_000)])
    made.add(IDS[:200], VECTORS[:200])
    made.add(IDS[200:], VECTORS[200:])
    return made


def are_nearest(found: list[tuple[int, float]], ids: Ids, vectors: Vectors, query: Vectors, k: int) -> bool:
    """Each id once with its own cosine, and the cosines the k highest of a slow comparison, best first."""
    cosine = dict(zip(ids.tolist(), (vectors.astype(np.float64) @ query.astype(np.float64)).tolist(), strict=True))
    best = sorted(cosine.values(), reverse=True)[:k]
    return (
        len({i for i, _ in found}) == len(found) == len(best)
        and np.allclose([s for _, s in found], best, atol=1e-4)
        and np.allclose([s for _, s in found], [cosine[i] for i, _ in found], atol=1e-4)
    )


def test_the_nearest_are_those_of_a_slow_comparison_with_their_cosines(table: Table) -> None:
    for k in (1, 7, COUNT, 1000):
        query = unit_rows(1, k)[0]
        assert are_nearest(table.search(query, k), IDS, VECTORS, query, k)


def test_ranges_leave_only_the_rows_within_however_many_there_are(table: Table) -> None:
    chance = np.random.default_rng(3)
    for count in (1, 3, 40, 120):
        firsts = np.sort(chance.choice(10_000, count, replace=False))
        ranges = [(int(first), int(first) + int(chance.integers(0, 90))) for first in firsts]
        within = np.array([any(a <= i <= b for a, b in ranges) for i in IDS])
        query = unit_rows(1, count)[0]
        assert are_nearest(table.search(query, 15, ranges), IDS[within], VECTORS[within], query, 15)
    assert table.search(query, 15, []) == []
    assert table.search(query, 15, [(20_000, 30_000)]) == []


def test_what_is_removed_is_not_found_and_the_rest_keeps_its_rows(table: Table) -> None:
    table.remove([(1, int(IDS[99])), (int(IDS[150]), int(IDS[249])), (50_000, 50_010)])
    kept = np.r_[100:150, 250:300]
    assert sorted(table.ids().tolist()) == IDS[kept].tolist()
    assert are_nearest(table.search(VECTORS[0], 10), IDS[kept], VECTORS[kept], VECTORS[0], 10)


def test_what_a_collection_says_of_itself_is_never_found_and_survives(collection: MilvusTable) -> None:
    collection.remove([(1, 20_000)])
    collection.reached(7, 5)
    assert collection.ids().tolist() == [] and collection.search(VECTORS[0], 5) == []
    state = collection.state("Strong")
    assert state is not None and (state.generation, state.last, collection.highest()) == (7, 5, 5)


def test_what_is_put_in_again_is_there_once_with_its_new_vector(collection: MilvusTable) -> None:
    collection.remove([(1, 20_000)])
    collection.add(IDS[:10], VECTORS[:10])
    collection.add(IDS[5:15], VECTORS[105:115])
    assert collection.ids().tolist() == IDS[:15].tolist()
    held = collection.vectors(IDS[:15].tolist())
    np.testing.assert_array_equal(np.stack([held[i] for i in IDS[:15]]), np.r_[VECTORS[:5], VECTORS[105:115]])


def test_a_collection_of_another_dimension_gives_way(milvus: Standalone) -> None:
    connection = Connection(milvus.server, lambda: None)
    older = MilvusTable(connection, "given_way", 2, "tests", lambda: "Strong")
    older.open()
    older.add(np.array([1], np.int64), np.eye(1, 2, dtype=np.float32))
    newer = MilvusTable(connection, "given_way", DIMENSION, "tests", lambda: "Strong")
    newer.open()
    newer.add(IDS[:3], VECTORS[:3])
    assert newer.ids().tolist() == IDS[:3].tolist() and newer.search(VECTORS[1], 1)[0][0] == IDS[1]
    newer.drop()


# A library over each engine


@pytest.fixture(params=ENGINES)
def server(request: pytest.FixtureRequest) -> VectorServer | None:
    """None: FAISS."""
    return request.getfixturevalue("milvus").server if request.param == "milvus" else None


@pytest.fixture
def opened(tmp_path: Path, embedder: BigramEmbedder, server: VectorServer | None) -> Callable[[], Library]:
    """A library object over one data folder, a further one at each call, as other processes have."""
    return lambda: Library(tmp_path / "data", embedder.name, lambda: embedder, vectors=server)


def found(library: Library, query: str, documents: list[str] | None = None) -> list[str]:
    return [hit.passage.text for hit in library.search(query, documents=documents).hits]


def test_a_library_finds_what_it_holds_and_nothing_else(opened: Callable[[], Library], write: Write) -> None:
    """Adding, restricting, replacing, removing, taking back, reindexing, reopening, and another process."""
    library, texts = opened(), {"a": "天津港集装箱吞吐量增长。", "b": "京张高铁建成通车。", "c": "白洋淀水质持续改善。"}
    ids = {name: str(library.add(write(f"{name}.txt", text)).id) for name, text in texts.items()}
    assert found(library, "天津港集装箱")[0] == texts["a"] and set(found(library, "港")) == set(texts.values())
    assert found(library, "天津港集装箱", [ids["b"], ids["c"]])[0] in (texts["b"], texts["c"])
    exact(library)

    other = opened()  # as a second process has it
    other.remove(ids["a"], undo=True)
    assert texts["a"] not in found(library, "天津港集装箱")
    exact(library)
    library.take_back(ids["a"])
    replaced = "京张高铁客流再创新高。"
    assert other.add(write("b.txt", replaced)).status == "replaced"
    assert set(found(other, "高铁")) == {texts["a"], replaced, texts["c"]}
    assert found(library, "京张高铁客流")[0] == replaced
    exact(other)
    exact(library)

    assert library.reindex() == 3
    assert set(found(opened(), "白洋淀")) == {texts["a"], replaced, texts["c"]}
    exact(opened())
    for document in library.documents():
        library.remove(document.id)
    assert found(library, "白洋淀") == found(opened(), "高铁") == []


def test_a_library_and_a_copy_of_its_folder_do_not_mix(
    tmp_path: Path, embedder: BigramEmbedder, milvus: Standalone, write: Write
) -> None:
    def at(name: str) -> Library:
        return Library(tmp_path / name, embedder.name, lambda: embedder, vectors=milvus.server)

    one = at("one")
    one.add(write("a.txt", "天津港集装箱吞吐量增长。"))
    copytree(tmp_path / "one", tmp_path / "copy")
    copy = at("copy")
    one.add(write("c.txt", "白洋淀水质持续改善。"))
    copy.add(write("d.txt", "雄安新区开工建设。"))
    for library in (one, copy, one):
        exact(library)
    assert len({*_collections(one), *_collections(copy)}) == 4


def _collections(library: Library) -> list[str]:
    assert library._indexes is not None and isinstance(library._indexes._engine, MilvusTables)
    return [table.name for table in library._indexes._engine.tables.values()]


# What only a server can have: another state than was left


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, milvus: Standalone) -> Library:
    """Three documents, on the server. Tests leave them there, and the server as the catalogue has it."""
    folder, embedder = tmp_path_factory.mktemp("kept"), BigramEmbedder()
    library = Library(folder / "data", embedder.name, lambda: embedder, vectors=milvus.server)
    for name, text in (("a", "天津港集装箱吞吐量增长。"), ("b", "京张高铁建成通车。"), ("c", "白洋淀水质持续改善。")):
        given = folder / f"{name}.txt"
        given.write_text(text, encoding="utf-8")
        library.add(given)
    library.search("港")
    return library


def engine(library: Library) -> MilvusTables:
    assert library._indexes is not None and isinstance(library._indexes._engine, MilvusTables)
    return library._indexes._engine


def test_work_that_was_broken_off_is_done_again_whatever_it_left(
    kept: Library, embedder: BigramEmbedder, write: Write, milvus: Standalone
) -> None:
    """Rows put in that nobody claims, and a claim of long ago: the next search mends it, the state is written last."""
    table = engine(kept).tables["sentences"]
    state = table.state("Strong")
    assert state is not None and state.last == table.ids().max()
    kept.remove(kept.documents()[0].id)
    kept.add(write("d.txt", "雄安新区开工建设。"))
    wrong = -table.vectors([state.last])[state.last][None]
    table.add(np.array([state.last + 1], np.int64), wrong)  # half of the next work, and not the truth
    table.reached(1, 1)
    other = Library(kept.folder, embedder.name, lambda: embedder, vectors=milvus.server)
    exact(other)
    exact(kept)


def test_a_database_that_was_put_back_by_hand_is_followed(kept: Library, write: Write) -> None:
    """The server is ahead of it, and its rows would be taken for those of documents added since."""
    path = kept.catalogue.path
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()
    for name, text in (("e", "首钢园区更新改造。"), ("f", "大兴机场临空经济区。")):
        assert kept.add(write(f"{name}.txt", text)).status == "added"
    exact(kept)
    kept.close()  # as when the program is stopped
    for part in ("-wal", "-shm"):
        path.with_name(path.name + part).unlink(missing_ok=True)
    path.write_bytes(before)
    assert kept.add(write("g.txt", "张家口可再生能源。")).status == "added"
    exact(kept)


def test_collections_that_vanish_are_filled_again(kept: Library, embedder: BigramEmbedder, milvus: Standalone) -> None:
    for table in engine(kept).tables.values():
        table.drop()
    exact(Library(kept.folder, embedder.name, lambda: embedder, vectors=milvus.server))


def test_a_library_that_outgrows_comparing_all_gets_an_index(kept: Library, milvus: Standalone) -> None:
    def kinds(engine: MilvusTables) -> list[str]:
        call = engine._connection.call
        return [call("describe_index", table.name, "vector")["index_type"] for table in engine.tables.values()]

    assert kinds(engine(kept)) == ["FLAT", "FLAT"]
    with kept.catalogue.read() as db:
        indexes = Indexes(kept.folder, 64)
        indexes._engine = small = MilvusTables(milvus.server, kept.folder, 64, flat_rows=2)
        indexes.bring_to(db)
        assert kinds(small) == ["HNSW", "HNSW"] and len(small.tables["passages"].ids()) == len(kept.documents())
    exact(kept)


# The report


def test_answers_over_the_report_are_the_same_with_both_engines(
    report_assistant: Assistant, report_library: Library, milvus: Standalone, tmp_path: Path
) -> None:
    copytree(report_library.folder, tmp_path / "data")
    embedder = report_library.embedder()
    library = Library(tmp_path / "data", report_library.model, lambda: embedder, vectors=milvus.server)
    assistant = Assistant(library, tmp_path, 1000)
    for question in QUESTIONS:
        ours, theirs = report_assistant.ask(question), assistant.ask(question)
        assert (ours.answer, ours.citations) == (theirs.answer, theirs.citations)
        assert [r.passage_id for r in ours.retrieved] == [r.passage_id for r in theirs.retrieved]
        np.testing.assert_allclose([r.score for r in ours.retrieved], [r.score for r in theirs.retrieved], atol=1e-4)


QUESTIONS = (
    *("天津港2021年集装箱吞吐量是多少?", "北方国际航运枢纽建设有哪些进展?", "天津承接北京非首都功能的载体有哪些?"),
    *("轨道交通建设进展如何?", "京津冀大气污染治理成效怎样?", "海河流域水生态治理做了什么?", "教育协同有哪些成果?"),
    *("医疗卫生方面开展了哪些合作?", "社会保障协同进展如何?", "滨海新区引进了多少北京项目?", "下一步怎样推进港口发展?"),
    *("科技创新协同有什么安排?", "雄安新区建设天津怎样支持?", "人才政策有哪些?", "火星上有多少居民?"),
    *("天津自贸区有哪些创新?", "京津冀产业协同下一步怎么做?", "高速公路通车里程是多少?", "冬奥会天津做了什么?"),
    "What is the container throughput of Tianjin port?",
)
