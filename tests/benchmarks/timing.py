"""Clocks, turns and quantiles that the measurements share."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import ceil

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


class Turns:
    """Locks of a recipe whose libraries are not safe from threads: tokenizers keep state, so do flat indexes."""

    def __init__(self) -> None:
        self.model = threading.Lock()
        self.store = threading.Lock()


class Stages:
    """Milliseconds by name of stage."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.milliseconds[name] = (time.perf_counter() - begun) * 1000


def quantile(values: Sequence[float], share: float) -> float:
    """The nearest rank: the least value that at least `share` of the values do not exceed."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def quantiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99; none of no values."""
    return {name: quantile(values, share) for name, share in QUANTILES.items()} if values else {}
