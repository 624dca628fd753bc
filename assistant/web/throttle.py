"""Bounds on attempts to sign in: after some that failed, each further one must wait twice as long."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

LONGEST_WAIT = 300.0  # seconds: 12 guesses an hour, and nobody is kept out for longer by somebody else's guesses
FORGET_SECONDS = 3600.0  # failures are forgotten this long after the last
KEPT = 10_000  # names and addresses remembered; beyond it the oldest failures are forgotten


@dataclass(frozen=True, slots=True)
class Failures:
    """How many attempts failed, and when the last one was."""

    count: int
    last: float


class Throttle:
    """Counts failures by key, such as a name or an address. Safe to use from several threads."""

    def __init__(self, free: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`free`: failures after which one still need not wait."""
        self._free, self._clock = free, clock
        self._lock = threading.Lock()
        self._failures: dict[str, Failures] = {}

    def attempt(self, key: str) -> float:
        """0 where the attempt may be made, which then counts as failed until `succeeded`; else the seconds to wait."""
        now = self._clock()
        with self._lock:
            before = self._failures.pop(key, None)
            if before is None or now - before.last >= FORGET_SECONDS:
                before = Failures(0, now - FORGET_SECONDS)
            wait = before.last + self._pause(before.count) - now
            self._failures[key] = before if wait > 0 else Failures(before.count + 1, now)  # the newest stand last
            while len(self._failures) > KEPT:
                del self._failures[next(iter(self._failures))]
        return max(wait, 0.0)

    def succeeded(self, key: str) -> None:
        """Forgets the failures of this key."""
        with self._lock:
            self._failures.pop(key, None)

    def _pause(self, count: int) -> float:
        beyond = count - self._free
        return 0.0 if beyond < 0 else min(2.0 ** min(beyond, 60), LONGEST_WAIT)
