"""A folder of one server among several on a data folder, and what those that have ended left in theirs."""

import secrets
import shutil
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from assistant import InputRefused, hold_folder

NAME_BYTES = 8


class OwnFolder:
    """A folder below `parent` that is locked for as long as this process lives. Safe to use from several threads.

    Where the system has no such locks (Windows, some network folders) one server may use a data folder at a time.
    """

    def __init__(self, parent: Path) -> None:
        self.parent, self.path = parent, parent / secrets.token_hex(NAME_BYTES)
        self._held, self._lock = ExitStack(), threading.Lock()

    def open(self) -> Path:
        """The folder, made and locked. Raises OSError, and LibraryUnusable where the parent stays locked."""
        with self._lock:
            if not self.path.is_dir():
                self.parent.mkdir(parents=True, exist_ok=True)
                with hold_folder(self.parent):  # an empty folder without a lock looks like one that was left
                    self.path.mkdir()
                    self._held.enter_context(hold_folder(self.path))
        return self.path

    def inherit(self, take: Callable[[Path], None]) -> None:
        """Gives `take` each folder of a server that has ended, which is deleted after it, once the own one is open.

        Returns at once where another server does the same. Raises OSError, and LibraryUnusable as `open` does.
        """
        others = [path for path in self.parent.iterdir() if self._is_other(path)] if self.parent.is_dir() else []
        if not others:
            return
        self.open()
        with suppress(InputRefused), hold_folder(self.parent, alone=True, seconds=0):
            for other in sorted(others):
                with suppress(InputRefused, OSError), hold_folder(other, alone=True, seconds=0):
                    take(other)
                    shutil.rmtree(other, ignore_errors=True)

    def close(self) -> None:
        """Lets go of the folder, as the system does when a process ends."""
        self._held.close()

    def _is_other(self, path: Path) -> bool:
        return path.is_dir() and path != self.path
