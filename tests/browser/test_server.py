import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
Open = Callable[..., Any]


def app(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    """Runs app.py, which is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "app.py", *arguments], cwd=ROOT, env={**os.environ, "XIETONG_DATA": str(data)},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = app("--port", port, data=tmp_path)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and port in done.stderr and "--port" in done.stderr


def test_another_host_is_refused_in_one_line(tmp_path: Path) -> None:
    done = app("--host", "0.0.0.0", data=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "0.0.0.0" in done.stderr and "--host 127.0.0.1" in done.stderr


@pytest.mark.parametrize("arguments", [("--port", "0"), ("--port", "x"), ("--host", "http://a"), ("--colour",)])
def test_wrong_usage_is_said_in_one_line(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = app(*arguments, data=tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1


def begin_indexing(start_server: Callable[..., Any], visit: Open, folder: Path) -> tuple[Any, Any]:
    """A server that reads in a long document, and a page whose question waits for it."""
    sources = folder / "sources"
    sources.mkdir()
    lines = (f"第{i}项措施投入{i}万元,由第{i}办公室于2021年落实,成效良好。" for i in range(8_000))
    (sources / "长.txt").write_text("\n".join(lines), "utf-8")
    busy = start_server(folder / "data", XIETONG_SOURCES=str(sources))
    page = visit(busy.url).page
    page.get_by_text("首次启动").wait_for(timeout=120_000)
    page.locator("#question textarea").fill("第7项措施投入多少?")
    page.keyboard.press("Enter")
    page.get_by_text("已收到问题").wait_for(timeout=60_000)
    return busy, page


def test_sigterm_ends_the_server_within_five_seconds_while_it_indexes(
    start_server: Callable[..., Any], visit: Open, tmp_path: Path
) -> None:
    busy, _ = begin_indexing(start_server, visit, tmp_path)
    code, seconds = busy.end(signal.SIGTERM)
    assert code == 0 and seconds < 5


def test_a_waiting_question_can_be_stopped_and_asked_again_and_so_can_the_server_be_with_ctrl_c(
    start_server: Callable[..., Any], visit: Open, tmp_path: Path
) -> None:
    busy, page = begin_indexing(start_server, visit, tmp_path)
    for number in range(1, 16):  # often enough to meet a step that was on its way when the question was stopped
        page.locator("#question .stop-button").click()
        page.locator(f"#turn-{number}.stopped").wait_for()
        page.locator("#question textarea").fill("第8项措施投入多少?")
        page.keyboard.press("Enter")
        page.locator(f"#turn-{number + 1}.waiting").wait_for()
    page.locator("#question .stop-button").click()
    page.locator("#turn-16.stopped").wait_for()
    page.locator("#question .submit-button").wait_for()
    code, seconds = busy.end(signal.SIGINT)
    assert code == 0 and seconds < 5
