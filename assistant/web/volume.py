"""A document as the reader shows it: title, outline, and its text with numbers, headings, tables and pages."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from assistant import Opened

from .leaves import Piece, paragraph_at
from .marking import Marks, marked
from .texts import Words

SEPARATOR = re.compile(r"(?:^|(?<=\s))\|(?=\s|$)")  # between the cells of a stored row
RULE = re.compile(r"[\s|:*-]+")  # Markdown's line below the names of columns
MIN_ROWS = 2  # a single line with a bar in it is a sentence
OUTER_HEADING = 4  # <h4> for the outermost: the page's own headings and the title stand above
SIDES = ("before", "after")
Key = tuple[bool, tuple[int, int] | None]


def title_html(opened: Opened, start: int, end: int, words: Words) -> str:
    """Title, the headings above the place, and where it is."""
    document, here = opened.document, paragraph_at(opened.paragraphs, start)
    placed = here is not None and start < end
    headings = "".join(f"<li>{escape(heading)}</li>" for heading in here.heading_path) if here and placed else ""
    path = f'<ol class="headings" aria-label="{words("heading_path")}">{headings}</ol>' if headings else ""
    where = [words("paragraph", number=here.number)] if here and placed else []
    page = page_of(opened, start)
    if page and placed:
        where.append(words("page_number", number=page))
    about = [document.publisher, document.date or document.period]
    said = " · ".join(escape(part) for part in (document.file_name, *filter(None, about)))
    original = f'<a href="/xietong/file/{escape(document.id)}" download>{words("reader_original")}</a>'
    return (
        f'<header class="volume-title"><h3 class="source-title" tabindex="-1">'
        f"{escape(words('book_title', title=document.title))}</h3>{path}"
        f'<p class="place"><b class="paragraph">{escape(words("comma").join(where))}</b> '
        f'<span class="file">{said}</span> {original}</p></header>'
    )


def page_of(opened: Opened, place: int) -> int | None:
    """The page, from 1, on which a place stands; None where the format has no pages."""
    return sum(begin <= place for begin in opened.page_starts) or None


def text_html(opened: Opened, pieces: Sequence[Piece], marks: Marks, words: Words, sides: Sequence[str] = SIDES) -> str:
    """The pieces in order, with a button on each of the sides that fetches what stands there, if anything does."""
    if not pieces:
        return ""
    last = opened.paragraphs[-1].end
    marks = marks.within(pieces[0].start, pieces[-1].end)
    earlier = _more("before", pieces[0].start, words) if pieces[0].start > opened.paragraphs[0].start else ""
    later = _more("after", pieces[-1].end, words) if pieces[-1].end < last else ""
    earlier, later = earlier if "before" in sides else "", later if "after" in sides else ""
    return f"{earlier}{''.join(_blocks(opened, pieces, marks, words))}{later}"


def _more(side: str, place: int, words: Words) -> str:
    return f'<button type="button" class="more" data-{side}="{place}">{words(f"reader_{side}")}</button>'


def _blocks(opened: Opened, pieces: Sequence[Piece], marks: Marks, words: Words) -> Iterator[str]:
    headers = {p.paragraph.header for p in pieces if p.paragraph.header}
    page = page_of(opened, pieces[0].start - 1) if pieces[0].start else None
    for (is_row, header), run in groupby(pieces, lambda piece: _key(opened.text, piece, headers)):
        group = list(run)
        for own, on_page in groupby(group, lambda piece: page_of(opened, piece.start)):
            if own != page and own is not None:
                yield _page_mark(own, words)
            page = own
            some = list(on_page)
            if is_row and (header or len(some) >= MIN_ROWS):
                yield _table(opened.text, some, header, marks, words)
            else:
                yield from (_paragraph(opened.text, piece, marks, words) for piece in some)


def _key(text: str, piece: Piece, headers: set[tuple[int, int]]) -> Key:
    """Is it a row of a table, and the span of that table's header; rows of one table are next to each other."""
    own = piece.paragraph.header or next((h for h in headers if h[0] <= piece.start < h[1]), None)
    is_row = piece.is_whole and not piece.paragraph.heading_level and _is_row(text[piece.start : piece.end])
    return is_row, own


def _is_row(line: str) -> bool:
    return line.startswith("|") or bool(SEPARATOR.search(line))


def _page_mark(page: int, words: Words) -> str:
    return f'<p class="page-mark" data-page="{page}"><span>{words("page_number", number=page)}</span></p>'


def _table(text: str, rows: Sequence[Piece], header: tuple[int, int] | None, marks: Marks, words: Words) -> str:
    """Rows of one table; where its header was sent before, its names are shown again above them."""
    shown = [row for row in rows if not RULE.fullmatch(text[row.start : row.end])]
    repeated = ""
    if header and rows[0].start >= header[1]:
        lines = [line for line in _lines(text, *header) if _is_row(text[slice(*line)])]
        named = [line for line in lines if not RULE.fullmatch(text[slice(*line)])]
        repeated = "".join(f'<tr class="again">{_cells(text, a, b, Marks(), "th")}</tr>' for a, b in named)
    body = "".join(_row(text, row, header, marks) for row in shown)
    label = words("reader_table")
    opening = f'<div class="table" role="group" tabindex="0" aria-label="{label}">'
    return f"{opening}<table>{repeated}{body}</table></div>" if body else ""


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for line in re.finditer(r"[^\n]+", text[start:end]):
        yield start + line.start(), start + line.end()


def _row(text: str, row: Piece, header: tuple[int, int] | None, marks: Marks) -> str:
    names = header is not None and row.start < header[1]
    cells = _cells(text, row.start, row.end, marks, "th" if names else "td")
    return f'<tr data-n="{row.paragraph.number}" data-start="{row.start}">{cells}</tr>'


def _cells(text: str, start: int, end: int, marks: Marks, tag: str) -> str:
    line = text[start:end]
    edges = [match.start() for match in SEPARATOR.finditer(line)]
    if line.startswith("|"):
        edges = [match.start() for match in re.finditer(r"(?<!\\)\|", line)]
        edges = edges[:-1] if line.endswith("|") else edges
    begins = [at + 1 for at in edges] if line.startswith("|") else [0, *(at + 1 for at in edges)]
    ends = [*edges[1:], len(line.removesuffix("|"))] if line.startswith("|") else [*edges, len(line)]
    scope = ' scope="col"' if tag == "th" else ""
    return "".join(
        f"<{tag}{scope}>{marked(text, start + a, start + b, marks)}</{tag}>" for a, b in zip(begins, ends, strict=True)
    )


def _paragraph(text: str, piece: Piece, marks: Marks, words: Words) -> str:
    paragraph, level = piece.paragraph, piece.paragraph.heading_level
    tag = f"h{min(6, OUTER_HEADING + level - 1)}" if level else "p"
    style = "line heading" if level else "line"
    label = words("paragraph", number=paragraph.number)
    number = f'<span class="number" title="{label}">{paragraph.number}</span>' if piece.is_first else ""
    body = marked(text, piece.start, piece.end, marks)
    return f'<{tag} class="{style}" data-n="{paragraph.number}" data-start="{piece.start}">{number}{body}</{tag}>'
