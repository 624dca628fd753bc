from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant import Addition, Progress
from assistant.web.uploads import MAX_TRIES, ORIGINAL, RECORD, Upload, is_inside, load, save, uploaded

ADDED = Addition("/x", "a.txt", "added", "0123456789abcdef", None, "fedcba9876543210")


def payload(path: Path, name: str) -> dict[str, Any]:
    return {"path": str(path), "orig_name": name, "size": 1}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An upload's folder with its file."""
    (tmp_path / "u1").mkdir()
    (tmp_path / "u1" / ORIGINAL).write_text("甲", "utf-8")
    return tmp_path / "u1"


def test_files_keep_the_names_that_they_had(tmp_path: Path) -> None:
    names = ["《方案》(试行).txt", "C:\\文件\\报告.txt", "../../etc/passwd", ""]
    found = uploaded([payload(tmp_path / "x.txt", name) for name in names])
    assert [name for _, name in found] == ["《方案》(试行).txt", "报告.txt", "passwd", "x.txt"]
    assert uploaded(None) == [] and len(uploaded(payload(tmp_path / "x", "y"))) == 1


def test_only_files_below_the_folder_are_inside_it(tmp_path: Path) -> None:
    folder, secret = tmp_path / "uploads", tmp_path / "secret.txt"
    folder.mkdir()
    for path in (folder / "a.txt", secret):
        path.write_text("x", "utf-8")
    (folder / "link.txt").symlink_to(secret)
    assert is_inside(folder / "a.txt", folder)
    for outside in (folder, folder / "absent.txt", secret, folder / "link.txt", folder / "../secret.txt"):
        assert not is_inside(outside, folder)


@pytest.mark.parametrize(
    "upload",
    [
        Upload("u1", "甲.txt", "done", 1, addition=ADDED, decision="kept"),
        Upload("u1", "甲.txt", "error", 2, error=("坏", "bad")),
        Upload("u1", "甲.txt"),
    ],
)
def test_what_was_saved_is_loaded_as_it_was(place: Path, upload: Upload) -> None:
    save(place, replace(upload, progress=Progress("甲.txt", 1, 2)))
    assert load(place) == upload


def test_a_file_that_was_being_added_waits_again_after_a_restart(place: Path) -> None:
    save(place, Upload("u1", "甲.txt", "not_ready", 1))
    assert (load(place).stage, load(place).tries) == ("waiting", 1)


def test_a_file_that_ended_the_server_again_and_again_is_not_tried_for_ever(place: Path) -> None:
    save(place, Upload("u1", "甲.txt", "not_ready", MAX_TRIES))
    assert load(place).stage == "broken_off"


def test_a_file_that_is_lost_is_told_by_its_name(place: Path) -> None:
    save(place, Upload("u1", "甲.txt"))
    (place / ORIGINAL).unlink()
    assert (load(place).stage, load(place).name) == ("broken_off", "甲.txt")


@pytest.mark.parametrize("record", [b"", b"[]", b'{"name": 1}', b"\xff", b'{"id": "u", "name": "a", "new": 1}'])
def test_a_record_that_cannot_be_read_is_told(place: Path, record: bytes) -> None:
    (place / RECORD).write_bytes(record)
    assert load(place).stage == "broken_off"
