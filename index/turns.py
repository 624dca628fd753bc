"""Who goes first: a question before all that is being indexed, at the model and with the processor."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Condition, Event, Lock

from index.lock import is_marked, marked
from index.types import Role

POLL_SECONDS = 0.01  # between two looks at whether other processes answer


class Turns:
    """So many passes at a time; who waits with a query is served first, and each kind in the order of its coming."""

    def __init__(self, places: int = 1) -> None:
        self._lock = Lock()
        self._free = places
        self._waiting: dict[Role, deque[Event]] = {"query": deque(), "passage": deque()}

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

    def spare(self) -> bool:
        """Could another pass begin at once?"""
        with self._lock:
            return self._free > 0

    @contextmanager
    def take(self, role: Role) -> Iterator[None]:
        """Waits for its turn, and has it until the block ends."""
        self._enter(role)
        try:
            yield
        finally:
            self._leave()

    def give_way(self) -> None:
        """For who has the turn for a passage: lets the queries that wait go first, and has it again afterwards."""
        with self._lock:
            if not self._waiting["query"]:
                return
            turn = Event()
            self._waiting["passage"].appendleft(turn)
            self._hand_over()
        try:
            turn.wait()
        except BaseException:  # Ctrl-C: whoever has a turn ends it
            turn.wait()
            raise

    def _enter(self, role: Role) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn = Event()
            self._waiting[role].append(turn)
        try:
            turn.wait()
        except BaseException:  # Ctrl-C in the main thread: what was waited for is given on
            with self._lock:
                given = turn.is_set()
                if not given:
                    self._waiting[role].remove(turn)
            if given:
                self._leave()
            raise

    def _leave(self) -> None:
        with self._lock:
            self._hand_over()

    def _hand_over(self) -> None:
        """To who is next; the caller holds the lock."""
        for queue in (self._waiting["query"], self._waiting["passage"]):
            if queue:
                queue.popleft().set()  # the place stays taken
                return
        self._free += 1


class Asked:
    """Knows of questions that are being answered, so that other work can wait for a moment without any.

    `mark`: a lock file in which processes that answer and add from one data folder see each other.
    """

    def __init__(self, mark: Path) -> None:
        self._mark = mark
        self._marked = ExitStack()
        self._changed = Condition()
        self._under_way = 0

    @contextmanager
    def question(self) -> Iterator[None]:
        """One is being answered until the block ends."""
        with self._changed:
            self._under_way += 1
            if self._under_way == 1:
                self._marked.enter_context(marked(self._mark))
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                if not self._under_way:
                    self._marked.close()
                    self._changed.notify_all()

    def wait_for_none(self, seconds: float) -> None:
        """Returns when none is being answered, or after so many seconds: whoever waits must come on, too."""
        until = time.monotonic() + seconds
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way, seconds)
        while is_marked(self._mark) and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
