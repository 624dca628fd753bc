"""Many people asking at once while documents are added: threads that ask, read and ask again."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.timing import quantiles

SPREAD = 0.5  # of the thinking time, either way: people do not read in step


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many people for so many seconds; between answer and next question each thinks `think` seconds ± SPREAD of it.

    A document is added, then `add_pause` seconds pass, and the next is added.
    """

    people: int
    seconds: float
    think: float
    add_pause: float


@dataclass(slots=True)
class Told:
    """What happened. Times in seconds."""

    answers: list[float] = field(default_factory=list)
    additions: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def summary(self) -> dict[str, Any]:
        """Quantiles in milliseconds, answers a second, documents added, errors by their words."""
        return {
            **{f"{name}_ms": value * 1000 for name, value in quantiles(self.answers).items()},
            "answers": len(self.answers),
            "answers_per_s": len(self.answers) / self.seconds,
            "added": len(self.additions),
            "add_p50_s": quantiles(self.additions).get("p50"),
            "errors": sum(self.errors.values()),
            "error_kinds": dict(self.errors),
        }


def crowd(
    ask: Callable[[str], object],
    add: Callable[[Path], object],
    questions: Iterator[str],
    documents: Iterator[Path],
    how: Crowd,
) -> Told:
    """Lets the crowd ask until the time is over; what is under way then is finished and counted."""
    told, turn = Told(), threading.Lock()
    begun = time.monotonic()
    over = begun + how.seconds

    def timed(work: Callable[[Any], object], what: Any, times: list[float]) -> None:
        start = time.perf_counter()
        try:
            work(what)
        except Exception as error:  # whatever a library raises under load is what is counted here
            with turn:
                told.errors[f"{type(error).__name__}: {error}"[:200]] += 1
        else:
            with turn:
                times.append(time.perf_counter() - start)

    def person(chance: random.Random) -> None:
        time.sleep(chance.uniform(0, min(how.think, how.seconds)))
        while time.monotonic() < over:
            with turn:
                question = next(questions)
            timed(ask, question, told.answers)
            thinks = how.think * chance.uniform(1 - SPREAD, 1 + SPREAD)
            time.sleep(min(thinks, max(0.0, over - time.monotonic())))

    def editor() -> None:
        while time.monotonic() < over and (document := next(documents, None)):
            timed(add, document, told.additions)
            time.sleep(min(how.add_pause, max(0.0, over - time.monotonic())))

    threads = [threading.Thread(target=person, args=(random.Random(seed),)) for seed in range(how.people)]
    threads.append(threading.Thread(target=editor))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.seconds = time.monotonic() - begun
    return told
