"""The figures as files: exactly what is filtered and sorted on the page, as CSV and as an Excel workbook."""

from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from assistant import FIELDS, FigureTable, Selection, XietongError, csv_text

from .access import AccessRefused
from .figure_source import FigureSource
from .services import Services
from .texts import Language, Words

BOM = "\ufeff"  # by it Excel knows UTF-8
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
            return PlainTextResponse(f"{error}\n", error.status)
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
    if form == "csv":
        content = (BOM + csv_text(rows, names)).encode()
    else:
        from .workbook import workbook  # openpyxl: the page is up sooner without it

        content = workbook(rows, names, words("tab_figures"))
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
