"""The page around Gradio's: language, title, our style and script, and a policy that keeps it on this machine."""

import json
import re
import secrets
from html import escape
from pathlib import Path
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .access import User
from .texts import Language, Words, choose_language

ASSETS_FOLDER = Path(__file__).parent / "assets"
ASSETS = "/xietong"
MOUNTS: dict[Language, str] = {"zh": "", "en": "/en"}
TAGS = {"zh": "zh-CN", "en": "en"}
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='7' fill='%231f5673'/%3E"
    "%3Cpath d='M9 9h14M9 15h14M9 21h8' stroke='white' stroke-width='2.6' stroke-linecap='round'/%3E%3C/svg%3E"
)
# Gradio evaluates its templates, hence unsafe-eval; inline scripts run only with this response's nonce.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; media-src 'self' blob:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_SOCIAL = re.compile(r"\s*<meta\s+(?:property=\"og:|name=\"twitter:)[^>]*?/>")
_API_INFO = re.compile(r"window\.gradio_api_info = .*?;</script>", re.DOTALL)
_NO_API = 'window.gradio_api_info = {"named_endpoints": {}, "unnamed_endpoints": {}};</script>'
ACCOUNT = '<span id="account"></span>'  # where the masthead says who is signed in
USER = "xietong.user"  # the key of the ASGI scope under which the gate leaves the person; None or absent: no users
_MANIFEST = re.compile(r"\s*<link rel=\"manifest\"[^>]*>")


class Shell:
    """Serves the page at / in the reader's language, and rewrites the HTML around Gradio's application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in ("/", "/en", "/en/"):
            await self.app(scope, receive, send)
            return
        language: Language = page_language(scope) if scope["path"] == "/" else "en"
        path = MOUNTS[language] + "/"
        headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"accept-encoding"]
        inner = {**scope, "path": path, "raw_path": path.encode(), "headers": headers}
        await self.app(inner, receive, _Rewriter(send, language, scope.get(USER)))


class _Rewriter:
    """Holds the response back until it is whole, then sends it rewritten."""

    def __init__(self, send: Send, language: Language, user: User | None) -> None:
        self.send, self.language, self.user = send, language, user
        self.start: Message = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            return
        self.body += message.get("body", b"")
        if message.get("more_body", False):
            return
        nonce = secrets.token_urlsafe(16)
        body = rewritten(self.body.decode(), self.language, nonce, self.user).encode() if self.body else b""
        headers = MutableHeaders(raw=list(self.start["headers"]))
        headers["content-length"] = str(len(body))
        headers["content-security-policy"] = _POLICY.format(nonce=nonce)
        headers["content-language"] = TAGS[self.language]
        headers["vary"] = "Accept-Language"
        headers["cache-control"] = "no-store"
        headers["referrer-policy"] = "same-origin"  # without one a form would send Origin: null
        headers["x-content-type-options"] = "nosniff"
        await self.send({**self.start, "headers": headers.raw})
        await self.send({"type": "http.response.body", "body": body})


def page_language(scope: Scope) -> Language:
    """The language asked for with ?lang=, else the one that the browser prefers."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0]
    if asked in ("zh", "en"):
        return "en" if asked == "en" else "zh"
    return choose_language(Headers(scope=scope).get("accept-language", ""))


def rewritten(page: str, language: Language, nonce: str, user: User | None = None) -> str:
    """Gradio's page without links to other hosts, in `language`, with our style and script, made for `user`."""
    page = _MANIFEST.sub("", _SOCIAL.sub("", page))
    page = _API_INFO.sub(_NO_API, page)
    page = page.replace('lang="en"', f'lang="{TAGS[language]}"', 1)
    page = page.replace("<script", f'<script nonce="{nonce}"')
    page = _made_for(page, user, Words(language)) if user else page
    ours = f'<title>{escape(Words(language)("title"))}</title><link rel="icon" href="{ICON}" />{_assets(nonce)}'
    return page.replace("</head>", f"{ours}</head>", 1)


def _made_for(page: str, user: User, words: Words) -> str:
    """The page with the person's name and a button to sign out; their role decides what the styles hide."""
    ended, again = escape(words("login_ended")), escape(words("login_again"))
    page = page.replace("<html", f'<html data-role="{user.role}"', 1)
    page = page.replace(
        "<head>", f'<head><meta name="xietong-login-ended" content="{ended}" data-again="{again}" />', 1
    )
    return page.replace(_in_config(ACCOUNT), _in_config(account(user, words)), 1)


def account(user: User, words: Words) -> str:
    """Who is signed in."""
    return (
        f'<span id="account"><span class="name" title="{escape(user.name)}">{escape(user.name)}</span>'
        f'<span class="role">{escape(words(f"role_{user.role}"))}</span>'
        f'<form method="post" action="/logout"><button type="submit">{escape(words("logout"))}</button></form></span>'
    )


def _in_config(html: str) -> str:
    """HTML as it stands inside the JSON of Gradio's page, which escapes what could end a script."""
    text = json.dumps(html, ensure_ascii=False)[1:-1]
    for mark in "<>&'":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def _assets(nonce: str) -> str:
    """Elements that load each style and script of ours; style.css and page.js, on which the others build, first."""
    names = sorted(path.name for path in ASSETS_FOLDER.iterdir())
    names.sort(key=lambda name: name not in ("style.css", "page.js"))
    return "".join(
        f'<link rel="stylesheet" href="{ASSETS}/{name}" />'
        if name.endswith(".css")
        else f'<script nonce="{nonce}" src="{ASSETS}/{name}" defer></script>'
        for name in names
    )
