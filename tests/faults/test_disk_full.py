"""A disk that is full: what was acknowledged stays, the error says so, and with space again work goes on."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import InputRefused, LibraryUnusable, back_up, restore
from tests.faults.oracle import check
from tests.faults.work import State, content, open_library

DISK = "3m"  # some ten documents
SPARE = 600_000  # bytes of a file that is deleted to make space again
MOST = 60  # documents that surely fill it


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own; where none can be mounted the test is skipped."""
    mount = shutil.which("mount")
    if sys.platform != "linux" or mount is None or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs Linux and root")
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run([mount, "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(place)], capture_output=True)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.decode(errors='replace').strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def spare(disk: Path) -> Path:
    path = disk / "spare"
    path.write_bytes(bytes(SPARE))
    return path


def put(tmp_path: Path, name: str) -> Path:
    """A file to add, on another disk than the library."""
    path = tmp_path / "given" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content(name, "1"), encoding="utf-8")
    return path


def filled(folder: Path, tmp_path: Path) -> State:
    """Adds and searches until the disk is full; returns what was acknowledged."""
    library, state = open_library(folder), State()
    with pytest.raises(LibraryUnusable) as error:
        for number in range(MOST):
            name = f"n{number}.txt"
            assert library.add(put(tmp_path, name)).status == "added"
            state[name] = "1"
            library.search("港口")
    assert "\n" not in str(error.value) and "space" in error.value.en and "余量" in error.value.zh
    assert len(state) > 1
    return state


def test_a_full_disk_is_told_loses_nothing_and_works_again_with_space(disk: Path, spare: Path, tmp_path: Path) -> None:
    folder = disk / "data"
    state = filled(folder, tmp_path)
    spare.unlink()
    check(folder, [state])
    assert open_library(folder).add(put(tmp_path, "later.txt")).status == "added"
    check(folder, [state | {"later.txt": "1"}])


def test_documents_can_be_removed_from_a_full_disk(disk: Path, spare: Path, tmp_path: Path) -> None:
    """A few kilobytes are needed for the journal, as a user frees them by emptying a wastebasket."""
    folder = disk / "data"
    state = filled(folder, tmp_path)
    os.truncate(spare, SPARE // 2)
    library = open_library(folder)
    for name in list(state)[::2]:
        library.remove(next(d.id for d in library.documents() if d.file_name == name))
        del state[name]
    check(folder, [state])


def test_a_reader_goes_on_when_the_cache_cannot_be_saved(disk: Path, tmp_path: Path) -> None:
    folder = disk / "data"
    library = open_library(folder)
    library.add(put(tmp_path, "a.txt"))
    with library.catalogue.read():  # keeps the files of the journal, which a reader needs, in place
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as out, pytest.raises(OSError):
            while True:
                out.write(bytes(4096))
        assert library.search("港口").hits
        assert sorted(p.name for p in folder.glob("*.faiss*")) == []
    filler.unlink()
    check(folder, [{"a.txt": "1"}])


def test_a_backup_that_does_not_fit_is_told_and_leaves_nothing(disk: Path, tmp_path: Path) -> None:
    library = open_library(tmp_path / "data")
    for number in range(12):
        library.add(put(tmp_path, f"n{number}.txt"))
    (disk / "filler").write_bytes(bytes(2_500_000))
    for _ in range(2):
        with pytest.raises(InputRefused, match=r"写不成.*cannot be written"):
            back_up(library.folder, disk / "library.zip")
        assert [p.name for p in disk.iterdir()] == ["filler"]


@pytest.mark.parametrize("known", [True, False], ids=["told before", "while unpacking"])
def test_a_restore_that_does_not_fit_is_told_and_keeps_the_old_library(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    large, small = open_library(tmp_path / "data"), open_library(disk / "data")
    for number in range(8):
        large.add(put(tmp_path, f"n{number}.txt"))
    small.add(put(tmp_path, "mine.txt"))
    back_up(large.folder, tmp_path / "library.zip")
    room = (tmp_path / "library.zip").stat().st_size // 2
    (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free - room))
    if not known:
        free = shutil.disk_usage(tmp_path)
        monkeypatch.setattr(shutil, "disk_usage", lambda path: free)
    with pytest.raises(LibraryUnusable, match=r"无法恢复.*cannot be restored"):
        restore(small.folder, tmp_path / "library.zip", force=True)
    check(small.folder, [{"mine.txt": "1"}])


def test_a_document_is_removed_also_where_it_cannot_be_kept_for_undo(tmp_path: Path) -> None:
    library = open_library(tmp_path / "data")
    library.add(put(tmp_path, "mine.txt"))
    document_id = str(library.add(put(tmp_path, "other.txt")).id)
    library.trash.write_text("in the way, as a full disk would be")
    library.remove(document_id, undo=True)
    with pytest.raises(InputRefused):
        library.take_back(document_id)
    check(library.folder, [{"mine.txt": "1"}], [("other.txt", "1")])
