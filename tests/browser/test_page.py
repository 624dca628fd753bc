import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

Open = Callable[..., Any]


def hosts(urls: list[str]) -> set[str]:
    return {urlsplit(url).netloc for url in urls if urlsplit(url).scheme not in ("data", "blob")}


def test_nothing_is_asked_of_another_host(server: Any, visit: Open, tmp_path: Path) -> None:
    page = visit(server.url)
    page.ask("What is the plan for Dongjiang?")
    page.page.get_by_role("tab").nth(1).click()
    page.page.locator("#upload").wait_for()
    page.page.wait_for_timeout(500)
    assert hosts(page.requests) == {f"127.0.0.1:{server.port}"}
    assert page.errors == []


def test_the_html_loads_nothing_from_another_host(server: Any) -> None:
    with urllib.request.urlopen(server.url) as response:
        html = response.read().decode()
    loaded = re.findall(r"(?:src|href|content|url)\s*[=(:]\s*[\"']?(https?://[^\"'\s)]+)", html)
    assert hosts(loaded) <= {f"127.0.0.1:{server.port}"}
    assert "fonts.googleapis" not in html and "cdnjs" not in html


def test_the_page_speaks_chinese_and_english_by_the_browser(server: Any, visit: Open) -> None:
    chinese, english = visit(server.url), visit(server.url, locale="en-US")
    assert chinese.page.title() == "协同问答"
    assert chinese.page.get_by_role("tab").all_inner_texts() == ["问答", "文档", "数据", "计划"]
    assert english.page.get_by_role("tab").all_inner_texts() == ["Ask", "Documents", "Figures", "Plans"]
    assert english.page.evaluate("document.documentElement.lang") == "en"
    english.page.locator("#masthead a").click()
    english.page.get_by_role("tab", name="问答").wait_for()
    chinese.shot("welcome-wide")


def test_an_english_page_answers_too(server: Any, visit: Open) -> None:
    page = visit(server.url, locale="en-US", color_scheme="dark")
    turn = page.ask("What is the plan for Dongjiang?")
    assert turn.locator(".copy").inner_text() == "Copy with sources"
    page.shot("english-dark")


def test_a_request_cannot_name_a_file_of_this_machine(server: Any) -> None:
    stolen = {"path": str(Path(__file__)), "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}
    body = json.dumps({"data": [[stolen]], "fn_index": 0, "session_hash": "s"}).encode()
    for path in ("gradio_api/queue/join", "gradio_api/run/predict", "en/gradio_api/queue/join"):
        request = urllib.request.Request(server.url + path, body, {"Content-Type": "application/json"})
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(request)
        assert refusal.value.code == 403


def test_no_link_leads_to_gradio(server: Any, visit: Open) -> None:
    page = visit(server.url)
    assert page.page.locator("footer:visible").count() == 0
    assert not [link for link in page.page.locator("a").all() if "gradio" in (link.get_attribute("href") or "")]


def test_two_visitors_have_conversations_of_their_own(server: Any, visit: Open) -> None:
    one, other = visit(server.url), visit(server.url)
    one.ask("引滦入津水质改善靠什么协议?")
    assert other.page.locator(".turn").count() == 0
