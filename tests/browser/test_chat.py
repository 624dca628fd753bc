import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
REPORT = (ROOT / "source_docs" / "report.txt").read_text("utf-8")
QUESTION = "2021年天津港集装箱吞吐量是多少?"
EVIL = "<img src=x onerror=alert(1)>"
Open = Callable[..., Any]


def told(server: Any, question: str) -> dict[str, Any]:
    """The answer object that the command line gives over the same library."""
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "ask", question, "--json"],
        cwd=ROOT, env={**os.environ, "XIETONG_DATA": str(server.data)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def test_the_source_opens_beside_the_answer_with_the_quoted_words_marked(server: Any, visit: Open) -> None:
    page = visit(server.url)
    turn = page.ask(QUESTION)
    answer = told(server, QUESTION)
    citation = answer["citations"][0]
    reader = page.page.locator("#reader")
    reader.locator("mark.cited").wait_for()
    assert reader.locator("mark.cited").text_content() == citation["quote"]
    assert citation["quote"] == REPORT[citation["start"] : citation["end"]]
    assert citation["text"] in str(reader.locator(".lines").text_content())
    assert reader.locator(".headings li").all_text_contents() == citation["heading_path"]
    assert f"第{citation['paragraph']}段" in reader.locator(".place").inner_text()
    assert answer["sentences"][0]["text"] in turn.locator(".sentences").inner_text()
    assert turn.locator(".short").inner_text() == answer["short_answer"]
    page.shot("chat-wide")


def test_marks_of_earlier_answers_go_on_working(server: Any, visit: Open) -> None:
    page = visit(server.url)
    page.ask(QUESTION)
    first = page.page.locator("#reader mark.cited").text_content()
    page.ask("引滦入津水质改善靠什么协议?")
    page.page.locator("#reader mark.cited", has_text="协议").wait_for()
    page.page.locator("#turn-1 .sentences .cite").first.click()
    page.page.locator("#reader mark.cited", has_text=first).wait_for()
    assert page.page.locator("#turn-1 .cite[aria-current]").count() == 1


def test_the_marked_words_are_in_view(server: Any, visit: Open) -> None:
    page = visit(server.url, width=1440, height=420)
    page.ask(QUESTION)
    page.page.locator("#reader mark.cited").wait_for()
    box = page.page.locator("#reader mark.cited").bounding_box()
    assert box and 0 <= box["y"] < 420


def test_a_mark_is_reached_and_opened_by_keyboard(server: Any, visit: Open) -> None:
    page = visit(server.url, width=390, height=844)
    page.ask(QUESTION)
    assert not page.page.locator("#reader").is_visible()
    for _ in range(12):
        page.page.keyboard.press("Shift+Tab")
        if page.page.evaluate("document.activeElement.matches('.sentences .cite')"):
            break
    label = page.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert label.startswith("出处1:《天津市推进京津冀协同发展情况报告》,第12段")
    page.page.keyboard.press("Enter")
    page.page.locator("#reader mark.cited").wait_for()
    page.page.wait_for_timeout(300)
    page.shot("source-narrow")
    page.page.keyboard.press("Escape")
    page.page.locator("#reader").wait_for(state="hidden")
    assert page.page.evaluate("document.activeElement.matches('.sentences .cite')")


def test_what_is_not_in_the_documents_is_said_with_the_nearest_passages(server: Any, visit: Open) -> None:
    page = visit(server.url)
    turn = page.ask("《红楼梦》的作者是谁?")
    assert "没有" in turn.locator(".absent").inner_text() and turn.locator(".sentences").count() == 0
    assert page.page.locator("#reader mark").count() == 0
    turn.locator(".nearest .cite").first.click()
    marked = page.page.locator("#reader mark.cited").text_content()
    assert marked and marked in REPORT
    page.shot("not-found")


def test_an_example_is_asked_with_one_click_and_a_new_conversation_clears(server: Any, visit: Open) -> None:
    page = visit(server.url)
    page.page.locator(".example").first.click()
    page.page.locator("#turn-1.done").wait_for(timeout=60_000)
    page.page.locator("#fresh").click()
    page.page.locator(".welcome").wait_for()
    assert page.page.locator(".turn").count() == 0
    page.page.locator("#reader mark").first.wait_for(state="detached")


def test_an_empty_question_gets_its_message(server: Any, visit: Open) -> None:
    turn = visit(server.url).ask("  ")
    assert turn.locator(".note").inner_text().strip() and turn.locator(".cite").count() == 0


def test_a_second_line_is_made_with_shift_enter(server: Any, visit: Open) -> None:
    page = visit(server.url)
    page.page.locator("#question textarea").fill("第一行")
    page.page.keyboard.press("Shift+Enter")
    page.page.keyboard.type("第二行")
    assert page.page.locator("#question textarea").input_value() == "第一行\n第二行"
    assert page.page.locator(".turn").count() == 0


def test_the_answer_is_copied_with_its_source(server: Any, visit: Open) -> None:
    page = visit(server.url, permissions=["clipboard-read", "clipboard-write"])
    turn = page.ask(QUESTION)
    button = turn.locator(".copy")
    label = button.inner_text()
    seen = button.evaluate(
        """async (button, label) => {
            const pause = () => new Promise((done) => setTimeout(done, 10));
            button.click();
            while (button.textContent === label) await pause();
            button.textContent = label; // as the next drawing of the conversation does
            await pause();
            return button.textContent;
        }""",
        label,
    )
    assert seen == "已复制"
    turn.get_by_text(label, exact=True).wait_for()
    copied = page.page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith("[《天津市推进京津冀协同发展情况报告》,第12段]") and "10.4%" in copied


def test_a_question_cannot_bring_markup_into_the_page(server: Any, visit: Open) -> None:
    page = visit(server.url)
    turn = page.ask(f"{EVIL} 天津港吞吐量?")
    assert turn.locator(".question > span:not(.hidden)").inner_text() == f"{EVIL} 天津港吞吐量?"
    assert page.page.locator("#transcript img").count() == 0
    assert page.dialogs == [] and page.errors == []


@pytest.mark.parametrize("width", [390, 1440])
def test_a_conversation_fits_the_window(server: Any, visit: Open, width: int) -> None:
    page = visit(server.url, width=width)
    assert page.overflow() == 0
    page.ask("下一步在生态治理方面有哪些安排?")
    page.ask("《红楼梦》的作者是谁?" + "很长的英文词" + "x" * 120)
    assert page.overflow() == 0
    page.shot(f"conversation-{width}")


def test_the_answer_does_not_move_while_it_comes(server: Any, visit: Open) -> None:
    page = visit(server.url)
    page.ask(QUESTION)
    page.page.evaluate("""() => {
        window.tops = new Set();
        new MutationObserver(() => {
            const first = document.querySelector('#turn-2 .sentence');
            if (first) window.tops.add(Math.round(first.getBoundingClientRect().top));
        }).observe(document.querySelector('#transcript'), {childList: true, subtree: true});
    }""")
    page.ask("下一步在生态治理方面有哪些安排?")
    page.page.wait_for_timeout(300)
    assert len(page.page.evaluate("[...window.tops].slice(1)")) <= 1
