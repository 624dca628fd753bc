"""Tables in raw text: which lines above a row name its columns. Pipe tables, and rows typed with spaces."""

import re
from collections.abc import Sequence

from index.reading.tables import UNIT_LINE, YEAR

Line = tuple[int, int, str]  # [start, end) of a line that is not blank, and its words
Span = tuple[int, int]
MIN_ROWS = 3  # fewer lines that end in numbers are a list
MIN_VALUES = 2  # a table without caption and unit has so many in a row
MAX_HEADER_LINES = 5  # caption, unit, and up to three lines of names
ROW_LENGTH = 80  # a longer line is a sentence
_TABLE_RULE = re.compile(r"\|?[\s:|-]*-{2,}[\s:|-]*\|?$")
_ITEM = re.compile(r"[-*+•]\s+")
_VALUE = r"(?:[-−+]?\d[\d,]*(?:\.\d+)?(?:[%％‰]|年度?)?|[-—–]{1,2}|…)"
_ROW = re.compile(rf"(?=.*[^\W\d_])(\S.*?)((?:\s+{_VALUE})+)")
_STOP = re.compile("[。！？；!?;]")
_CAPTION = re.compile(r"(?:附?表|[Tt]able)\s*[\d一二三四五六七八九十]+(?:[-—.]\d+)*[\s:：、.].*")


def is_table_rule(line: str) -> bool:
    """True for the |---|---| line of a Markdown table, which says nothing."""
    return bool(_TABLE_RULE.match(line.strip()))


def is_typed_row(words: str) -> bool:
    """Words and then several numbers: a row of a table that no lines are drawn for."""
    return _values((0, len(words), words)) >= MIN_VALUES


def column_headers(text: str, lines: Sequence[Line]) -> dict[int, Span]:
    """Start of each row's line → [start, end) of the lines that name its columns, with the table's caption and unit."""
    found: dict[int, Span] = {}
    at = 0
    while at < len(lines):
        first, end, top = _piped(text, lines, at) or _typed(text, lines, at) or (at, at + 1, at)
        if top < first:
            header = (lines[top][0], lines[first - 1][1])
            found |= {start: header for start, _, _ in lines[first:end]}
        at = end
    return found


def _piped(text: str, lines: Sequence[Line], at: int) -> tuple[int, int, int] | None:
    """(first row, end of the rows, top of the header) of the pipe table whose names stand in line `at`."""
    if not _is_pipe(lines[at]) or at + 1 == len(lines) or not is_table_rule(_plain(lines[at + 1])):
        return None
    end = at + 1
    while end < len(lines) and _is_pipe(lines[end]):
        end += 1
    return at + 1, end, _caption_above(text, lines, at)


def _typed(text: str, lines: Sequence[Line], at: int) -> tuple[int, int, int] | None:
    """The same of a table whose rows are words and then numbers, the first of them line `at`."""
    width = _values(lines[at])
    if not width:
        return None
    end = at + 1
    while end < len(lines) and _adjacent(text, lines, end) and (_values(lines[end]) or _same_list(lines, at, end)):
        end += 1
    if end - at < MIN_ROWS:
        return (at, end, at) if end > at else None
    first = at + 1 if _are_years(lines[at]) else at
    top = first - 1 if first > at else at
    while at - top < MAX_HEADER_LINES and top > 0 and _adjacent(text, lines, top) and _names(lines, top - 1, at):
        top -= 1
    named = top < first
    above = _caption_above(text, lines, top)
    return first, end, above if above < top or (named and width >= MIN_VALUES) else first


def _caption_above(text: str, lines: Sequence[Line], at: int) -> int:
    """The number of the line with the table's caption or unit above line `at`; `at` where there is none."""
    while at > 0 and text.count("\n", lines[at - 1][1], lines[at][0]) <= 2 and _is_caption(lines[at - 1]):
        at -= 1
    return at


def _is_caption(line: Line) -> bool:
    words = _plain(line)
    return len(words) <= ROW_LENGTH and bool(UNIT_LINE.match(words) or _CAPTION.fullmatch(words))


def _plain(line: Line) -> str:
    return line[2].replace("**", "").strip()


def _is_pipe(line: Line) -> bool:
    return _plain(line).startswith("|")


def _item(line: Line) -> str:
    return _ITEM.sub("", _plain(line), count=1)


def _values(line: Line) -> int:
    """How many numbers end the line after its words; 0 for what is no row."""
    words = _item(line)
    row = _ROW.fullmatch(words) if len(words) <= ROW_LENGTH and not _STOP.search(words) else None
    return len(row[2].split()) if row else 0


def _are_years(line: Line) -> bool:
    row = _ROW.fullmatch(_item(line))
    return row is not None and all(YEAR.fullmatch(value) for value in row[2].split())


def _adjacent(text: str, lines: Sequence[Line], at: int) -> bool:
    """No blank line stands between line `at` and the one before."""
    return text.count("\n", lines[at - 1][1], lines[at][0]) == 1


def _same_list(lines: Sequence[Line], at: int, other: int) -> bool:
    """Both are items of a list, the other without a sentence."""
    a, b = _plain(lines[at]), _plain(lines[other])
    return bool(_ITEM.match(a) and _ITEM.match(b)) and len(b) <= ROW_LENGTH and not _STOP.search(b)


def _names(lines: Sequence[Line], above: int, at: int) -> bool:
    """A line of several words above the row `at`, an item where that is one."""
    words = _plain(lines[above])
    same = bool(_ITEM.match(words)) == bool(_ITEM.match(_plain(lines[at])))
    return same and len(words) <= ROW_LENGTH and not _STOP.search(words) and len(_item(lines[above]).split()) > 1
