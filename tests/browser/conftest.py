"""A real server with a data folder of its own, and Chromium looking at it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

ROOT = Path(__file__).parents[2]
START_SECONDS = 120
ANSWER_MS = 180_000  # the first answer waits for the model and for the report to be read in
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]


@dataclass(frozen=True)
class Server:
    """A running server and its data folder."""

    process: subprocess.Popen[str]
    port: int
    data: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Sends the signal; the exit code and the seconds that it took."""
        begun = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(30), time.monotonic() - begun


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def start(data: Path, errors: Path | None = None, /, **environment: str) -> Server:
    """Starts app.py on a free port and returns once the page is served. `errors`: the file for its stderr."""
    port = free_port()
    command = [sys.executable, "app.py", "--port", str(port)]
    with errors.open("w") if errors else nullcontext() as told:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "XIETONG_DATA": str(data), **environment}, text=True, stderr=told
        )
    server = Server(process, port, data)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(server.url, timeout=10):
                return server
        except OSError:
            time.sleep(0.1)
    process.kill()
    raise AssertionError(f"no page at {server.url}")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that leave its library as they found it."""
    running = start(tmp_path_factory.mktemp("data"))
    yield running
    running.end()


@pytest.fixture
def start_server() -> Iterator[Callable[..., Server]]:
    """Starts further servers; whatever still runs afterwards is ended."""
    running: list[Server] = []

    def begin(data: Path, **environment: str) -> Server:
        running.append(start(data, **environment))
        return running[-1]

    yield begin
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait(30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed: the pages were not tested")
        pytest.skip("Chromium is not installed (Debian: apt install chromium fonts-noto-cjk)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium
        chromium.close()


@dataclass(frozen=True)
class Visit:
    """A page, with what it asked for, what its console said and which dialogs it opened."""

    page: Page
    requests: list[str]
    errors: list[str]
    dialogs: list[str]

    def ask(self, question: str) -> Any:
        """Asks, waits for the whole answer and returns its turn."""
        number = self.page.locator(".turn").count() + 1
        self.page.locator("#question textarea").fill(question)
        self.page.keyboard.press("Enter")
        turn = self.page.locator(f"#turn-{number}.done")
        turn.wait_for(timeout=ANSWER_MS)
        self.page.locator("#question .submit-button").wait_for()
        return turn

    def dismiss(self, dialog: Dialog) -> None:
        """Notes a dialog and closes it."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def shot(self, name: str) -> None:
        """A screenshot, where XIETONG_SCREENSHOTS names a folder for them."""
        folder = os.environ.get("XIETONG_SCREENSHOTS")
        if folder:
            self.page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Opens a page in a browser profile of its own."""
    contexts = []

    def open_page(url: str, width: int = 1440, height: int = 900, locale: str = "zh-CN", **options: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, **options)
        contexts.append(context)
        page = context.new_page()
        seen = Visit(page, [], [], [])
        context.on("request", lambda request: seen.requests.append(request.url))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("dialog", lambda dialog: seen.dismiss(dialog))
        page.goto(url)
        page.locator("#question textarea").wait_for(timeout=60_000)
        return seen

    yield open_page
    for context in contexts:
        context.close()
