"""What a request must be before the pages see it: meant for this server, and sent by these pages."""

from collections.abc import Collection, Iterable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .address import is_address, is_loopback

# Parts of Gradio that the pages do not use: saved states, proxies, monitoring, files, functions of
# components, its own log-in.
CLOSED = (
    "/gradio_api/component_server",
    "/gradio_api/custom_component",
    "/gradio_api/deep_link",
    "/gradio_api/dev",
    "/gradio_api/file",
    "/gradio_api/openapi.json",
    "/gradio_api/process_recording",
    "/gradio_api/profiling",
    "/gradio_api/proxy=",
    "/gradio_api/runs",
    "/gradio_api/run-history",
    "/gradio_api/stream",
    "/gradio_api/token",
    "/gradio_api/undo-vibe",
    "/gradio_api/user",
    "/gradio_api/vibe",
    "/custom_component",
    "/monitoring",
    "/docs",
    "/redoc",
    "/openapi.json",
    "/svelte",
)
EN_CLOSED = ("/en/login", "/en/logout", "/en/gradio_api/info", "/en/gradio_api/mcp")  # /login is ours, the API is at /
MCP = "/gradio_api/mcp"
MCP_PATHS = (MCP, f"{MCP}/")  # the streamable transport; the older one keeps streams under names of its own
FORWARDING = (b"forwarded", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-port", b"x-forwarded-for")
SAFE = ("GET", "HEAD", "OPTIONS")


class Guard:
    """Refuses foreign hosts (DNS rebinding), foreign origins (forged requests) and closed paths.

    `urls`: addresses, scheme://host[:port], under which proxies and names lead here. `bound`: the host that the
    server listens on. Where that is not this machine alone, a bare IP address is allowed as well: only a name can
    be made to lead elsewhere. `proxies`: addresses whose word for the visitor's address is taken.
    """

    def __init__(
        self,
        app: ASGIApp,
        prefixes: Iterable[str] = ("",),
        urls: Collection[str] = (),
        bound: str = "127.0.0.1",
        proxies: Collection[str] = (),
    ) -> None:
        self.app, self.proxies = app, frozenset(proxies)
        self.closed = (*(prefix + path for prefix in prefixes for path in CLOSED), *EN_CLOSED)
        self.secure = {urlsplit(url).netloc for url in urls if url.startswith("https:")}
        self.names = {str(urlsplit(url).hostname) for url in urls} | {bound.lower()}
        self.any_address = not is_loopback(bound)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        kept = [(name, value) for name, value in scope["headers"] if name.lower() not in FORWARDING]
        scheme = "https" if Headers(scope=scope).get("host", "").lower() in self.secure else scope.get("scheme")
        client = self._client(scope)
        await self.app({**scope, "scheme": scheme, "headers": kept, "client": client}, receive, send)

    def _client(self, scope: Scope) -> Any:
        """The visitor's address and port. Each proxy adds the address that it saw at the end of X-Forwarded-For: the
        last that is no proxy of ours is the visitor's; what stands before it anybody may have written."""
        client = scope.get("client")
        if not client or client[0] not in self.proxies:
            return client
        given = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
        for text in reversed(given):
            if not is_address(text.strip()):
                return client
            if (address := str(ip_address(text.strip()))) not in self.proxies:
                return address, 0
        return client

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        method, path = scope.get("method", "GET"), scope["path"]
        if not self._knows(_host_name(host)):
            return PlainTextResponse("Host not allowed: open http://127.0.0.1, or set XIETONG_PUBLIC_URL.\n", 403)
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            return PlainTextResponse("Origin not allowed: only this site's own pages may send requests.\n", 403)
        if method not in SAFE and headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return PlainTextResponse("Origin not allowed: only this site's own pages may send requests.\n", 403)
        if path.startswith(self.closed) or (path.startswith(MCP) and path not in MCP_PATHS):
            return PlainTextResponse("Not found.\n", 404)
        if path in MCP_PATHS and method != "POST":  # no stream of the server's own, no page about it
            return PlainTextResponse("Method not allowed.\n", 405, {"allow": "POST"})
        return None

    def _knows(self, name: str) -> bool:
        return is_loopback(name) or name.lower() in self.names or (self.any_address and is_address(name))


def _host_name(host: str) -> str:
    """The host of a Host header, without its port: [::1]:7860 → ::1."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
