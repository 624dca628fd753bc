"""Word documents (.docx), with python-docx: paragraphs and tables in the order of the body."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from docx import Document
from docx.oxml.ns import qn

from index.reading.draft import Draft
from index.reading.numbering import Numbering
from index.reading.tables import Cell, grid, header_rows
from index.reading.types import Bounds, Extract

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
HEADING_LENGTH = 100  # a longer paragraph in a heading's style is body text that wears it
MAX_STYLES = 20  # styles based on one another; a longer chain is a loop
BODY_LEVEL = 9  # Word's outline level for body text, levels of headings are 0 to 8
W = {"w": qn("w:p")[1:-2]}
_CONTAINERS = {qn(f"w:{name}") for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")}
_SKIPPED = {qn(f"w:{name}") for name in ("del", "moveFrom", "pPr", "rPr", "instrText", "delText", "rt", "tbl")}
_ALTERNATIVE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BREAKS = {qn("w:tab"), qn("w:br"), qn("w:cr")}
_NUMBER_MARK = re.compile(r"[.．]$")


class _Reader:
    def __init__(self, document: Any, draft: Draft) -> None:
        self.draft = draft
        self.body = document.element.body
        styles = document.styles.element.findall(qn("w:style"))
        self.styles = {style.get(qn("w:styleId")): style for style in styles}
        self.numbering = Numbering(_numbering_root(document), qn)

    def blocks(self, parent: Any) -> None:
        """Writes the paragraphs and tables below an element."""
        for child in parent:
            if child.tag == qn("w:p"):
                self.paragraph(child)
            elif child.tag == qn("w:tbl"):
                self.table(child)
            elif child.tag in _CONTAINERS:
                self.blocks(child)

    def paragraph(self, p: Any) -> None:
        """One paragraph with its number, then the text boxes that hang on it."""
        text = self.words(p)
        if text.strip():
            level = self.heading_level(p)
            self.draft.line(text, level if len(text) <= HEADING_LENGTH else 0)
        for box in _boxes(p):
            self.blocks(box)

    def words(self, p: Any) -> str:
        """The paragraph's words, its automatic number before them."""
        text = "".join(_runs(p))
        if not text.strip():
            return ""
        mark = self.mark(p)
        if not mark:
            return text
        glue = " " if _NUMBER_MARK.search(mark) or mark[-1:].isalnum() else ""
        return mark + glue + text.lstrip()

    def mark(self, p: Any) -> str:
        number = self.property(p, "w:numPr")
        if number is None:
            return ""
        identity, level = number.find(qn("w:numId")), number.find(qn("w:ilvl"))
        if identity is None or identity.get(qn("w:val")) == "0":
            return ""
        return self.numbering.mark(identity.get(qn("w:val")), 0 if level is None else int(level.get(qn("w:val"))))

    def heading_level(self, p: Any) -> int:
        """1 to 9 where the paragraph or its style says so, a title's 1, else 0."""
        outline = self.property(p, "w:outlineLvl")
        if outline is not None:
            level = int(outline.get(qn("w:val")))
            return level + 1 if level < BODY_LEVEL else 0
        style = next(iter(self.styles_of(p)), None)
        name = None if style is None else style.find(qn("w:name"))
        return 1 if name is not None and name.get(qn("w:val")) in ("Title", "标题") else 0

    def property(self, p: Any, name: str) -> Any | None:
        """A property of the paragraph, of its style, or of a style which that one is based on."""
        for owner in (p, *self.styles_of(p)):
            found = owner.find(f"w:pPr/{name}", W)
            if found is not None:
                return found
        return None

    def styles_of(self, p: Any) -> Iterator[Any]:
        name = p.find("w:pPr/w:pStyle", W)
        for _ in range(MAX_STYLES):
            style = None if name is None else self.styles.get(name.get(qn("w:val")))
            if style is None:
                return
            yield style
            name = style.find(qn("w:basedOn"))

    def table(self, tbl: Any) -> None:
        """A table's rows as lines; a table of one cell is a frame around text, a table in a cell follows its table."""
        rows = list(_children(tbl, "w:tr"))
        cells = list(self.cells(rows))
        width = max((cell.column + cell.columns for cell in cells), default=0)
        if len(cells) == 1:
            for tc in _children(rows[0], "w:tc"):
                self.blocks(tc)
            return
        table = grid(cells, len(rows), width).compact()
        marked = sum(1 for row in rows if row.find("w:trPr/w:tblHeader", W) is not None)
        self.draft.table(table, max(marked, header_rows(table)) if 0 < marked < len(rows) else None)
        for row in rows:
            for tc in _children(row, "w:tc"):
                for inner in _children(tc, "w:tbl"):
                    self.table(inner)

    def cells(self, rows: list[Any]) -> Iterator[Cell]:
        """Cells with their spans; one that goes on from above (vMerge) is counted into that one."""
        open_cells: dict[int, Cell] = {}
        for at, row in enumerate(rows):
            column = _count(row.find("w:trPr/w:gridBefore", W), 0)
            for tc in _children(row, "w:tc"):
                columns = _count(tc.find("w:tcPr/w:gridSpan", W), 1)
                merge = tc.find("w:tcPr/w:vMerge", W)
                if merge is None or merge.get(qn("w:val")) == "restart" or column not in open_cells:
                    if column in open_cells:
                        yield open_cells.pop(column)
                    open_cells[column] = Cell(self.cell_words(tc), at, column, 1, columns)
                else:
                    above = open_cells[column]
                    open_cells[column] = Cell(above.text, above.row, column, at - above.row + 1, above.columns)
                column += columns
        yield from open_cells.values()

    def cell_words(self, tc: Any) -> str:
        parts = []
        for p in _children(tc, "w:p"):
            parts.append(self.words(p))
            parts += [self.words(q) for box in _boxes(p) for q in _children(box, "w:p")]
        return " ".join(part for part in parts if part.strip())


def _numbering_root(document: Any) -> Any | None:
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/numbering"):
            return relation.target_part.element
    return None


def _count(element: Any | None, default: int) -> int:
    return default if element is None else int(element.get(qn("w:val")) or default)


def _children(parent: Any, name: str) -> Iterator[Any]:
    """Children of a name, also those inside content controls and tracked insertions."""
    for child in parent:
        if child.tag == qn(name):
            yield child
        elif child.tag in _CONTAINERS:
            yield from _children(child, name)


def _runs(parent: Any) -> Iterator[str]:
    """The words below an element, without what was deleted, field codes and text boxes."""
    for child in parent:
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield " "
        elif child.tag == qn("w:noBreakHyphen"):
            yield "-"
        elif child.tag == qn("m:t"):
            yield child.text or ""
        elif child.tag not in _SKIPPED and child.tag != _ALTERNATIVE and child.tag != qn("w:txbxContent"):
            yield from _runs(child)


def _boxes(p: Any) -> Iterator[Any]:
    """Text boxes of a paragraph; where one is written twice, for newer and older programs, the newer."""
    for box in p.iter(qn("w:txbxContent")):
        above = {ancestor.tag for ancestor in box.iterancestors()}
        if _ALTERNATIVE not in above and qn("w:txbxContent") not in above:
            yield box


def read_docx(data: bytes, name: str, bounds: Bounds) -> Extract:
    """The text of a .docx file. Raises InputRefused for a bound passed or a text without words."""
    draft = Draft(name, bounds)
    reader = _Reader(Document(BytesIO(data)), draft)
    reader.blocks(reader.body)
    return draft.extract(MEDIA_TYPE)
