"""Conversations that are kept, and what can be done with a question and its answer."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Open = Callable[..., Any]
QUESTION = "2021年天津港集装箱吞吐量是多少?"
OTHER = "引滦入津水质改善靠什么协议?"
ABSENT = "《红楼梦》的作者是谁?"


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server whose conversations and documents these tests change."""
    from tests.browser.conftest import start

    running = start(tmp_path_factory.mktemp("talks"))
    yield running
    running.end()


def titles(page: Any) -> list[str]:
    return list(page.page.locator("#talk-list .open").all_inner_texts())


def test_a_conversation_is_there_after_a_reload_with_its_citations(own_server: Any, visit: Open) -> None:
    page = visit(own_server.url)
    page.ask(QUESTION)
    page.ask(OTHER)
    page.page.wait_for_url(re.compile(r"\?talk="))
    shown = page.page.locator("#turn-1 .answer").inner_text()
    page.page.reload()
    page.page.locator("#turn-2.done").wait_for()
    assert page.page.locator("#turn-1 .answer").inner_text() == shown
    page.page.locator("#turn-1 .sentences .cite").first.click()
    page.page.locator("#reader mark.cited", has_text="2000万标准箱").first.wait_for()
    page.shot("conversation-reloaded")


def test_conversations_are_searched_renamed_deleted_and_taken_back(own_server: Any, visit: Open) -> None:
    page = visit(own_server.url)
    page.ask("东疆要打造成什么?")
    page.page.locator("#talk-list [aria-current]").wait_for()
    page.page.locator("#talk-search textarea, #talk-search input").fill("东疆")
    page.page.wait_for_function("document.querySelectorAll('#talk-list .open').length === 1")
    page.page.locator("#talk-list li").hover()
    page.page.locator("#talk-list [data-rename]").click()
    page.page.locator("#talk-list .editor input").fill("东疆的定位<b>")
    page.page.keyboard.press("Enter")
    page.page.locator(".talk-head b", has_text="东疆的定位<b>").wait_for()
    page.page.locator("#talk-list li").hover()
    page.page.locator("#talk-list [data-act=delete]").click()
    page.page.locator(".welcome").wait_for()
    assert titles(page) == []
    page.page.locator("#talk-list .undo button").click()
    page.page.locator("#turn-1.done").wait_for()
    assert titles(page) == ["东疆的定位<b>"]


def test_an_edited_question_takes_the_place_of_what_followed(own_server: Any, visit: Open) -> None:
    page = visit(own_server.url)
    page.ask(QUESTION)
    page.ask(OTHER)
    page.page.locator("#turn-1 .edit").click()
    page.page.keyboard.press("Escape")
    page.page.locator("#turn-1 .edit").click()
    page.page.locator("#turn-1 .editor textarea").fill("通武廊指的是哪三个地方?")
    page.page.keyboard.press("Enter")
    page.page.locator("#turn-1.done", has_text="通武廊").wait_for()
    page.page.reload()
    page.page.locator("#turn-1.done", has_text="通武廊").wait_for()
    assert page.page.locator(".turn").count() == 1


def test_a_mark_shows_its_quote_to_the_pointer_and_to_the_keyboard(own_server: Any, visit: Open) -> None:
    page = visit(own_server.url)
    page.ask(QUESTION)
    mark = page.page.locator("#turn-1 .sentences .cite").first
    tip = page.page.locator("#quote-tip")
    mark.hover()
    assert "2000万标准箱" in tip.inner_text() and "第12段" in tip.inner_text()
    page.shot("quote-tip")
    page.page.locator("#question textarea").hover()
    tip.wait_for(state="hidden")
    mark.focus()
    tip.wait_for()
    assert mark.get_attribute("aria-describedby") == "quote-tip"


def test_each_sentence_is_copied_with_its_source(own_server: Any, visit: Open) -> None:
    page = visit(own_server.url, permissions=["clipboard-read", "clipboard-write"])
    turn = page.ask("下一步在生态治理方面有哪些安排?")
    turn.locator(".nexts").wait_for()
    turn.locator(".sentences .copy-one").first.click()
    page.page.locator(".copy-one", has_text="已复制").first.wait_for()
    copied = page.page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r".+。\[《天津市推进京津冀协同发展情况报告》,第\d+段\]", copied)


def test_what_can_be_asked_next_is_answered(own_server: Any, visit: Open) -> None:
    page = visit(own_server.url)
    page.ask(ABSENT)
    offered = page.page.locator("#turn-1 .next")
    offered.first.wait_for()
    question = offered.first.inner_text()
    offered.first.click()
    page.page.locator("#turn-2.done .sentences").wait_for()
    assert question in page.page.locator("#turn-2 .question").inner_text()


def test_what_is_said_of_an_answer_is_kept(own_server: Any, visit: Open) -> None:
    page = visit(own_server.url)
    page.ask(ABSENT)
    page.page.locator("#turn-1 .say[data-kind=should_have_been_found]").click()
    page.page.locator("#turn-1 .remark input").fill("第3段有")
    page.page.keyboard.press("Enter")
    page.page.get_by_text("已记下").first.wait_for()
    page.page.reload()
    said = page.page.locator("#turn-1 .say[data-kind=should_have_been_found]")
    said.wait_for()
    assert said.get_attribute("aria-pressed") == "true"


def test_a_conversation_is_exported_with_footnotes(own_server: Any, visit: Open, tmp_path: Path) -> None:
    page = visit(own_server.url)
    page.ask(QUESTION)
    page.page.locator(".export").first.wait_for()
    with page.page.expect_download() as waiting:
        page.page.locator(".export", has_text="Word").click()
    waiting.value.save_as(tmp_path / "a.docx")
    with zipfile.ZipFile(tmp_path / "a.docx") as archive:
        assert "2000万标准箱" in archive.read("word/footnotes.xml").decode()
    with page.page.expect_download() as waiting:
        page.page.locator(".export", has_text="Markdown").click()
    waiting.value.save_as(tmp_path / "a.md")
    assert "[^1]" in (tmp_path / "a.md").read_text("utf-8")


def test_only_the_documents_that_are_chosen_are_asked(own_server: Any, visit: Open, tmp_path: Path) -> None:
    note = tmp_path / "港口通报.txt"
    note.write_text("港口通报\n2021年,天津港集装箱吞吐量完成1999万标准箱。\n", "utf-8")
    page = visit(own_server.url)
    page.page.get_by_role("tab", name="文档").click()
    page.page.locator("#upload input[type=file]").set_input_files(note)
    page.page.locator("#library", has_text="港口通报").wait_for(timeout=60_000)
    page.page.get_by_role("tab", name="问答").click()
    page.page.locator("#within input").click()
    page.page.get_by_role("option", name="港口通报").click()
    page.page.keyboard.press("Escape")
    turn = page.ask(QUESTION)
    assert "1999万标准箱" in turn.locator(".short").inner_text()
    assert "天津市推进" not in turn.inner_text()


def test_a_source_that_is_removed_is_marked_in_what_was_answered(own_server: Any, visit: Open, tmp_path: Path) -> None:
    note = tmp_path / "桥梁通报.txt"
    note.write_text("桥梁通报\n2021年,全市新建跨河桥梁73座。\n", "utf-8")
    page = visit(own_server.url)
    page.page.get_by_role("tab", name="文档").click()
    page.page.locator("#upload input[type=file]").set_input_files(note)
    row = page.page.locator("#library tr", has_text="桥梁通报")
    row.wait_for(timeout=60_000)
    page.page.get_by_role("tab", name="问答").click()
    turn = page.ask("2021年全市新建跨河桥梁多少座?")
    assert "73座" in turn.inner_text()
    page.page.get_by_role("tab", name="文档").click()
    row.locator("[data-action=ask]").click()
    row.locator("[data-action=confirm]").click()
    page.page.get_by_role("tab", name="问答").click()
    page.page.locator("#turn-1 .departed", has_text="已撤回").wait_for()
    assert "73座" in turn.inner_text()
    page.page.reload()
    page.page.locator("#turn-1 .departed", has_text=re.compile(r"已撤回\(\d{4}-\d\d-\d\d\)")).wait_for()
    page.shot("source-withdrawn")


def test_passages_are_found_in_the_whole_library(own_server: Any, visit: Open) -> None:
    page = visit(own_server.url)
    page.page.get_by_role("tab", name="文档").click()
    page.page.locator("#find textarea, #find input").fill("集装箱 吞吐量")
    page.page.keyboard.press("Enter")
    page.page.locator("ol.found mark").first.wait_for(timeout=60_000)
    assert "集装箱" in page.page.locator("ol.found mark").all_inner_texts()
