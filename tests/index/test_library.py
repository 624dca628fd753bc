import hashlib
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import Bounds, Document, Embedder, Library, LibraryUnusable, ModelMismatch, Progress, UnknownDocument, store
from index.pace import Pace
from index.reading import Extract
from index.threads import cores

PORT = "2021年,天津港集装箱吞吐量完成超2000万标准箱。"
RAIL = "京滨铁路加快建设。\n津静线开工建设。"
LAKE = "七里海湿地得到保护。"
Found = Callable[[Library, str], list[str]]
Write = Callable[..., Path]
Make = Callable[..., Library]


def names(library: Library) -> list[str]:
    return [d.file_name for d in library.documents()]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def originals(library: Library) -> set[str]:
    return {p.name for p in library.originals.glob("*")}


def everything(library: Library) -> dict[str, list[Any]]:
    """Every row of the database but the library's own state."""
    tables = ("documents", "passages", "sentences", "fulltext", "seeded")
    with library.catalogue.read() as db:
        return {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in tables}


# Adding


def test_an_added_document_is_listed_stored_and_found(library: Library, write: Write, found_in: Found) -> None:
    path = write("港口.txt", PORT)
    outcome = library.add(path)
    assert (outcome.path, outcome.file_name, outcome.status) == (str(path), "港口.txt", "added")
    assert outcome.reason is None and outcome.similar_to is None and outcome.id is not None
    assert library.text(outcome.id) == PORT
    assert found_in(library, "天津港吞吐量") == [PORT]
    assert (library.originals / sha256(path)).read_bytes() == path.read_bytes()


def test_a_document_says_of_itself_what_its_file_and_its_first_lines_say(library: Library, write: Write) -> None:
    text = "﻿2023年政府工作报告\r\n2024年1月23日\r\n\r\n各位代表:\r\n一、回顾\r\n增长5%。\r\n"
    path = write("报告.md", text)
    outcome = library.add(path)
    document = library.document(outcome.id or "")
    assert library.documents() == [document]
    assert document == Document(
        id=sha256(path)[:16],
        title="2023年政府工作报告",
        file_name="报告.md",
        sha256=sha256(path),
        media_type="text/markdown",
        pages=None,
        paragraphs=5,
        characters=len(text.replace("\r", "")) - 1,
        added_at=document.added_at,
        publisher=None,
        date="2024-01-23",
        period="2023",
    )


def test_what_is_said_goes_before_what_the_text_says(library: Library, write: Write) -> None:
    said: dict[str, Any] = {"title": "题", "publisher": "市政府", "date": "2020", "period": "2019"}
    outcome = library.add(write("a.txt", "2023年工作报告\n2024年1月23日\n正文。"), **said)
    document = library.document(outcome.id or "")
    assert said == {name: getattr(document, name) for name in said}


def test_the_same_content_is_unchanged_under_whatever_name(library: Library, write: Write) -> None:
    first = library.add(write("a.txt", PORT))
    for again in (library.add(write("a.txt", PORT)), library.add(write("b.txt", PORT))):
        assert (again.status, again.id) == ("unchanged", first.id)
    assert names(library) == ["a.txt"]


def test_unchanged_content_is_not_embedded_again(library: Library, write: Write, embedder: Any) -> None:
    library.add(write("a.txt", PORT))
    before = len(embedder.encoded)
    library.add(write("b.txt", PORT))
    assert len(embedder.encoded) == before


def test_other_content_of_the_same_name_replaces_it(library: Library, write: Write, found_in: Found) -> None:
    old = library.add(write("a.txt", PORT))
    new = library.add(write("a.txt", RAIL))
    assert (new.status, names(library)) == ("replaced", ["a.txt"])
    assert [d.id for d in library.documents()] == [new.id] != [old.id]
    assert PORT not in found_in(library, "天津港吞吐量")
    assert originals(library) == {sha256(write("a.txt", RAIL))}


def test_keep_both_keeps_both(library: Library, write: Write, found_in: Found) -> None:
    library.add(write("a.txt", PORT))
    assert library.add(write("a.txt", RAIL), keep_both=True).status == "added"
    assert names(library) == ["a.txt", "a.txt"]
    assert set(found_in(library, "京滨铁路")) == {PORT, *RAIL.split("\n")}


def test_an_id_is_the_same_after_removing_rebuilding_and_in_another_library(
    library: Library, make_library: Make, write: Write, tmp_path: Path
) -> None:
    path = write("a.txt", PORT)
    ids = {library.add(path).id}
    library.remove(library.documents()[0].id)
    ids.add(library.add(path).id)
    library.reindex()
    ids |= {d.id for d in library.documents()}
    ids.add(make_library(folder=tmp_path / "other").add(write("b.txt", PORT)).id)
    assert len(ids) == 1


def test_passages_keep_their_ids_when_the_same_content_is_added_again(library: Library, write: Write) -> None:
    path = write("a.txt", RAIL)
    library.add(path)
    before = {h.passage.id for h in library.search("铁路").hits}
    library.remove(library.documents()[0].id)
    library.add(path)
    assert {h.passage.id for h in library.search("铁路").hits} == before and len(before) == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "holds no words"), ("天津\0".encode(), "not a text file"), (b"\xff\xfe\x00", "save it as UTF-8")],
)
def test_a_file_that_cannot_be_taken_is_refused_and_changes_nothing(
    library: Library, write: Write, content: bytes, reason: str
) -> None:
    library.add(write("a.txt", PORT))
    before = everything(library)
    outcome = library.add(write("坏.txt", content))
    assert (outcome.status, outcome.id, outcome.file_name) == ("refused", None, "坏.txt")
    assert outcome.reason is not None and reason in outcome.reason and "坏.txt" in outcome.reason
    assert everything(library) == before and len(originals(library)) == 1


def test_a_file_over_the_bound_of_size_is_refused_with_the_bound(make_library: Make, write: Write) -> None:
    library = make_library(max_bytes=100)
    assert library.add(write("a.txt", "a" * 100)).status == "added"
    outcome = library.add(write("b.txt", "b" * 101))
    assert outcome.status == "refused" and "XIETONG_MAX_FILE_MB" in (outcome.reason or "")


def test_a_text_over_the_bound_of_characters_is_refused_with_the_bound(make_library: Make, write: Write) -> None:
    library = make_library(bounds=Bounds(characters=5))
    assert library.add(write("a.txt", "天津港口\r\n")).status == "added"
    outcome = library.add(write("b.txt", "天津港口多。"))
    assert outcome.status == "refused"
    assert "6 字" in (outcome.reason or "") and "XIETONG_MAX_CHARACTERS" in (outcome.reason or "")


@pytest.mark.parametrize("name", ["没有.txt", "x" * 300 + ".txt"])
def test_a_file_that_is_not_there_is_refused(library: Library, tmp_path: Path, name: str) -> None:
    outcome = next(library.add_all([tmp_path / name]))
    assert outcome.status == "refused" and "cannot be read" in (outcome.reason or "")


def test_a_device_is_refused_and_not_read_for_ever(library: Library) -> None:
    outcome = next(library.add_all([Path("/dev/zero")]))
    assert outcome.status == "refused" and "readable file" in (outcome.reason or "")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/报告.txt", "报告.txt"),
        ("C:\\文件\\报告.txt", "报告.txt"),
        ("e\u0301.txt", "é.txt"),
        ("a\x00\u202eb\n.txt", "ab.txt"),
        ("/", "未命名.txt"),
    ],
)
def test_a_file_name_is_its_last_component_without_control_characters(
    library: Library, write: Write, given: str, kept: str
) -> None:
    assert library.add(write("a.txt", PORT), file_name=given).file_name == kept
    assert names(library) == [kept]


def test_progress_rises_to_its_total(library: Library, write: Write) -> None:
    steps: list[Progress] = []
    library.add(write("a.txt", RAIL), progress=steps.append)
    assert {(s.label, s.file, s.files) for s in steps} == {("a.txt", 1, 1)}
    assert steps[0] == Progress("a.txt", 0, 0), "nothing is known while the file is read"
    done = [s.done for s in steps]
    assert done == sorted(done) and done[-1] == steps[-1].total == len(RAIL.split("\n"))
    assert {s.seconds_left for s in steps} == {None}, "it was over before its pace was known"


def test_the_time_left_is_told_once_it_is_known(
    make_library: Make, write: Write, make_embedder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.ingest.BLOCK", 40)
    clock = count(step=3)
    monkeypatch.setattr("index.ingest.Pace", lambda total: Pace(total, lambda: next(clock)))
    steps: list[Progress] = []
    lines = [f"第{n}项措施投入{n}万元。" for n in range(100)]
    make_library(make_embedder()).add(write("long.txt", "\n".join(lines)), progress=steps.append)
    told = [s for s in steps if s.seconds_left is not None]
    assert told and all(s.done >= 20 for s in told)
    assert steps[-1].done == steps[-1].total == 100


def test_progress_says_which_file_it_is_of_how_many(library: Library, write: Write) -> None:
    steps: list[Progress] = []
    list(library.add_all([write("m/a.txt", RAIL), write("m/b.txt", PORT)], progress=steps.append))
    assert list(dict.fromkeys((s.label, s.file, s.files) for s in steps)) == [("a.txt", 1, 2), ("b.txt", 2, 2)]


# Adding many


def test_a_file_that_was_the_same_as_what_one_before_it_replaced_is_added(library: Library, write: Write) -> None:
    library.add(write("x.txt", RAIL))
    outcomes = list(library.add_all([write("m/x.txt", PORT), write("m/y.txt", RAIL), write("m/z.txt", LAKE)]))
    assert [o.status for o in outcomes] == ["replaced", "added", "added"]
    assert names(library) == ["x.txt", "y.txt", "z.txt"]


def test_a_file_that_is_named_twice_is_added_once(library: Library, write: Write) -> None:
    path = write("m/x.txt", RAIL)
    assert [o.status for o in library.add_all([path, path.parent])] == ["added", "unchanged"]


def test_the_list_of_documents_keeps_the_order_in_which_they_were_named(library: Library, write: Write) -> None:
    paths = [write(f"m/{n}.txt", PORT * (9 - n) + str(n)) for n in range(9)]
    list(library.add_all(paths))
    assert names(library) == [path.name for path in paths]


def test_what_breaks_off_the_adding_of_many_leaves_those_stored_and_nothing_at_work(
    library: Library, write: Write
) -> None:
    adding = library.add_all([write(f"m/{n}.txt", f"{n}{PORT}") for n in range(9)])
    assert next(adding).file_name == "0.txt"
    del adding
    assert names(library) == ["0.txt"]
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("xietong-ahead")]


def test_a_folder_is_added_with_all_below_it_but_hidden_files(library: Library, write: Write) -> None:
    for name, text in (
        ("b/c.txt", PORT),
        ("a.txt", RAIL),
        (".git/HEAD", "ref"),
        ("b/.hidden.txt", LAKE),
        ("坏.txt", ""),
    ):
        write(name, text)
    outcomes = list(library.add_all([write("a.txt", RAIL).parent]))
    assert [(o.file_name, o.status) for o in outcomes] == [
        ("a.txt", "added"),
        ("c.txt", "added"),
        ("坏.txt", "refused"),
    ]


def test_each_outcome_comes_as_soon_as_its_file_is_stored(library: Library, write: Write) -> None:
    outcomes = library.add_all([write("a.txt", PORT), write("b.txt", RAIL)])
    assert next(outcomes).file_name == "a.txt" and names(library) == ["a.txt"]
    assert next(outcomes).file_name == "b.txt" and names(library) == ["a.txt", "b.txt"]


def test_a_second_different_file_of_one_name_in_one_go_is_refused(library: Library, write: Write) -> None:
    paths = [write("x/a.txt", PORT), write("y/a.txt", RAIL), write("z/a.txt", PORT)]
    outcomes = list(library.add_all(paths))
    assert [o.status for o in outcomes] == ["added", "refused", "unchanged"]
    assert "--keep-both" in (outcomes[1].reason or "") and "rename it" in (outcomes[1].reason or "")
    assert [d.sha256 for d in library.documents()] == [sha256(paths[0])]
    kept = list(library.add_all(paths, keep_both=True))
    assert [o.status for o in kept] == ["unchanged", "added", "unchanged"]


# Removing


def test_a_removed_document_is_gone_with_all_that_came_of_it(library: Library, write: Write, found_in: Found) -> None:
    library.add(write("a.txt", RAIL))
    port = library.add(write("b.txt", PORT)).id or ""
    assert PORT in found_in(library, "天津港吞吐量")
    assert library.remove(port).file_name == "b.txt"
    assert PORT not in found_in(library, "天津港吞吐量")
    assert names(library) == ["a.txt"] and len(originals(library)) == 1
    assert all(PORT not in str(row) and port not in str(row) for rows in everything(library).values() for row in rows)
    with pytest.raises(UnknownDocument):
        library.text(port)


def test_a_removed_document_is_not_found_by_another_object_with_a_warm_index(
    library: Library, make_library: Make, write: Write, found_in: Found
) -> None:
    other = make_library()
    library.add(write("a.txt", RAIL))
    port = library.add(write("b.txt", PORT)).id or ""
    assert PORT in found_in(other, "天津港吞吐量")
    library.remove(port)
    assert PORT not in found_in(other, "天津港吞吐量")
    with pytest.raises(UnknownDocument):
        other.search("天津港", documents=[port])


def test_what_another_object_adds_is_found_without_a_restart(
    library: Library, make_library: Make, write: Write, found_in: Found
) -> None:
    other = make_library()
    library.add(write("a.txt", RAIL))
    found_in(other, "天津港")
    library.add(write("b.txt", PORT))
    assert found_in(other, "天津港吞吐量")[0] == PORT


def test_what_another_process_adds_and_removes_is_seen_without_a_restart(
    library: Library, write: Write, found_in: Found
) -> None:
    """The other process embeds with vectors of one direction: full text alone finds its document."""
    library.add(write("a.txt", RAIL))
    found_in(library, "天津港吞吐量")
    program = (
        "import sys, numpy as np; from pathlib import Path; from index import Encoding, Library\n"
        "class E:\n"
        "    name, revision, dimension, max_tokens = 'bigrams', '1', 64, 512\n"
        "    def count_tokens(self, text): return len(text)\n"
        "    def encode(self, texts, role, progress=None):\n"
        "        v = np.full(64, 0.125, np.float32)\n"
        "        return [Encoding(v, v[None], np.array([[0, 1]], np.int32)) for _ in texts]\n"
        "library = Library(Path(sys.argv[1]), 'bigrams', E)\n"
        "if sys.argv[2] == 'add': library.add(Path(sys.argv[3]))\n"
        "else: library.remove(library.documents()[-1].id)\n"
    )

    def run(*arguments: str | Path) -> None:
        command = [sys.executable, "-c", program, str(library.folder), *map(str, arguments)]
        subprocess.run(command, check=True, cwd=Path(__file__).parents[2], timeout=120)

    run("add", write("b.txt", PORT))
    assert PORT in found_in(library, "天津港吞吐量") and names(library) == ["a.txt", "b.txt"]
    run("remove")
    assert PORT not in found_in(library, "天津港吞吐量") and names(library) == ["a.txt"]


@pytest.mark.parametrize("unknown", ["", "0123456789abcdef", "../a", "编号", "\udcff", "x" * 5000, "' OR 1=1 --"])
def test_an_unknown_id_is_told_in_one_line(library: Library, write: Write, unknown: str) -> None:
    library.add(write("a.txt", PORT))
    for use in (library.document, library.text, library.remove):
        with pytest.raises(UnknownDocument, match="xietong list") as refusal:
            use(unknown)
        assert "\n" not in str(refusal.value) and len(str(refusal.value)) < 400
    assert names(library) == ["a.txt"]


def test_an_empty_library_lists_and_finds_nothing_and_makes_no_folder(library: Library) -> None:
    assert library.documents() == [] and library.search("天津港").hits == ()
    assert [(c.check, c.ok) for c in library.doctor()] == [("database", True)]
    with pytest.raises(UnknownDocument):
        library.document("0123456789abcdef")
    assert library.sweep() == []
    assert not library.folder.exists()


# The first start


@pytest.fixture
def sources(write: Write) -> Path:
    write("sources/a.txt", PORT)
    write("sources/b.txt", RAIL)
    about = '["a.txt"]\ntitle = "港口"\npublisher = "港务局"\nperiod = "2021"\nnote = "不是字段"\n'
    return write("sources/SOURCES.toml", about).parent


def test_the_sources_are_added_with_what_is_said_of_them(library: Library, sources: Path) -> None:
    assert library.needs_seed()
    library.seed(sources)
    assert not library.needs_seed()
    described = [(d.file_name, d.title, d.publisher, d.period) for d in library.documents()]
    assert described == [("a.txt", "港口", "港务局", "2021"), ("b.txt", "b", None, None)]


def test_the_sources_are_added_once(library: Library, make_library: Make, sources: Path, write: Write) -> None:
    library.seed(sources)
    write("sources/c.txt", LAKE)
    library.seed(sources)
    make_library().seed(sources)
    assert names(library) == ["a.txt", "b.txt"]


def test_a_removed_source_does_not_come_back(library: Library, make_library: Make, sources: Path) -> None:
    library.seed(sources)
    for document in library.documents():
        library.remove(document.id)
    make_library().seed(sources)
    assert names(library) == []


def test_a_first_start_that_was_broken_off_goes_on_where_it_was(
    library: Library, make_library: Make, make_embedder: Callable[..., Any], sources: Path
) -> None:
    class Broken(Exception):
        pass

    def break_off(step: Progress) -> None:
        if step.label == "b.txt":
            raise Broken

    with pytest.raises(Broken):
        library.seed(sources, break_off)
    assert names(library) == ["a.txt"] and library.needs_seed()
    second = make_embedder()
    make_library(by=second).seed(sources)
    assert names(library) == ["a.txt", "b.txt"] and not library.needs_seed()
    assert not any(PORT in text for text in second.encoded)


def test_of_two_first_starts_at_once_one_embeds_and_the_other_waits(
    library: Library, make_library: Make, make_embedder: Callable[..., Any], sources: Path
) -> None:
    reached, let_on = threading.Event(), threading.Event()

    def slowly(step: Progress) -> None:
        reached.set()
        assert let_on.wait(30)

    second = make_embedder()
    other = make_library(by=second)
    first = threading.Thread(target=library.seed, args=(sources, slowly))
    first.start()
    assert reached.wait(30)
    waits = threading.Thread(target=other.seed, args=(sources,))
    waits.start()
    waits.join(0.3)
    assert waits.is_alive() and other.waiting
    let_on.set()
    waits.join(30)
    assert not waits.is_alive() and not other.waiting
    first.join(30)
    assert second.encoded == [] and names(other) == ["a.txt", "b.txt"]


def test_a_source_removed_before_the_first_start_was_over_does_not_come_back(
    library: Library, make_library: Make, sources: Path
) -> None:
    def break_off(step: Progress) -> None:
        if step.label == "b.txt":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.seed(sources, break_off)
    library.remove(library.documents()[0].id)
    make_library().seed(sources)
    assert names(library) == ["b.txt"]


def test_a_folder_of_sources_that_is_not_there_is_an_empty_one(library: Library, tmp_path: Path) -> None:
    library.seed(tmp_path / "nowhere")
    assert library.documents() == [] and not library.needs_seed()


@pytest.mark.parametrize("broken", [b"[a.txt", b"\xff\xfe", b'"a.txt" = "a title"\n'])
def test_a_broken_list_of_sources_is_told_before_anything_is_added(
    library: Library, sources: Path, broken: bytes
) -> None:
    (sources / "SOURCES.toml").write_bytes(broken)
    with pytest.raises(LibraryUnusable, match=r"SOURCES\.toml.*TOML.*mend it"):
        library.seed(sources)
    assert library.documents() == [] and library.needs_seed()


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_embedded(
    make_library: Make, sources: Path, write: Write, embedder: Any
) -> None:
    library = make_library(folder=write("file", "x") / "data")
    with pytest.raises(LibraryUnusable, match="XIETONG_DATA"):
        library.seed(sources)
    assert embedder.encoded == []


# The model


def other_model(make_embedder: Callable[..., Any], kind: str) -> Any:
    return {
        "name": make_embedder(name="trigrams"),
        "dimension": make_embedder(name="small", dimension=32),
        "revision": make_embedder(revision="2", dimension=32),
    }[kind]


@pytest.mark.parametrize("kind", ["name", "dimension", "revision"])
def test_a_library_of_another_model_is_refused_until_it_is_embedded_again(
    library: Library, make_library: Make, make_embedder: Callable[..., Any], write: Write, found_in: Found, kind: str
) -> None:
    library.add(write("a.txt", RAIL))
    library.add(write("b.txt", PORT))
    found_in(library, "天津港")
    model = other_model(make_embedder, kind)
    other = make_library(by=model)
    before = everything(library)
    with pytest.raises(ModelMismatch, match="xietong reindex") as refusal:
        other.search("天津港")
    assert "bigrams" in refusal.value.zh and model.name in refusal.value.en
    with pytest.raises(ModelMismatch, match="xietong reindex"):
        other.add(write("c.txt", LAKE))
    assert everything(library) == before and names(other) == ["a.txt", "b.txt"]

    assert other.reindex() == 2
    assert found_in(other, "天津港吞吐量")[0] == PORT
    assert other.add(write("c.txt", LAKE)).status == "added"
    assert found_in(other, "七里海湿地")[0] == LAKE
    assert all(check.ok for check in other.doctor())
    with pytest.raises(ModelMismatch):
        library.search("天津港")
    with pytest.raises(ModelMismatch):
        library.add(write("d.txt", "又一份。"))


def test_documents_of_another_model_can_still_be_listed_read_and_removed(
    library: Library, make_library: Make, make_embedder: Callable[..., Any], write: Write
) -> None:
    library.add(write("a.txt", RAIL))
    other = make_library(by=make_embedder(name="trigrams"))
    document = other.documents()[0]
    assert other.text(document.id) == RAIL
    other.remove(document.id)
    assert other.add(write("b.txt", PORT)).status == "added", "an empty library takes any model"


def test_embedding_again_with_the_same_model_changes_nothing_that_is_seen(library: Library, write: Write) -> None:
    for name, text in (("a.txt", RAIL), ("b.txt", PORT)):
        library.add(write(name, text))
    before = library.search("天津港铁路")
    documents = library.documents()
    library.reindex()
    assert library.search("天津港铁路").hits == before.hits
    assert library.documents() == documents


def test_what_is_added_while_a_library_is_embedded_again_is_embedded_too(
    library: Library, make_library: Make, make_embedder: Callable[..., Any], write: Write, found_in: Found
) -> None:
    library.add(write("a.txt", RAIL))
    added: list[str] = []

    class Slow(make_embedder):  # type: ignore[misc, valid-type]
        def encode(self, texts: list[str], role: Any, progress: Any = None) -> Any:
            if not added:
                added.append(library.add(write("b.txt", PORT)).status)
            return super().encode(texts, role, progress)

    other = make_library(by=Slow(name="trigrams", dimension=32))
    assert other.reindex() == 2 and added == ["added"]
    assert found_in(other, "天津港吞吐量")[0] == PORT
    assert all(check.ok for check in other.doctor())


def test_the_old_vectors_serve_until_all_new_ones_are_there(
    library: Library, make_library: Make, make_embedder: Callable[..., Any], write: Write, found_in: Found
) -> None:
    library.add(write("a.txt", RAIL))
    library.add(write("b.txt", PORT))
    before = everything(library)

    def break_off(step: Progress) -> None:
        if step.label == "b.txt":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_library(by=make_embedder(name="trigrams")).reindex(break_off)
    assert everything(library) == before
    assert found_in(library, "天津港吞吐量")[0] == PORT


# The FAISS cache


def faiss_files(library: Library) -> list[Path]:
    return sorted(library.folder.glob("*.faiss"))


def by_late_interaction(library: Library, embedder: Embedder, query: str) -> list[str]:
    """Passages in the order of the best mean maximum similarity, from the vectors in the database."""
    asked = embedder.encode([query], "query")[0].tokens
    best: dict[int, float] = {}
    with library.catalogue.read() as db:
        for passage, blob in db.execute("SELECT passage, tokens FROM sentences"):
            held = np.frombuffer(blob, np.int8).reshape(-1, embedder.dimension) / 127
            best[passage] = max(best.get(passage, -1.0), float((asked @ held.T).max(axis=1).mean()))
        found = store.passages_by_row(db, list(best))
    return [found[row].text for row in sorted(best, key=lambda row: -best[row])]


@pytest.mark.parametrize("damage", ["missing", "torn", "one missing", "older", "of another library"])
def test_a_cache_that_does_not_fit_is_made_again_from_the_vectors(
    library: Library, make_library: Make, write: Write, embedder: Embedder, found_in: Found, tmp_path: Path, damage: str
) -> None:
    library.add(write("a.txt", RAIL))
    library.search("铁路")
    older = {path: path.read_bytes() for path in faiss_files(library)}
    library.remove(library.documents()[0].id)
    library.add(write("b.txt", PORT + "\n" + LAKE))
    library.search("铁路")
    assert len(faiss_files(library)) == 2
    foreign = make_library(folder=tmp_path / "foreign")
    foreign.add(write("c.txt", "津唐铁路。\n又一段。"))
    foreign.search("铁路")
    for at, path in enumerate(faiss_files(library)):
        if damage == "missing" or (damage == "one missing" and at):
            path.unlink()
        elif damage == "torn":
            path.write_bytes(path.read_bytes()[:-7])
        elif damage == "older":
            path.write_bytes(older[path])
        elif damage == "of another library":
            path.write_bytes((foreign.folder / path.name).read_bytes())
    assert all(check.ok for check in library.doctor())
    fresh = make_library()
    assert found_in(fresh, "七里海湿地") == by_late_interaction(fresh, embedder, "七里海湿地") == [LAKE, PORT]
    details = {c.check: c.detail for c in fresh.doctor()}
    assert details["faiss-passages"] == details["faiss-sentences"] == "current, 2 of 2 vectors"


def test_a_cache_left_by_a_database_that_was_moved_away_is_not_believed(
    library: Library, make_library: Make, write: Write
) -> None:
    """The rows and the generation of the new database are those of the old one."""
    library.add(write("a.txt", RAIL))
    generation = library.search("铁路").generation
    for path in library.folder.glob("xietong.db*"):
        path.unlink()
    other = make_library()
    other.add(write("b.txt", f"{PORT}\n{LAKE}"))
    assert other.search("湿地").generation == generation
    assert other._indexes is not None
    with other.catalogue.read() as db:
        stored = dict(db.execute("SELECT row, vector FROM passages").fetchall())
    for row, blob in stored.items():
        ((found, cosine),) = other._indexes.passages.search(np.frombuffer(blob, np.float32), 1)
        assert found == row and cosine == pytest.approx(1, abs=1e-5)


def test_a_folder_where_no_cache_can_be_written_is_searched_all_the_same(
    library: Library, write: Write, found_in: Found
) -> None:
    library.add(write("a.txt", PORT))
    for name in ("passages.faiss", "sentences.faiss"):
        (library.folder / name).mkdir()
    assert found_in(library, "天津港") == [PORT]


def test_searching_changes_nothing_in_the_database(library: Library, write: Write) -> None:
    library.add(write("a.txt", PORT))
    before = everything(library)
    generations = {library.search("天津港").generation for _ in range(3)}
    assert everything(library) == before and len(generations) == 1


# Threads


def test_threads_add_while_another_searches(library: Library, write: Write, found_in: Found) -> None:
    library.add(write("first.txt", LAKE))
    paths = [[write(f"{who}{n}.txt", f"{who}第{n}份文件说到港口。") for n in range(8)] for who in "甲乙"]
    failures: list[BaseException] = []
    over = threading.Event()

    def watched(work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def add(which: Sequence[Path]) -> None:
        assert [o.status for o in library.add_all(which)] == ["added"] * len(which)

    def look() -> None:
        seen = 0
        while not over.is_set():
            assert found_in(library, "七里海湿地")[0] == LAKE
            now = len(library.documents())
            assert now >= seen
            seen = now

    adding = [watched(lambda which=which: add(which)) for which in paths]  # type: ignore[misc]
    looking = watched(look)
    for thread in adding:
        thread.join(60)
    over.set()
    looking.join(60)
    assert failures == []
    assert len(library.documents()) == 17
    assert all(
        found_in(library, f"{who}第{n}份文件")[0].startswith(f"{who}第{n}份") for who in "甲乙" for n in range(8)
    )
    assert all(check.ok for check in library.doctor())


def test_two_threads_that_add_the_same_file_store_it_once(library: Library, write: Write) -> None:
    path = write("a.txt", PORT)
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def add() -> None:
        together.wait(10)
        outcomes.append(library.add(path).status)

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["added", "unchanged"] and len(library.documents()) == 1


def test_embedding_again_and_adding_at_once_do_not_wait_for_each_other(library: Library, write: Write) -> None:
    library.add(write("a.txt", RAIL))
    threads = [
        threading.Thread(target=library.reindex),
        threading.Thread(target=lambda: list(library.add_all(write(f"{n}.txt", f"第{n}份。") for n in range(6)))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert len(library.documents()) == 7 and all(check.ok for check in library.doctor())


# What fails half way


@pytest.fixture
def failing(library: Library, write: Write, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """A library with one document whose next document fails while its second sentence is stored."""
    library.add(write("a.txt", PORT))
    inner = store.insert_passages

    def half(db: sqlite3.Connection, rows: Any) -> None:
        rows = list(rows)
        inner(db, rows[:1])
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(store, "insert_passages", half)
        yield library


def test_a_document_that_fails_half_way_leaves_all_as_it_was(failing: Library, write: Write, found_in: Found) -> None:
    before = everything(failing)
    with pytest.raises(LibraryUnusable):
        failing.add(write("b.txt", RAIL))
    assert everything(failing) == before
    assert found_in(failing, "京滨铁路") == [PORT]


def test_a_replacement_that_fails_half_way_keeps_the_old_document(
    failing: Library, write: Write, found_in: Found
) -> None:
    before = everything(failing)
    with pytest.raises(LibraryUnusable):
        failing.add(write("a.txt", RAIL))
    assert everything(failing) == before
    assert found_in(failing, "天津港吞吐量") == [PORT]
    assert failing.text(failing.documents()[0].id) == PORT


def test_an_embedding_again_that_fails_half_way_keeps_the_old_vectors(failing: Library) -> None:
    before = everything(failing)
    with pytest.raises(LibraryUnusable):
        failing.reindex()
    assert everything(failing) == before


def test_an_original_that_cannot_be_kept_refuses_the_document(library: Library, write: Write) -> None:
    library.folder.mkdir()
    library.originals.write_text("in the way")
    with pytest.raises(LibraryUnusable, match=r"cannot be kept.*writable"):
        library.add(write("a.txt", PORT))
    assert library.documents() == []


# What aborted work leaves


def test_leftovers_are_swept_and_nothing_else(library: Library, write: Write) -> None:
    kept = sha256(write("a.txt", PORT))
    library.add(write("a.txt", PORT))
    library.search("天津港")
    for name in (f"files/{'0' * 64}", f"files/{kept}.123.tmp", "passages.faiss.123.tmp"):
        (library.folder / name).write_text("left")
    (library.originals / "folder").mkdir()
    assert sorted(library.sweep()) == sorted(["0" * 64, f"{kept}.123.tmp", "passages.faiss.123.tmp"])
    assert originals(library) == {kept, "folder"} and len(faiss_files(library)) == 2
    assert library.sweep() == []


def test_sweeping_where_nothing_is_left_changes_no_generation(library: Library, write: Write) -> None:
    library.add(write("a.txt", PORT))
    before = library.search("港").generation
    library.sweep()
    assert library.search("港").generation == before


def test_an_original_of_a_failed_addition_is_a_leftover(failing: Library, write: Write) -> None:
    with pytest.raises(LibraryUnusable):
        failing.add(write("b.txt", RAIL))
    assert failing.sweep() == [sha256(write("b.txt", RAIL))]


def test_removing_one_of_two_documents_keeps_the_other_s_original(library: Library, write: Write) -> None:
    first, second = library.add(write("a.txt", PORT)), library.add(write("b.txt", RAIL))
    library.remove(first.id or "")
    assert originals(library) == {library.document(second.id or "").sha256}


def test_documents_are_listed_in_the_order_in_which_they_were_added(library: Library, write: Write) -> None:
    for name in ("丙.txt", "甲.txt", "乙.txt"):
        library.add(write(name, f"{name}的内容。"))
    assert names(library) == ["丙.txt", "甲.txt", "乙.txt"]


def test_pages_that_were_left_out_are_told(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(data: bytes, name: str, bounds: Bounds) -> Extract:
        return Extract(PORT, "application/pdf", 3, (0, 5, 5), unread_pages=(2, 3))

    monkeypatch.setattr("index.library.read", read)
    path = tmp_path / "公报.pdf"
    path.write_bytes(b"%PDF-")
    assert [library.add(path).unread_pages for _ in range(2)] == [(2, 3), ()]  # the second time it is unchanged


def test_what_is_searched_again_waits_for_no_model_and_finds_the_same(
    make_library: Callable[..., Library], write: Callable[..., Path]
) -> None:
    library = make_library()
    library.add(write("港.txt", "天津港吞吐量完成2000万标准箱。\n北京市绿化。"))
    first, again = library.search("港口的吞吐量"), library.search("港口的吞吐量")
    assert first.embed_ms > 0
    assert again.embed_ms == 0
    assert [(hit.passage, hit.score) for hit in again.hits] == [(hit.passage, hit.score) for hit in first.hits]


def test_searches_while_reading_together_see_what_another_thread_adds(
    make_library: Callable[..., Library], write: Callable[..., Path], found_in: Callable[[Library, str], list[str]]
) -> None:
    library = make_library()
    library.add(write("港.txt", "天津港吞吐量完成2000万标准箱。"))
    with library.reading():
        assert found_in(library, "吞吐量") == ["天津港吞吐量完成2000万标准箱。"]
        adder = threading.Thread(target=library.add, args=(write("林.txt", "北京市绿化造林。"),))
        adder.start()
        adder.join(30)
        assert "北京市绿化造林。" in found_in(library, "绿化造林")
        assert len(library.documents()) == 2


def test_so_many_threads_read_at_a_time_as_there_are_cores_and_the_others_wait(library: Library) -> None:
    leave, entered = threading.Event(), threading.Semaphore(0)

    def read() -> None:
        with library.reading():
            entered.release()
            leave.wait(10)

    threads = [threading.Thread(target=read) for _ in range(cores() + 3)]
    for thread in threads:
        thread.start()
    assert all(entered.acquire(timeout=10) for _ in range(cores()))
    end = time.monotonic() + 10
    while library._answering.waiting < 3:
        assert time.monotonic() < end
        time.sleep(0.001)
    assert not entered.acquire(timeout=0.05)
    leave.set()
    assert all(entered.acquire(timeout=10) for _ in range(3))
    for thread in threads:
        thread.join(10)
