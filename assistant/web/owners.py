"""Gradio keeps a page's state and its stream of answers under a name that the page chose: each is one person's."""

import json
import re
import threading
from collections import OrderedDict
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from .access import AccessRefused
from .gate import refused
from .login import english
from .payloads import body_of, replayed
from .shell import USER

PER_PERSON = 2000  # pages of one person that are remembered; a page is opened anew at each visit
_NAME = re.compile(r"[\w-]{1,100}")
# The last is an event's name; where Gradio knows no such event, it takes it for a page's.
_IN_PATH = re.compile(r"/gradio_api/(?:heartbeat|call/[^/]+|call/v2/[^/]+)/([^/]+)/?$")
_KEY = "session_hash"


class OwnPagesOnly:
    """Refuses a request that names the page of somebody else. It stands behind the bound on the body's size."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._lock = threading.Lock()
        self._owners: dict[str, str] = {}
        self._pages: dict[str, OrderedDict[str, None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        user = scope.get(USER)
        if scope["type"] != "http" or user is None:  # without users there is one person
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        named: list[Any] = [*request.query_params.getlist(_KEY), *_IN_PATH.findall(scope["path"])]
        if scope["method"] == "POST" and not scope["path"].endswith("/gradio_api/upload"):
            body = await body_of(receive) or b""
            receive = replayed(body, receive)
            named += names_in(body)
        if self.owns(user.name, [page for page in named if page is not None]):
            await self.app(scope, receive, send)
        else:
            await refused(request, AccessRefused(403, "not_own_page", english(request)))(scope, receive, send)

    def owns(self, person: str, named: list[Any]) -> bool:
        """Whether all these pages are this person's; those that nobody has named yet then become theirs."""
        with self._lock:
            for page in named:
                if not isinstance(page, str) or not _NAME.fullmatch(page) or self._owners.get(page, person) != person:
                    return False
            pages = self._pages.setdefault(person, OrderedDict())
            for page in named:
                self._owners[page] = person
                pages[page] = None
                pages.move_to_end(page)
            while len(pages) > PER_PERSON:
                del self._owners[pages.popitem(last=False)[0]]
            return True


def names_in(body: bytes) -> list[Any]:
    """Every value under the key session_hash, at any depth, also where an object has the key twice."""
    found: list[Any] = []

    def keep(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found.extend(value for key, value in pairs if key == _KEY)
        return dict(pairs)

    if body.strip():
        json.loads(body, object_pairs_hook=keep)
    return found
