import time
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from index.ahead import AT_WORK, Abandoned, ahead
from index.types import Progress, ProgressCallback

Going = Callable[[], None]


def test_results_come_in_order_while_the_next_things_are_being_worked_on() -> None:
    begun: list[int] = []

    def work(thing: int, told: ProgressCallback, go_on: Going) -> int:
        begun.append(thing)
        time.sleep(0.02 * (3 - thing % 3))
        return thing * 10

    results = ahead(work, range(8))
    assert begun == []
    assert next(results) == 0
    time.sleep(0.2)
    assert sorted(begun) == list(range(AT_WORK + 1))
    assert list(results) == [10 * n for n in range(1, 8)]


def test_an_error_comes_in_the_place_of_its_thing() -> None:
    def work(thing: int, told: ProgressCallback, go_on: Going) -> int:
        if thing == 2:
            raise ValueError("two")
        return thing

    results = ahead(work, range(6))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ValueError, match="two"):
        next(results)


def test_steps_reach_the_callback_numbered_and_of_the_awaited_thing_alone() -> None:
    steps: list[Progress] = []
    first_may_end = Event()

    def work(thing: str, told: ProgressCallback, go_on: Going) -> str:
        told(Progress(thing, 0, 1))
        if thing == "a":
            assert first_may_end.wait(10)
        else:
            first_may_end.set()
        told(Progress(thing, 1, 1))
        return thing

    results = ahead(work, ["a", "b", "c"], steps.append)
    assert next(results) == "a"
    assert [(step.label, step.done, step.file, step.files) for step in steps] == [("a", 0, 1, 3), ("a", 1, 1, 3)]
    assert list(results) == ["b", "c"]
    assert [step.file for step in steps] == sorted(step.file for step in steps)


def test_work_that_nobody_waits_for_is_abandoned() -> None:
    ended: list[Any] = []

    def work(thing: int, told: ProgressCallback, go_on: Going) -> int:
        try:
            for _ in range(2000 * thing):
                go_on()
                time.sleep(0.005)
        except Abandoned as error:
            ended.append(error)
            raise
        return thing

    results = ahead(work, range(9))
    assert next(results) == 0
    begun = time.monotonic()
    results.close()
    assert time.monotonic() - begun < 5
    assert len(ended) == AT_WORK


def test_of_nothing_comes_nothing() -> None:
    assert list(ahead(lambda thing, told, go_on: thing, [])) == []
