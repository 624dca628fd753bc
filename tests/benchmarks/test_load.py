"""The crowd: everybody asks, thinking takes its time, errors are counted by their words, additions go on beside."""

import threading
import time
from itertools import count
from pathlib import Path

import pytest

from tests.benchmarks.load import Crowd, Told, crowd
from tests.benchmarks.timing import quantile

DOCUMENTS = [Path(f"{number}.txt") for number in range(1000)]


def nothing(_: object) -> None:
    """Adds or answers at once."""


def test_people_ask_at_the_same_time_and_no_question_twice() -> None:
    inside, most, lock, asked = 0, 0, threading.Lock(), list[str]()

    def ask(question: str) -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
            asked.append(question)
        time.sleep(0.02)
        with lock:
            inside -= 1

    told = crowd(ask, nothing, map(str, count()), iter(()), Crowd(5, 0.3, 0.0, 1.0))
    assert most == 5
    assert sorted(asked, key=int) == [str(number) for number in range(len(asked))]
    assert len(told.answers) == len(asked) and told.errors.total() == 0
    assert min(told.answers) >= 0.02


def test_those_who_think_ask_less() -> None:
    busy = crowd(lambda q: time.sleep(0.005), nothing, map(str, count()), iter(()), Crowd(3, 0.4, 0.0, 1.0))
    calm = crowd(lambda q: time.sleep(0.005), nothing, map(str, count()), iter(()), Crowd(3, 0.4, 0.2, 1.0))
    assert 3 <= len(calm.answers) <= 3 * 5  # one at least, and none sooner than half of 0.2 s after another
    assert len(busy.answers) > len(calm.answers)


def test_errors_are_counted_by_their_words_and_are_no_answers() -> None:
    def ask(question: str) -> None:
        if int(question) % 2:
            raise ValueError("Already borrowed")
        time.sleep(0.01)

    told = crowd(ask, nothing, map(str, count()), iter(()), Crowd(2, 0.2, 0.0, 1.0))
    summary = told.summary()
    assert set(summary["error_kinds"]) == {"ValueError: Already borrowed"}
    assert summary["errors"] == told.errors.total() > 0
    assert summary["answers"] == len(told.answers) > 0


def test_documents_are_added_one_after_the_other_beside_the_questions() -> None:
    added: list[Path] = []
    left = iter(DOCUMENTS)
    told = crowd(lambda q: time.sleep(0.01), added.append, map(str, count()), left, Crowd(2, 0.3, 0.0, 0.1))
    assert added == DOCUMENTS[: len(added)] and next(left) == DOCUMENTS[len(added)]  # none is lost for who goes on
    assert 2 <= len(added) <= 4
    assert told.summary()["added"] == len(added)


def test_the_summary_is_in_milliseconds_and_a_second() -> None:
    summary = Told(answers=[0.1, 0.2, 0.3, 0.4], additions=[2.0], seconds=2.0).summary()
    assert summary["p50_ms"] == pytest.approx(200) and summary["p95_ms"] == pytest.approx(400)
    assert summary["answers_per_s"] == 2.0
    assert summary["add_p50_s"] == 2.0
    assert "p50_ms" not in Told(seconds=1.0).summary()


def test_a_quantile_is_the_nearest_rank() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert [quantile(values, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50.0, 95.0, 99.0, 100.0]
    assert quantile([7.0], 0.5) == 7.0
