"""Who is asking. Every handler of the pages and every route asks this first, whatever the page shows."""

import logging
from dataclasses import dataclass
from typing import Any

import gradio as gr
from starlette.requests import cookie_parser

from assistant import LOCAL_NAME, Person, Role, Settings, Users, UsersUnusable, XietongError

from .sessions import SESSIONS, Sessions, mark_of
from .texts import PAIRS

LOG = logging.getLogger("xietong")
COOKIE = "xietong_{name}"  # browsers share cookies between the ports of a host: two libraries must not
SECURE_COOKIE = "__Host-xietong_{name}"  # browsers take a cookie of this name from https only, for this host only
BEARER = "bearer "


class AccessRefused(XietongError, gr.Error):
    """Nobody is signed in (status 401), or the person's role does not allow what was asked for (403).

    Gradio shows a visitor `message`, which is in the language of their page.
    """

    def __init__(self, status: int, key: str, english: bool) -> None:
        zh, en = PAIRS[key]
        XietongError.__init__(self, zh, en)
        self.status, self.message = status, en if english else zh
        self.title = PAIRS["refused_title"][english]
        self.duration, self.visible, self.print_exception = 10, True, False

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


@dataclass(frozen=True, slots=True)
class User:
    """A person. A reader may ask and read; an editor may also change the library."""

    name: str
    role: Role


LOCAL = User(LOCAL_NAME, "editor")  # where no users are set up: whoever sits at this machine


class Access:
    """Says who is behind a request, Gradio's or Starlette's. Without users everybody is LOCAL."""

    def __init__(self, users: Users | None = None, sessions: Sessions | None = None) -> None:
        self.users, self.sessions = users, sessions or Sessions()
        name = self.sessions.own_name()
        self.cookies = SECURE_COOKIE.format(name=name), COOKIE.format(name=name)
        self._told = ""

    @classmethod
    def of(cls, settings: Settings) -> "Access":
        """As the settings say. Raises UsersUnusable."""
        if settings.users is None:
            return cls()
        return cls(Users(settings.users), Sessions(settings.data / SESSIONS))

    def reader(self, request: Any) -> User:
        """The person who asks. Raises AccessRefused where nobody is signed in."""
        user = self.watcher(request)
        if token := self.session_token(request):
            try:
                self.sessions.touch(token)
            except UsersUnusable as error:  # they are signed in all the same
                self._tell(error)
        return user

    def watcher(self, request: Any) -> User:
        """The same for what a page does by itself: it does not keep the person signed in."""
        user = self.who(request)
        if user is None:
            raise AccessRefused(401, "not_signed_in", _english(request))
        return user

    def editor(self, request: Any) -> User:
        """The same for what changes the library. Raises AccessRefused for a reader too."""
        user = self.reader(request)
        if user.role != "editor":
            raise AccessRefused(403, "not_editor", _english(request))
        return user

    def who(self, request: Any) -> User | None:
        """The person, None where nobody is signed in; a token for programs reads only, whoever it was made for."""
        if self.users is None:
            return LOCAL
        try:
            if bearer := bearer_of(request):
                person = self.users.of_token(bearer)
                return User(person.name, "reader") if person else None
            person = self._signed_in(self.users, self.session_token(request))
        except UsersUnusable as error:
            self._tell(error)
            return None
        return User(person.name, person.role) if person else None

    def session_token(self, request: Any) -> str:
        """The token in the request's cookie; empty where there is none."""
        given = cookie_parser(_header(request, "cookie"))
        return next((given[name] for name in self.cookies if name in given), "")

    def _signed_in(self, users: Users, token: str) -> Person | None:
        """A session ends with the first request after its person's password or role changed, or they were removed."""
        then = self.sessions.find(token) if token else None
        now = users.find(then.name) if then else None
        if then is None:
            return None
        if now is None or mark_of(now) != then.mark:
            self.sessions.end(token)
            return None
        return now

    def _tell(self, error: UsersUnusable) -> None:
        """The administrator's terminal hears of a broken file once, not with every request."""
        if str(error) != self._told:
            self._told = str(error)
            LOG.error("%s", error)


def _header(request: Any, name: str) -> str:
    return str(request.headers.get(name) or "") if request is not None else ""


def bearer_of(request: Any) -> str:
    """The token that the request brings; empty where it brings none."""
    given = _header(request, "authorization")
    return given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""


def _english(request: Any) -> bool:
    """Whether the request came from the English page."""
    return request is not None and str(request.url.path).startswith("/en/")
