"""A text in the making: readers write lines and tables, and it keeps the offsets."""

import re

from index.reading.refusals import WORD, over_bound, over_pages, wordless
from index.reading.tables import UNIT_LINE, Grid, caption_rows, header_rows
from index.reading.types import Bounds, Extract

UNIT_LINE_LENGTH = 80  # a longer line that speaks of a unit is a paragraph
# What XML may hold and no line of text should: controls, and what Python takes for a line end.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufeff\ufffe\uffff\u200b]|[\ud800-\udfff]")
_BREAK = re.compile("[\t\n\r\x0b\x0c\x85\u2028\u2029]+")
_NO_COLUMNS = (0, 0)


class Draft:
    """Collects one document's text in reading order. Raises InputRefused where a bound is passed."""

    def __init__(self, name: str, bounds: Bounds) -> None:
        self._name = name
        self._bounds = bounds
        self._parts: list[str] = []
        self._length = 0
        self._page_starts: list[int] = []
        self._waiting_pages = 0
        self._headings: dict[int, int] = {}
        self._table_headers: dict[int, tuple[int, int]] = {}
        self._last_line = (0, "")
        self._header = _NO_COLUMNS
        self._header_lines: list[str] = []

    def page(self) -> None:
        """A page, slide or sheet begins here."""
        self._waiting_pages += 1
        if self.pages > self._bounds.pages:
            raise over_pages(self._name, self.pages, self._bounds.pages)

    @property
    def pages(self) -> int:
        """How many pages have begun."""
        return len(self._page_starts) + self._waiting_pages

    def line(self, words: str, heading: int = 0) -> int | None:
        """One paragraph; `heading` is its level, 0 for body text. Returns its start, None for a blank one."""
        words = clean(words)
        if not words:
            return None
        if self._parts:
            self._put("\n")
        self._begin_pages()
        start = self._length
        self._put(words)
        self._last_line = (start, words)
        if heading:
            self._headings[start] = heading
        return start

    def more(self, words: str) -> None:
        """Words that go on with the line before, as they are."""
        self._begin_pages()
        self._put(clean(words, strip=False))

    def table(self, table: Grid, header: int | None = None, caption_level: int = 0) -> None:
        """A table's rows. `header` is the number of header rows where the format says it."""
        captions = caption_rows(table) if not header else 0
        for row in range(captions):
            words = table.line(row).replace(" | ", " ")
            self.line(words, 0 if UNIT_LINE.search(words) else caption_level)
        table = table.below(captions)
        begin = self._unit_above()
        count = header_rows(table) if header is None else header
        self._header_lines = [table.line(row, repeat=False) for row in range(count)]
        for words in self._header_lines:
            start = self.line(words)
            begin = start if begin is None else begin
        self._header = _NO_COLUMNS if begin is None else (begin, self._length)
        self._rows(table, count)

    def more_table(self, table: Grid) -> None:
        """The table before goes on: its header stands for these rows too, and is not written again."""
        repeated = len(self._header_lines)
        if [table.line(row, repeat=False) for row in range(min(repeated, len(table.places)))] != self._header_lines:
            repeated = 0
        self._rows(table, repeated)

    def _rows(self, table: Grid, first: int) -> None:
        for row in range(first, len(table.places)):
            start = self.line(table.line(row))
            if start is not None and self._header != _NO_COLUMNS:
                self._table_headers[start] = self._header

    def _unit_above(self) -> int | None:
        start, words = self._last_line
        short = len(words) <= UNIT_LINE_LENGTH and start not in self._table_headers
        return start if short and UNIT_LINE.search(words) and start + len(words) == self._length else None

    def extract(self, media_type: str, paged: bool = False) -> Extract:
        """The whole. Raises InputRefused for a text without words."""
        text = "".join(self._parts)
        if not re.search(WORD, text):
            raise wordless(self._name)
        self._begin_pages()
        starts = tuple(self._page_starts) if paged else ()
        return Extract(
            text, media_type, len(starts) if paged else None, starts, dict(self._headings), dict(self._table_headers)
        )

    def _begin_pages(self) -> None:
        self._page_starts += [self._length] * self._waiting_pages
        self._waiting_pages = 0

    def _put(self, words: str) -> None:
        self._parts.append(words)
        self._length += len(words)
        if self._length > self._bounds.characters:
            found, bound = f"{self._length}+", self._bounds.characters
            raise over_bound(self._name, found, bound, ("字", "characters"), "XIETONG_MAX_CHARACTERS")


def clean(words: str, strip: bool = True) -> str:
    """A line's words without controls; a break inside becomes a space."""
    words = _BREAK.sub(" ", _CONTROL.sub("", words))
    return words.strip() if strip else words
