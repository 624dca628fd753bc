"""What goes wrong between here and a Milvus server is told in the user's words, and no document suffers from it."""

import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from index import Library, VectorServer, VectorsUnavailable, back_up, restore
from index import milvus as tables_module
from index import milvus_server as server_module
from index.lock import alone_with
from index.milvus import TURN_FILE, MilvusTables
from index.milvus_server import Connection
from index.types import Check
from tests.conftest import BigramEmbedder
from tests.faults.oracle import exact
from tests.milvus_standalone import Standalone

Write = Callable[..., Path]
At = Callable[[VectorServer], Library]


@pytest.fixture
def at(tmp_path: Path, embedder: BigramEmbedder) -> At:
    """A library on one data folder, with the vectors on the given server."""
    return lambda server: Library(tmp_path / "data", embedder.name, lambda: embedder, vectors=server)


@pytest.fixture
def nobody() -> Iterator[VectorServer]:
    """An address that is nobody's while the test runs."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield VectorServer(f"http://127.0.0.1:{kept.getsockname()[1]}", "secret:word")


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[VectorServer]:
    """One that takes connections and says nothing."""
    monkeypatch.setattr(server_module, "CONNECT_SECONDS", 0.5)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield VectorServer(f"http://127.0.0.1:{listening.getsockname()[1]}")


def told(work: Callable[[], object], server: VectorServer, zh: str, en: str) -> None:
    """An error with both texts, each naming the address; never the token."""
    with pytest.raises(VectorsUnavailable) as raised:
        work()
    error = raised.value
    assert zh in error.zh and en in error.en and server.url in error.zh and server.url in error.en
    assert not server.token or server.token not in str(error)


def test_while_the_server_is_away_asking_says_so_and_documents_come_and_go(
    at: At, nobody: VectorServer, write: Write
) -> None:
    library = at(nobody)
    gone, kept = (library.add(write(f"{name}.txt", f"{name}:天津港增长。")).id for name in "ab")
    began = time.monotonic()
    for _ in range(2):  # the second at once: those who wait behind one another are told the same
        told(lambda: library.search("天津港"), nobody, "连不上", "cannot be reached")
    assert time.monotonic() - began < 3
    library.remove(str(gone))
    assert [d.id for d in library.documents()] == [kept] and library.text(str(kept)).startswith("b")
    row = {check.check: check for check in library.doctor()}["milvus"]
    assert not row.ok and nobody.url in row.detail


def test_a_server_that_says_nothing_does_not_keep_anybody_waiting(at: At, silent: VectorServer, write: Write) -> None:
    library = at(silent)
    library.add(write("a.txt", "天津港增长。"))
    began = time.monotonic()
    told(lambda: library.search("天津港"), silent, "连不上", "cannot be reached")
    assert time.monotonic() - began < 5


def test_without_pymilvus_the_command_that_installs_it_is_named(
    at: At, nobody: VectorServer, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    library = at(nobody)
    library.add(write("a.txt", "天津港增长。"))
    command = "pip install -e '.[milvus]'"
    told(lambda: library.search("天津港"), nobody, command, command)


def test_an_old_server_is_told_which_version_is_needed(milvus: Standalone, monkeypatch: pytest.MonkeyPatch) -> None:
    from pymilvus import MilvusClient

    monkeypatch.setattr(MilvusClient, "get_server_version", lambda *_, **__: "v2.2.16")
    connection = Connection(milvus.server, lambda: None)
    told(lambda: connection.call("list_collections"), milvus.server, "2.3 或更新", "2.3 or newer")


def test_a_frozen_server_is_told_with_the_seconds_and_used_again_once_it_thaws(milvus: Standalone) -> None:
    failures: list[float] = []
    connection = Connection(milvus.server, lambda: failures.append(time.monotonic()))
    assert isinstance(connection.call("list_collections"), list)
    milvus.freeze(True)
    try:
        told(
            lambda: connection.call("list_collections", seconds=0.5), milvus.server, "0.5 秒内没有回答", "within 0.5 s"
        )
    finally:
        milvus.freeze(False)
    assert len(failures) == 1
    time.sleep(server_module.REST_SECONDS)
    assert isinstance(connection.call("list_collections"), list)


def test_what_the_server_refuses_is_told_in_its_own_words(milvus: Standalone) -> None:
    connection = Connection(milvus.server, lambda: None)
    vector = [np.zeros(3, np.float32)]
    told(lambda: connection.call("search", "nothing", vector, limit=1), milvus.server, "nothing", "nothing")


def test_a_search_does_not_wait_for_ever_for_another_process(
    at: At, nobody: VectorServer, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables_module, "TURN_SECONDS", 0.2)
    library = at(nobody)
    library.add(write("a.txt", "天津港增长。"))
    with alone_with(library.folder / TURN_FILE, 1) as taken:
        assert taken
        with pytest.raises(VectorsUnavailable, match="another process"):
            library.search("天津港")


# The doctor


def rows(checks: list[Check]) -> dict[str, Check]:
    return {check.check: check for check in checks if check.check.startswith("milvus")}


def test_the_doctor_tells_and_mends_what_the_server_lost_invented_or_changed(
    at: At, milvus: Standalone, write: Write, tmp_path: Path
) -> None:
    library = at(milvus.server)
    for name in "abc":
        library.add(write(f"{name}.txt", f"{name}:天津港增长。"))
    assert rows(library.doctor())["milvus-passages"].detail.startswith("missing")
    library.search("天津港")
    library.add(write("d.txt", "d:天津港增长。"))
    stale = rows(library.doctor())["milvus-passages"]
    assert stale.ok and stale.detail.startswith("stale, 3 of 4 vectors")
    library.search("天津港")

    assert library._indexes is not None and isinstance(library._indexes._engine, MilvusTables)
    table = library._indexes._engine.tables["passages"]
    other = table.vectors([1])[1][None]
    table.remove([(2, 2)])
    table.add(np.array([3], np.int64), other)
    table.add(np.array([99], np.int64), other)
    sick = rows(library.doctor())["milvus-passages"]
    assert not sick.ok and all(word in sick.detail for word in ("missing 2", "other vector 3", "ghost 99"))
    assert rows(library.doctor(repair=True))["milvus-passages"].repaired
    exact(library)
    checks = library.doctor()
    assert all(check.ok for check in checks)
    assert rows(checks)["milvus-passages"].detail.startswith("current, 4 of 4 vectors")

    back_up(library.folder, tmp_path / "backup.zip")
    restore(library.folder, tmp_path / "backup.zip", force=True)
    restored = at(milvus.server)
    exact(restored)
    orphans = rows(restored.doctor())["milvus-orphans"]
    assert orphans.ok and orphans.detail.startswith("2 collections") and table.name in orphans.detail
    assert rows(restored.doctor(repair=True))["milvus-orphans"].repaired
    assert not Connection(milvus.server, lambda: None).call("has_collection", table.name)
    exact(restored)
