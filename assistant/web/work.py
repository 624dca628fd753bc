"""Work that may take a while, seen from a page: its latest step until it is done, then its outcome."""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from assistant import Progress, ProgressCallback

T = TypeVar("T")
STEP_SECONDS = 0.3  # how often the page is shown how far it is


class Work(Generic[T]):
    """Runs `call` in a thread of its own, which goes on when nobody looks any more.

    Iterating gives its latest step, None before the first, until it is done; `result` what it returned or raised.
    """

    def __init__(self, call: Callable[[ProgressCallback], T]) -> None:
        self._call = call
        self._steps: queue.SimpleQueue[Progress] = queue.SimpleQueue()
        self._returned: list[T] = []
        self._raised: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="xietong-work", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._returned.append(self._call(self._steps.put))
        except BaseException as error:  # raised again by `result`
            self._raised = error

    def __iter__(self) -> Iterator[Progress | None]:
        latest = None
        while True:
            self._thread.join(STEP_SECONDS)
            if not self._thread.is_alive():
                return
            while not self._steps.empty():
                latest = self._steps.get()
            yield latest

    def result(self) -> T:
        """What the call returned, once it is done. Raises what the call raised."""
        self._thread.join()
        if self._raised is not None:
            raise self._raised
        return self._returned[0]
