"""The page of plans: what stands beside what, the filter, the file, the languages, three widths."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest

Open = Callable[..., Any]
SOON_MS = 60_000  # the first start reads the report in


def to_plans(visit: Any) -> Any:
    """Opens the tab; the page once the ledger is there."""
    visit.page.locator("#tabs").get_by_role("tab", name=re.compile("^(计划|Plans)$")).click()
    visit.page.locator(".ledger").first.wait_for(timeout=SOON_MS)
    return visit.page


def row(page: Any, clause: str) -> Any:
    return page.locator(".ledger > li", has=page.locator(".clause", has_text=clause))


def count(page: Any) -> int:
    return int(page.locator(".ledger > li").count())


def test_a_plan_stands_beside_its_progress_and_both_lead_to_their_places(server: Any, visit: Open, report: str) -> None:
    seen = visit(server.url)
    page = to_plans(seen)
    harbour = row(page, "推动世界一流智慧港口、绿色港口建设实现新突破")
    assert "第12段" in harbour.locator(".told").inner_text()
    for place in harbour.locator("[data-place]").all():
        _, start, end = str(place.get_attribute("data-place")).rsplit(":", 2)
        quote = place.locator("xpath=preceding-sibling::p").inner_text()
        assert report[int(start) : int(end)].strip() == quote.strip()
    assert row(page, "充分用好朝内服务辐射").locator(".none").inner_text() == "文件没有报告进展"
    assert seen.errors == []


def test_the_filter_shows_only_what_was_asked_for(server: Any, visit: Open) -> None:
    page = to_plans(visit(server.url))
    every = count(page)
    page.get_by_role("radio", name="没有报告").check()
    page.wait_for_function("!document.querySelector('.ledger .told li')")
    silent = count(page)
    page.get_by_role("radio", name="有进展").check()
    page.wait_for_function("!document.querySelector('.ledger .none') && document.querySelector('.ledger .told li')")
    assert 0 < silent < every == silent + count(page)
    page.locator("#plans-text").get_by_role("textbox").fill("东疆")
    page.wait_for_function("document.querySelectorAll('.ledger > li').length === 1")
    assert "东疆" in page.locator(".ledger .clause").inner_text()
    page.locator("#plans-text").get_by_role("textbox").fill("火星")
    page.locator("#plans-head .empty", has_text="没有符合条件").wait_for()


def test_the_file_holds_what_is_shown(server: Any, visit: Open) -> None:
    page = to_plans(visit(server.url))
    page.locator("#plans-text").get_by_role("textbox").fill("环渤海港口联盟")
    page.wait_for_function("document.querySelectorAll('.ledger > li').length < 5")
    shown = page.locator(".ledger .clause p").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 CSV").click()
    lines = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert list(dict.fromkeys(line[2] for line in lines[1:])) == shown


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1024, "dark"), (390, "light")])
def test_it_reads_well_at_every_width(server: Any, visit: Open, width: int, scheme: str) -> None:
    seen = visit(server.url, width=width, color_scheme=scheme)
    page = to_plans(seen)
    assert seen.overflow() <= 0
    plan, told = row(page, "坚持制造业立市").locator(".clause, .told").all()
    left, right = plan.bounding_box(), told.bounding_box()
    assert (left["x"] + left["width"] <= right["x"]) == (width > 800)
    assert left["y"] + left["height"] <= right["y"] or width > 800
    seen.shot(f"plans-{width}-{scheme}")


def test_the_english_page_is_english_and_the_keyboard_reaches_the_places(server: Any, visit: Open) -> None:
    page = to_plans(visit(server.url, locale="en-US"))
    assert "plans" in page.locator(".plans-count p").inner_text()
    assert page.locator(".ledger .none").first.inner_text() == "no progress reported"
    page.get_by_role("link", name="Export CSV").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.place") == page.locator(
        ".ledger [data-place]"
    ).first.get_attribute("data-place")
