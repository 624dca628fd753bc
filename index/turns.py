"""Whose pass through the model is next: a question's goes before all that is being indexed."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock

from index.types import Role


class Turns:
    """One pass at a time; who waits with a query is served first, and each kind in the order of its coming."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken = False
        self._waiting: dict[Role, deque[Event]] = {"query": deque(), "passage": deque()}

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

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
