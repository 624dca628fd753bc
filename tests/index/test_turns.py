import time
from collections.abc import Callable
from threading import Thread

import pytest

from index.turns import Asked, Turns
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


def test_who_gives_way_goes_on_before_other_passages_and_after_the_queries() -> None:
    turns, order, threads = Turns(), [], []

    def work(name: str, role: Role) -> None:
        with turns.take(role):
            order.append(name)

    with turns.take("passage"):
        turns.give_way()  # nobody waits
        comers: list[tuple[str, Role]] = [("p", "passage"), ("q1", "query"), ("q2", "query")]
        for number, (name, role) in enumerate(comers, 1):
            threads.append(Thread(target=work, args=(name, role)))
            threads[-1].start()
            until(lambda number=number: turns.waiting == number)  # type: ignore[misc]
        turns.give_way()
        order.append("mine")
        assert order == ["q1", "q2", "mine"]
        turns.give_way()  # a passage is no reason
        order.append("still mine")
    for thread in threads:
        thread.join(10)
    assert order == ["q1", "q2", "mine", "still mine", "p"]


def test_work_waits_while_a_question_is_answered_but_not_for_ever() -> None:
    asked, passed = Asked(), []
    asked.wait_for_none(60)

    def work(seconds: float) -> None:
        asked.wait_for_none(seconds)
        passed.append(seconds)

    with asked.question():
        work(0.05)
        waits = Thread(target=work, args=(60.0,))
        waits.start()
        time.sleep(0.05)
        assert passed == [0.05]
    waits.join(10)
    assert passed == [0.05, 60.0]
