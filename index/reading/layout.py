"""From characters on a page to paragraphs: lines, running headers, and which line goes on with the one before.

The rules are those of Chinese office typesetting (GB/T 9704): a paragraph's first line is indented, all
lines but its last are full, titles are centred. A line is full where the next line's first word would
not have fitted on it.
"""

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from index.outline import ARTICLE, ITEM, MARKS

# Shares of a character's size, unless another measure is named.
SAME_LINE = 0.5  # of the lower character's height, shared by two characters of one line
WIDE_GAP = 0.4  # between two Chinese characters, over the line's usual gap: a space was meant
MIXED_GAP = 0.6  # between Chinese and Latin: less is the quarter space of typesetting
LATIN_GAP = 0.18
INDENT = 0.8
FULL_SLACK = 0.25
LEADING = 1.35  # of the page's usual distance between lines: more begins a paragraph
EDGE_DRIFT, EDGE_LINES, EDGE_SHARE = 1.5, 3, 0.1  # how near, how many and what part of the lines make a margin
OFF_CENTRE = 1.0
SAME_SIZE = 0.08  # difference of size, as a share, within one paragraph
HEADING_SIZE = 1.15  # of the page's usual size: larger is a title
HEADING_LENGTH = 60
FIRST_INNER_MARK = 13  # the rank of 一、 among the outline's marks
GUTTER = 1.0
MIN_COLUMN_LINES = 8
_CJK = r"\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
_IS_CJK = re.compile(rf"[{_CJK}·—…“”‘’《》〈〉、。]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_WORD = re.compile(rf"[^\s{_CJK}]+")
_SENTENCE_END = re.compile(r"[。！？!?；;：:][”’」』）)]*$")
_UNFINISHED = re.compile(r"[，,、（(《“‘〈〔\[]$")
_NO_LINE_START = "，。、；：？！”’）》〉〕】％%,.;:?!)]"
_NO_LINE_END = "（《〈“‘〔【([¥￥"
_LATIN_STOPS = ".,;:)("  # a space beside one of these is meant: 1. 总则
_LEADERS = re.compile(r"[.．·…⋯‥]{4,}\s*\d*\s*$")
BULLET = re.compile(r"[●○■□◆◇▲△※★☆•➢➤✓]|——")


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


@dataclass(slots=True)
class Page:
    """What a page holds: its text lines, its tables (each with top and content), its size in points."""

    number: int
    width: float
    height: float
    lines: list[Line] = field(default_factory=list)
    left: float = 0.0
    right: float = 0.0
    leading: float = 0.0
    size: float = 0.0
    font: str = ""


def is_cjk(text: str) -> bool:
    """A Chinese character or a mark of Chinese punctuation."""
    return bool(_IS_CJK.match(text))


def glue(before: str, after: str) -> str:
    """What stands between two pieces of a broken line: nothing in Chinese, a space in Latin text."""
    if not before or not after or is_cjk(before[-1]) or is_cjk(after[0]) or after[0] in _NO_LINE_START:
        return ""
    return " "


def joined(before: str, after: str) -> str:
    """Two pieces of a broken line put together; a soft hyphen at the break of a Latin word goes."""
    if len(before) > 1 and before[-1] in "-\xad‐" and _LATIN.match(before[-2]) and after[:1].islower():
        return before[:-1] + after
    return before + glue(before, after) + after


# Lines


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


# Paragraphs


def measure(pages: Sequence[Page]) -> None:
    """Sets each page's text margins, usual distance between lines, size and font."""
    by_width: dict[int, list[Line]] = defaultdict(list)
    for page in pages:
        by_width[round(page.width)] += page.lines
    fonts: Counter[str] = Counter()
    for page in pages:
        for line in page.lines:
            fonts[line.font] += len(line.text)
    for page in pages:
        lines = page.lines
        if not lines:
            continue
        page.size = page.size or statistics.median(line.size for line in lines)
        page.font = fonts.most_common(1)[0][0]
        near = [a.top for a in lines]
        steps = [b - a for a, b in pairwise(near) if 0 < b - a < 3 * page.size]
        page.leading = statistics.median(steps) if steps else 1.5 * page.size
        everywhere = by_width[round(page.width)]
        page.left = _edge([-line.x0 for line in lines], [-line.x0 for line in everywhere], page.size) * -1
        page.right = _edge([line.x1 for line in lines], [line.x1 for line in everywhere], page.size)


def _edge(own: list[float], everywhere: list[float], size: float) -> float:
    """The margin: the outermost edge that several lines share, on the page or else on pages of its width."""
    for edges in (own, everywhere):
        edges = sorted(edges, reverse=True)
        for at, outer in enumerate(edges):
            shared = sum(outer - x <= EDGE_DRIFT * size for x in edges[at:])
            if shared >= max(EDGE_LINES, EDGE_SHARE * len(edges)):
                return outer
    return max(own)


def is_centred(line: Line, page: Page) -> bool:
    """Short, and half-way between the margins or the edges of the page."""
    inset = min(line.x0 - page.left, page.right - line.x1)
    off = min(abs(line.middle - (page.left + page.right) / 2), abs(line.middle - page.width / 2))
    return inset > line.size and off <= OFF_CENTRE * line.size


def _first_token(text: str) -> int:
    """How many characters must stand together at the start of a line."""
    word = _WORD.match(text)
    end = max(1, word.end() if word else 1)
    while end < len(text) and text[end - 1] in _NO_LINE_END:
        end += 1
    while end < len(text) and text[end] in _NO_LINE_START:
        end += 1
    return end


def _width(text: str, size: float) -> float:
    return sum(size if is_cjk(c) else size / 2 for c in text)


def is_full(line: Line, following: Line, page: Page) -> bool:
    """Would the next line's first word not have fitted on this line?"""
    token = following.text[: _first_token(following.text)]
    return line.x1 + _width(token, line.size) > page.right - FULL_SLACK * line.size


def is_marked(text: str) -> bool:
    """Begins with a list or heading mark."""
    marks = (ITEM, ARTICLE, BULLET, *(mark for _, mark in MARKS))
    return any(mark.match(text) for mark in marks)


def goes_on(line: Line, following: Line, page: Page, next_page: Page) -> bool:
    """Is `following` the same paragraph as `line`, on one page or over to the next?"""
    if abs(line.size - following.size) > SAME_SIZE * line.size or _LEADERS.search(line.text):
        return False
    same_page = line.page == following.page
    if same_page and not 0 < following.top - line.top <= LEADING * max(page.leading, line.size):
        return False
    ends = bool(_SENTENCE_END.search(line.text))
    centred = is_centred(following, next_page)
    if centred and not ends and same_page and line.font == following.font:
        return is_centred(line, page) or (is_full(line, following, page) and line.font != page.font)
    if is_marked(following.text) and (ends or line.x1 + line.size <= page.right):
        return False
    if _UNFINISHED.search(line.text) and not is_centred(line, page):
        return True
    indented = following.x0 - next_page.left > INDENT * following.size
    if indented and not _same_indent(line, following):
        return False
    return is_full(line, following, page) and not (indented and ends)


def _same_indent(line: Line, following: Line) -> bool:
    return abs(line.x0 - following.x0) <= FULL_SLACK * line.size


def heading_level(lines: Sequence[Line], page: Page) -> int:
    """1 for a title: larger than the page's text, or centred in another font; else 0."""
    text = "".join(line.text for line in lines)
    if len(text) > HEADING_LENGTH or _SENTENCE_END.search(text) or not re.search(r"\w", text):
        return 0
    if any(rank >= FIRST_INNER_MARK and mark.match(text) for rank, mark in MARKS):
        return 0  # 一、 and below: its mark says which level it is
    if lines[0].size >= HEADING_SIZE * page.size:
        return 1
    return int(is_centred(lines[-1], page) and lines[0].font != page.font)
