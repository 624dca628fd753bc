"""Web pages, with lxml: headings, paragraphs, lists and tables, without scripts and navigation."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import html as lxml_html

from index.reading.draft import Draft
from index.reading.refusals import broken
from index.reading.tables import Cell, Grid, grid
from index.reading.text import decoded
from index.reading.types import Bounds, Extract

MEDIA_TYPE = "text/html"
HEAD_BYTES = 4096  # where a page names its encoding
MAX_DEPTH = 200  # elements in elements; deeper ones are read as running text
MAX_SPAN = 1000  # as browsers bound it
DROPPED = {
    "script", "style", "nav", "noscript", "template", "iframe", "object", "svg", "button", "select", "textarea",
    "footer", "aside", "head", "audio", "video", "canvas", "map", "datalist",
}  # fmt: skip
BLOCKS = {
    "address", "article", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend",
    "li", "main", "menu", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
    "tr", "ul", "caption", "br",
}  # fmt: skip
_HEADING = re.compile(r"h([1-6])")
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def _dropped(element: Any) -> bool:
    if not isinstance(element.tag, str) or element.tag in DROPPED or element.get("hidden") is not None:
        return True
    return bool(_HIDDEN.search(element.get("style") or "")) or element.get("role") == "navigation"


def _words(element: Any) -> Iterator[str]:
    waiting: list[Any] = [element]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
            continue
        yield item.text or ""
        for child in reversed(item):
            waiting.append(child.tail or "")
            if not _dropped(child):
                edge = " " if child.tag in BLOCKS else ""
                waiting += [edge, child, edge]


def _inline(element: Any) -> str:
    """The words below an element on one line."""
    return _SPACE.sub(" ", "".join(_words(element))).strip()


def _span(cell: Any, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return min(MAX_SPAN, max(1, int(value))) if value.isdigit() else 1


def _rows(table: Any) -> list[Any]:
    return [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]


def _grid(rows: list[Any]) -> Grid:
    cells: list[Cell] = []
    taken: set[tuple[int, int]] = set()
    width = 0
    for at, row in enumerate(rows):
        column = 0
        for cell in row.iterchildren("td", "th"):
            while (at, column) in taken:
                column += 1
            height, span = min(_span(cell, "rowspan"), len(rows) - at), _span(cell, "colspan")
            cells.append(Cell(_inline(cell), at, column, height, span))
            taken |= {(at + down, column + right) for down in range(height) for right in range(span)}
            column += span
        width = max(width, column)
    return grid(cells, len(rows), width)


def _header(rows: list[Any]) -> int | None:
    """The number of header rows where thead or th says it: rows at the top with nothing but th."""
    count = 0
    for row in rows:
        parent = row.getparent()
        marked = parent is not None and parent.tag == "thead"
        if not marked and (row.find("th") is None or row.find("td") is not None):
            break
        count += 1
    return count if 0 < count < len(rows) else None


def _is_layout(table: Any, rows: list[Any]) -> bool:
    """A table that only places things: one with tables, headings or lists inside, or one column."""
    if any(True for _ in table.iter("h1", "h2", "h3", "ul", "ol")) or len(list(table.iter("table"))) > 1:
        return True
    return max((len(list(row.iterchildren("td", "th"))) for row in rows), default=0) < 2


class _Reader:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.words: list[str] = []

    def flush(self) -> None:
        """Ends the running line."""
        words, self.words = _SPACE.sub(" ", "".join(self.words)), []
        self.draft.line(words)

    def block(self, element: Any, depth: int = 0) -> None:
        """Writes what stands in an element, line by line."""
        self.words.append(element.text or "")
        for child in element:
            if not _dropped(child):
                self.child(child, depth)
            self.words.append(child.tail or "")

    def child(self, child: Any, depth: int) -> None:
        if child.tag not in BLOCKS and not any(True for _ in child.iter(*BLOCKS)):
            self.words.append(_inline(child))
            return
        self.flush()
        heading = _HEADING.fullmatch(child.tag)
        rows = _rows(child) if child.tag == "table" else []
        if heading:
            self.draft.line(_inline(child), int(heading[1]))
        elif rows and not _is_layout(child, rows):
            self.table(child, rows)
        elif depth >= MAX_DEPTH:
            self.words.append(_inline(child))
        else:
            if child.tag == "li":
                self.words.append(_ordinal(child))
            self.block(child, depth + 1)
        self.flush()

    def table(self, table: Any, rows: list[Any]) -> None:
        for caption in table.iterchildren("caption"):
            self.draft.line(_inline(caption))
        made = _grid(rows)
        self.draft.table(made.compact(), _header(rows))


def _ordinal(item: Any) -> str:
    """The number that a browser writes before an item of a numbered list."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol" or parent.get("type", "1") != "1":
        return ""
    start = parent.get("start", "1")
    before = sum(1 for _ in item.itersiblings("li", preceding=True))
    return f"{(int(start) if start.isdigit() else 1) + before}. "


def _text(data: bytes, name: str) -> str:
    """The page's source: in the encoding it names, if that reads all of it, else as plain text is told."""
    named = _CHARSET.search(data[:HEAD_BYTES])
    if named and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = named[1].decode("ascii").lower()
        try:
            return data.decode("gb18030" if encoding in ("gb2312", "gbk") else encoding).removeprefix("\ufeff")
        except (LookupError, UnicodeDecodeError):
            pass
    return decoded(data, name)


def read_html(data: bytes, name: str, bounds: Bounds) -> Extract:
    """The text of a web page. Raises InputRefused."""
    source = re.sub(r"^\s*<\?xml[^>]*\?>", "", _text(data, name))
    parser = lxml_html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    root = lxml_html.document_fromstring(source, parser=parser) if source.strip() else None
    if root is None or any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise broken(name, "HTML")  # the parser stopped half-way
    draft = Draft(name, bounds)
    title = root.findtext(".//title")
    body = root.find("body")
    if title and body is not None and body.find(".//h1") is None:
        draft.line(_SPACE.sub(" ", title), 1)
    reader = _Reader(draft)
    reader.block(root if body is None else body)
    reader.flush()
    return draft.extract(MEDIA_TYPE)
