"""Two writers at once, and readers in other processes meanwhile."""

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from index import Library, UnknownDocument
from tests.faults.oracle import check, findable
from tests.faults.work import code_word, content, given, open_library

ROOT = Path(__file__).parents[2]
SOON_SECONDS = 2.0  # within which a running server sees what another process did
PATIENCE = 120
# Adds the files given, then removes those whose names follow "-"; says each outcome as soon as it is there.
WRITER = """
import sys
from pathlib import Path
from tests.faults.work import open_library
library = open_library(Path(sys.argv[1]))
library.embedder()
print("ready", flush=True)
sys.stdin.readline()
given = sys.argv[2:]
cut = given.index("-") if "-" in given else len(given)
for path in given[:cut]:
    print(library.add(Path(path)).status, flush=True)
for name in given[cut + 1:]:
    library.remove(next(d.id for d in library.documents() if d.file_name == name))
    print("removed", flush=True)
"""


def writer(folder: Path, *arguments: Path | str) -> subprocess.Popen[str]:
    """A process that is ready to work and begins when it is told."""
    command = [sys.executable, "-c", WRITER, str(folder), *map(str, arguments)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def begin(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def said(process: subprocess.Popen[str]) -> list[str]:
    """The rest of what it says until it ends well."""
    assert process.stdout is not None and process.stdin is not None
    with process:
        process.stdin.close()
        out = process.stdout.read()  # communicate() would miss what readline() took ahead
    assert process.wait(PATIENCE) == 0
    return out.split()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_two_writers_lose_nothing_and_store_the_same_file_once(folder: Path) -> None:
    names = {side: [f"{side}{number}.txt" for number in range(6)] for side in ("a", "b")}
    common = [f"c{number}.txt" for number in range(4)]
    writers = []
    for side in ("a", "b"):
        mixed = [name for pair in zip(names[side], [*common, "", ""], strict=True) for name in pair if name]
        writers.append(writer(folder, *(given(folder, name, "1") for name in mixed)))
    for process in writers:
        begin(process)
    outcomes = [said(process) for process in writers]
    assert sorted(outcomes[0] + outcomes[1]) == ["added"] * 16 + ["unchanged"] * 4
    check(folder, [dict.fromkeys([*names["a"], *names["b"], *common], "1")])


def test_two_writers_that_replace_one_document_leave_one_version_whole(folder: Path) -> None:
    open_library(folder).add(given(folder, "x.txt", "0"))
    writers = []
    for side in ("a", "b"):
        place = folder.with_name(side) / "x.txt"
        place.parent.mkdir()
        place.write_text(content("x.txt", side), encoding="utf-8")
        writers.append(writer(folder, place))
    for process in writers:
        begin(process)
    assert [said(process) for process in writers] == [["replaced"]] * 2
    check(folder, [{"x.txt": "a"}, {"x.txt": "b"}], [("x.txt", "0")])


def texts(library: Library) -> dict[str, str]:
    """By id; what goes between the list and its text is left out."""
    found = {}
    for document in library.documents():
        with suppress(UnknownDocument):
            found[document.id] = library.text(document.id)
    return found


def half_there(library: Library) -> list[str]:
    """Hits that are no span of a document that is there before or after the search."""
    before = texts(library)
    passages = [hit.passage for hit in library.search("港口铁路建设项目").hits]
    held = before | texts(library)
    return [p.id for p in passages if held.get(p.document_id, "")[p.start : p.end] != p.text]


def test_a_reader_never_sees_half_a_document_nor_a_removed_one(folder: Path) -> None:
    """The reader's own document stays, the writer's come and go; what the writer says is gone is never found."""
    reader = open_library(folder)
    reader.add(given(folder, "mine.txt", "1"))
    names = [f"w{number}.txt" for number in range(8)]
    process = writer(folder, *(given(folder, name, "1") for name in names), "-", *names)
    begin(process)
    searches = 0
    while process.poll() is None:
        assert half_there(reader) == []
        assert found(reader, "mine.txt")
        searches += 1
    assert said(process) == ["added"] * 8 + ["removed"] * 8 and searches > 3
    check(folder, [{"mine.txt": "1"}], [(name, "1") for name in names])


def test_a_removal_counts_for_every_search_begun_after_it(folder: Path) -> None:
    reader = open_library(folder)
    names = [f"w{number}.txt" for number in range(6)]
    for name in names:
        reader.add(given(folder, name, "1"))
    findable(reader, dict.fromkeys(names, "1"), [])
    process = writer(folder, "-", *names)
    begin(process)
    assert process.stdout is not None
    for name in names:
        assert process.stdout.readline() == "removed\n"
        word = code_word(name, "1")
        assert all(word not in hit.passage.text for hit in reader.search(word).hits)
    assert said(process) == []


def test_a_running_reader_sees_an_addition_and_a_removal_of_another_process_soon(folder: Path) -> None:
    reader = open_library(folder)
    reader.add(given(folder, "mine.txt", "1"))
    assert not found(reader, "other.txt")
    begin(adder := writer(folder, given(folder, "other.txt", "1")))
    assert said(adder) == ["added"]
    seen_soon(reader, True)
    begin(remover := writer(folder, "-", "other.txt"))
    assert said(remover) == ["removed"]
    seen_soon(reader, False)
    assert [d.file_name for d in reader.documents()] == ["mine.txt"]


def found(library: Library, name: str) -> bool:
    """Is the first version of a document the best hit for its code word?"""
    word = code_word(name, "1")
    hits = library.search(word).hits
    return bool(hits) and word in hits[0].passage.text


def seen_soon(library: Library, there: bool) -> None:
    since = time.monotonic()
    while found(library, "other.txt") != there:
        assert time.monotonic() - since < SOON_SECONDS


def test_the_lines_of_a_writer_are_json_where_it_is_killed(folder: Path) -> None:
    """The killed writer of the other tests: what it says is whole lines."""
    command = [sys.executable, "-m", "tests.faults.work", str(folder), "7", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode != 0 and done.stderr == ""
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0] == {"ready": "7"} and lines[1]["do"] == "add"
