import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import ClientSession, McpError
from mcp.client.streamable_http import streamable_http_client
from playwright.sync_api import Browser, Page

from tests.browser.conftest import ROOT, Server, start

EDITOR, READER = ("张三", "editor's own"), ("li", "reader's own")


def users(server: Server, *arguments: str, typed: str = "") -> str:
    environment = {**os.environ, "XIETONG_USERS": str(server.data.parent / "users.jsonl")}
    command = [sys.executable, "-m", "assistant", "users", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, input=typed, text=True, env=environment, check=True, stdout=subprocess.PIPE
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with an editor and a reader."""
    folder = tmp_path_factory.mktemp("users")
    made = Server(None, 0, folder / "data")  # type: ignore[arg-type]
    users(made, "add", EDITOR[0], "--role", "editor", typed=EDITOR[1])
    users(made, "add", READER[0], typed=READER[1])
    running = start(folder / "data", XIETONG_USERS=str(folder / "users.jsonl"))
    yield running
    running.end()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A page in a browser profile of its own."""
    contexts = []

    def begin(url: str, width: int = 1440, locale: str = "zh-CN", **options: Any) -> Page:
        contexts.append(browser.new_context(viewport={"width": width, "height": 844}, locale=locale, **options))
        page = contexts[-1].new_page()
        page.goto(url)
        return page

    yield begin
    for context in contexts:
        context.close()


def sign_in(page: Page, person: tuple[str, str]) -> None:
    """By keyboard alone: the name has the focus when the page opens."""
    page.locator("#name:focus").wait_for()
    page.keyboard.type(person[0])
    page.keyboard.press("Tab")
    page.keyboard.type(person[1])
    page.keyboard.press("Enter")
    page.locator("#question textarea").wait_for(timeout=60_000)


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_one_signs_in_by_keyboard_sees_one_s_name_and_signs_out(
    shared: Server, open_page: Callable[..., Page], width: int
) -> None:
    page = open_page(shared.url, width)
    assert page.url.endswith("/login?next=/") and overflow(page) == 0
    sign_in(page, EDITOR)
    assert page.locator("#account .name").inner_text() == EDITOR[0]
    assert page.locator("#account .role").inner_text() == "可编辑" and overflow(page) == 0
    page.locator("#account button").click()
    page.wait_for_url("**/login")
    page.goto(shared.url)
    assert page.locator("#name").is_visible()


def test_it_works_without_scripts_and_says_in_words_what_was_wrong(
    shared: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared.url, locale="en-US", java_script_enabled=False)
    page.fill("#name", READER[0])
    page.fill("#password", "a guess of mine")
    page.click("button")
    assert page.locator("[role=alert]").inner_text().startswith("The name or the password is wrong")
    assert page.input_value("#name") == READER[0] and page.input_value("#password") == ""
    page.fill("#password", READER[1])
    page.click("button")
    assert "#account" not in page.url and page.url == shared.url


def test_a_reader_sees_nothing_that_changes_the_library_and_is_told_why_it_is_refused(
    shared: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared.url)
    sign_in(page, READER)
    page.get_by_role("tab").nth(1).click()
    page.locator("table.documents", has_text="report.txt").wait_for(timeout=120_000)
    assert page.locator("#upload").is_hidden() and page.locator(".editor-only").is_hidden()
    assert page.locator("[data-action]:visible:not([data-action=contents])").count() == 0
    page.evaluate("document.documentElement.removeAttribute('data-role')")  # whatever the page shows
    page.locator("[data-action=ask]").first.click()
    page.get_by_text("您的角色是只读").wait_for()
    assert page.locator("tr.asked").count() == 0


def test_an_editor_sees_both(shared: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(shared.url)
    sign_in(page, EDITOR)
    page.get_by_role("tab").nth(1).click()
    page.locator("[data-action=ask]").first.wait_for(timeout=120_000)
    assert page.locator("#upload").is_visible()


def test_a_page_whose_session_has_ended_says_so_once_and_leads_back(
    shared: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{shared.url}?lang=en", locale="en-US")
    sign_in(page, READER)
    users(shared, "add", READER[0], typed="another password\n")
    page.locator("#question textarea").fill("not sent yet")
    page.keyboard.press("Enter")
    bar = page.locator("#signed-out")
    bar.wait_for(timeout=10_000)
    page.wait_for_timeout(2_500)  # two more rounds of polling
    assert bar.count() == 1 and "Your session has ended" in bar.inner_text()
    assert page.locator(".toast-body").count() == 0
    assert page.locator("#question textarea").input_value() == "not sent yet"
    page.get_by_role("link", name="Sign in again").click()
    sign_in(page, (READER[0], "another password"))
    assert page.url == f"{shared.url}?lang=en"
    users(shared, "add", READER[0], typed=READER[1])


async def asked_over_mcp(url: str, token: str, question: str) -> tuple[list[str], Any]:
    """The tools and the answer that a client of the mcp package gets."""
    async with (
        httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as http,
        streamable_http_client(f"{url}gradio_api/mcp/", http_client=http) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        tools = [tool.name for tool in (await session.list_tools()).tools]
        result = await session.call_tool("ask", {"question": question})
        return tools, json.loads(result.content[0].text)  # type: ignore[union-attr]


def over_mcp(url: str, token: str, question: str) -> tuple[list[str], Any]:
    """In a thread of its own: Playwright's event loop runs in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(asked_over_mcp(url, token, question))).result()


def test_an_mcp_client_with_a_token_gets_the_answer_object_and_one_without_gets_nothing(shared: Server) -> None:
    question = "2021年天津港集装箱吞吐量是多少?"
    token = users(shared, "token", READER[0])
    tools, answer = over_mcp(shared.url, token, question)
    assert sorted(tools) == ["ask", "documents", "passage", "search"]
    assert (answer["status"], answer["short_answer"]) == ("answered", "超2000万标准箱")
    assert answer["citations"][0]["quote"] in answer["citations"][0]["text"]
    with pytest.raises((ExceptionGroup, McpError)) as refused:
        over_mcp(shared.url, token + "x", question)
    assert "401" in repr(refused.value.exceptions if isinstance(refused.value, ExceptionGroup) else refused.value)


def test_a_start_without_anybody_to_sign_in_says_what_to_run(tmp_path: Path) -> None:
    for content, said in ((None, "xietong users add"), ("", "xietong users add"), ("{", "line 1")):
        path = tmp_path / "users.jsonl"
        if content is not None:
            path.write_text(content, "utf-8")
        done = subprocess.run(
            [sys.executable, "app.py", "--host", "0.0.0.0"], cwd=ROOT, capture_output=True, text=True, timeout=60,
            env={**os.environ, "XIETONG_USERS": str(path), "XIETONG_DATA": str(tmp_path / "data")},
        )  # fmt: skip
        assert done.returncode == 1 and said in done.stderr and done.stderr.count("\n") == 1


def test_an_address_for_others_needs_users(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env={**os.environ, "XIETONG_PUBLIC_URL": "https://qa.example.cn", "XIETONG_DATA": str(tmp_path / "data")},
    )  # fmt: skip
    assert done.returncode == 1 and "XIETONG_USERS" in done.stderr and done.stderr.count("\n") == 1
