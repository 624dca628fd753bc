"""Nothing is served to whoever is not signed in, but the page to do so: every path that is not named here."""

from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant import UsersUnusable

from .access import Access, AccessRefused
from .journal import by, tell
from .login import LOGIN, Login, english
from .shell import USER

LOGOUT = "/logout"
OPEN = (LOGIN, "/xietong/style.css", "/xietong/access.css")  # what the log-in page is made of
NO_STORE = {"cache-control": "no-store"}


class Gate:
    """Lets signed-in people through, and of them only editors with uploads; answers log-in and log-out itself."""

    def __init__(self, app: ASGIApp, access: Access, largest_upload: int) -> None:
        self.app, self.access, self.largest_upload = app, access, largest_upload
        self.login = Login(access)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] != "http":  # the pages use no web sockets
            await send({"type": "websocket.close", "code": 1008})
        elif answer := await self._answer(Request(scope, receive)):
            await answer(scope, receive, send)
        elif is_upload(scope):
            await self._upload(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _answer(self, request: Request) -> Response | None:
        """What is answered here; None for what passes."""
        path = request.url.path
        if path == LOGIN:
            return await self.login.answer(request)
        if path == LOGOUT:
            return self._logout(request)
        if path in OPEN:
            return None
        user = self.access.who(request)
        if user is None:
            return self._turned_away(request)
        request.scope[USER] = user if self.access.users else None
        if is_upload(request.scope):
            try:
                self.access.editor(request)
            except AccessRefused as error:
                return refused(request, error)
        return None

    def _turned_away(self, request: Request) -> Response:
        """People are led to the log-in page, programs are told."""
        path = request.url.path
        if request.method in ("GET", "HEAD") and path in ("/", "/en", "/en/"):
            wanted = quote(f"{path}?{request.url.query}" if request.url.query else path)
            return RedirectResponse(f"{LOGIN}?next={wanted}", 303, NO_STORE)
        return refused(request, AccessRefused(401, "not_signed_in", english(request)))

    def _logout(self, request: Request) -> Response:
        """Only a form's POST signs out; the guard has seen that it came from our own page."""
        if request.method == "POST" and self.access.users:
            try:
                user = self.access.who(request)
                self.access.sessions.end(self.access.session_token(request))
                if user:
                    tell("sign_out", **by(request, user))
            except UsersUnusable as error:  # whoever believes to be signed out must be
                return PlainTextResponse(f"{error}\n", 503, NO_STORE)
        answer = RedirectResponse(LOGIN, 303, NO_STORE)
        for name in self.access.cookies if request.method == "POST" else ():
            answer.delete_cookie(name, secure=name.startswith("__Host-"), httponly=True, samesite="strict")
        return answer

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes an upload on, as far as it keeps within the bound."""
        sent = 0

        async def bounded() -> Message:
            nonlocal sent
            message = await receive()
            sent += len(message.get("body", b""))
            return message if sent <= self.largest_upload else {"type": "http.disconnect"}

        given = Request(scope).headers.get("content-length", "0")
        if not given.isdigit() or int(given) > self.largest_upload:
            await JSONResponse({"error": "Upload too large."}, 413)(scope, receive, send)
        else:
            await self.app(scope, bounded, send)


def is_upload(scope: Scope) -> bool:
    """Whether the request stores files."""
    return str(scope["path"]).rstrip("/").endswith("/gradio_api/upload")


def refused(request: Any, error: Exception) -> Response:
    """An AccessRefused as JSON, in both languages; also FastAPI's handler of it for all routes."""
    if not isinstance(error, AccessRefused):
        raise error
    headers = NO_STORE | ({"www-authenticate": "Bearer"} if error.status == 401 else {})
    return JSONResponse({"error": {"zh": error.zh, "en": error.en}}, error.status, headers)
