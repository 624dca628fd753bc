"""Who uses a data folder: readers, writers and servers hold its lock together, a restore holds it alone.

And whose turn it is at work that only one process should do while others wait for it.

The lock is advisory (flock) on an empty file; the system lets go of it when a process ends, however it ends.
Without flock (Windows, some network folders) nobody is kept out, and whoever restores must stop the other
processes himself: Windows refuses to move a database that is open, and the restore then puts everything back.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from index.errors import InputRefused, LibraryUnusable

LOCK_FILE = "xietong.lock"
WAIT_SECONDS = 60.0  # a reader or writer waits this long for a restore to end
ALONE_SECONDS = 2.0  # a restore waits this long for a command that just lists or asks
POLL_SECONDS = 0.02

if sys.platform == "win32":

    def _try(file: int, alone: bool) -> bool:
        return True

else:
    import fcntl

    def _try(file: int, alone: bool) -> bool:
        """Takes the lock if it is free; True also where the file system has no locks."""
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True


@contextmanager
def hold(folder: Path, *, alone: bool = False, seconds: float | None = None) -> Iterator[None]:
    """Holds the lock of an existing folder until the block ends, together with others or alone.

    `seconds`: how long it waits, by default as long as a restore may take or a command that just lists or asks. Raises
    InputRefused where others use a folder that is wanted alone, LibraryUnusable where a restore goes on.
    """
    file = _opened(folder / LOCK_FILE)
    if file is None:  # a folder that cannot be written is not restored either
        yield
        return
    try:
        if not _taken(file, alone, (ALONE_SECONDS if alone else WAIT_SECONDS) if seconds is None else seconds):
            raise _in_use(folder) if alone else _being_restored(folder)
        yield
    finally:
        os.close(file)


@contextmanager
def alone_with(path: Path, seconds: float) -> Iterator[bool]:
    """Holds the lock of an empty file alone until the block ends; False where it is not free within so many seconds."""
    file = _opened(path)
    if file is None:  # who cannot write there does not get in another's way
        yield True
        return
    try:
        yield _taken(file, True, seconds)
    finally:
        os.close(file)


@contextmanager
def marked(path: Path) -> Iterator[None]:
    """Until the block ends `is_marked` says so to every process; several may mark at once. Waits for nobody."""
    file = _opened(path)
    if file is None:
        yield
        return
    try:
        _try(file, alone=False)  # in vain only at the moment at which another looks
        yield
    finally:
        os.close(file)


def is_marked(path: Path) -> bool:
    """Does some process mark a lock file now? Always False where there are no locks."""
    with alone_with(path, seconds=0) as free:
        return not free


def _opened(path: Path) -> int | None:
    for flags in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):
        try:
            return os.open(path, flags, 0o666)
        except OSError:
            continue
    return None


@contextmanager
def turn(path: Path, waiting: AbstractContextManager[None]) -> Iterator[None]:
    """Waits for the turn that a lock file stands for, however long another process has it, and holds it.

    The system gives it back when a process ends, however it ends. `waiting` is entered while it must wait.
    """
    file = _opened(path)
    if file is None:  # nobody can work in a folder that cannot be written
        yield
        return
    try:
        if not _try(file, alone=True):
            with waiting:
                while not _try(file, alone=True):
                    time.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(file)


def _taken(file: int, alone: bool, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not _try(file, alone):
        if time.monotonic() > until:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _in_use(folder: Path) -> InputRefused:
    return InputRefused(
        f"数据文件夹“{folder}”正被另一个进程使用(网页服务或添加):恢复时须无人使用;请先停止它再恢复。",
        f'data folder "{folder}" is in use by another process (a server, or one that adds): a restore needs it alone; '
        "stop the other and restore again.",
    )


def _being_restored(folder: Path) -> LibraryUnusable:
    return LibraryUnusable(
        f"数据文件夹“{folder}”正在从备份恢复,等待{WAIT_SECONDS:.0f}秒仍未完成:请等它完成后再试。",
        f'data folder "{folder}" is being restored from a backup and was not done within {WAIT_SECONDS:.0f} s: wait '
        "for it and try again.",
    )
