"""What the events of the page of figures answer, without a browser."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from assistant import Document, Figure, LibraryUnusable, Readiness, Selection
from assistant.web.access import Access, AccessRefused
from assistant.web.figures import FiguresPage, FiguresView
from assistant.web.texts import Words

BASE = Figure(
    "d1", 11, 15, "5", "亿元", "5亿元", "amount", "固定资产投资", "2021年", "", "天津市", 12, None, 1, "完成投资5亿元。"
)
FIGURES = [
    BASE,
    replace(BASE, start=30, value="7", raw="7亿元", period="2022年", indicator="全市固定资产投资", quote="投资7亿元。"),
]
REQUEST: Any = None
SKIP = gr.skip()
Open = Callable[..., FiguresPage]


class Refusing(Access):
    """Nobody is signed in."""

    def reader(self, request: Any) -> Any:
        raise AccessRefused(401, "not_signed_in", False)

    watcher = reader


@pytest.fixture
def opened(make_document: Callable[..., Document]) -> Open:
    """A page over two figures; `figures` in their place, or an error."""

    def build(access: Access | None = None, figures: Any = FIGURES, phase: str = "ready") -> FiguresPage:
        def given() -> list[Figure]:
            if isinstance(figures, Exception):
                raise figures
            return list(figures)

        library = SimpleNamespace(documents=lambda: [make_document("d1", "报告", "a.txt")], figures=given)
        readiness: Any = Readiness(phase)  # type: ignore[arg-type]
        assistant = SimpleNamespace(library=library, readiness=lambda: readiness)
        services: Any = SimpleNamespace(assistant=assistant, access=access or Access())
        with gr.Blocks():
            return FiguresPage(services, Words("zh"))

    return build


def click(action: str, value: str) -> Any:
    return SimpleNamespace(action=action, value=value)


def test_every_event_first_asks_who_is_there(opened: Open) -> None:
    page = opened(Refusing())
    calls: list[Callable[[], object]] = [
        lambda: page.opened(REQUEST),
        lambda: page.poll(FiguresView(), REQUEST),
        lambda: page.filter("", "", "", "", FiguresView(), REQUEST),
        lambda: page.act(FiguresView(), click("sort", "value"), REQUEST),
    ]
    for call in calls:
        with pytest.raises(AccessRefused):
            call()


def test_the_page_is_whole_when_it_is_opened_and_stays_as_long_as_nothing_changes(opened: Open) -> None:
    page = opened()
    documents, kinds, periods, rows, chart, view = page.opened(REQUEST)
    assert ("报告", "d1") in documents.choices and ("数额", "amount") in kinds.choices
    assert [value for _, value in periods.choices] == ["", "2022年", "2021年"]
    assert "5亿元" in rows and "7亿元" in rows and "<svg" in chart and '<details class="charts">' in chart
    assert page.poll(view, REQUEST) == (SKIP,) * 6


def test_what_is_filtered_is_shown_with_its_chart_open(opened: Open) -> None:
    page = opened()
    rows, chart, view = page.filter("投资", None, "amount", None, FiguresView(), REQUEST)
    assert view.selection == Selection(text="投资", kind="amount") and '<details class="charts" open>' in chart
    rows, chart, view = page.filter("", "", "", "2022年", view, REQUEST)
    assert "7亿元" in rows and "5亿元" not in rows and chart == ""
    assert page.filter("x" * 10_000, "", "no kind", "", view, REQUEST)[2].selection == Selection(text="x" * 200)


def test_a_click_on_a_head_sorts_and_the_next_turns_it_round(opened: Open) -> None:
    page = opened()
    rows, _, view = page.act(FiguresView(), click("sort", "value"), REQUEST)
    assert (view.selection.sort, view.selection.descending) == ("value", False)
    rows, chart, view = page.act(view, click("sort", "value"), REQUEST)
    assert view.selection.descending and rows.index("7亿元") < rows.index("5亿元")
    assert chart == SKIP or "<svg" in chart


@pytest.mark.parametrize("event", [("sort", "text"), ("page", "-1"), ("page", "x"), ("other", "1"), ("chart", "½")])
def test_an_event_that_nobody_of_ours_sends_changes_nothing(opened: Open, event: tuple[str, str]) -> None:
    assert opened().act(FiguresView(), click(*event), REQUEST) == (SKIP,) * 3


def test_a_page_or_chart_beyond_the_last_is_the_last(opened: Open) -> None:
    page = opened()
    assert page.act(FiguresView(), click("page", "99"), REQUEST)[2].page == 0
    assert "<svg" in page.act(FiguresView(), click("chart", "99"), REQUEST)[1]


def test_what_cannot_be_shown_is_told(opened: Open) -> None:
    broken = opened(figures=LibraryUnusable("库坏了。", "it is damaged."))
    assert (
        "库坏了" in broken.opened(REQUEST)[3] and "库坏了" in broken.filter("", "", "", "", FiguresView(), REQUEST)[0]
    )
    waiting = opened(figures=[], phase="indexing")
    assert Words("zh")("figures_indexing") in waiting.opened(REQUEST)[3]
