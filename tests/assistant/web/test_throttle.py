from dataclasses import dataclass

import pytest

from assistant.web import throttle
from assistant.web.throttle import FORGET_SECONDS, LONGEST_WAIT, Throttle


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def waits(held: Throttle, clock: Clock, attempts: int) -> list[float]:
    """The wait before each attempt that is made as soon as it may be."""
    found = []
    for _ in range(attempts):
        wait = held.attempt("zhang")
        found.append(wait)
        if wait:
            clock.now += wait
            assert held.attempt("zhang") == 0
    return found


def test_after_the_free_failures_each_wait_is_twice_as_long_up_to_the_longest() -> None:
    clock = Clock()
    assert waits(Throttle(3, clock), clock, 14) == [
        0,
        0,
        0,
        1,
        2,
        4,
        8,
        16,
        32,
        64,
        128,
        256,
        LONGEST_WAIT,
        LONGEST_WAIT,
    ]


def test_an_attempt_that_must_wait_makes_the_wait_no_longer() -> None:
    clock = Clock()
    held = Throttle(1, clock)
    assert held.attempt("a") == 0
    assert [held.attempt("a") for _ in range(5)] == [1.0] * 5


def test_keys_are_counted_apart_and_success_forgets() -> None:
    held = Throttle(1, Clock())
    assert held.attempt("a") == 0 and held.attempt("a") > 0 and held.attempt("b") == 0
    held.succeeded("a")
    assert held.attempt("a") == 0


def test_failures_are_forgotten_in_time() -> None:
    clock = Clock()
    held = Throttle(1, clock)
    held.attempt("a")
    clock.now += FORGET_SECONDS
    assert held.attempt("a") == 0
    assert held.attempt("a") == 1.0


def test_many_names_fill_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "KEPT", 10)
    held = Throttle(1, Clock())
    for number in range(50):
        held.attempt(str(number))
    assert len(held._failures) == 10 and held.attempt("49") > 0 and held.attempt("0") == 0
