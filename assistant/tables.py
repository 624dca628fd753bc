"""Rows of tables: their cells, and the cell that a question asks for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.question import Question
from assistant.values import relevance
from index import SentenceHit

OTHER_CLASS = 1.0  # what a column of shares loses where an amount is asked for, and the other way round
FIRST_COLUMN_STEP = 1e-3  # of columns that match alike the first counts: totals stand before their parts
AMOUNTS = {"money", "count", "area", "length", "time"}
_NUMERIC = re.compile(r"[-+−]?[¥￥$]?\d[\d,，]*(?:\.\d+)?[%％‰]?")
_NAME = re.compile(r"[^\W\d_]{2}")
_UNIT_LINE = re.compile(r"单\s*位\s*[:：]\s*([^\s|,，;；)）]{1,8})")
_UNIT_IN_HEADER = re.compile(r"[(（]([^()（）]{1,8})[)）]")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell's words; offsets from the row's start."""

    start: int
    end: int
    text: str


def is_piped(line: str) -> bool:
    """Has the row outer bars, as in Markdown? Elsewhere one that begins with a bar has an empty first cell."""
    bare = line.strip("* ")
    return len(bare) > 1 and bare[0] == bare[-1] == "|"


def is_row(text: str) -> bool:
    """Is the sentence a row of a table?"""
    return text.startswith("|") or " | " in text


def cells(text: str, at: int = 0) -> list[Cell]:
    """The cells of a line in order, empty ones included, as `at` + their place; a pipe table's outer bars are none."""
    inner = text.strip().rstrip("*")
    piped = is_piped(inner)
    lead = len(text) - len(text.lstrip()) + piped
    inner = inner[1:-1] if piped else inner
    found, begin = [], lead
    for part in inner.split("|"):
        start = begin + len(part) - len(part.lstrip())
        found.append(Cell(at + start, at + start + len(part.strip()), part.strip()))
        begin += len(part) + 1
    return found


def numeric_cells(text: str) -> list[Cell]:
    """The cells that are a number and nothing else."""
    return [cell for cell in cells(text) if _NUMERIC.fullmatch(cell.text)]


def _columns(context: str) -> list[list[Cell]]:
    """For each column the header cells above it; offsets as in the hit, before the row's start.

    A cell stands also for the columns after it that have none of their own, up to where a cell above begins.
    """
    lines, at = [], -len(context) - 1
    for line in context.split("\n"):
        lines += [cells(line, at)] if "|" in line else []
        at += len(line) + 1
    columns: list[list[Cell]] = [[] for _ in range(max(map(len, lines), default=0))]
    edges: set[int] = set()
    for row in lines:
        named: Cell | None = None
        for number, column in enumerate(columns):
            own = row[number] if number < len(row) and row[number].text else None
            named = own or (None if number in edges else named)
            column += [named] if named else []
        edges |= {number for number, cell in enumerate(row) if cell.text}
    return columns


def _strength(named: Sequence[Cell], relevant: np.ndarray, offsets: np.ndarray) -> float:
    """How much of the question the cells match."""
    inside = np.zeros(len(offsets), bool)
    for cell in named:
        inside |= (offsets[:, 0] >= cell.start) & (offsets[:, 1] <= cell.end)
    return float(relevant[:, inside].max(axis=1).sum()) if inside.any() else 0.0


def _behind_name(row: Sequence[Cell], relevant: np.ndarray, offsets: np.ndarray) -> list[int]:
    """The columns with numbers from the row's best-matching name to the next name; all where there are none such."""
    numbers = [at for at, cell in enumerate(row) if _NUMERIC.fullmatch(cell.text)]
    names = [at for at, cell in enumerate(row) if _NAME.search(cell.text)]
    if not names:
        return numbers
    name = max(names, key=lambda at: (_strength([row[at]], relevant, offsets), -at))
    following = next((at for at in names if at > name and any(n > at for n in numbers)), len(row))
    return [at for at in numbers if name < at < following] or numbers


def _is_other_class(question: Question, cell: Cell, names: list[Cell]) -> bool:
    """Does the column hold shares where an amount is asked for, or amounts for a share? Its name or the cell tells."""
    share = any(sign in words for words in (cell.text, *(name.text for name in names)) for sign in "%％")
    if question.value_class == "percent":
        return not share
    return share and question.value_class in AMOUNTS


def cells_before(text: str, start: int) -> int:
    """How many cells of the row `text` stand before the one at `start`."""
    return max(0, text.count("|", 0, start) - is_piped(text))


def choose_cell(
    question: Question, hit: SentenceHit, query_offsets: np.ndarray, context: str, before: int = 0
) -> tuple[str, str | None] | None:
    """(the cell as it stands, its unit) that answers; None in a row without numbers.

    Of the numbers behind the name in the row that the question matches best, the one whose column's name it matches.
    `before`: how many cells of its row stand before the hit.
    The unit is the column's own ("(万元)"), else the table's ("单位:万元"), else None.
    """
    row = cells(hit.text)
    columns = _columns(context)[before:]
    if len(columns) < len(row):  # a header of another table's width names no column
        columns = [[] for _ in row]
    relevant = relevance(question, hit, query_offsets)
    best: tuple[float, int] | None = None
    for at in _behind_name(row, relevant, hit.offsets):
        score = _strength(columns[at], relevant, hit.offsets) - FIRST_COLUMN_STEP * at
        score -= OTHER_CLASS * _is_other_class(question, row[at], columns[at])
        if best is None or score > best[0]:
            best = (score, at)
    if best is None:
        return None
    names = " ".join(name.text for name in columns[best[1]])
    unit = _UNIT_IN_HEADER.search(names) or _UNIT_LINE.search(context)
    return row[best[1]].text, unit[1] if unit else None
