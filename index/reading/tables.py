"""Tables of every format: cells with spans in, lines out. A row is a line, its cells joined by " | "."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

SEPARATOR = " | "
BAR_IN_A_CELL = "｜"  # written for a bar inside a cell, so that a row can be taken apart again
MAX_HEADER_ROWS = 6  # official tables have up to four
NUMBER = re.compile(r"[-+−(（]?[¥￥$]?\s?\d[\d,，.\s]*[%‰％)）]?(?:\s?[万亿]?元)?")
YEAR = re.compile(r"(?:19|20)\d\d\s?(?:年度?)?")
COLUMN_NUMBERS = ("栏次", "行次")  # a header row that numbers the columns begins so
UNIT_LINE = re.compile(r"(?:计量|金额)?单\s*位\s*[:：]\s*\S")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell with its words, the row and column of its upper left corner, and how many it spans."""

    text: str
    row: int
    column: int
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as a rectangle: at each place the cell that covers it, or None."""

    places: tuple[tuple[Cell | None, ...], ...]

    @property
    def width(self) -> int:
        """Number of columns."""
        return max((len(row) for row in self.places), default=0)

    def line(self, row: int, repeat: bool = True) -> str:
        """The row as a line. A cell stands in its first column; over several rows in each, if `repeat`."""
        words = []
        for column, cell in enumerate(self.places[row]):
            own = cell is not None and cell.column == column and (repeat or cell.row == row)
            words.append(one_line(cell.text) if own and cell else "")
        return row_line(words)

    def compact(self) -> "Grid":
        """Without the columns in which no cell with words begins: the seams of merged cells."""
        used = sorted({c.column for row in self.places for c in row if c and c.text.strip()})
        place = {column: at for at, column in enumerate(used)}
        cells = dict.fromkeys(c for row in self.places for c in row if c and c.column in place)
        spans = {c: sum(c.column <= column < c.column + c.columns for column in used) for c in cells}
        moved = [replace(c, column=place[c.column], columns=spans[c]) for c in cells]
        return grid(moved, len(self.places), len(used))

    def below(self, first: int) -> "Grid":
        """The rows from `first` on, as a table of their own."""
        if not first:
            return self
        cells = dict.fromkeys(c for row in self.places[first:] for c in row if c)
        moved = [replace(c, row=max(0, c.row - first), rows=min(c.rows, c.row + c.rows - first)) for c in cells]
        return grid(moved, len(self.places) - first, self.width)


def one_line(text: str) -> str:
    """A cell's words on one line, its inner bars told from those between cells."""
    return _SPACE.sub(" ", text).strip().replace("|", BAR_IN_A_CELL)


def row_line(words: Sequence[str]) -> str:
    """Cells in order; empty ones keep their place, but for those at the end."""
    return SEPARATOR.join(words).rstrip(" |").lstrip(" ")


def row_cells(line: str) -> list[str]:
    """The cells of a row's line again, empty ones included (those at the end are gone)."""
    return re.split(r" ?\| ?", line)


def grid(cells: Iterable[Cell], height: int, width: int) -> Grid:
    """A grid from cells; a later cell never covers an earlier one."""
    places: list[list[Cell | None]] = [[None] * width for _ in range(height)]
    for cell in cells:
        for row in range(cell.row, min(height, cell.row + cell.rows)):
            for column in range(cell.column, min(width, cell.column + cell.columns)):
                if places[row][column] is None:
                    places[row][column] = cell
    return Grid(tuple(tuple(row) for row in places))


def plain_grid(rows: Sequence[Sequence[str]]) -> Grid:
    """A grid of rows that know no spans; an empty cell after a full one in the first rows counts as spanned."""
    width = max((len(row) for row in rows), default=0)
    cells = []
    for at, row in enumerate(rows):
        full = [column for column, words in enumerate(row) if words.strip()]
        for column, after in zip(full, [*full[1:], width], strict=False):
            span = after - column if at < MAX_HEADER_ROWS else 1
            cells.append(Cell(row[column], at, column, 1, span))
    return grid(cells, len(rows), width)


def is_number(text: str) -> bool:
    """An amount, a share, a code; also a bare year."""
    return bool(NUMBER.fullmatch(text.strip()))


def _starts(row: Sequence[Cell | None]) -> list[tuple[int, Cell]]:
    """The row's cells with words, each once, with its column."""
    return [(at, c) for at, c in enumerate(row) if c and c.column == at and c.text.strip()]


def _is_data(row: Sequence[Cell | None]) -> bool:
    """A row that gives values: a number that is no year, or a number (also a year) where its name should be."""
    words = [cell.text.strip() for _, cell in _starts(row)]
    if words and words[0] in COLUMN_NUMBERS:
        return False
    numbers = [w for w in words if is_number(w)]
    return any(not YEAR.fullmatch(w) for w in numbers) or (bool(numbers) and words[0] == numbers[0])


def caption_rows(table: Grid) -> int:
    """How many rows at the top are a title or a unit: one cell with words where the table has more columns."""
    if table.width < 2:
        return 0
    found = sum(1 for _ in takewhile(lambda row: _is_caption(row, table.width), table.places))
    return 0 if found == len(table.places) else found


def _is_caption(row: Sequence[Cell | None], width: int) -> bool:
    cells = [cell for _, cell in _starts(row)]
    if any(UNIT_LINE.search(cell.text) for cell in cells):
        return len(cells) <= max(3, width // 2)
    return len(cells) == 1 and cells[0].rows == 1 and (cells[0].columns == width or not is_number(cells[0].text))


def header_rows(table: Grid) -> int:
    """How many rows at the top name columns: until each column has a name of its own, or values begin."""
    named: set[int] = set()
    for at, row in enumerate(table.places[:MAX_HEADER_ROWS]):
        if _is_data(row):
            return at
        named |= {column for column, cell in enumerate(row) if cell is None or cell.columns == 1}
        if len(named) >= len(row):
            last = max((c.row + c.rows for c in row if c), default=at + 1)  # a name over several rows
            return min(max(at + 1, last), len(table.places) - 1)
    return min(1, len(table.places) - 1)
