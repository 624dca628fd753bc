"""The real server in a process of its own: started, waited for, asked over HTTP, ended."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import local
from typing import Any
from uuid import uuid4

from tests.benchmarks.workload import ROOT

READY_SECONDS = 300  # a first start with its indexing, on a busy machine
ASK_SECONDS = 120
PAGE = local()  # each thread that asks is a person with a page open: its name


@dataclass(frozen=True, slots=True)
class Server:
    """`served`: seconds from the start of the process to the whole page in hand."""

    url: str
    pid: int
    served: float

    def ask(self, question: str) -> dict[str, Any]:
        """The answer object, over the API, to a page of this thread's. Raises OSError where it is refused."""
        PAGE.name = getattr(PAGE, "name", None) or uuid4().hex
        request = urllib.request.Request(
            f"{self.url}/gradio_api/run/ask",
            json.dumps({"data": [question, None, None], "session_hash": PAGE.name}).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=ASK_SECONDS) as reply:
            answer: dict[str, Any] = json.load(reply)["data"][0]
            return answer


@contextmanager
def served(data: Path, sources: Path | None = None) -> Iterator[Server]:
    """`python app.py` over a data folder, from when the whole page came; ended with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = environ(data, sources)
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port)], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process, begun + READY_SECONDS)
        yield Server(url, process.pid, time.perf_counter() - begun)
    finally:
        process.terminate()
        process.wait(10)


def environ(data: Path, sources: Path | None = None) -> dict[str, str]:
    """This process's environment with another data folder and, where given, other sources."""
    return os.environ | {"XIETONG_DATA": str(data)} | ({"XIETONG_SOURCES": str(sources)} if sources else {})


def _wait(url: str, process: "subprocess.Popen[bytes]", until: float) -> None:
    while True:
        try:
            with urllib.request.urlopen(f"{url}/", timeout=30) as page:
                page.read()
            return
        except OSError:
            if process.poll() is not None or time.perf_counter() > until:
                raise SystemExit(f"no page at {url}: exit code {process.returncode}") from None
            time.sleep(0.02)
