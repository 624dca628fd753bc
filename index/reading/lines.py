"""From characters on a page to its lines, in reading order, with the spaces that were meant."""

import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

# Shares of a character's size, unless another measure is named.
SAME_LINE = 0.5  # of the lower character's height, shared by two characters of one line
WIDE_GAP = 0.4  # between two Chinese characters, over the line's usual gap: a space was meant
MIXED_GAP = 0.6  # between Chinese and Latin: less is the quarter space of typesetting
LATIN_GAP = 0.18
GUTTER = 1.0
MIN_COLUMN_LINES = 8
CJK = r"\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
_IS_CJK = re.compile(rf"[{CJK}·—…“”‘’《》〈〉、。]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_LATIN_STOPS = ".,;:)("  # a space beside one of these is meant: 1. 总则
NO_LINE_START = "，。、；：？！”’）》〉〕】％%,.;:?!)]"


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character, or a recognised run of characters, with its box; y grows downward, in points."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    font: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text with its box. `page` counts from 0."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    font: str
    page: int

    @property
    def middle(self) -> float:
        """The x half-way between its ends."""
        return (self.x0 + self.x1) / 2


def is_cjk(text: str) -> bool:
    """A Chinese character or a mark of Chinese punctuation."""
    return bool(_IS_CJK.match(text))


def glue(before: str, after: str) -> str:
    """What stands between two pieces of a broken line: nothing in Chinese, a space in Latin text."""
    if not before or not after or is_cjk(before[-1]) or is_cjk(after[0]) or after[0] in NO_LINE_START:
        return ""
    return " "


def joined(before: str, after: str) -> str:
    """Two pieces of a broken line put together; a soft hyphen at the break of a Latin word goes."""
    if len(before) > 1 and before[-1] in "-\xad‐" and _LATIN.match(before[-2]) and after[:1].islower():
        return before[:-1] + after
    return before + glue(before, after) + after


def group_lines(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """The glyphs line by line from the top, each line from the left."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda g: (g.top + g.bottom) / 2):
        for row in reversed(rows[-3:]):
            if _on_one_line(row[-1], glyph) and _on_one_line(row[0], glyph):
                row.append(glyph)
                break
        else:
            rows.append([glyph])
    for row in rows:
        row.sort(key=lambda g: g.x0)
    return rows


def _on_one_line(a: Glyph, b: Glyph) -> bool:
    shared = min(a.bottom, b.bottom) - max(a.top, b.top)
    return shared >= SAME_LINE * min(a.bottom - a.top, b.bottom - b.top)


def line_text(row: Sequence[Glyph]) -> str:
    """The words of a line; spaces follow from the gaps, as spaces in the file are often typesetting."""
    gaps = [b.x0 - a.x1 for a, b in pairwise(row) if is_cjk(a.text[-1]) and is_cjk(b.text)]
    usual = max(0.0, statistics.median(gaps)) if gaps else 0.0
    words = row[0].text
    for a, b in pairwise(row):
        words += (" " if _is_space(a, b, usual) else "") + b.text
    return _unspread(words)


def _is_space(a: Glyph, b: Glyph, usual: float) -> bool:
    gap = (b.x0 - a.x1) / max(1.0, min(a.size, b.size))
    cjk = is_cjk(a.text[-1]), is_cjk(b.text[0])
    if all(cjk):
        return gap > WIDE_GAP + usual / max(1.0, a.size)
    return gap > (MIXED_GAP if any(cjk) and (a.text + b.text).strip(_LATIN_STOPS) == a.text + b.text else LATIN_GAP)


def _unspread(words: str) -> str:
    """目 录 is a title drawn wide: single Chinese characters with spaces between them."""
    parts = words.split(" ")
    spread = 1 < len(parts) <= 6 and all(len(part) == 1 and is_cjk(part) for part in parts)
    return "".join(parts) if spread else words


def make_line(row: Sequence[Glyph], page: int) -> Line:
    """A line from the glyphs of one row."""
    size = statistics.median(g.size for g in row)
    font = Counter(g.font for g in row).most_common(1)[0][0]
    top, bottom = min(g.top for g in row), max(g.bottom for g in row)
    return Line(line_text(row), row[0].x0, row[-1].x1, top, bottom, size, font, page)


def page_lines(glyphs: Sequence[Glyph], page: int) -> list[Line]:
    """The lines of a page in reading order; two columns are read one after the other."""
    rows = group_lines(glyphs)
    gutter = _gutter(rows)
    if gutter is None:
        return [make_line(row, page) for row in rows]
    lines: list[Line] = []
    waiting: list[Line] = []
    for row in rows:
        left = [g for g in row if g.x1 <= gutter]
        right = [g for g in row if g.x0 >= gutter]
        if len(left) + len(right) < len(row):  # crosses the gutter: a title over both columns
            lines += [*waiting, make_line(row, page)]
            waiting = []
            continue
        lines += [make_line(left, page)] if left else []
        waiting += [make_line(right, page)] if right else []
    return lines + waiting


def _gutter(rows: list[list[Glyph]]) -> float | None:
    """The x between two columns of text, None on a page with one."""
    both: list[tuple[float, float]] = []
    for row in rows:
        left, right = row[0].x0, row[-1].x1
        for a, b in pairwise(row):
            share = ((a.x1 + b.x0) / 2 - left) / max(1.0, right - left)
            if b.x0 - a.x1 > GUTTER * a.size and 0.35 < share < 0.65:
                both.append((a.x1, b.x0))
                break
    if len(both) < MIN_COLUMN_LINES or len(both) < len(rows) / 2:
        return None
    left, right = max(a for a, _ in both), min(b for _, b in both)
    return (left + right) / 2 if left < right else None
