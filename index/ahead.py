"""Long work on one thing after the other: the next ones are begun while what came of the last is put away."""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Event, Lock
from typing import TypeVar

from index.types import Progress, ProgressCallback

AT_WORK = 2  # things: one is read, cut and made into rows while the model has the other; more would fill the memory

T = TypeVar("T")
R = TypeVar("R")


class Abandoned(Exception):
    """Nobody waits any more for what is being worked on."""


def ahead(
    work: Callable[[T, ProgressCallback, Callable[[], None]], R],
    things: Sequence[T],
    progress: ProgressCallback | None = None,
) -> Generator[R]:
    """What `work` makes of each thing, in order; what it raises comes in the thing's place.

    `work` gets the thing, what it tells its steps (they reach `progress`, numbered, once the thing is the one waited
    for) and what it calls now and then: that raises Abandoned after the iteration has been broken off.
    """
    steps, broken_off = _Steps(len(things), progress), Event()
    begun: deque[Future[R]] = deque()

    def go_on() -> None:
        if broken_off.is_set():
            raise Abandoned

    pool = ThreadPoolExecutor(AT_WORK, "xietong-ahead")
    try:
        for number, thing in enumerate(things, 1):
            begun.append(pool.submit(work, thing, partial(steps.told, number), go_on))
            if len(begun) > AT_WORK:
                yield begun.popleft().result()
                steps.next()
        while begun:
            yield begun.popleft().result()
            steps.next()
    finally:
        broken_off.set()
        pool.shutdown(cancel_futures=True)


class _Steps:
    """Passes on the steps of the thing that is waited for, each with its number; of those after it keeps the last."""

    def __init__(self, things: int, progress: ProgressCallback | None) -> None:
        self._lock = Lock()
        self._things = things
        self._progress = progress
        self._awaited = 1
        self._last: dict[int, Progress] = {}

    def told(self, number: int, step: Progress) -> None:
        with self._lock:
            self._last[number] = replace(step, file=number, files=self._things)
            self._show()

    def next(self) -> None:
        with self._lock:
            self._awaited += 1
            self._show()

    def _show(self) -> None:
        if self._progress and (step := self._last.pop(self._awaited, None)):
            self._progress(step)
