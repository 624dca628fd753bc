import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from index import InputRefused, Library
from index.trash import kept


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "通报.txt"
    path.write_text("试点航线共开通7条。\n接待游客48.6万人次。\n", encoding="utf-8")
    return path


def test_a_removed_document_is_taken_back_as_it_was(library: Library, report: Path) -> None:
    added = library.add(report, title="海河通报", date="2023-05-01")
    before = library.document(added.id or "")
    library.remove(before.id, undo=True)
    assert library.documents() == [] and library.search("接待游客").hits == ()
    again = library.take_back(before.id)
    after = library.document(again.id or "")
    assert (after.id, after.title, after.date, after.file_name) == (before.id, "海河通报", "2023-05-01", "通报.txt")
    assert library.search("接待游客").hits
    assert list(library.trash.glob("*")) == []


def test_a_document_that_another_of_its_name_replaced_is_taken_back_beside_it(library: Library, report: Path) -> None:
    old = library.document(library.add(report).id or "")
    report.write_text("另一份同名的通报。\n", encoding="utf-8")
    new = library.add(report, undo=True)
    assert new.status == "replaced" and [d.id for d in library.documents()] == [new.id]
    assert [removed.document for removed in library.removed()] == [old]
    library.take_back(old.id)
    assert [d.id for d in library.documents()] == [new.id, old.id] and library.search("接待游客").hits
    report.write_text("第三份同名的通报。\n", encoding="utf-8")
    library.add(report)
    assert library.removed() == [], "without `undo` nothing is kept"


def test_nothing_is_kept_of_a_document_removed_for_good(library: Library, report: Path) -> None:
    added = library.add(report)
    library.remove(added.id or "", undo=True)
    library.add(report)
    library.remove(added.id or "")
    assert list(library.trash.glob("*")) == []
    with pytest.raises(InputRefused, match="10 分钟"):
        library.take_back(added.id or "")


def test_a_removal_cannot_be_undone_after_its_time(library: Library, report: Path) -> None:
    added = library.add(report)
    library.remove(added.id or "", undo=True)
    old = time.time() - 601
    os.utime(library.trash / (added.id or ""), (old, old))
    with pytest.raises(InputRefused):
        library.take_back(added.id or "")
    assert list(library.trash.glob("*")) == []


def test_what_can_still_be_taken_back_is_listed_by_any_process_the_latest_first(
    make_library: Callable[..., Library], report: Path, tmp_path: Path
) -> None:
    library, other = make_library(undo_seconds=600), tmp_path / "另一份.txt"
    other.write_text("河道整治完成31.5公里。\n", encoding="utf-8")
    ids = [library.add(path).id or "" for path in (report, other)]
    for document_id, ago in zip(ids, (300, 100), strict=True):
        library.remove(document_id, undo=True)
        then = time.time() - ago
        os.utime(library.trash / document_id, (then, then))
    again = make_library(undo_seconds=600)
    listed = again.removed()
    assert [removed.document.file_name for removed in listed] == ["另一份.txt", "通报.txt"]
    for removed, ago in zip(listed, (100, 300), strict=True):
        assert time.time() - removed.removed_at == pytest.approx(ago, abs=5)
        assert removed.until - removed.removed_at == pytest.approx(600)
    assert [r.document.file_name for r in make_library(undo_seconds=200).removed()] == ["另一份.txt"]
    again.take_back(ids[1])
    again.add(report)
    assert again.removed() == [], "what is in the library again needs no taking back"


def test_what_was_removed_is_deleted_once_its_time_is_over(library: Library, report: Path) -> None:
    added = library.add(report)
    library.remove(added.id or "", undo=True)
    library.expire()
    assert len(library.removed()) == 1
    old = time.time() - 601
    os.utime(library.trash / (added.id or ""), (old, old))
    library.sweep()
    assert list(library.trash.glob("*")) == []


def test_the_trash_is_told_by_doctor_and_is_no_fault(library: Library, report: Path) -> None:
    added = library.add(report)
    library.remove(added.id or "", undo=True)
    row = next(check for check in library.doctor() if check.check == "trash")
    assert row.ok and row.detail.startswith("1 ")


def test_no_path_is_taken_for_an_id(library: Library, report: Path, tmp_path: Path) -> None:
    added = library.add(report)
    library.remove(added.id or "", undo=True)
    assert kept(library.trash, added.id or "") is not None
    assert kept(library.trash / "deeper", f"../{added.id}") is None
    with pytest.raises(InputRefused):
        library.take_back(f"../trash/{added.id}")


def test_a_corrected_version_under_another_name_is_told_as_similar(library: Library, tmp_path: Path) -> None:
    lines = [f"第{n}项指标完成{n * 7}个单位。" for n in range(1, 41)]
    first, second, other = (tmp_path / name for name in ("甲.txt", "乙.txt", "丙.txt"))
    first.write_text("\n".join(lines), encoding="utf-8")
    second.write_text("\n".join([*lines[:-1], "第40项指标完成281个单位。"]), encoding="utf-8")
    other.write_text("\n".join(lines[:30]) + "\n" + "\n".join(f"另有安排{n}。" for n in range(10)), encoding="utf-8")
    one = library.add(first)
    assert one.similar_to is None
    assert library.add(second).similar_to == one.id
    assert library.add(other).similar_to is None
