"""Serving the pages: the page first, the model after it, and an end within seconds."""

import contextlib
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from assistant import Assistant, Settings, XietongError, build, program_version

from .address import check_users, listen, url
from .own_folder import OwnFolder

GRACE_SECONDS = 1  # for open requests; a page keeps one open all the time
LAST_SECONDS = 3.5  # after the signal, counted from it; users are promised 5
STOP_LINE_SECONDS = 0.2  # for the last line of the log
RECEIVED = "received"  # beside the lock of the folder, which no request can name
HEAD_START_SECONDS = 0.5  # lets the first page out before loading the model takes the processor


def serve(settings: Settings) -> int:
    """Serves the pages until SIGTERM or Ctrl-C, which end the process with 0; returns 1 if it cannot serve.

    The model is loaded, and the sources indexed, once the page is up. Errors go to stderr in one line.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))  # until the server listens there is nothing to tidy
    try:
        check_users(settings)
        bound = listen(settings.host, settings.port, settings.users is not None)
        assistant = build(settings)
        with assistant.library.hold():
            if _run(settings, assistant, bound):
                _exit()
    except XietongError as error:
        sys.stderr.write(f"xietong: {error}\n")
    return 1


def _run(settings: Settings, assistant: Assistant, bound: socket.socket) -> bool:
    """Serves until a signal comes; False where the server did not start (uvicorn logs why)."""
    own = _own(settings.data.resolve() / "uploads")  # held as long as it serves
    uploads = own.path / RECEIVED
    _keep_gradio_here(str(uploads))
    import uvicorn  # with gradio, the slowest import of the start: the address is checked before it
    from uvicorn.config import LOGGING_CONFIG

    from . import journal
    from .page import application

    class Server(uvicorn.Server):
        """uvicorn's server, with our signals and a word when it listens."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            _announce(settings, assistant)

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            _on_signals(lambda number, frame: self.handle_exit(number, frame))
            yield

    journal.begin(settings)
    config = uvicorn.Config(
        application(assistant, settings, uploads),
        log_config=None if settings.log else LOGGING_CONFIG,
        log_level=logging.WARNING,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = Server(config)
    server.run([bound])
    return server.started


def _own(uploads: Path) -> OwnFolder:
    """Where Gradio stores what this server receives: two that receive the same file at once keep one each.

    What servers that have ended did not hand over is deleted: the pages that sent it have gone with them.
    """
    own = OwnFolder(uploads)
    with contextlib.suppress(OSError, XietongError):  # what cannot be stored is said to whoever uploads
        own.inherit(lambda other: None)
        own.open()
    return own


def _keep_gradio_here(uploads: str) -> None:
    """Nothing is asked of or told to other machines; uploads stay in the data folder."""
    os.environ.update(
        GRADIO_ANALYTICS_ENABLED="False",
        GRADIO_TEMP_DIR=uploads,
        HF_HUB_DISABLE_TELEMETRY="1",
        GRADIO_MCP_SERVER="False",
    )


def _announce(settings: Settings, assistant: Assistant) -> None:
    sys.stdout.write(f"协同问答 {url(settings.host, settings.port)}\n")
    sys.stdout.flush()
    start = threading.Timer(HEAD_START_SECONDS, assistant.start)
    start.daemon = True
    start.start()
    threading.Thread(target=_tell_start, args=(settings, assistant), name="xietong-told", daemon=True).start()


def _tell_start(settings: Settings, assistant: Assistant) -> None:
    """For the log: that it serves, and once questions are answered."""
    from .journal import tell

    begun = time.monotonic()
    tell("start", version=program_version(), host=settings.host, port=settings.port, process=os.getpid())
    try:
        assistant.wait_ready()
        tell("ready", seconds=time.monotonic() - begun, documents=assistant.library.stock().documents)
    except XietongError as error:
        tell("not_ready", "error", private={"reason": error.en}, error=type(error).__name__)


def _tell_stop() -> None:
    """For the log, if it can be written at once: a pipe that nobody reads must not keep the process."""
    from .journal import tell

    logging.disable(logging.NOTSET)
    thread = threading.Thread(target=tell, args=("stop",), kwargs={"process": os.getpid()}, daemon=True)
    thread.start()
    thread.join(STOP_LINE_SECONDS)


def _on_signals(stop: Callable[[int, FrameType | None], None]) -> None:
    """Both signals end the server; the process ends soon after, whatever is still running."""

    def handle(number: int, frame: FrameType | None) -> None:
        logging.disable(logging.ERROR)  # requests that are cut off now are no news
        _end_soon()
        stop(number, frame)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)


def _end_soon() -> None:
    timer = threading.Timer(LAST_SECONDS, _exit)
    timer.daemon = True
    timer.start()


def _exit() -> NoReturn:
    """Ends without waiting for threads: an indexing under way may take minutes, and PyTorch's abort the process.

    Nothing is lost by it: a document is stored in one transaction or not at all.
    """
    _tell_stop()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
