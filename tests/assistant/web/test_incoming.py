import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant import Assistant, Library
from assistant.web import incoming as module
from assistant.web.incoming import Incoming
from assistant.web.uploads import ORIGINAL, Upload

LINES = [f"2024年,第{n}项指标完成{n}.5亿元。" for n in range(1, 41)]
REPORT = "\n".join(LINES)
CORRECTED = "\n".join([*LINES[:6], "2024年,第7项指标完成7.6亿元。", *LINES[7:]])
SOON = 20.0


class Gate:
    """An embedder that encodes no passage before it is opened."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.open, self.reached = inner, threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def encode(self, texts: list[str], role: str, progress: Any = None) -> Any:
        if role == "passage":
            self.reached.set()
            assert self.open.wait(SOON)
        return self.inner.encode(texts, role, progress)


@pytest.fixture
def assistant(library: Library, tmp_path: Path) -> Assistant:
    """Ready, over an empty library."""
    made = Assistant(library, tmp_path / "none", 1000)
    made.prepare()
    return made


@pytest.fixture
def received(tmp_path: Path) -> Callable[[str, str], tuple[Path, str]]:
    """A file as Gradio stores it, with its name."""

    def store(name: str, text: str) -> tuple[Path, str]:
        path = tmp_path / "uploads" / name / Path(name).name
        path.parent.mkdir(parents=True)
        path.write_text(text, "utf-8")
        return path, path.name

    return store


@pytest.fixture
def server(assistant: Assistant, tmp_path: Path) -> Callable[..., Incoming]:
    """A server's uploads on one data folder; a further server at each call."""

    def make(by: Assistant = assistant, start: bool = True) -> Incoming:
        made = Incoming(by, tmp_path / "incoming", tmp_path / "uploads")
        if start:
            made.start()
        return made

    return make


Receive = Callable[[str, str], tuple[Path, str]]
Serve = Callable[..., Incoming]


def finished(incoming: Incoming, count: int) -> list[Upload]:
    """The uploads, once so many are finished."""
    until = time.monotonic() + SOON
    while sum(upload.finished for upload in incoming.uploads()) < count:
        assert time.monotonic() < until, incoming.uploads()
        time.sleep(0.01)
    return incoming.uploads()


def statuses(uploads: list[Upload]) -> list[str]:
    return [upload.addition.status if upload.addition else upload.stage for upload in uploads]


def kept(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "incoming").rglob(ORIGINAL))


def test_each_file_has_its_outcome_and_is_deleted(server: Serve, received: Receive, tmp_path: Path) -> None:
    incoming = server()
    files = [received("a.txt", "甲的内容。"), received("b.txt", ""), received("c.txt", "甲的内容。")]
    incoming.take(files)
    assert statuses(finished(incoming, 3)) == ["added", "refused", "unchanged"]
    assert kept(tmp_path) == [] and not any(path.exists() for path, _ in files)


def test_what_a_file_of_the_same_name_replaced_can_be_taken_back(
    server: Serve, received: Receive, library: Library
) -> None:
    incoming = server()
    incoming.take([received("a.txt", "甲的内容。")])
    finished(incoming, 1)
    incoming.take([received("again/a.txt", "乙的内容。")])
    assert statuses(finished(incoming, 1)) == ["replaced"]
    assert [removed.document.file_name for removed in library.removed()] == ["a.txt"]


def test_a_file_chosen_to_replace_a_document_does_so_under_any_name(
    server: Serve, received: Receive, library: Library
) -> None:
    incoming = server()
    incoming.take([received("a.txt", "甲的内容。"), received("other.txt", "丙的内容。")])
    old, other = (upload.addition.id for upload in finished(incoming, 2) if upload.addition)
    assert old and other
    incoming.take([received("new.txt", "乙的内容。")], replaces=old)
    (upload,) = finished(incoming, 1)
    assert upload.decision == "replaced" and upload.addition
    assert [d.file_name for d in library.documents()] == ["other.txt", "new.txt"]
    assert library.fate([old])[old].by == upload.addition.id
    assert [removed.document.id for removed in library.removed()] == [old]


@pytest.mark.parametrize("text", ["甲的内容。", ""])
def test_a_file_that_brings_nothing_new_replaces_nothing(
    server: Serve, received: Receive, library: Library, text: str
) -> None:
    incoming = server()
    incoming.take([received("a.txt", "甲的内容。")])
    old = library.documents()[0].id if finished(incoming, 1) else ""
    incoming.take([received("new.txt", text)], replaces=old)
    (upload,) = finished(incoming, 1)
    assert upload.decision == "" and [d.id for d in library.documents()] == [old]


def test_a_file_outside_the_upload_folder_is_not_opened(server: Serve, library: Library, tmp_path: Path) -> None:
    secret, folder = tmp_path / "secret.txt", tmp_path / "uploads"
    secret.write_text("秘密", "utf-8")
    folder.mkdir()
    (folder / "link.txt").symlink_to(secret)
    incoming = server()
    incoming.take([(secret, "a.txt"), (folder / "link.txt", "b.txt"), (folder / "../secret.txt", "c.txt")])
    assert statuses(finished(incoming, 3)) == ["foreign"] * 3
    assert library.documents() == [] and secret.exists()


def test_files_are_added_while_nobody_looks_and_the_outcome_is_kept_until_it_is_cleared(
    server: Serve, received: Receive, library: Library, tmp_path: Path
) -> None:
    incoming = server()
    incoming.take([received("a.txt", "甲的内容。")])
    finished(incoming, 1)
    assert [document.file_name for document in library.documents()] == ["a.txt"]
    incoming.clear()
    assert incoming.uploads() == [] and list((tmp_path / "incoming").rglob("record.json")) == []


def test_files_wait_for_the_assistant_to_be_ready(server: Serve, received: Receive, library: Library) -> None:
    assistant = Assistant(library, Path("none"), 1000)
    incoming = server(assistant)
    incoming.take([received("a.txt", "甲的内容。")])
    until = time.monotonic() + SOON
    while incoming.uploads()[0].stage != "not_ready":
        assert time.monotonic() < until
        time.sleep(0.01)
    assert library.documents() == []
    assistant.prepare()
    assert statuses(finished(incoming, 1)) == ["added"]


def test_what_comes_later_clears_what_was_finished_but_nothing_that_goes_on(
    server: Serve, received: Receive, make_library: Callable[..., Library], embedder: Any
) -> None:
    gate = Gate(embedder)
    slow = Assistant(make_library(gate), Path("none"), 1000)
    slow.prepare()
    incoming = server(slow)
    incoming.take([received("bad.txt", ""), received("a.txt", "甲的内容。")])
    finished(incoming, 1)
    incoming.take([received("b.txt", "乙的内容。")])
    assert [upload.name for upload in incoming.uploads()] == ["bad.txt", "a.txt", "b.txt"]
    gate.open.set()
    finished(incoming, 3)
    incoming.take([received("c.txt", "丙的内容。")])
    assert [upload.name for upload in incoming.uploads()] == ["c.txt"]
    assert statuses(finished(incoming, 1)) == ["added"]


def test_a_fault_of_the_program_is_told_and_the_next_file_is_added(
    server: Serve, received: Receive, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = assistant.library.add

    def fail_once(*arguments: Any, **options: Any) -> Any:
        monkeypatch.setattr(assistant.library, "add", add)
        raise RuntimeError("a fault")

    monkeypatch.setattr(assistant.library, "add", fail_once)
    incoming = server()
    incoming.take([received("a.txt", "甲的内容。"), received("b.txt", "乙的内容。")])
    assert statuses(finished(incoming, 2)) == ["fault", "added"]


# Restarts


def test_a_server_that_starts_adds_what_one_that_ended_had_received(
    server: Serve, received: Receive, library: Library
) -> None:
    ended = server(start=False)
    ended.take([received("a.txt", "甲的内容。"), received("b.txt", "乙的内容。")])
    ended._own.close()  # the system does so when a process ends
    restarted = server()
    assert statuses(finished(restarted, 2)) == ["added", "added"]
    assert [document.file_name for document in library.documents()] == ["a.txt", "b.txt"]


def test_outcomes_and_offers_are_still_shown_after_a_restart(server: Serve, received: Receive) -> None:
    ended = server()
    ended.take([received("a.txt", REPORT), received("b.txt", CORRECTED)])
    before = finished(ended, 2)
    ended._own.close()
    restarted = server()
    after = finished(restarted, 2)
    assert [(u.id, u.name, u.addition, u.stage) for u in after] == [(u.id, u.name, u.addition, u.stage) for u in before]
    assert [offer.upload.name for offer in restarted.offers()] == ["b.txt"]


def test_what_a_running_server_holds_is_left_to_it(server: Serve, received: Receive, tmp_path: Path) -> None:
    running = server(start=False)
    running.take([received("a.txt", "甲的内容。")])
    other = server()
    other.take([received("b.txt", "乙的内容。")])
    assert [upload.name for upload in finished(other, 1)] == ["b.txt"]
    assert len(kept(tmp_path)) == 1
    running.start()
    assert statuses(finished(running, 1)) == ["added"]


def test_a_server_that_runs_takes_over_what_another_had_received_when_it_ended(
    server: Serve, received: Receive, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.05)
    running, other = server(), server(start=False)
    other.take([received("a.txt", "甲的内容。"), received("b.txt", "乙的内容。")])
    time.sleep(0.5)
    assert running.uploads() == [] and library.documents() == []
    other._own.close()
    assert statuses(finished(running, 2)) == ["added", "added"]


def test_a_removed_document_is_deleted_in_time_although_nobody_does_anything(
    server: Serve, make_library: Callable[..., Library], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.05)
    library = make_library(undo_seconds=0.3)
    path = tmp_path / "a.txt"
    path.write_text("甲的内容。", "utf-8")
    library.remove(library.add(path).id or "", undo=True)
    assert list(library.trash.iterdir())
    server(Assistant(library, tmp_path / "none", 1000))
    until = time.monotonic() + SOON
    while list(library.trash.iterdir()):
        assert time.monotonic() < until
        time.sleep(0.02)


# Offers


@pytest.fixture
def offering(server: Serve, received: Receive) -> Iterator[Incoming]:
    """A report and its corrected version have been added."""
    incoming = server()
    incoming.take([received("a.txt", REPORT), received("b.txt", CORRECTED)])
    finished(incoming, 2)
    yield incoming


def test_a_corrected_version_is_offered_with_what_differs(offering: Incoming) -> None:
    (offer,) = offering.offers()
    assert (offer.old.file_name, offer.new.file_name) == ("a.txt", "b.txt")
    assert [(d.old, d.new) for d in offer.differences] == [(LINES[6], CORRECTED.split("\n")[6])]


def test_replacing_removes_the_old_version_so_that_it_can_be_taken_back(offering: Incoming, library: Library) -> None:
    (offer,) = offering.offers()
    assert offering.replace_old(offer.upload.id) == offer.old
    assert [document.file_name for document in library.documents()] == ["b.txt"]
    assert [removed.document.id for removed in library.removed()] == [offer.old.id]
    fate = library.fate([offer.old.id])[offer.old.id]
    assert (fate.state, fate.by) == ("replaced", offer.new.id)
    assert offering.offers() == [] and offering.uploads()[1].decision == "replaced"
    assert offering.replace_old(offer.upload.id) is None, "a second click does nothing"
    library.take_back(offer.old.id)
    assert offering.offers() == [], "what was decided is not asked again"


def test_keeping_both_ends_the_offer(offering: Incoming, library: Library) -> None:
    offering.clear()
    (offer,) = offering.offers()  # what must be decided is not cleared away
    offering.keep_both(offer.upload.id)
    assert offering.offers() == [] and len(library.documents()) == 2
    offering.clear()
    assert offering.uploads() == []


def test_an_offer_ends_with_either_document(offering: Incoming, library: Library) -> None:
    (offer,) = offering.offers()
    library.remove(offer.new.id)
    assert offering.offers() == [] and offering.replace_old(offer.upload.id) is None
    assert [document.id for document in library.documents()] == [offer.old.id]


@pytest.mark.parametrize("unknown", ["", "0123456789abcdef", "../a"])
def test_only_what_was_offered_can_be_replaced(offering: Incoming, library: Library, unknown: str) -> None:
    for upload_id in (unknown, offering.uploads()[0].id, *(document.id for document in library.documents())):
        assert offering.replace_old(upload_id) is None
        offering.keep_both(upload_id)
    assert len(library.documents()) == 2 and len(offering.offers()) == 1
