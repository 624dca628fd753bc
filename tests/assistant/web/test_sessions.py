from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant import Person, UsersUnusable
from assistant.web.sessions import (
    IDLE_SECONDS,
    PER_PERSON,
    SESSION_SECONDS,
    SESSIONS,
    TOUCH_SECONDS,
    Sessions,
    mark_of,
)

ZHANG, LI = Person("张三", "x", "editor"), Person("li", "y", "reader")


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "file"])
def sessions(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> Sessions:
    return Sessions(tmp_path / "data" / SESSIONS if request.param == "file" else None, clock)


def whose(sessions: Sessions, token: str) -> str | None:
    found = sessions.find(token)
    return found.name if found else None


def test_a_token_finds_its_person_until_it_is_ended(sessions: Sessions) -> None:
    one, other = sessions.begin(ZHANG), sessions.begin(LI)
    assert one != other and len(one) >= 43
    assert (whose(sessions, one), whose(sessions, other), sessions.count()) == ("张三", "li", 2)
    sessions.end(one)
    assert (whose(sessions, one), whose(sessions, other), sessions.count()) == (None, "li", 1)
    assert sessions.find("") is None and sessions.find(one[:-1]) is None


def test_neither_the_token_nor_the_password_s_hash_is_kept_and_the_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / SESSIONS
    sessions = Sessions(path)
    tokens = [sessions.begin(Person("li", "$scrypt$kept", "reader")) for _ in range(3)]
    kept = path.read_bytes()
    assert b"li" in kept and b"$scrypt$kept" not in kept
    assert not any(token.encode() in kept for token in tokens)
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_mark_changes_with_the_password_and_the_role(sessions: Sessions) -> None:
    marks = {mark_of(one) for one in (LI, Person("li", "y", "editor"), Person("li", "z", "reader"))}
    assert len(marks) == 3
    found = sessions.find(sessions.begin(LI))
    assert found is not None and found.mark == mark_of(LI)


def test_two_servers_share_sessions_and_the_name_of_their_cookie(tmp_path: Path, clock: Clock) -> None:
    one, other = (Sessions(tmp_path / SESSIONS, clock) for _ in range(2))
    token = one.begin(ZHANG)
    assert whose(other, token) == "张三"
    clock.now += IDLE_SECONDS - 1
    other.touch(token)
    clock.now += IDLE_SECONDS - 1
    assert whose(one, token) == "张三"
    other.end(token)
    assert one.find(token) is None
    assert one.own_name() == other.own_name() == Sessions(tmp_path / SESSIONS).own_name()
    assert Sessions().own_name() != one.own_name()


def test_many_processes_sign_in_at_once(tmp_path: Path) -> None:
    servers = [Sessions(tmp_path / SESSIONS) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        tokens = list(pool.map(lambda n: servers[n % 4].begin(Person(f"p{n}", "x", "reader")), range(40)))
    assert [whose(servers[(n + 1) % 4], token) for n, token in enumerate(tokens)] == [f"p{n}" for n in range(40)]


def test_what_is_done_within_a_minute_writes_nothing(tmp_path: Path, clock: Clock) -> None:
    sessions = Sessions(tmp_path / SESSIONS, clock)
    token = sessions.begin(ZHANG)
    before = (tmp_path / SESSIONS).read_bytes()
    clock.now += TOUCH_SECONDS - 1
    sessions.touch(token)
    assert (tmp_path / SESSIONS).read_bytes() == before
    clock.now += 1
    sessions.touch(token)
    assert (tmp_path / SESSIONS).read_bytes() != before


def test_a_file_that_is_no_database_is_said_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / SESSIONS).write_bytes(b"no database at all, not even a short one" * 50)
    with pytest.raises(UsersUnusable, match="delete it"):
        Sessions(tmp_path / SESSIONS)


def test_a_session_ends_when_nothing_is_done(sessions: Sessions, clock: Clock) -> None:
    token = sessions.begin(ZHANG)
    clock.now += IDLE_SECONDS - 1
    sessions.touch(token)
    clock.now += IDLE_SECONDS - 1
    assert whose(sessions, token) == "张三"
    clock.now += 1
    assert sessions.find(token) is None


def test_a_session_ends_after_a_day_whatever_is_done(sessions: Sessions, clock: Clock) -> None:
    token = sessions.begin(ZHANG)
    began = clock.now
    while clock.now + IDLE_SECONDS / 2 < began + SESSION_SECONDS:
        clock.now += IDLE_SECONDS / 2
        sessions.touch(token)
        assert whose(sessions, token) == "张三"
    clock.now = began + SESSION_SECONDS
    assert sessions.find(token) is None


def test_one_browser_too_many_ends_the_one_unused_longest(sessions: Sessions, clock: Clock) -> None:
    other = sessions.begin(LI)
    tokens = []
    for _ in range(PER_PERSON + 1):
        clock.now += 1
        tokens.append(sessions.begin(ZHANG))
    assert [sessions.find(token) is None for token in tokens] == [True] + [False] * PER_PERSON
    assert whose(sessions, other) == "li"
