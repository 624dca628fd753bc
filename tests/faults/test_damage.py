"""Databases and caches that were truncated or in which bits were flipped: told or harmless, never a wrong answer."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from index import Library, LibraryUnusable, XietongError
from tests.faults.oracle import check
from tests.faults.work import State, code_word, given, open_library

FLIPS = int(os.environ.get("FAULT_FLIPS", "60"))
STATE: State = {f"n{number}.txt": "1" for number in range(4)}
Answers = dict[str, object]
Harm = Callable[[str, Callable[[bytearray], bytes]], Path]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with its caches, to be copied and harmed."""
    folder = tmp_path_factory.mktemp("sound") / "data"
    library = open_library(folder)
    for name, version in STATE.items():
        library.add(given(folder, name, version))
    library.search("港口")
    return folder


@pytest.fixture
def harm(sound: Path, tmp_path: Path) -> Harm:
    """A copy of the sound library with one file changed."""

    def change(name: str, how: Callable[[bytearray], bytes]) -> Path:
        folder = tmp_path / "data"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(sound, folder)
        (folder / name).write_bytes(how(bytearray((folder / name).read_bytes())))
        return folder

    return change


def flipped(chance: random.Random) -> Callable[[bytearray], bytes]:
    def flip(data: bytearray) -> bytes:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        return bytes(data)

    return flip


def answers(library: Library) -> Answers:
    """All that a user is shown: the documents, their texts, and what is found and where."""
    found: Answers = {d.file_name: (d, library.text(d.id)) for d in library.documents()}
    for name, version in STATE.items():
        hit = library.search(code_word(name, version)).hits[0]
        found[f"hit {name}"] = hit.passage
    return found


def told(library: Library) -> bool:
    return any(not check.ok for check in library.doctor())


def test_a_flipped_bit_of_the_database_is_told_or_harmless(sound: Path, harm: Harm) -> None:
    chance, truth = random.Random(5), answers(open_library(sound))
    silent = []
    for number in range(FLIPS):
        library = open_library(harm("xietong.db", flipped(chance)))
        try:
            right = answers(library) == truth
        except XietongError as error:
            assert "\n" not in str(error)
            right = True
        if not right and not told(library):
            silent.append(number)
    assert silent == []


@pytest.mark.parametrize("kept", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_database_is_told(sound: Path, harm: Harm, kept: float) -> None:
    truth = answers(open_library(sound))
    library = open_library(harm("xietong.db", lambda data: bytes(data[: int(len(data) * kept)])))
    if kept == 0:  # nothing was ever committed, as far as SQLite can say
        assert library.documents() == []
        return
    assert told(library)
    try:
        assert answers(library) == truth, "right, or told"
    except LibraryUnusable as error:
        assert "xietong doctor" in error.en


@pytest.mark.parametrize("name", ["passages.faiss", "sentences.faiss"])
@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 0.999, None])
def test_a_torn_cache_is_made_again(harm: Harm, name: str, kept: float | None) -> None:
    chance = random.Random(9)
    torn = flipped(chance) if kept is None else lambda data: bytes(data[: int(len(data) * kept)])
    for _ in range(6 if kept is None else 1):
        check(harm(name, torn), [STATE])


def test_caches_of_two_generations_are_brought_to_the_present_one(sound: Path, tmp_path: Path) -> None:
    """As a kill between saving the one and the other leaves them."""
    folder = tmp_path / "data"
    shutil.copytree(sound, folder)
    library = open_library(folder)
    library.remove(library.documents()[0].id)
    library.add(given(folder, "later.txt", "1"))
    library.search("港口")
    shutil.copy(sound / "passages.faiss", folder / "passages.faiss")
    gone = next(iter(STATE))
    state = {name: "1" for name in STATE if name != gone} | {"later.txt": "1"}
    check(folder, [state], [(gone, "1")])


def test_a_torn_full_text_index_is_told_and_mended(sound: Path, tmp_path: Path) -> None:
    """The terms of each passage are there, the index from terms to passages is not."""
    folder = tmp_path / "data"
    shutil.copytree(sound, folder)
    library = open_library(folder)
    with library.catalogue.write() as db:
        db.execute("UPDATE fulltext_data SET block = substr(block, 1, length(block) / 2) WHERE id > 10")
    assert [c.check for c in library.doctor() if not c.ok] == ["fulltext"]
    assert [c.check for c in library.doctor(repair=True) if c.repaired] == ["fulltext"]
    check(folder, [STATE])
