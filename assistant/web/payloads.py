"""What a request may name: files that this program stored as uploads, and nothing else.

Gradio would otherwise copy any local path, or fetch any URL, that a request gives as an uploaded file.
"""

import json
from pathlib import Path
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .uploads import is_inside

LARGEST_BODY = 2**20  # bytes; our pages send a question or a list of uploads


class OwnFilesOnly:
    """Refuses a request whose JSON names a file outside the folder of uploads."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self.app, self.folder = app, folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"].endswith("/gradio_api/upload"):
            await self.app(scope, receive, send)
            return
        body = await body_of(receive)
        if body is None:
            await PlainTextResponse("Request too large.\n", 413)(scope, receive, send)
        elif names_foreign_file(body, self.folder):
            await PlainTextResponse("Not an uploaded file.\n", 403)(scope, receive, send)
        else:
            await self.app(scope, replayed(body, receive), send)


def names_foreign_file(body: bytes, folder: Path) -> bool:
    """Whether the JSON in `body` holds an object with a `path` that is no file under `folder`."""
    try:
        return any(not is_inside(Path(path), folder) for path in _paths(json.loads(body)))
    except (ValueError, RecursionError):  # no JSON, or a path with a null character: nobody of ours sends it
        return body.strip() != b""


def _paths(data: Any) -> list[str]:
    """All values under the key `path`, at any depth."""
    if isinstance(data, list):
        return [path for item in data for path in _paths(item)]
    if isinstance(data, dict):
        own = [str(data["path"])] if data.get("path") is not None else []
        return own + [path for item in data.values() for path in _paths(item)]
    return []


async def body_of(receive: Receive) -> bytes | None:
    """The whole body of a request, or None where it is too large."""
    body, more = b"", True
    while more and len(body) <= LARGEST_BODY:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body if len(body) <= LARGEST_BODY else None


def replayed(body: bytes, receive: Receive) -> Receive:
    """Gives the body once more, then whatever comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
