"""From the lines and tables of pages to one text: paragraphs, titles and tables over page breaks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from index.reading.draft import Draft
from index.reading.layout import Page, goes_on, heading_level, is_centred, measure
from index.reading.lines import Line, joined
from index.reading.running import drop_running
from index.reading.tables import UNIT_LINE, Grid

SAME_EDGE = 3.0  # points between the column edges of a table and of its continuation
CAPTION_LEVEL = 2  # of a table's title that is not set larger than the text
CAPTION_LINES = 2  # a table's title, and its unit, stand right above it
CAPTION_LENGTH = 60  # a longer line above a table is a paragraph


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table: its place on the page, the x of its columns' edges, its cells."""

    page: int
    top: float
    bottom: float
    edges: tuple[float, ...]
    cells: Grid


@dataclass(slots=True)
class Sheet:
    """A page with its tables, from the top; the page's lines are those outside the tables."""

    page: Page
    tables: list[Table] = field(default_factory=list)


def _flow(sheet: Sheet) -> Iterator[Line | Table]:
    """Lines and tables from the top; the order of lines (columns) is kept."""
    tables = list(sheet.tables)
    for line in sheet.page.lines:
        while tables and tables[0].top < line.top:
            yield tables.pop(0)
        yield line
    yield from tables


class _Writer:
    """Writes sheets into a draft, joining what a line or page break cut."""

    def __init__(self, draft: Draft, sheets: Sequence[Sheet]) -> None:
        self.draft = draft
        self.sheets = sheets
        self.last: Line | Table | None = None
        self.paragraph: list[Line] = []

    def write(self) -> None:
        for sheet in self.sheets:
            flow = list(_flow(sheet))
            for at, item in enumerate(flow):
                if isinstance(item, Table):
                    self.table(item)
                else:
                    self.line(item, _is_caption(flow, at, sheet.page))
        self.end()

    def page_of(self, line: Line) -> Page:
        return self.sheets[line.page].page

    def line(self, line: Line, caption: bool) -> None:
        last = self.last
        self.last = line
        before = last if self.paragraph and isinstance(last, Line) and not caption else None
        if before and goes_on(before, line, self.page_of(before), self.page_of(line)):
            self.paragraph.append(line)
            return
        self.end()
        self.paragraph = [line]
        if caption:
            self.end(CAPTION_LEVEL)

    def end(self, least: int = 0) -> None:
        """Writes the paragraph that was gathered; a page that begins inside it begins there."""
        if not self.paragraph:
            return
        lines, self.paragraph = self.paragraph, []
        level = heading_level(lines, self.page_of(lines[0])) or least
        words, cuts = "", [0]
        for line in lines:
            words = joined(words, line.text)
            cuts.append(len(words))
        self.to_page(lines[0].page)
        self.draft.line(words[: cuts[1]], level)
        for line, (start, end) in zip(lines[1:], pairwise(cuts[1:]), strict=True):
            self.to_page(line.page)
            self.draft.more(words[start:end])

    def to_page(self, number: int) -> None:
        while self.draft.pages <= number:
            self.draft.page()

    def table(self, table: Table) -> None:
        last = self.last
        self.end()
        self.to_page(table.page)
        if isinstance(last, Table) and last.page == table.page - 1 and _same_columns(last, table):
            self.draft.more_table(table.cells)
        else:
            self.draft.table(table.cells)
        self.last = table


def _same_columns(a: Table, b: Table) -> bool:
    pairs = zip(a.edges, b.edges, strict=False)
    return len(a.edges) == len(b.edges) and all(abs(x - y) <= SAME_EDGE for x, y in pairs)


def _is_caption(flow: list[Line | Table], at: int, page: Page) -> bool:
    """A short centred line right above a table, with at most its unit between."""
    line = flow[at]
    after = flow[at + 1 : at + 1 + CAPTION_LINES]
    between = [item for item in after if isinstance(item, Line)]
    if not isinstance(line, Line) or not after or UNIT_LINE.search(line.text):
        return False
    near = isinstance(after[0], Table) or (
        len(after) == CAPTION_LINES and isinstance(after[1], Table) and bool(UNIT_LINE.search(between[0].text))
    )
    return near and is_centred(line, page) and len(line.text) <= CAPTION_LENGTH


def write_sheets(sheets: Sequence[Sheet], draft: Draft) -> None:
    """Lines and tables of all pages as one text, without what runs on every page."""
    pages = [sheet.page for sheet in sheets]
    drop_running(pages)
    measure(pages)
    writer = _Writer(draft, sheets)
    writer.write()
    writer.to_page(len(pages) - 1)
