import time
from collections.abc import Callable
from threading import Thread

import pytest

from index.turns import Turns
from index.types import Role


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_queries_go_before_passages_and_each_kind_in_its_order() -> None:
    turns, order = Turns(), []
    threads = []

    def work(name: str, role: Role) -> None:
        with turns.take(role):
            order.append(name)

    comers: list[tuple[str, Role]] = [("p1", "passage"), ("p2", "passage"), ("q1", "query"), ("q2", "query")]
    with turns.take("passage"):
        for number, (name, role) in enumerate(comers, 1):
            threads.append(Thread(target=work, args=(name, role)))
            threads[-1].start()
            until(lambda number=number: turns.waiting == number)  # type: ignore[misc]
        assert order == []
    for thread in threads:
        thread.join(10)
    assert order == ["q1", "q2", "p1", "p2"]


def test_only_one_has_the_turn() -> None:
    turns, inside, most = Turns(), 0, 0

    def work(role: Role) -> None:
        nonlocal inside, most
        for _ in range(50):
            with turns.take(role):
                inside += 1
                most = max(most, inside)
                time.sleep(0)
                inside -= 1

    roles: tuple[Role, ...] = ("query", "passage", "query", "passage")
    threads = [Thread(target=work, args=(role,)) for role in roles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (inside, most, turns.waiting) == (0, 1, 0)


def test_the_turn_is_given_on_after_an_error() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="broken"), turns.take("passage"):
        raise ValueError("broken")
    with turns.take("query"):
        assert turns.waiting == 0
