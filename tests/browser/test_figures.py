"""The page of figures in a browser: finding, sorting, comparing, copying and downloading them."""

import csv
import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

EVIL = "<img src=x onerror=alert(1)>"
SHOWN_MS = 120_000  # the first look may wait for the report to be read in
Open = Callable[..., Any]


def to_figures(page: Any) -> None:
    page.page.get_by_role("tab", name="数据").click()
    page.page.locator("table.figures").wait_for(timeout=SHOWN_MS)


def find(page: Any, words: str) -> None:
    """Types into the filter and waits until other figures are shown."""
    before = page.page.locator(".pager span").first.inner_text()
    page.page.locator("#figure-filters textarea, #figure-filters input").first.fill(words)
    page.page.wait_for_function(
        "before => document.querySelector('.pager span')?.innerText !== before", arg=before, timeout=20_000
    )


def column(page: Any, name: str) -> list[str]:
    return [str(text) for text in page.page.locator(f"table.figures td.{name}").all_inner_texts()]


def add(page: Any, path: Path) -> None:
    page.page.get_by_role("tab", name="文档").click()
    page.page.set_input_files("#upload input[type=file]", [path])
    page.page.locator(".uploads li:not(.open)", has_text=path.name).wait_for(timeout=60_000)


def remove(page: Any, name: str) -> None:
    page.page.get_by_role("tab", name="文档").click()
    row = page.page.locator("table.documents tr:not(.removed)", has_text=name)
    row.locator("[data-action=ask]").click()
    page.page.locator("tr.asked [data-action=confirm]").click()
    page.page.locator("tr.removed", has_text=name).wait_for()


def test_a_figure_is_found_sorted_and_leads_to_its_place(server: Any, visit: Open) -> None:
    page = visit(server.url)
    to_figures(page)
    assert page.page.locator(".pager span").first.inner_text().endswith("共 92 条")
    page.shot("figures-wide")
    find(page, "集装箱")
    rows = page.page.locator("table.figures tbody tr")
    row = rows.filter(has_text="超2000万标准箱").first
    for words in ("超2000万标准箱", "天津港集装箱吞吐量", "2021年", "比上年增长10.4%", "天津港", "第12段"):
        assert words in row.inner_text()
    document, start, end = row.locator("[data-place]").get_attribute("data-place").split(":")
    text = next((server.data / "files").iterdir()).read_text("utf-8")
    assert len(document) == 16 and text[int(start) : int(end)] == "超2000万标准箱"
    page.page.locator("th.value button").click()
    page.page.locator("th.value[aria-sort=ascending]").wait_for()
    first = column(page, "value")[0]
    page.page.locator("th.value button").click()
    page.page.locator("th.value[aria-sort=descending]").wait_for()
    assert first != column(page, "value")[0] == "超2000万标准箱"
    assert page.errors == []


def test_kind_and_period_are_filters(server: Any, visit: Open) -> None:
    page = visit(server.url)
    to_figures(page)
    page.page.get_by_label("类别").click()
    page.page.get_by_role("option", name="位次").click()
    page.page.wait_for_function(
        "[...document.querySelectorAll('td.kind')].every(cell => cell.textContent === '位次')", timeout=10_000
    )
    assert "全球第24位" in column(page, "value")
    page.page.get_by_label("时期").click()
    page.page.get_by_role("option", name="2021年", exact=True).click()
    page.page.locator("#figure-rows .empty").wait_for(timeout=10_000)


def test_pages_are_stepped_through(server: Any, visit: Open) -> None:
    page = visit(server.url)
    to_figures(page)
    page.page.get_by_role("button", name="下一页").first.click()
    page.page.locator(".pager span", has_text="第 51–92 条").first.wait_for()
    assert page.page.get_by_role("button", name="下一页").first.is_disabled()


def test_the_keyboard_keeps_its_place_when_the_table_is_drawn_anew(server: Any, visit: Open) -> None:
    page = visit(server.url)
    to_figures(page)
    page.page.locator("th.value button").press("Enter")
    page.page.wait_for_function("document.activeElement.dataset.key === 'sort-value'")
    page.page.locator("th.value[aria-sort=ascending]").wait_for()
    page.page.wait_for_function("document.activeElement.dataset.key === 'sort-value'")
    page.page.keyboard.press("Enter")
    page.page.locator("th.value[aria-sort=descending]").wait_for()


def test_downloads_hold_what_is_shown(server: Any, visit: Open) -> None:
    page = visit(server.url)
    to_figures(page)
    find(page, "集装箱")
    shown = [value.strip() for value in column(page, "value")]
    with page.page.expect_download() as got:
        page.page.get_by_role("link", name="下载 CSV").click()
    head, *rows = csv.reader(io.StringIO(Path(got.value.path()).read_text("utf-8-sig")))
    assert [row[head.index("原文写法")] for row in rows] == shown
    with page.page.expect_download() as got:
        page.page.get_by_role("link", name="下载 Excel").click()
    sheet: Any = load_workbook(io.BytesIO(Path(got.value.path()).read_bytes())).active
    assert [row[3] for row in sheet.iter_rows(min_row=2, values_only=True)] == shown


def test_a_row_is_copied_as_value_sentence_and_source(server: Any, visit: Open) -> None:
    page = visit(server.url, permissions=["clipboard-read", "clipboard-write"])
    to_figures(page)
    find(page, "海铁联运")
    row = page.page.locator("table.figures tbody tr").first
    row.locator("button.copy").click()
    page.page.get_by_text("已复制").wait_for()
    copied = page.page.evaluate("navigator.clipboard.readText()")
    value = row.locator("button.figure").inner_text()
    assert copied.startswith(f"{value}:“海铁联运加快发展,2020年完成") and copied.endswith("报告》,第23段)")


def test_several_years_are_drawn_with_their_values_and_lead_to_their_places(
    server: Any, visit: Open, tmp_path: Path
) -> None:
    page = visit(server.url)
    path = tmp_path / "海河游船逐年情况.txt"
    path.write_text(
        "海河市游船情况通报\n2021年游船接待量为30.5万人。2022年游船接待量为42万人。2023年游船接待量约48.6万人。\n",
        "utf-8",
    )
    add(page, path)
    to_figures(page)
    page.page.locator(".pager span", has_text="共 95 条").first.wait_for()
    find(page, "游船接待量")
    chart = page.page.locator("figure.chart")
    chart.wait_for()
    points = chart.locator("svg [data-place]")
    assert [p.get_attribute("aria-label").rpartition(",")[2] for p in points.all()] == [
        "30.5万人",
        "42万人",
        "约48.6万人",
    ]
    assert chart.locator("polyline").count() == 1 and chart.locator(".hollow").count() == 1
    page.shot("figures-chart")
    page.page.evaluate(
        "document.addEventListener('click', e => { window.went = e.target.closest('[data-place]')?.dataset.place })"
    )
    points.first.focus()
    page.page.keyboard.press("Enter")
    assert page.page.evaluate("window.went") == points.first.get_attribute("data-place")
    remove(page, path.name)
    page.page.get_by_role("tab", name="数据").click()
    page.page.locator("#figure-rows .empty").wait_for()
    assert chart.count() == 0


def test_words_of_documents_bring_no_markup(server: Any, visit: Open, tmp_path: Path) -> None:
    page = visit(server.url)
    path = tmp_path / f"{EVIL}.txt"
    path.write_text(f"{EVIL}的通报\n2021年{EVIL}接待量为5万人。2022年{EVIL}接待量为6万人。\n", "utf-8")
    add(page, path)
    to_figures(page)
    find(page, "onerror")
    page.page.locator("figure.chart").wait_for()
    assert page.page.locator("#figures img").count() == 0 and page.dialogs == [] and page.errors == []
    remove(page, path.name)


@pytest.mark.parametrize("width", [390, 1024, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_figures_fit_the_window(server: Any, visit: Open, width: int, scheme: str) -> None:
    page = visit(server.url, width=width, color_scheme=scheme)
    to_figures(page)
    find(page, "吞吐量")
    assert page.overflow() == 0
    page.shot(f"figures-{width}-{scheme}")


def test_the_page_is_whole_in_english(server: Any, visit: Open) -> None:
    page = visit(f"{server.url}?lang=en", locale="en-US")
    page.page.get_by_role("tab", name="Figures").click()
    page.page.locator("table.figures").wait_for(timeout=SHOWN_MS)
    begun = time.monotonic()
    heads = page.page.locator("table.figures th").all_inner_texts()
    assert [head.strip(" ↑↓") for head in heads] == [
        "Figure", "Indicator", "Period", "Change", "Entity", "Kind", "Sentence", "Source", "Copy",
    ]  # fmt: skip
    assert "of 92" in page.page.locator(".pager span").first.inner_text() and time.monotonic() - begun < 5
