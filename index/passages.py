"""Cutting a text into passages and sentences. Every span is exact: text[start:end] is what it says."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from typing import Any

from index.columns import is_table_rule
from index.outline import NO_LAYOUT, front_matter_end, paragraphs
from index.reading.tables import is_number
from index.types import Layout, Paragraph, Passage

CUTTING_VERSION = 2  # raise it when the same text would be cut otherwise; `xietong reindex` cuts again
# From the strongest boundary to the weakest; a comma between digits is none. Only a number too long by itself is
# cut, at its marks first.
SEPARATORS = [
    "\n",
    "[。！？!?][”’」』）)]*",
    "[；;]",
    "[，,](?!\\d)",
    "[、：:]",
    "\\s",
    "(?:[^\\d.,，．]|[.,，．](?!\\d))",
    "\\D",
    "",
]
_SENTENCE_END = re.compile(r"[。！？!?]+[”’」』）)\]]*|[.](?=\s+[A-Z“\"(])|\n")
_WORD = re.compile(r"[^\W_]")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")  # Markdown's link to a picture


def line_above(title: str, heading_path: Sequence[str]) -> str:
    """A document's title and the headings that a passage stands under, in one line, as the judge reads them."""
    return " ".join((title, *heading_path))


@dataclass(frozen=True, slots=True)
class Span:
    """[start, end) in code points of the document's text."""

    start: int
    end: int


@cache
def _splitter(room: int, count: Callable[[str], int]) -> Any:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    return RecursiveCharacterTextSplitter(
        separators=SEPARATORS,
        is_separator_regex=True,
        keep_separator="end",
        strip_whitespace=False,
        chunk_overlap=0,
        chunk_size=room,
        length_function=count,
    )


def _pieces(text: str, room: int, count: Callable[[str], int]) -> list[Span]:
    """The text in pieces of at most `room` tokens; joined they are the text again."""
    if count(text) <= room:
        return [Span(0, len(text))]
    spans, at = [], 0
    for chunk in _splitter(room, count).split_text(text):
        spans.append(Span(at, at + len(chunk)))
        at += len(chunk)
    if at != len(text):
        raise AssertionError("the splitter changed the text")
    return spans


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip()))


def sentences(text: str, start: int, end: int) -> list[Span]:
    """The sentences of text[start:end], each with its closing mark; spans in the whole text."""
    cuts = [m.end() for m in _SENTENCE_END.finditer(text, start, end)]
    edges = [start, *cuts, end] if not cuts or cuts[-1] < end else [start, *cuts]
    spans = [_trimmed(text, a, b) for a, b in pairwise(edges)]
    return [s for s in spans if _WORD.search(text, s.start, s.end)]


def sentences_of(text: str, passage: Passage) -> list[Span]:
    """The sentences of a passage; of a row of tables that stand side by side, the part that belongs to each."""
    lowest = passage.context.rsplit("\n", 1)[-1].strip("* ")
    piped = len(lowest) > 1 and lowest[0] == lowest[-1] == "|"  # Markdown's outer bars part no cells
    names = [lowest[c.start : c.end] for c in _cells(lowest, 0, len(lowest))][piped:]
    seams = [at for at, name in enumerate(names) if at and name and name == names[0]]
    if seams:
        cells = _cells(text, passage.start, passage.end)[piped:]
        parts = [cells[a:b] for a, b in pairwise([0, *seams, len(cells)])]
        said = [full for part in parts if (full := [c for c in part if _WORD.search(text, c.start, c.end)])]
        if all(any(not is_number(text[c.start : c.end]) for c in part) for part in said):
            return [Span(part[0].start, part[-1].end) for part in said]
    return sentences(text, passage.start, passage.end)


def _cells(text: str, start: int, end: int) -> list[Span]:
    """The cells of a row in order, empty ones included."""
    bars = [at for at in range(start, end) if text[at] == "|"]
    return [_trimmed(text, a, b) for a, b in zip([start, *(at + 1 for at in bars)], [*bars, end], strict=True)]


def _bodies(text: str, layout: Layout) -> list[Paragraph]:
    """Paragraphs that are retrieved: body text, and a heading only where nothing stands below it.

    A table of contents is not, unless there is nothing else. The rows that name a table's columns travel with its
    other rows.
    """
    begin, every = front_matter_end(text), paragraphs(text, layout)
    found = [p for p in every if p.start >= begin and not p.in_contents]
    headers = sorted({p.header for p in found if p.header})
    starts, reached = [a for a, _ in headers], [0, *accumulate((b for _, b in headers), max)]
    kept = []
    for at, p in enumerate(found):
        after = found[at + 1] if at + 1 < len(found) else None
        bare = p.heading_level and (after is None or 0 < after.heading_level <= p.heading_level)
        line = _IMAGE.sub("", text[p.start : p.end])
        names_columns = p.end <= reached[bisect_right(starts, p.start)]
        says = _WORD.search(line) and not is_table_rule(line) and not names_columns
        if (bare or not p.heading_level) and says:
            kept.append(p)
    return kept or [p for p in every if _WORD.search(text, p.start, p.end)]


def passage_prefix(title: str, passage: Passage) -> str:
    """What stands above a passage and travels with it into its vector and its full-text row."""
    return "\n".join(part for part in (title, *passage.heading_path, passage.context) if part)


def passages(
    text: str,
    document_id: str,
    title: str,
    count: Callable[[str], int],
    max_tokens: int,
    layout: Layout = NO_LAYOUT,
) -> list[Passage]:
    """The passages of a text: a paragraph each, a long one in several, none over `max_tokens` with its headings.

    `count` gives a text's length in the model's tokens, special tokens included.
    """
    found: list[Passage] = []
    above = cache(count)  # the same headings stand above many paragraphs
    for p in _bodies(text, layout):
        room = max(max_tokens // 2, max_tokens - above("\n".join((title, *p.heading_path, p.context))))
        for piece in _pieces(text[p.start : p.end], room, count):
            span = _trimmed(text, p.start + piece.start, p.start + piece.end)
            if _WORD.search(text, span.start, span.end):
                found.append(
                    Passage(
                        id=f"{document_id}-{len(found)}",
                        document_id=document_id,
                        start=span.start,
                        end=span.end,
                        paragraph=p.number,
                        page=bisect_right(layout.page_starts, span.start) or None,
                        heading_path=p.heading_path,
                        context=p.context,
                        text=text[span.start : span.end],
                        header=p.header,
                    )
                )
    return found
