"""How long a piece of work will still take: known from its own pace, and not told before."""

import time
from collections import deque
from collections.abc import Callable

WINDOW = 6  # blocks whose pace counts: the processor is shared, and an old pace says little of the present one
KNOWN_SECONDS = 2.0  # a pace seen for a shorter time is no estimate
LEAST_SECONDS = 1.0  # work that takes longer than was thought is still said to be nearly over, not to be done


class Pace:
    """The time left of `total` steps that come in blocks of like work. `clock` gives seconds."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._marks = deque([(clock(), 0)], maxlen=WINDOW + 1)

    def reached(self, done: int) -> None:
        """A block ends: so many steps are done."""
        self._marks.append((self._clock(), done))

    def left(self) -> float | None:
        """Seconds, from the rate of the last blocks; None until it is known."""
        (begun, first), (last, done) = self._marks[0], self._marks[-1]
        if last - begun < KNOWN_SECONDS or done <= first:
            return None
        whole = (self._total - done) * (last - begun) / (done - first)
        return max(LEAST_SECONDS, whole - (self._clock() - last))
