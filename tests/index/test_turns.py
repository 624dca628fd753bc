import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread

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


def test_a_place_is_spare_until_all_are_taken() -> None:
    turns = Turns(2)
    with turns.take("query"):
        assert turns.spare()
        with turns.take("passage"):
            assert not turns.spare()
    assert turns.spare()


@pytest.mark.parametrize("places", [1, 2])
def test_no_more_have_a_turn_than_there_are_places(places: int) -> None:
    turns, inside, most = Turns(places), 0, 0

    def work(role: Role) -> None:
        nonlocal inside, most
        for _ in range(50):
            with turns.take(role):
                with counting:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.0001)
                with counting:
                    inside -= 1

    counting = Lock()
    roles: tuple[Role, ...] = ("query", "passage", "query", "passage")
    threads = [Thread(target=work, args=(role,)) for role in roles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (inside, most, turns.waiting) == (0, places, 0)


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


def test_with_two_places_a_query_goes_beside_a_passage_and_takes_the_place_of_another() -> None:
    turns, order, threads = Turns(2), [], []

    def work(name: str, role: Role) -> None:
        with turns.take(role):
            order.append(name)

    with turns.take("passage"):
        work("beside", "query")
        with turns.take("passage"):
            threads.append(Thread(target=work, args=("q", "query")))
            threads[0].start()
            until(lambda: turns.waiting == 1)
            turns.give_way()
            order.append("mine")
    threads[0].join(10)
    assert order == ["beside", "q", "mine"]


@pytest.mark.parametrize("own", [True, False])
def test_work_waits_while_a_question_is_answered_in_any_process_but_not_for_ever(tmp_path: Path, own: bool) -> None:
    asked, passed = Asked(tmp_path / "asked.lock"), []
    answering = asked if own else Asked(tmp_path / "asked.lock")  # as another process would have it
    asked.wait_for_none(60)

    def work(seconds: float) -> None:
        asked.wait_for_none(seconds)
        passed.append(seconds)

    with answering.question(), answering.question():
        work(0.05)
        waits = Thread(target=work, args=(60.0,))
        waits.start()
        time.sleep(0.05)
        assert passed == [0.05]
    waits.join(10)
    assert passed == [0.05, 60.0]


def test_where_nothing_can_be_written_questions_are_answered_and_nobody_waits(tmp_path: Path) -> None:
    asked = Asked(tmp_path / "nowhere" / "asked.lock")
    with asked.question():
        Asked(tmp_path / "nowhere" / "asked.lock").wait_for_none(60)
