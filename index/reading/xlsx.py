"""Excel workbooks (.xlsx), with openpyxl: a sheet is a page, its name a heading, each row a line."""

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import groupby
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from index.reading.draft import Draft
from index.reading.formats import shown
from index.reading.tables import MAX_HEADER_ROWS, Cell, Grid, grid, header_rows, plain_grid
from index.reading.types import Bounds, Extract

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET_LEVEL, CAPTION_LEVEL = 1, 2
MAX_ROWS = 1_048_576  # of any sheet: a file that numbers a row higher is torn, and would be read for ever
MAX_COLUMNS = 2_000  # wider sheets are formatting, not text
GAP_COLUMNS = 2  # so many empty columns part two tables that stand side by side
PICTURE = "=DISPIMG("  # what WPS leaves in a cell that holds a picture
DEFAULT_NAME = re.compile(r"(?:sheet|工作表|表)\s*\d*", re.IGNORECASE)
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]+\d+:[A-Z]+\d+)"')
_MAX_MERGES = 100_000

Rows = list[list[str]]
Box = tuple[int, int, int, int]


def _merges(archive: ZipFile, path: str) -> list[Box]:
    """The merged ranges of a sheet as (first column, first row, last column, last row), counted from 0."""
    found: list[Box] = []
    with archive.open(path) as part:
        tail = b""
        while block := part.read(1 << 20):
            text = tail + block
            for match in _MERGE.finditer(text):
                left, top, right, bottom = (edge or 0 for edge in range_boundaries(match[1].decode()))
                if len(found) < _MAX_MERGES and left and top:
                    found.append((left - 1, top - 1, right - 1, bottom - 1))
            last = text.rfind(b"<")
            tail = text[last:] if last >= 0 else b""
    return found


def _words(cell: Any) -> str:
    words = shown(cell.value, getattr(cell, "number_format", "General"))
    return "" if words.startswith(PICTURE) else words


def _values(sheet: Any, room: int) -> Rows:
    """The sheet's cells as they are displayed, as many as `room` characters hold. Raises ValueError for a torn one."""
    rows: Rows = []
    for row in sheet.iter_rows():  # each as wide as its own last cell: a stray cell in the last row costs nothing
        words = [_words(cell) for cell in row[:MAX_COLUMNS]]
        while words and not words[-1].strip():
            words.pop()
        rows.append(words)
        if len(rows) > MAX_ROWS:
            raise ValueError(f"row {len(rows)}")
        room -= sum(map(len, words))
        if room < 0:
            break
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _blocks(rows: Rows) -> Iterator[tuple[int, Rows]]:
    """The tables of a sheet: runs of rows between blank ones, each with the number of its first row."""
    at = 0
    for filled, run in groupby(rows, key=lambda row: any(w.strip() for w in row)):
        block = list(run)
        if filled:
            yield at, block
        at += len(block)


def _side_by_side(block: Rows) -> Iterator[tuple[int, Rows]]:
    """The tables of a block of rows, each with the number of its first column."""
    width = max(len(row) for row in block)
    filled = [any(at < len(row) and row[at].strip() for row in block) for at in range(width)]
    start: int | None = None
    for at in range(width + 1):
        gap = not any(filled[at : at + GAP_COLUMNS])
        if start is None and at < width and filled[at]:
            start = at
        elif start is not None and gap:
            yield start, [row[start:at] for row in block]
            start = None


def _tables(rows: Rows) -> Iterator[tuple[int, int, Rows]]:
    """The tables of a sheet, each with the numbers of its first row and column."""
    for row, block in _blocks(rows):
        for column, table in _side_by_side(block):
            for inner, part in _blocks(table):
                yield row + inner, column, part


def _grid(block: Rows, row: int, column: int, merges: Sequence[Box]) -> Grid:
    """A block as a grid, its merged cells as spans."""
    width = max(len(line) for line in block)
    spans = {(m[1] - row, m[0] - column): (m[3] - m[1] + 1, m[2] - m[0] + 1) for m in merges}
    if not any(at < MAX_HEADER_ROWS for at, _ in spans):
        return plain_grid(block)
    cells = []
    for at, line in enumerate(block):
        for place, words in enumerate(line):
            if words or (at, place) in spans:
                cells.append(Cell(words, at, place, *spans.get((at, place), (1, 1))))
    cells.sort(key=lambda cell: -cell.rows * cell.columns)  # spans before the empty cells they cover
    return grid(cells, len(block), width)


def _sheet(sheet: Any, draft: Draft, merges: Sequence[Box], bounds: Bounds, named: bool) -> None:
    draft.page()
    rows = _values(sheet, bounds.characters)
    if rows and named:
        draft.line(sheet.title, SHEET_LEVEL)
    last: tuple[int, int] | None = None
    for row, column, table in _tables(rows):
        made = _grid(table, row, column, merges)
        place = (column, made.width)
        if place == last and header_rows(made) == 0:
            draft.more_table(made)  # a blank row within a table
        else:
            draft.table(made, caption_level=CAPTION_LEVEL)
        last = place


def read_xlsx(data: bytes, name: str, bounds: Bounds) -> Extract:
    """The text of an .xlsx workbook, hidden sheets left out. Raises InputRefused."""
    book: Any = load_workbook(BytesIO(data), read_only=True, data_only=True)
    draft = Draft(name, bounds)
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    with ZipFile(BytesIO(data)) as archive:
        for sheet in sheets:
            sheet.reset_dimensions()  # what a file says of its extent is often wrong
            named = len(sheets) > 1 or not DEFAULT_NAME.fullmatch(sheet.title)
            _sheet(sheet, draft, _merges(archive, sheet._worksheet_path), bounds, named)
    return draft.extract(MEDIA_TYPE, paged=True)
