"""Rows of tables: their cells, and the cell that a question asks for."""

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from assistant.question import Question
from assistant.values import KEPT_TEXTS, relevance
from index import Cell, SentenceHit, cells, is_piped, matching_form, typed_cells, typed_columns
from index import columns as columns_above

OTHER_CLASS = 10.0  # what a column of shares loses where an amount is asked for, and the other way round
FIRST_COLUMN_STEP = 1e-3  # of columns that match alike the first counts: totals stand before their parts
SHARES = "%％‰"
SAID = 0.5  # what a column gains whose name the question says word for word
SHARE_CLASSES = {"percent", "change"}
AMOUNTS = {"money", "count", "area", "length", "time"}
_NUMERIC = re.compile(r"[-+−]?[¥￥$]?\d[\d,，]*(?:\.\d+)?[%％‰]?")
_NAME = re.compile(r"[^\W\d_]{2}")
_UNIT_LINE = re.compile(r"单\s*位\s*[:：]\s*([^\s|,，;；)）]{1,8})")
_SHARE_IN_HEADER = re.compile("([%％‰])")
_UNIT_IN_HEADER = re.compile(r"[(（]([^()（）]{1,8})[)）]")


@lru_cache(KEPT_TEXTS)  # asked of a sentence when it is ranked, judged, quoted and checked
def is_row(text: str) -> bool:
    """Is the sentence a row of a table?"""
    return text.startswith("|") or " | " in text or bool(typed_cells(text))


def numeric_cells(text: str) -> list[Cell]:
    """The cells that are a number and nothing else."""
    return [cell for cell in cells(text) if _NUMERIC.fullmatch(cell.text)]


def _holds_shares(cell: Cell, names: list[Cell]) -> bool:
    return any(sign in words for words in (cell.text, *(name.text for name in names)) for sign in SHARES)


def _is_said(question: Question, names: list[Cell]) -> bool:
    """Does the question say the column's own name, the lowest, in its very words?"""
    name = re.sub(r"\s", "", matching_form(names[-1].text)) if names else ""
    return len(name) > 1 and name in re.sub(r"\s", "", matching_form(question.text))


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


def cells_before(text: str, start: int) -> int:
    """How many cells of the row `text` stand before the one at `start`."""
    return max(0, text.count("|", 0, start) - is_piped(text))


def choose_cell(
    question: Question, hit: SentenceHit, query_offsets: np.ndarray, context: str, before: int = 0
) -> tuple[str, str | None] | None:
    """(the cell as it stands, its unit) that answers; None in a row without numbers.

    Of the numbers behind the name in the row that the question matches best, the one whose column's name it matches.
    `before`: how many cells of its row stand before the hit.
    The unit is the column's own ("(万元)", "增长%"), else the table's ("单位:万元"), else None.
    """
    row = cells(hit.text)
    columns = columns_above(context)[before:] if "|" in hit.text else typed_columns(context, len(row) - 1)
    if len(columns) < len(row):  # a header of another table's width names no column
        columns = [[] for _ in row]
    relevant = relevance(question, hit, query_offsets)
    numeric = _behind_name(row, relevant, hit.offsets)
    if not numeric:
        return None
    shares = {at for at in numeric if _holds_shares(row[at], columns[at])}
    scores: dict[int, float] = {}
    amount = 0.0  # of the column of amounts that a column of shares stands beside
    for at in numeric:
        strength = _strength(columns[at], relevant, hit.offsets) + SAID * _is_said(question, columns[at])
        amount = amount if at in shares else strength
        wanted = question.value_class not in (AMOUNTS if at in shares else SHARE_CLASSES if shares else ())
        scores[at] = strength + amount * (at in shares) - FIRST_COLUMN_STEP * at - OTHER_CLASS * (not wanted)
    best = max(scores, key=scores.__getitem__)
    said = row[best].text
    return said, None if said[-1] in SHARES else _unit(" ".join(name.text for name in columns[best]), context)


def _unit(names: str, context: str) -> str | None:
    """The unit of a column of these names: its own, else the table's."""
    own = _UNIT_IN_HEADER.search(names) or _SHARE_IN_HEADER.search(names)
    unit = own or _UNIT_LINE.search(context)
    return unit[1] if unit else None
