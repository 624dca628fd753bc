import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from starlette.testclient import TestClient

from assistant import FIELDS, Document, Figure
from assistant.web.access import Access, AccessRefused
from assistant.web.downloads import routes
from assistant.web.workbook import workbook

BASE = Figure(
    "d1", 11, 15, "1,234.50", "万元", "1,234.50万元", "amount", "投资", "2021年", "", "天津市", 12, None, 1, "投资。"
)
FORMULA = replace(BASE, start=20, value="5", indicator="=1+1", entity="北京市", quote="@SUM(A1)")


@dataclass
class Refusing(Access):
    """Nobody is signed in."""

    def reader(self, request: Any) -> Any:
        raise AccessRefused(401, "not_signed_in", False)


@pytest.fixture
def get(make_document: Callable[..., Document]) -> Callable[..., Any]:
    """Asks the routes over two figures."""
    document = make_document("d1", "报告", "a.txt")
    library = SimpleNamespace(documents=lambda: [document], figures=lambda: [BASE, FORMULA])

    def ask(path: str, access: Access | None = None) -> Any:
        app = FastAPI()
        services: Any = SimpleNamespace(assistant=SimpleNamespace(library=library), access=access or Access())
        app.include_router(routes(services))
        return TestClient(app).get(path)

    return ask


def rows(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_csv_has_a_mark_for_excel_a_head_in_words_and_what_was_asked_for(get: Callable[..., Any]) -> None:
    response = get("/xietong/figures.csv?text=北京")
    assert response.content.startswith(b"\xef\xbb\xbf") and "text/csv" in response.headers["content-type"]
    assert "attachment" in response.headers["content-disposition"]
    head, row = rows(response)
    assert head[:3] == ["指标", "数值", "单位"] and len(head) == len(FIELDS)
    assert row[0] == "'=1+1" and row[-1] == "'@SUM(A1)"
    assert rows(get("/xietong/figures.csv?lang=en"))[0][:3] == ["Indicator", "Value", "Unit"]


def test_rows_are_in_the_order_of_the_page(get: Callable[..., Any]) -> None:
    up, down = (get(f"/xietong/figures.csv?sort=value{more}") for more in ("", "&descending=True"))
    assert [row[1] for row in rows(up)[1:]] == ["5", "1,234.50"]
    assert [row[1] for row in rows(down)[1:]] == ["1,234.50", "5"]


@pytest.mark.parametrize("query", ["kind=x", "sort=x", "document=../../etc", "text=%00", "period=" + "9" * 5000])
def test_a_query_that_nobody_of_ours_sends_is_harmless(get: Callable[..., Any], query: str) -> None:
    assert get(f"/xietong/figures.csv?{query}").status_code == 200


def test_nobody_gets_a_file_who_may_not_read(get: Callable[..., Any]) -> None:
    for form in ("csv", "xlsx"):
        response = get(f"/xietong/figures.{form}", Refusing())
        assert response.status_code == 401 and "天津" not in response.text


def test_the_workbook_holds_numbers_as_written_and_no_formula(get: Callable[..., Any]) -> None:
    response = get("/xietong/figures.xlsx")
    sheet: Any = load_workbook(io.BytesIO(response.content)).active
    assert [cell.value for cell in sheet[1]][:2] == ["指标", "数值"] and sheet.max_row == 3
    value = sheet["B2"]
    assert (value.value, value.number_format) == (1234.5, "#,##0.00")
    assert [sheet["A3"].value, sheet["A3"].data_type] == ["'=1+1", "s"] and sheet["O3"].value == "'@SUM(A1)"


@pytest.mark.parametrize("value", ["007", "12345678901234567890", "1e5", "十五", "2017—2021", "1.123456789"])
def test_a_value_that_excel_would_change_stays_text(value: str) -> None:
    row: dict[str, Any] = dict.fromkeys(FIELDS, "x") | {"value": value, "quote": "a\x00b"}
    sheet: Any = load_workbook(io.BytesIO(workbook([row], FIELDS, "t"))).active
    assert (sheet["B2"].value, sheet["B2"].data_type) == (value, "s") and sheet["O2"].value == "ab"
