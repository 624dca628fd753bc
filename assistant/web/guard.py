"""What a request must be before the pages see it: meant for this machine, and sent by these pages."""

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .address import is_loopback

# Parts of Gradio that the pages do not use: descriptions of the API, saved states, proxies, monitoring.
CLOSED = (
    "/gradio_api/info",
    "/gradio_api/openapi.json",
    "/gradio_api/deep_link",
    "/gradio_api/proxy=",
    "/gradio_api/runs",
    "/gradio_api/run-history",
    "/gradio_api/vibe",
    "/monitoring",
    "/docs",
    "/redoc",
    "/openapi.json",
)
FORWARDING = (b"forwarded", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-port", b"x-forwarded-for")


class Guard:
    """Refuses foreign hosts (DNS rebinding), foreign origins (forged requests) and closed paths."""

    def __init__(self, app: ASGIApp, prefixes: Iterable[str] = ("",)) -> None:
        self.app = app
        self.closed = tuple(prefix + path for prefix in prefixes for path in CLOSED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        kept = [(name, value) for name, value in scope["headers"] if name.lower() not in FORWARDING]
        await self.app({**scope, "headers": kept}, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not is_loopback(_host_name(host)):
            return PlainTextResponse("Host not allowed: open http://127.0.0.1 instead.\n", 403)
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            return PlainTextResponse("Origin not allowed: only this site's own pages may send requests.\n", 403)
        if scope["path"].startswith(self.closed):
            return PlainTextResponse("Not found.\n", 404)
        return None


def _host_name(host: str) -> str:
    """The host of a Host header, without its port: [::1]:7860 → ::1."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
