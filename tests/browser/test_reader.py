"""The reader over a library whose documents are read, not asked: it is made with the embedder of the tests."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from index import Library
from index.reading.drawing import MARKER
from tests.browser.conftest import Server, start
from tests.conftest import BigramEmbedder
from tests.index.reading.test_pdf import LONG, Paper

ROOT = Path(__file__).parents[2]
REPORT = (ROOT / "source_docs" / "report.txt").read_text("utf-8")
QUESTION = "天津在医疗卫生和教育方面有哪些协同举措?"
EVIL = "<img src=x onerror=alert(1)>"
PAGES = 100
LIMIT_MS = 1000  # from the click to the cited words in view
Open = Callable[..., Any]
# Puts a link to a place on the page, as other pages do, clicks it, and waits until the cited words are in view.
CLICK = """([place, words]) => new Promise(done => {
  const link = document.createElement('button');
  link.dataset.place = place;
  document.body.append(link);
  const begun = performance.now();
  const look = () => {
    const body = document.getElementById('reader-body').getBoundingClientRect();
    const cited = document.querySelector('#reader mark.cited');
    const mark = cited?.textContent === words && cited.getBoundingClientRect();
    const inView = mark && mark.height && mark.top >= body.top && mark.bottom <= body.bottom;
    inView ? done(performance.now() - begun) : requestAnimationFrame(look);
  };
  link.click();
  look();
})"""


@dataclass(frozen=True)
class Shelf:
    """A running server with the ids and texts of its documents."""

    server: Server
    report: str
    budget: str
    plan: str
    evil: str
    text: str

    def place(self, words: str, after: int = 0) -> str:
        """The place of words in the long PDF."""
        start = self.text.index(words, after)
        return f"{self.budget}:{start}:{start + len(words)}"


PLAN = "规划\n" + "".join(f"第{n}章 第{n}项工作\n" + f"{LONG}。\n" * 20 for n in range(1, 101))


def budget() -> bytes:
    """A hundred pages, each with ten paragraphs and one in words of its own."""
    paper = Paper()
    for page in range(1, PAGES + 1):
        y = 90.0
        for _ in range(10):
            y = paper.paragraph(y, f"{LONG}{LONG[:10]}。", 27) + 4
        paper.paragraph(y, f"第{page}项工作完成投资{page}.5亿元。")
        paper.page()
    return paper.data()


def made(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    folder, embedder = tmp_path_factory.mktemp("shelf"), BigramEmbedder()
    library = Library(folder / "data", embedder.name, lambda: embedder)
    library.seed(folder / "none")
    files = [
        ("report.txt", REPORT.encode()),
        ("预算.pdf", budget()),
        ("规划.txt", PLAN.encode()),
        ("evil.txt", f"{EVIL}报告\n一、{EVIL}\n{EVIL} | {EVIL}\n{EVIL} | 二\n".encode()),
    ]
    report, long, plan, evil = (library.add(made(folder, name, data)).id or "" for name, data in files)
    running = start(folder / "data")
    yield Shelf(running, report, long, plan, evil, library.text(long))
    running.end()


def numbers(page: Any) -> list[int]:
    """The numbers of the paragraphs that the reader holds, in order."""
    return [int(n) for n in page.page.locator("#reader [data-n]").evaluate_all("all => all.map(e => e.dataset.n)")]


def in_view(page: Any, selector: str) -> bool:
    return bool(
        page.page.locator(selector).first.evaluate(
            """e => { const r = e.getBoundingClientRect();
            const b = document.getElementById('reader-body').getBoundingClientRect();
            return r.height > 0 && r.top >= b.top - 1 && r.bottom <= b.bottom + 1; }"""
        )
    )


def run(server: Server, *arguments: str) -> None:
    environment = {**os.environ, "XIETONG_DATA": str(server.data)}
    subprocess.run(
        [sys.executable, "-m", "assistant", *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def test_a_document_of_a_hundred_pages_opens_within_a_second(shelf: Shelf, visit: Open) -> None:
    page = visit(shelf.server.url)
    page.page.locator("#reader").wait_for()
    wanted = [f"第{number}项工作完成投资{number}.5亿元" for number in (57, 3, 99)]
    took = [page.page.evaluate(CLICK, [shelf.place(words), words]) for words in wanted]
    assert max(took) < LIMIT_MS, took
    assert len(numbers(page)) < 200


def test_scrolling_brings_the_rest_without_a_gap(shelf: Shelf, visit: Open) -> None:
    page = visit(f"{shelf.server.url}?place={shelf.place('第50项工作完成投资')}")
    page.page.locator("#reader mark.cited").wait_for()
    first, last = numbers(page)[0], numbers(page)[-1]
    for edge in ("box.scrollHeight", "0"):
        page.page.evaluate(f"() => {{ const box = document.getElementById('reader-body'); box.scrollTop = {edge}; }}")
        page.page.wait_for_function(
            "n => !document.querySelector(`#reader [data-n='${n}']`)?.matches('.lines > :nth-child(-n+3), "
            ".lines > :nth-last-child(-n+3)')",
            arg=last if edge != "0" else first,
        )
    held = numbers(page)
    assert held == list(range(held[0], held[-1] + 1)) and held[0] < first and held[-1] > last
    assert page.page.locator("#reader mark.cited").count() == 1


def test_the_outline_leads_to_a_heading(shelf: Shelf, visit: Open) -> None:
    page = visit(f"{shelf.server.url}?place={shelf.plan}:50:60")
    page.page.locator('[data-reader="outline"]').click()
    page.page.locator(".outline a", has_text="第80章").click()
    heading = f'#reader .heading[data-start="{PLAN.index("第80章")}"]'
    page.page.locator(heading).wait_for()
    page.page.wait_for_timeout(300)
    assert in_view(page, heading)
    assert not page.page.locator(".outline").is_visible()
    assert page.page.locator(".outline a[aria-current]").all_text_contents() == ["第80章 第80项工作"]


def test_words_are_found_in_the_whole_document(shelf: Shelf, visit: Open) -> None:
    page = visit(f"{shelf.server.url}?place={shelf.place('第2项工作完成投资')}")
    page.page.locator('[data-reader="find"]').click()
    box = page.page.locator(".reader-search input")
    box.fill("第9０項工作完成投資")  # full width, traditional characters, ninety pages further on
    page.page.keyboard.press("Enter")
    hit = page.page.locator("#reader mark.found.at")
    hit.wait_for()
    assert hit.text_content() == "第90项工作完成投资" and in_view(page, "#reader mark.found.at")
    assert page.page.locator(".hits").inner_text() == "1/1"
    box.fill("项工作完成投资")
    page.page.locator(".hits", has_text=re.compile(r"^2/100$")).wait_for()  # the first at the citation or after it
    for key, shown in (
        ("Enter", "3/100"),
        ("Shift+Enter", "2/100"),
        ("Shift+Enter", "1/100"),
        ("Shift+Enter", "100/100"),
    ):
        page.page.keyboard.press(key)
        page.page.locator(".hits", has_text=re.compile(f"^{shown}$")).wait_for()
    page.page.locator("#reader .line", has_text="第100项工作完成投资").locator("mark.found.at").wait_for()
    page.page.wait_for_timeout(300)
    assert in_view(page, "#reader mark.found.at")
    box.fill("没有这句话")
    page.page.get_by_text("没有找到").wait_for()
    page.page.keyboard.press("Escape")
    assert not box.is_visible() and page.page.locator("#reader").is_visible()
    page.page.locator("#reader mark.found").first.wait_for(state="detached")
    assert page.page.evaluate("document.activeElement.dataset.reader") == "find"


def test_a_page_of_a_pdf_is_shown_as_it_is_with_the_passage_marked(shelf: Shelf, visit: Open) -> None:
    page = visit(f"{shelf.server.url}?place={shelf.place('第7项工作完成投资7.5亿元')}")
    page.page.locator("#reader mark.cited").wait_for()
    page.page.locator('[data-reader="page"]').click()
    image = page.page.locator("#reader figure img")
    title = page.page.locator("#reader .volume").get_attribute("data-title")
    assert image.get_attribute("alt") == f"{title},第7页"
    page.page.wait_for_function("document.querySelector('#reader figure img').naturalWidth > 1000")
    answer = page.page.request.get(f"{shelf.server.url}{image.get_attribute('src')}".replace("//xietong", "/xietong"))
    with Image.open(BytesIO(answer.body())) as picture:
        tinted = {colour: n for n, colour in picture.convert("RGB").getcolors(2**24) or []}
    assert tinted.get(MARKER, 0) > 2000
    assert page.page.locator("#reader figcaption").inner_text().split() == ["‹", "7", "/", "100", "›"]
    page.shot("reader-page")
    page.page.get_by_role("button", name="下一页").click()
    page.page.locator("#reader figure img[alt$='第8页']").wait_for()
    page.page.locator('[data-reader="text"]').click()
    assert in_view(page, "#reader mark.cited")


def test_a_text_has_no_pages_to_show(shelf: Shelf, visit: Open) -> None:
    page = visit(f"{shelf.server.url}?place={shelf.report}:0:10")
    page.page.locator("#reader mark.cited").wait_for()
    assert not page.page.locator('[data-reader="page"]').is_visible()


def test_a_document_is_previewed_from_the_list_and_closed_with_escape(shelf: Shelf, visit: Open) -> None:
    page = visit(shelf.server.url)
    page.page.get_by_role("tab", name="文档").click()
    button = page.page.locator(f'.preview[data-place="{shelf.report}:0:0"]')
    button.focus()
    page.page.keyboard.press("Enter")
    page.page.locator(f'#reader .volume[data-document="{shelf.report}"]').wait_for()
    page.page.wait_for_function("document.getElementById('reader').contains(document.activeElement)")
    page.page.locator('[data-reader="wide"]').click()
    assert page.page.locator("#reader").bounding_box()["width"] == 1440
    assert page.page.locator(".outline").is_visible()
    page.shot("reader-wide")
    page.page.keyboard.press("Escape")
    assert page.page.locator("#reader").bounding_box()["width"] < 600
    page.page.keyboard.press("Escape")
    page.page.locator("#reader").wait_for(state="hidden")
    assert button.evaluate("e => e === document.activeElement")


def test_a_link_to_a_place_can_be_copied_and_opens_it(shelf: Shelf, visit: Open) -> None:
    place = shelf.place("第60项工作完成投资")
    page = visit(f"{shelf.server.url}?place={place}", permissions=["clipboard-read", "clipboard-write"])
    page.page.locator("#reader mark.cited").wait_for()
    page.page.locator('[data-reader="link"]').click()
    page.page.get_by_text("已复制链接").wait_for()
    copied = page.page.evaluate("navigator.clipboard.readText()")
    other = visit(copied, locale="en-GB")
    other.page.locator("#reader mark.cited", has_text="第60项工作完成投资").wait_for()
    assert "p. 60" in other.page.locator("#reader .place").inner_text()


def test_nothing_of_a_document_becomes_markup(shelf: Shelf, visit: Open) -> None:
    page = visit(f"{shelf.server.url}?place={shelf.evil}:3:40")
    page.page.locator("#reader mark.cited").first.wait_for()
    page.page.locator('[data-reader="find"]').click()
    page.page.locator(".reader-search input").fill("<img")
    page.page.locator("#reader mark.found.at").wait_for()
    assert page.page.locator("#reader img").count() == 0 and EVIL in page.page.locator("#reader .lines").inner_text()
    assert page.dialogs == [] and page.errors == []


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_the_reader_fits_the_window(shelf: Shelf, visit: Open, width: int) -> None:
    page = visit(f"{shelf.server.url}?place={shelf.place('第7项工作完成投资')}", width=width)
    page.page.locator("#reader mark.cited").wait_for()
    box = page.page.locator("#reader").bounding_box()
    assert page.overflow() == 0 and box["x"] + box["width"] == width and in_view(page, "#reader mark.cited")
    assert width - box["width"] > 560 or box["width"] == width  # beside it the questions keep a readable measure
    page.shot(f"reader-{width}")


def test_a_link_outlives_a_restart_and_a_new_index(start_server: Open, visit: Open, tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    text = "报告\n一、成效\n天津港吞吐量增长10.4%。\n二、下一步\n继续推进。\n"
    made(sources, "报告.txt", text.encode())
    first = start_server(tmp_path / "data", XIETONG_SOURCES=str(sources))
    page = visit(first.url)
    page.page.get_by_role("tab", name="文档").click()
    page.page.locator(".preview").wait_for(timeout=120_000)
    document = page.page.locator(".preview").get_attribute("data-place").partition(":")[0]
    first.end()
    run(first, "reindex")
    second = start_server(tmp_path / "data", XIETONG_SOURCES=str(sources))
    start = text.index("10.4%")
    opened = visit(f"{second.url}?place={document}:{start}:{start + 5}")
    opened.page.locator("#reader mark.cited").wait_for()
    assert opened.page.locator("#reader mark.cited").all_text_contents() == ["10.4%"]
    run(second, "remove", document)
    gone = visit(f"{second.url}?place={document}:{start}:{start + 5}")
    gone.page.locator("#reader .reader-gone", has_text="已从文档库移除").wait_for()
    assert gone.page.locator("#reader mark").count() == 0


def test_citations_of_an_answer_are_gone_through_in_order(server: Server, visit: Open) -> None:
    page = visit(server.url)
    turn = page.ask(QUESTION)
    places = turn.get_attribute("data-cites").split(",")
    spans = [tuple(map(int, place.split(":")[1:])) for place in dict.fromkeys(places)]
    assert len(spans) > 1
    page.page.locator(".counted", has_text=f"1/{len(places)}").wait_for()
    assert page.page.locator('[data-reader="previous"]').is_disabled()
    assert page.page.locator("#reader mark.other").count() > 0
    for at, (begin, end) in enumerate(spans[1:], 2):
        page.page.locator('[data-reader="next"]').click()
        page.page.locator(".counted", has_text=f"{at}/").wait_for()
        assert page.page.locator("#reader mark.cited").all_text_contents() == [REPORT[begin:end]]
        assert in_view(page, "#reader mark.cited")
        current = page.page.locator("#turn-1 .cite[aria-current]").first
        assert current.get_attribute("data-place").endswith(f":{begin}:{end}")
    assert page.page.locator('[data-reader="next"]').is_disabled()
    page.shot("reader-citations")


def test_a_source_that_was_removed_is_said_so_and_its_quote_stays(
    start_server: Open, visit: Open, tmp_path: Path
) -> None:
    own = start_server(tmp_path / "data")
    page = visit(own.url)
    turn = page.ask("2021年天津港集装箱吞吐量是多少?")
    place = turn.locator(".sentences .cite").first.get_attribute("data-place")
    document, start, end = place.split(":")
    page.page.locator("#reader mark.cited").wait_for()
    run(own, "remove", document)
    turn.locator(".sentences .cite").first.click()
    page.page.locator("#reader .reader-gone", has_text="已从文档库移除").wait_for()
    assert page.page.locator("#reader .passage mark.cited").text_content() == REPORT[int(start) : int(end)]
    page.shot("reader-gone")


def test_a_place_that_reads_otherwise_than_the_answer_quotes_is_said_so(shelf: Shelf, visit: Open) -> None:
    page = visit(shelf.server.url)
    place = shelf.place("第7项工作完成投资7.5亿元")
    page.page.evaluate(
        """place => {
          document.body.insertAdjacentHTML('beforeend', `<div hidden class="source" data-for="${place}">
            <p class="passage"><mark class="cited">第7项工作完成投资8.5亿元</mark></p></div>
            <button id="probe" data-place="${place}"></button>`);
          document.getElementById('probe').click();
        }""",
        place,
    )
    page.page.locator("#reader .reader-gone", has_text="与回答所引的不同").wait_for()
    assert page.page.locator("#reader mark.cited").all_text_contents() == ["第7项工作完成投资8.5亿元"]
    assert "第7项工作完成投资7.5亿元" in page.page.locator("#reader .lines").inner_text()
