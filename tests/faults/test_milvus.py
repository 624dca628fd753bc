"""A Milvus server is killed and started again while documents are put in and asked for."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from index import Library, VectorsUnavailable
from tests.conftest import BigramEmbedder
from tests.faults.oracle import exact
from tests.faults.work import code_word, given
from tests.milvus_standalone import Standalone

RECOVERY_SECONDS = 120.0
POLL_SECONDS = 0.5


@dataclass
class Timeline:
    """What happened when, in seconds since the first line; printed by `pytest -s`."""

    began: float = field(default_factory=time.monotonic)
    lines: list[str] = field(default_factory=list)

    def note(self, said: str) -> None:
        self.lines.append(f"{time.monotonic() - self.began:6.2f} s  {said}")


def asked(library: Library, name: str) -> bool | VectorsUnavailable:
    """Is the document's code word found in the best hit? Or the one error that may come instead."""
    word = code_word(name, "1")
    try:
        hits = library.search(word).hits
    except VectorsUnavailable as error:
        return error
    return bool(hits) and word in hits[0].passage.text


@pytest.fixture
def milvus(milvus: Standalone) -> Iterator[Standalone]:
    """For whoever comes after a failure here it runs again."""
    yield milvus
    milvus.start()


def test_a_killed_server_is_told_and_once_it_is_back_nothing_is_lost_and_nothing_haunts(
    milvus: Standalone, tmp_path: Path
) -> None:
    embedder, timeline = BigramEmbedder(), Timeline()
    library = Library(tmp_path / "data", embedder.name, lambda: embedder, vectors=milvus.server)
    names = [f"n{number}.txt" for number in range(12)]
    for name in names[:4]:
        library.add(given(library.folder, name, "1"))
    assert asked(library, "n3.txt") is True
    timeline.note("four documents are there and found")

    for name in names[4:7]:
        library.add(given(library.folder, name, "1"))
    filling = threading.Thread(target=lambda: asked(library, "n6.txt"))
    filling.start()
    time.sleep(0.02)  # while three more are put in
    milvus.kill()
    timeline.note("killed while three more are put in")
    filling.join()
    failed = asked(library, "n3.txt")
    assert isinstance(failed, VectorsUnavailable) and milvus.server.url in failed.zh and milvus.server.url in failed.en
    timeline.note(f"first error: {failed.en}")

    for name in names[7:]:
        assert library.add(given(library.folder, name, "1")).status == "added"
    library.remove(next(d.id for d in library.documents() if d.file_name == "n0.txt"))
    library.remove(next(d.id for d in library.documents() if d.file_name == "n5.txt"))
    assert isinstance(asked(library, "n3.txt"), VectorsUnavailable)
    assert not {check.check: check.ok for check in library.doctor()}["milvus"]
    timeline.note("meanwhile five added, two removed; asking fails, the doctor says so")

    milvus.start()
    timeline.note("the server is up again")
    while (answer := asked(library, "n11.txt")) is not True:
        assert isinstance(answer, VectorsUnavailable)
        if timeline.lines[-1].split("  ", 1)[1] != f"still: {answer.en}":
            timeline.note(f"still: {answer.en}")
        assert time.monotonic() - timeline.began < RECOVERY_SECONDS
        time.sleep(POLL_SECONDS)
    timeline.note("first answer, of the same object, no restart")
    exact(library)
    timeline.note("every row is there with its vector, and none too many")
    print("\n" + "\n".join(timeline.lines))  # noqa: T201 (for who runs it with -s)

    left = [name for name in names if name not in ("n0.txt", "n5.txt")]
    assert sorted(d.file_name for d in library.documents()) == sorted(left)
    assert all(asked(library, name) is True for name in left)
    assert asked(library, "n0.txt") is False and asked(library, "n5.txt") is False
    assert all(check.ok for check in library.doctor())
