"""The outermost part: whether the server lives and is ready, a name for each request, and what became of it."""

import re
import secrets
import time

from anyio.to_thread import run_sync
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant import Assistant, XietongError

from .journal import REQUEST_ID, tell

LIVE, READY = PROBES = "/healthz", "/readyz"  # asked every few seconds
ID_BYTES = 8
LOOK_SECONDS = 1.0  # what was seen so lately is not looked for again: anybody may ask
LONGEST_PATH = 200  # characters in the log
REFUSED = 400  # the lowest status of a request that got nothing
_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


class Health:
    """Whether the library opens and the model is there or on its way; and whether questions are answered."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._opens, self._looked = True, -LOOK_SECONDS

    async def answer(self, ready: bool) -> JSONResponse:
        """A status and no more: whoever asks need not be signed in."""
        status = await run_sync(self.status)
        good = status == "ok" or (status == "starting" and not ready)
        said = "ok" if good else status
        return JSONResponse({"status": said}, 200 if good else 503, {"cache-control": "no-store"})

    def status(self) -> str:
        """ok, starting (the model is loaded, or the sources are read in) or failed."""
        phase = self._assistant.readiness().phase
        if phase == "failed" or not self._library_opens():
            return "failed"
        return "ok" if phase == "ready" else "starting"

    def _library_opens(self) -> bool:
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            try:
                self._opens = self._assistant.library.generation >= 0
            except XietongError:
                self._opens = False
            self._looked = time.monotonic()
        return self._opens


class Observed:
    """Answers /healthz and /readyz whatever the Host, since they say nothing; all else goes on, with a name."""

    def __init__(self, app: ASGIApp, assistant: Assistant) -> None:
        self.app, self._health = app, Health(assistant)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name, begun, status = request_id(scope), time.perf_counter(), 500

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(raw=list(message.get("headers", ())))
                headers[REQUEST_ID] = name
                message = {**message, "headers": headers.raw}
            await send(message)

        kept = [(key, value) for key, value in scope["headers"] if key.lower() != REQUEST_ID.encode()]
        inner = {**scope, "headers": [*kept, (REQUEST_ID.encode(), name.encode())]}
        try:
            await self._answer(inner, receive, named)
        finally:
            tell(
                "request",
                "debug" if status < REFUSED or scope["path"] in PROBES else "info",
                request=name,
                method=scope["method"],
                path=scope["path"][:LONGEST_PATH],
                status=status,
                ms=(time.perf_counter() - begun) * 1000,
            )

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in (LIVE, READY) and scope["method"] in ("GET", "HEAD"):
            answer = await self._health.answer(scope["path"] == READY)
            await answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def request_id(scope: Scope) -> str:
    """The name that a proxy gave the request, if it is one; else a new one."""
    given = Headers(scope=scope).get(REQUEST_ID, "")
    return given if _ID.fullmatch(given) else secrets.token_hex(ID_BYTES)
