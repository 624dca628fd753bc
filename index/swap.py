"""Putting restored contents in the place of the old ones, so that a crash at any moment leaves one or the other.

    restore/new     what is being unpacked; worth nothing yet
    restore/old     the old contents, moved aside one by one
    restore/ready   was restore/new: all the old is aside, the new moves in, then the old is deleted

While restore/ready is not there the old contents count, from then on the new. Whoever opens the library next
finishes what a crash broke off.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import LibraryUnusable
from index.lock import hold

PLACE = "restore"
# What the program writes into a data folder. Uploads under way and what others put there stay where they are.
PATTERNS = ("*.db", "*.db-wal", "*.db-shm", "*.db-journal", "*.faiss", "*.tmp", "files", "trash")


def contents(folder: Path) -> list[Path]:
    """What a restore puts aside."""
    return sorted(path for pattern in PATTERNS for path in folder.glob(pattern))


def staging(folder: Path) -> Path:
    """Where new contents are gathered."""
    return folder / PLACE / "new"


def sync(folder: Path) -> None:
    """Makes the names in a folder outlast a power cut, where the system can."""
    if sys.platform == "win32":
        return
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def swap(folder: Path) -> None:
    """Takes what is in `staging(folder)` for the folder's contents. The caller has the folder alone.

    Raises OSError with the old contents back in their place.
    """
    old = folder / PLACE / "old"
    try:
        old.mkdir()
        for path in contents(folder):
            path.rename(old / path.name)
        for place in (old, staging(folder), folder):
            sync(place)
        staging(folder).rename(folder / PLACE / "ready")
    except OSError:
        _finish(folder)
        raise
    _finish(folder)


@contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """Keeps restores out until the block ends; before it, finishes one that was broken off."""
    while True:
        settle(folder)
        with hold(folder):
            if not (folder / PLACE).exists():
                yield
                return


def settle(folder: Path) -> None:
    """Finishes a restore that was broken off: forward where all the old is aside, else back.

    Waits for one that goes on. Raises LibraryUnusable where it cannot.
    """
    if not (folder / PLACE).exists():
        return
    with hold(folder):
        pass  # a restore that goes on is over now
    try:
        with hold(folder, alone=True):
            if (folder / PLACE).exists():
                _finish(folder)
    except OSError as error:
        raise LibraryUnusable(
            f"“{folder / PLACE}”中有一次中断的恢复,收尾失败({error.strerror}):数据文件夹须可写;"
            "请检查权限和空间后再试。",
            f'the restore that was broken off in "{folder / PLACE}" cannot be finished ({error.strerror}): the data '
            "folder must be writable; check its permissions and space and try again.",
        ) from error


def _finish(folder: Path) -> None:
    """Once `ready` is there, it goes last: were it gone before the old, the old would come back."""
    place, ready = folder / PLACE, folder / PLACE / "ready"
    old = place / "old"
    for path in sorted((ready if ready.is_dir() else old).glob("*")):
        path.rename(folder / path.name)
    sync(folder)
    if old.is_dir():
        shutil.rmtree(old)
    shutil.rmtree(place)
