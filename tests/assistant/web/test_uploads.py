from pathlib import Path
from typing import Any

import pytest

from assistant import Answer
from assistant.web import uploads as module
from assistant.web.table import upload_list
from assistant.web.texts import Words
from assistant.web.uploads import add_all, is_inside, uploaded


def payload(path: Path, name: str) -> dict[str, Any]:
    return {"path": str(path), "orig_name": name, "size": 1}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "uploads" / "ab").mkdir(parents=True)
    return tmp_path / "uploads"


def store(folder: Path, name: str, text: str) -> Path:
    path = folder / "ab" / name
    path.write_text(text, "utf-8")
    return path


def test_files_keep_the_names_that_they_had(tmp_path: Path) -> None:
    names = ["《方案》(试行).txt", "C:\\文件\\报告.txt", "../../etc/passwd", ""]
    found = uploaded([payload(tmp_path / "x.txt", name) for name in names])
    assert [upload.name for upload in found] == ["《方案》(试行).txt", "报告.txt", "passwd", "x.txt"]
    assert uploaded(None) == [] and len(uploaded(payload(tmp_path / "x", "y"))) == 1


def test_each_file_gets_its_outcome_and_its_upload_is_deleted(
    folder: Path, answered: Answer, assistant_with: Any
) -> None:
    good, bad, again = store(folder, "a.txt", "甲\n"), store(folder, "b.pdf", "x"), store(folder, "c.txt", "甲\n")
    assistant = assistant_with(answered)
    files = [payload(good, "a.txt"), payload(bad, "b.pdf"), payload(again, "c.txt")]
    *_, last = add_all(assistant, uploaded(files), folder)
    assert [row.addition.status for row in last if row.addition] == ["added", "refused", "unchanged"]
    assert [document.file_name for document in assistant.library.documents()] == ["a.txt"]
    assert not any(path.exists() for path in (good, bad, again))


def test_a_file_outside_the_upload_folder_is_not_opened(folder: Path, answered: Answer, assistant_with: Any) -> None:
    secret = folder.parent / "secret.txt"
    secret.write_text("秘密", "utf-8")
    (folder / "link.txt").symlink_to(secret)
    assistant = assistant_with(answered)
    files = [
        payload(secret, "a.txt"),
        payload(folder / "link.txt", "b.txt"),
        payload(folder / "../secret.txt", "c.txt"),
    ]
    *_, last = add_all(assistant, uploaded(files), folder)
    assert [row.stage for row in last] == ["foreign"] * 3
    assert assistant.library.documents() == [] and secret.exists()


def test_only_files_below_the_folder_are_inside_it(folder: Path) -> None:
    assert is_inside(store(folder, "a.txt", "x"), folder)
    assert not is_inside(folder, folder)
    assert not is_inside(folder / "absent.txt", folder)


def test_files_wait_for_the_model(
    folder: Path, answered: Answer, assistant_with: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    path = store(folder, "a.txt", "甲\n")
    steps = [
        rows[0].stage for rows in add_all(assistant_with(answered, waits=2), uploaded(payload(path, "a.txt")), folder)
    ]
    assert steps[:3] == ["not_ready", "not_ready", "running"] and steps[-1] == "done"


def test_the_outcome_is_said_in_words_and_escaped(
    folder: Path, evil: str, answered: Answer, assistant_with: Any
) -> None:
    files = uploaded(
        [payload(store(folder, "a.txt", "甲\n"), "a.txt"), payload(store(folder, "b.x", "x"), f"b{evil}.x")]
    )
    *_, last = add_all(assistant_with(answered), files, folder)
    html = upload_list(last, {}, Words("en"))
    assert "added" in html and "refused: bad format" in html
    assert "<img" not in html and "坏格式" not in html
    assert "坏格式" in upload_list(last, {}, Words("zh"))
