"""The page's handler and its route, over a library of one report."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant import Library, Place, PlanRow, Plans, Readiness, Users
from assistant.web.access import Access, AccessRefused
from assistant.web.gate import refused
from assistant.web.plans import PlansPage, csv_of, routes
from assistant.web.services import Services
from assistant.web.texts import Words

ZH = Words("zh")
REPORT = "情况报告\n一、主要进展\n新建泊位两个。\n河道清淤五十公里。\n二、下一步工作安排\n新建泊位四个,修复湿地两千亩。"
Show = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def closed(tmp_path: Path) -> Access:
    """Lets nobody in: there are users, and a request that names none is nobody's."""
    users = Users(tmp_path / "users.jsonl")
    users.change(lambda held: held.clear())
    return Access(users)


def services_over(library: Library, access: Access) -> Services:
    assistant = SimpleNamespace(
        library=library, plans=Plans(library), readiness=lambda: Readiness("ready"), wait_ready=lambda: None
    )
    return cast(Services, SimpleNamespace(assistant=assistant, access=access))


@pytest.fixture
def filled(library: Library, write: Callable[..., Path]) -> Library:
    library.add(write("a.txt", REPORT))
    return library


@pytest.fixture
def show(filled: Library) -> Show:
    """Looks at the page as the filter asks, until it is done."""
    with gr.Blocks():
        page = PlansPage(services_over(filled, Access()), ZH)

    def looked(
        document: Any = None, text: Any = "", told: Any = "all", limit: int = 100, held: Any = None
    ) -> list[tuple[Any, ...]]:
        return list(page.shown(document, text, told, limit, held))

    return looked


def test_the_page_opens_on_the_first_document_with_plans(show: Show, filled: Library) -> None:
    head, rows, more, choices, limit, held = show()[-1]
    (document,) = filled.documents()
    assert "共 2 条计划,1 条有进展" in head and "新建泊位四个" in rows and "文件没有报告进展" in rows
    assert choices.value == document.id and choices.choices == [("全部文件", ""), ("情况报告", document.id)]
    assert (more.visible, limit) == (False, 100)
    assert show(document.id, held=held)[-1][3] == gr.skip()


@pytest.mark.parametrize(
    ("asked", "there", "gone"),
    [
        ({"told": "with"}, "新建泊位四个", "修复湿地两千亩"),
        ({"told": "without"}, "修复湿地两千亩", "新建泊位四个"),
        ({"text": "湿地"}, "修复湿地两千亩", "新建泊位四个"),
        ({"text": "新建泊位两个"}, "新建泊位四个", "修复湿地两千亩"),
        ({"document": ""}, "修复湿地两千亩", "nothing"),
        ({"document": "gone", "told": "nonsense", "text": None}, "修复湿地两千亩", "nothing"),
    ],
)
def test_the_filter_shows_what_it_says(show: Show, asked: dict[str, Any], there: str, gone: str) -> None:
    _, rows, *_ = show(**asked)[-1]
    assert there in rows and gone not in rows


def test_more_rows_than_are_shown_can_be_asked_for(show: Show) -> None:
    _, rows, more, *_ = show(limit=1)[-1]
    assert "修复湿地两千亩" not in rows and more.visible and more.value == "再显示 1 条(还有 1 条)"


def test_no_match_and_no_plans_are_told_apart(show: Show, filled: Library) -> None:
    assert ZH("plans_no_match") in show(text="火星")[-1][0]
    filled.remove(filled.documents()[0].id)
    assert ZH("plans_nothing") in show()[-1][0]


def test_nobody_sees_the_page_or_the_file_without_access(filled: Library, closed: Access) -> None:
    services = services_over(filled, closed)
    with gr.Blocks():
        page = PlansPage(services, ZH)
    for call in (page.show, page.show_more):
        with pytest.raises(AccessRefused):
            next(call(None, "", "all", 100, None, cast(gr.Request, None)))
    assert client(services).get("/xietong/plans.csv").status_code == 401


def client(services: Services) -> TestClient:
    app = FastAPI()
    app.add_exception_handler(AccessRefused, refused)
    app.include_router(routes(services))
    return TestClient(app)


@pytest.fixture
def get(filled: Library) -> Iterator[Callable[..., list[list[str]]]]:
    """The rows of the exported file."""
    asked = client(services_over(filled, Access()))

    def rows(**parameters: str) -> list[list[str]]:
        answer = asked.get("/xietong/plans.csv", params=parameters)
        assert answer.status_code == 200 and answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.text.startswith("\ufeff")
        return list(csv.reader(io.StringIO(answer.text[1:])))

    yield rows


def test_the_file_holds_what_the_page_shows(get: Callable[..., list[list[str]]]) -> None:
    names, berths, wetland = get(lang="zh")
    assert names == ["文件", "主题", "计划", "段", "进展", "文件", "段", "程度"]
    assert berths[:7] == ["a.txt", "下一步工作安排", "新建泊位四个", "6", "新建泊位两个。", "a.txt", "3"]
    assert wetland == ["a.txt", "下一步工作安排", "修复湿地两千亩", "6", "文件没有报告进展", "", "", ""]
    assert get(told="without", lang="en")[1:] == [[*wetland[:4], "no progress reported", "", "", ""]]
    assert [line[2] for line in get(text="泊位", told="nonsense")[1:]] == ["新建泊位四个"]
    assert get(document="unknown")[1:] == []


def test_a_spreadsheet_computes_nothing_of_a_document_s_text() -> None:
    bad = "=cmd|' /C calc'!A0"
    place = Place("d", "@a.txt", 1, None, 0, len(bad), bad)
    rows = list(csv.reader(io.StringIO(csv_of([PlanRow("d", "+1+1", place, (place,), (0.9,))], ZH))))
    assert not [cell for cell in rows[1] if cell.startswith(("=", "+", "-", "@"))]
    assert f"'{bad}" in rows[1]
