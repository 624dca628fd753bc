"""The log-in page, made on the server and working without JavaScript, and what becomes of the form on it."""

import math
import re
from contextlib import suppress
from html import escape
from typing import Any
from urllib.parse import parse_qs, quote

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from assistant import Person, UsersUnusable, folded

from .access import LOG, Access
from .address import is_loopback
from .journal import REQUEST_ID, Level, pseudonym, tell
from .shell import ASSETS, ICON, TAGS, page_language
from .texts import Language, Words
from .throttle import Throttle

LOGIN = "/login"
LARGEST_FORM = 8192  # bytes: a name, a password and a path
FREE_PER_NAME = 5  # wrong passwords before one must wait
FREE_PER_ADDRESS = 20  # an office behind one address has several people who mistype; a proxy here has everybody
AT_ONCE = 2  # passwords checked at a time: a flood of them must leave threads for those who are signed in
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")  # one on this site: not //host, no backslash, no control mark
_HEADERS = {
    "content-security-policy": _POLICY,
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "vary": "Accept-Language",
}


class Login:
    """Shows the form and signs people in."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.names, self.addresses = Throttle(FREE_PER_NAME), Throttle(FREE_PER_ADDRESS)
        self._checking = CapacityLimiter(AT_ONCE)

    async def answer(self, request: Request) -> Response:
        """The page, or what a filled-in form leads to."""
        words, wanted = Words(page_language(request.scope)), own_path(request.query_params.get("next", ""))
        if self.access.users is None or (request.method != "POST" and self.access.who(request)):
            return RedirectResponse(wanted, 303, {"cache-control": "no-store"})
        if request.method != "POST":
            return page(words, wanted)
        form = await _form(request)
        if form is None:
            return page(words, wanted, words("login_unreadable"), status=413)
        return await self._sign_in(request, form.get("name", ""), form.get("password", ""), words)

    async def _sign_in(self, request: Request, name: str, password: str, words: Words) -> Response:
        wanted = own_path(request.query_params.get("next", ""))
        address = request.client.host if request.client else ""
        wait = 0.0 if is_loopback(address) else self.addresses.attempt(address)
        wait = wait or self.names.attempt(folded(name))
        if wait:
            self._tell("waits", name, request, "warning")
            said = words("login_wait", seconds=math.ceil(wait))
            return page(words, wanted, said, name, 429, {"retry-after": str(math.ceil(wait))})
        try:
            person = await run_sync(self._person, name, password, limiter=self._checking)
            if person is None:
                self._tell("wrong", name, request, "warning")
                return page(words, wanted, words("login_wrong"), name, 401)
            self._tell("done", name, request, "info")
            self.names.succeeded(folded(name))
            self.addresses.succeeded(address)
            return self._welcome(request, person, wanted)
        except UsersUnusable as error:
            LOG.error("%s", error)
            self._tell("closed", name, request, "warning")
            return page(words, wanted, words("login_closed"), name, 503)

    def _tell(self, outcome: str, name: str, request: Request, level: Level) -> None:
        """For the log. A name that nobody has may be a password in the wrong field: nothing of it is told."""
        known = None
        with suppress(UsersUnusable):
            known = self.access.users.find(name) if self.access.users else None
        user = pseudonym(known.name) if known else None
        address = request.client.host if request.client else None
        tell("sign_in", level, outcome=outcome, user=user, address=address, request=request.headers.get(REQUEST_ID))

    def _person(self, name: str, password: str) -> Person | None:
        return self.access.users.signing_in(name, password) if self.access.users else None

    def _welcome(self, request: Request, person: Person, wanted: str) -> Response:
        self.access.sessions.end(self.access.session_token(request))  # a browser has one session
        secure = request.url.scheme == "https"
        answer = RedirectResponse(wanted, 303, {"cache-control": "no-store"})
        token = self.access.sessions.begin(person)
        name = self.access.cookies[0 if secure else 1]
        answer.set_cookie(name, token, path="/", secure=secure, httponly=True, samesite="strict")
        return answer


def english(request: Any) -> bool:
    """Whether whoever sent the request reads English."""
    return page_language(request.scope) == "en"


def own_path(text: str) -> str:
    """A path on this site, to go to after logging in; / for anything else."""
    return text if _PATH.fullmatch(text) else "/"


def page(
    words: Words, wanted: str, error: str = "", name: str = "", status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """The log-in page; `wanted`: where to go afterwards, `name`: what was typed before."""
    said = f'<p id="error" class="bad" role="alert">{escape(error)}</p>' if error else ""
    about = ' aria-describedby="error" aria-invalid="true"' if error else ""
    first, second = ("", " autofocus") if name else (" autofocus", "")
    other: Language = "zh" if words.language == "en" else "en"
    action = escape(f"{LOGIN}?lang={words.language}&next={quote(wanted)}")
    return HTMLResponse(
        f'<!doctype html><html lang="{TAGS[words.language]}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(words("login_title"))}</title><link rel="icon" href="{ICON}">'
        f'<link rel="stylesheet" href="{ASSETS}/style.css"><link rel="stylesheet" href="{ASSETS}/access.css"></head>'
        f'<body class="login"><main><h1>协同问答</h1><p class="tagline">{escape(words("tagline"))}</p>'
        f'<form method="post" action="{action}">{said}'
        f'<label for="name">{escape(words("login_name"))}</label>'
        f'<input id="name" name="name" value="{escape(name)}" required maxlength="64" autocomplete="username" '
        f'autocapitalize="none" spellcheck="false"{about}{first}>'
        f'<label for="password">{escape(words("login_password"))}</label>'
        '<input id="password" name="password" type="password" required maxlength="256" '
        f'autocomplete="current-password"{about}{second}>'
        f'<button type="submit">{escape(words("login_submit"))}</button></form>'
        f'<p class="hint">{escape(words("login_hint"))}</p>'
        f'<p><a href="{escape(f"{LOGIN}?lang={other}&next={quote(wanted)}")}" hreflang="{other}" lang="{other}">'
        f"{escape(words('other_language'))}</a></p></main></body></html>",
        status,
        _HEADERS | {"content-language": TAGS[words.language]} | (headers or {}),
    )


async def _form(request: Request) -> dict[str, str] | None:
    """The form's fields; None for one too large or no text."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_FORM:
            return None
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=10)
    except ValueError:
        return None
    return {key: values[0] for key, values in fields.items()}
