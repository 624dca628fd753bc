"""PDF files, with pdfplumber: paragraphs over line and page breaks, ruled tables, no running headers."""

import re
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException

from index.reading.draft import Draft
from index.reading.flow import Sheet, Table, write_sheets
from index.reading.layout import Page
from index.reading.lines import Glyph, group_lines, joined, line_text, page_lines
from index.reading.refusals import encrypted, ocr_installed, over_pages
from index.reading.tables import Cell, grid
from index.reading.types import Bounds, Extract

MEDIA_TYPE = "application/pdf"
SCAN_CHARACTERS = 20  # a page in a scan has fewer, a page number or a stamp
PICTURE_SHARE = 0.4  # of a page's area
UNMAPPED_SHARE = 0.3  # of a page's characters
MAX_SHAPES = 20_000  # a page with more is a drawing: looking for tables in it takes minutes
DUPLICATE = 0.5  # points: characters drawn twice, for boldness, lie so close
_UNMAPPED = re.compile(r"\(cid:\d+\)")  # a glyph whose font does not say which character it is


class ScanFound(Exception):
    """The PDF has pictures of text for pages: they are to be recognised, which takes its own time."""


def _glyphs(page: Any) -> list[Glyph]:
    """The characters inside the page, once each, without blanks."""
    x0, top, x1, bottom = page.bbox
    found: dict[tuple[str, int, int], Glyph] = {}
    for c in page.chars:
        inside = x0 <= (c["x0"] + c["x1"]) / 2 <= x1 and top <= (c["top"] + c["bottom"]) / 2 <= bottom
        text = c["text"]
        if inside and text.strip() and c.get("upright", True) and not _UNMAPPED.fullmatch(text):
            place = (text, round(c["x0"] / DUPLICATE / 2), round(c["top"] / DUPLICATE / 2))
            glyph = Glyph(text, c["x0"], c["x1"], c["top"], c["bottom"], c["size"], c["fontname"])
            found.setdefault(place, glyph)
    return list(found.values())


def _cell_text(glyphs: list[Glyph]) -> str:
    words = ""
    for row in group_lines(glyphs):
        words = joined(words, line_text(row))
    return words


def _edges(values: Iterator[float]) -> list[float]:
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > 1:
            found.append(value)
    return found


def _place(edges: list[float], value: float) -> int:
    return min(range(len(edges)), key=lambda at: abs(edges[at] - value))


def _table(found: Any, number: int, glyphs: list[Glyph]) -> Table | None:
    """A ruled table with its words; None for a frame, which has no two cells with words side by side."""
    boxes = [cell for cell in found.cells if cell]
    columns = _edges(x for box in boxes for x in (box[0], box[2]))
    rows = _edges(y for box in boxes for y in (box[1], box[3]))
    cells = []
    for x0, top, x1, bottom in boxes:
        own = [g for g in glyphs if x0 <= (g.x0 + g.x1) / 2 <= x1 and top <= (g.top + g.bottom) / 2 <= bottom]
        column, row = _place(columns, x0), _place(rows, top)
        spans = max(1, _place(rows, bottom) - row), max(1, _place(columns, x1) - column)
        cells.append(Cell(_cell_text(own), row, column, *spans))
    full = Counter(cell.row for cell in cells if cell.text)
    if not full or max(full.values()) < 2:
        return None
    return Table(number, rows[0], rows[-1], tuple(columns), grid(cells, len(rows) - 1, len(columns) - 1))


def _sheet(page: Any, number: int) -> Sheet:
    glyphs = _glyphs(page)
    ruled = 0 < len(page.rects) + len(page.lines) + len(page.curves) <= MAX_SHAPES
    found = page.find_tables() if ruled and glyphs else []
    tables = []
    for one in found:
        x0, top, x1, bottom = one.bbox
        own = [g for g in glyphs if x0 <= (g.x0 + g.x1) / 2 <= x1 and top <= (g.top + g.bottom) / 2 <= bottom]
        table = _table(one, number, own)
        if table:
            tables.append(table)
            inside = {id(g) for g in own}
            glyphs = [g for g in glyphs if id(g) not in inside]
    size = statistics.median(c["size"] for c in page.chars) if page.chars else 0.0
    made = Page(number, float(page.width), float(page.height), page_lines(glyphs, number), size=size)
    return Sheet(made, sorted(tables, key=lambda t: t.top))


def _open(data: bytes, name: str) -> Any:
    try:
        return pdfplumber.open(BytesIO(data))
    except PdfminerException as error:
        if isinstance(error.args[0] if error.args else None, PDFPasswordIncorrect):
            raise encrypted(name) from None
        raise


def _is_picture(page: Any, sheet: Sheet) -> bool:
    """A page to be recognised: under a picture with hardly a character, or in a font that maps to none."""
    unmapped = sum(bool(_UNMAPPED.fullmatch(c["text"])) for c in page.chars)
    covered = sum((i["x1"] - i["x0"]) * (i["bottom"] - i["top"]) for i in page.images)
    drawn = is_wordless(sheet) and covered > PICTURE_SHARE * page.width * page.height
    return bool(drawn or unmapped > UNMAPPED_SHARE * len(page.chars))


def pdf_sheets(data: bytes, name: str, bounds: Bounds) -> tuple[list[Sheet], list[bool]]:
    """The pages, and of each whether it is a picture of text. Raises InputRefused."""
    sheets, pictures = [], []
    with _open(data, name) as pdf:
        if len(pdf.pages) > bounds.pages:
            raise over_pages(name, len(pdf.pages), bounds.pages)
        for number, page in enumerate(pdf.pages):
            sheets.append(_sheet(page, number))
            pictures.append(_is_picture(page, sheets[-1]))
            page.close()
    return sheets, pictures


def is_wordless(sheet: Sheet) -> bool:
    """Has the page hardly a character? A page number or a stamp is no text."""
    return sum(len(line.text) for line in sheet.page.lines) < SCAN_CHARACTERS and not sheet.tables


def read_pdf(data: bytes, name: str, bounds: Bounds) -> Extract:
    """The text of a PDF; without the extra that reads pictures, a few pages that are pictures are left out and told.

    Raises InputRefused, and ScanFound for one that is to be recognised.
    """
    sheets, pictures = pdf_sheets(data, name, bounds)
    wordless = not any(sheet.page.lines or sheet.tables for sheet in sheets)
    if wordless or sum(pictures) > len(sheets) / 2 or (any(pictures) and ocr_installed()):
        raise ScanFound
    draft = Draft(name, bounds)
    write_sheets(sheets, draft)
    unread = tuple(number for number, picture in enumerate(pictures, 1) if picture)
    return replace(draft.extract(MEDIA_TYPE, paged=True), unread_pages=unread)
