"""From lines to paragraphs: margins, titles, and which line goes on with the one before.

The rules are those of Chinese office typesetting (GB/T 9704): a paragraph's first line is indented, all
lines but its last are full, titles are centred. A line is full where the next line's first word would
not have fitted on it.
"""

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from index.columns import is_typed_row
from index.outline import ARTICLE, ITEM, MARKS
from index.reading.lines import CJK, NO_LINE_START, Line, is_cjk
from index.reading.refusals import WORD

# Shares of a character's size, unless another measure is named.
INDENT = 0.8
FULL_SLACK = 0.25
LEADING = 1.35  # of the page's usual distance between lines: more begins a paragraph
EDGE_DRIFT = 1.5  # so near one another, edges of lines make a margin
MARGIN_DRIFT = 2.0  # so near the margin of all pages, that of one page is believed
MARGIN_SHARE = 0.1  # of the lines of all pages of a width, that must make their margin
LEFT_LINES, RIGHT_LINES = 2, 3  # and how many: first lines are indented, and stand alone often
OFF_CENTRE = 1.0
SAME_SIZE = 0.08  # difference of size, as a share, within one paragraph
HEADING_SIZE = 1.15  # of the page's usual size: larger is a title
HEADING_LENGTH = 60
FIRST_INNER_MARK = 13  # the rank of 一、 among the outline's marks
_WORD = re.compile(rf"[^\s{CJK}]+")
_SENTENCE_END = re.compile(r"[。！？!?；;：:][”’」』）)]*$")
_UNFINISHED = re.compile(r"[，,、（(《“‘〈〔\[]$")
_NO_LINE_END = "（《〈“‘〔【([¥￥"
_LEADERS = re.compile(r"[.．·…⋯‥]{4,}\s*\d*\s*$")
BULLET = re.compile(r"[●○■□◆◇▲△※★☆•➢➤✓]|——")


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


def measure(pages: Sequence[Page]) -> None:
    """Sets each page's text margins, usual distance between lines, size and font."""
    by_width: dict[int, list[Line]] = defaultdict(list)
    for page in pages:
        by_width[round(page.width)] += page.lines
    fonts: Counter[str] = Counter()
    for page in pages:
        for line in page.lines:
            fonts[line.font] += len(line.text)
    body = statistics.median([line.size for page in pages for line in page.lines] or [1.0])
    for page in pages:
        lines = page.lines
        if not lines:
            continue
        page.size = page.size or statistics.median(line.size for line in lines)
        page.font = fonts.most_common(1)[0][0]
        steps = [b.top - a.top for a, b in pairwise(lines) if 0 < b.top - a.top < 3 * page.size]
        page.leading = statistics.median(steps) if steps else 1.5 * page.size
        everywhere = by_width[round(page.width)]
        page.left = -_margin([-a.x0 for a in lines], [-a.x0 for a in everywhere], body, LEFT_LINES)
        page.right = _margin([a.x1 for a in lines], [a.x1 for a in everywhere], body, RIGHT_LINES)


def _margin(own: list[float], everywhere: list[float], size: float, least: int) -> float:
    """The outermost edge that enough lines share: of the page, where it is near that of all pages."""
    page = _edge(own, size, least)
    usual = _edge(everywhere, size, max(least, round(MARGIN_SHARE * len(everywhere))))
    if page is None or usual is None:
        return max(own) if usual is None else usual
    return page if abs(page - usual) <= MARGIN_DRIFT * size else usual


def _edge(edges: list[float], size: float, least: int) -> float | None:
    """The outermost edge with so many within a drift from it."""
    edges = sorted(edges, reverse=True)
    for outer, inner in zip(edges, edges[least - 1 :], strict=False):
        if outer - inner <= EDGE_DRIFT * size:
            return outer
    return None


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
    while end < len(text) and text[end] in NO_LINE_START:
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
    if is_typed_row(line.text) or is_typed_row(following.text):
        return False
    same_page = line.page == following.page
    usual = page.leading * max(1.0, line.size / max(1.0, page.size))
    if same_page and not 0 < following.top - line.top <= LEADING * max(usual, line.size):
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
    if len(text) > HEADING_LENGTH or _SENTENCE_END.search(text) or _LEADERS.search(text) or not re.search(WORD, text):
        return 0
    if any(rank >= FIRST_INNER_MARK and mark.match(text) for rank, mark in MARKS):
        return 0  # 一、 and below: its mark says which level it is
    if lines[0].size >= HEADING_SIZE * page.size:
        return 1
    return int(is_centred(lines[-1], page) and lines[0].font != page.font)
