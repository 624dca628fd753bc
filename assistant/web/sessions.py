"""Who is signed in, kept in this process's memory: nothing on disk to steal, and it ends with the server."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from assistant import Person, token_digest

SESSION_SECONDS = 12 * 3600.0  # a working day, whatever is done meanwhile
IDLE_SECONDS = 3 * 3600.0  # since the person last did something; a page that only refreshes itself does nothing
PER_PERSON = 20  # browsers in which one person is signed in; one more ends the oldest
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser: the person as the file had them then; began and seen in seconds of the clock."""

    person: Person
    began: float
    seen: float


class Sessions:
    """Sessions by the digest of their token. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}

    def begin(self, person: Person) -> str:
        """Signs the person in; the token for their browser."""
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._clock()
        with self._lock:
            live = {key: one for key, one in self._sessions.items() if self._lives(one, now)}
            mine = sorted((one.seen, key) for key, one in live.items() if one.person.name == person.name)
            for _, key in mine[: max(0, len(mine) - PER_PERSON + 1)]:
                del live[key]
            self._sessions = {**live, token_digest(token): Session(person, now, now)}
        return token

    def find(self, token: str) -> Person | None:
        """The person who signed in with this token, as the file had them then; None where that is over."""
        with self._lock:
            found = self._sessions.get(token_digest(token))
            return found.person if found and self._lives(found, self._clock()) else None

    def touch(self, token: str) -> None:
        """The person has done something: the idle time begins anew."""
        key = token_digest(token)
        with self._lock:
            if key in self._sessions:
                self._sessions[key] = replace(self._sessions[key], seen=self._clock())

    def end(self, token: str) -> None:
        """Signs out."""
        with self._lock:
            self._sessions.pop(token_digest(token), None)

    def _lives(self, session: Session, now: float) -> bool:
        return now - session.began < SESSION_SECONDS and now - session.seen < IDLE_SECONDS
