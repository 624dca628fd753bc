"""Whose pass through the model is next: a question's goes before all that is being indexed."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock

from index.types import Role

QUIET_SECONDS = 2.0  # after a query: where many ask, the next comes sooner


class Turns:
    """One pass at a time; who waits with a query is served first, and each kind in the order of its coming.

    `clock` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._queried = -QUIET_SECONDS + clock()  # when the last query came
        self._lock = Lock()
        self._taken = False
        self._waiting: dict[Role, deque[Event]] = {"query": deque(), "passage": deque()}

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

    @property
    def quiet(self) -> bool:
        """Has no query come to the model for a while?"""
        return self._clock() - self._queried >= QUIET_SECONDS

    @contextmanager
    def take(self, role: Role) -> Iterator[None]:
        """Waits for its turn, and has it until the block ends."""
        self._enter(role)
        try:
            yield
        finally:
            self._leave()

    def _enter(self, role: Role) -> None:
        with self._lock:
            if role == "query":
                self._queried = self._clock()
            if not self._taken:
                self._taken = True
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
            for queue in (self._waiting["query"], self._waiting["passage"]):
                if queue:
                    queue.popleft().set()  # the turn stays taken: it is handed over
                    return
            self._taken = False
