from dataclasses import dataclass

import pytest

from assistant import Person
from assistant.web.sessions import IDLE_SECONDS, PER_PERSON, SESSION_SECONDS, Sessions

ZHANG, LI = Person("张三", "x", "editor"), Person("li", "y", "reader")


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(clock)


def test_a_token_finds_its_person_until_it_is_ended(sessions: Sessions) -> None:
    one, other = sessions.begin(ZHANG), sessions.begin(LI)
    assert one != other and len(one) >= 43
    assert (sessions.find(one), sessions.find(other)) == (ZHANG, LI)
    sessions.end(one)
    assert (sessions.find(one), sessions.find(other)) == (None, LI)
    assert sessions.find("") is None and sessions.find(one[:-1]) is None


def test_the_token_itself_is_not_kept(sessions: Sessions) -> None:
    assert sessions.begin(ZHANG) not in repr(vars(sessions))


def test_a_session_ends_when_nothing_is_done(sessions: Sessions, clock: Clock) -> None:
    token = sessions.begin(ZHANG)
    clock.now += IDLE_SECONDS - 1
    sessions.touch(token)
    clock.now += IDLE_SECONDS - 1
    assert sessions.find(token) == ZHANG
    clock.now += 1
    assert sessions.find(token) is None


def test_a_session_ends_after_a_day_whatever_is_done(sessions: Sessions, clock: Clock) -> None:
    token = sessions.begin(ZHANG)
    began = clock.now
    while clock.now + IDLE_SECONDS / 2 < began + SESSION_SECONDS:
        clock.now += IDLE_SECONDS / 2
        sessions.touch(token)
        assert sessions.find(token) == ZHANG
    clock.now = began + SESSION_SECONDS
    assert sessions.find(token) is None


def test_one_browser_too_many_ends_the_one_unused_longest(sessions: Sessions, clock: Clock) -> None:
    other = sessions.begin(LI)
    tokens = []
    for _ in range(PER_PERSON + 1):
        clock.now += 1
        tokens.append(sessions.begin(ZHANG))
    assert [sessions.find(token) is None for token in tokens] == [True] + [False] * PER_PERSON
    assert sessions.find(other) == LI
