"""The figures as files: exactly what is filtered and sorted on the page, as CSV and as an Excel workbook."""

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from starlette.responses import PlainTextResponse, Response

from assistant import FIELDS, FigureTable, Selection, XietongError, csv_text, harmless

from .access import AccessRefused
from .figure_source import FigureSource
from .services import Services
from .texts import Language, Words

BOM = "\ufeff"  # by it Excel knows UTF-8
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = {"indicator": 28, "raw": 18, "period": 14, "change": 22, "entity": 18, "quote": 80, "file_name": 28}
_NUMBER = re.compile(r"[-+]?(?:0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,13})(?:\.\d{1,8})?")  # what Excel keeps exactly


def routes(services: Services) -> APIRouter:
    """GET /xietong/figures.csv and .xlsx; the query is a Selection, `lang` the language of the head."""
    router, source = APIRouter(), FigureSource(services.assistant.library)

    @router.get("/xietong/figures.csv")
    def as_csv(request: Request) -> Response:
        return answer(request, "csv")

    @router.get("/xietong/figures.xlsx")
    def as_workbook(request: Request) -> Response:
        return answer(request, "xlsx")

    def answer(request: Request, form: str) -> Response:
        try:
            services.access.reader(request)
        except AccessRefused as error:
            return PlainTextResponse(f"{error}\n", 403)
        language: Language = "en" if request.query_params.get("lang") == "en" else "zh"
        try:
            table = source.table()
        except XietongError as error:
            return PlainTextResponse(f"{Words(language).error(error)}\n", 503)
        return _file(table, Selection.asked(request.query_params), form, Words(language))

    return router


def _file(table: FigureTable, selection: Selection, form: str, words: Words) -> Response:
    rows = [table.row(f) for f in table.select(selection)]
    names = [words(f"field_{name}") for name in FIELDS]
    content = (BOM + csv_text(rows, names)).encode() if form == "csv" else workbook(rows, names, words("tab_figures"))
    name = quote(f"{words('tab_figures')}.{form}")
    return Response(
        content,
        media_type="text/csv; charset=utf-8" if form == "csv" else XLSX,
        headers={
            "content-disposition": f"attachment; filename=figures.{form}; filename*=UTF-8''{name}",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        },
    )


def workbook(rows: Sequence[dict[str, Any]], names: Sequence[str], title: str) -> bytes:
    """An Excel workbook of one sheet. A value is a number where it is shown as it is written, else text."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for letter, name in zip("ABCDEFGHIJKLMNO", FIELDS, strict=True):
        sheet.column_dimensions[letter].width = WIDTHS.get(name, 12)
    sheet.append([_bold(sheet, name) for name in names])
    for row in rows:
        sheet.append([_cell(sheet, name, row[name]) for name in FIELDS])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, name: str, value: Any) -> Any:
    if isinstance(value, int) or value is None:
        return value
    if name == "value" and _NUMBER.fullmatch(value):
        cell = WriteOnlyCell(sheet, float(value.replace(",", "")))
        decimals = len(value.partition(".")[2])
        cell.number_format = ("#,##0" if "," in value else "0") + ("." + "0" * decimals if decimals else "")
        return cell
    return harmless(value)


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, harmless(text))
    cell.font = Font(bold=True)
    return cell
