"""A document cut into pieces small enough to send, and the few of them around a place."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from assistant import Opened, Paragraph

PIECE = 4_000  # characters: a longer paragraph is shown in several stretches
WINDOW = 6_000  # characters on each side of a place that are sent at once: some ten screens
MAX_PIECES = 120  # short lines, as in tables, are many within that


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph, or a stretch of a long one: [start, end) of the document's text."""

    paragraph: Paragraph
    start: int
    end: int

    @property
    def is_first(self) -> bool:
        """Does its paragraph begin with it?"""
        return self.start == self.paragraph.start

    @property
    def is_whole(self) -> bool:
        """Is it all of its paragraph?"""
        return self.is_first and self.end == self.paragraph.end


def around(opened: Opened, place: int) -> tuple[Piece, ...]:
    """The pieces on both sides of a place, in order."""
    index = max(0, bisect_right(opened.paragraphs, place, key=lambda p: p.start) - 1)
    if not opened.paragraphs:
        return ()
    here = next((p for p in _cut(opened.paragraphs[index]) if place < p.end), None)
    begin = here.start if here else opened.paragraphs[index].end
    return (*before(opened, begin), *after(opened, begin))


def after(opened: Opened, place: int) -> tuple[Piece, ...]:
    """The pieces that begin at a place or after it, as many as are sent at once."""
    first = max(0, bisect_right(opened.paragraphs, place, key=lambda p: p.start) - 1)
    pieces = chain.from_iterable(_cut(p) for p in opened.paragraphs[first:])
    return _some(p for p in pieces if p.start >= place)


def before(opened: Opened, place: int) -> tuple[Piece, ...]:
    """The pieces that end at a place or before it, as many as are sent at once, in order."""
    last = bisect_left(opened.paragraphs, place, key=lambda p: p.start)
    pieces = chain.from_iterable(reversed(_cut(p)) for p in reversed(opened.paragraphs[:last]))
    return _some(p for p in pieces if p.end <= place)[::-1]


def paragraph_at(paragraphs: Sequence[Paragraph], place: int) -> Paragraph | None:
    """The paragraph in which a place lies; of a place between two, the later; None in an empty document."""
    index = bisect_right(paragraphs, place, key=lambda p: p.end)
    return paragraphs[min(index, len(paragraphs) - 1)] if paragraphs else None


def _cut(paragraph: Paragraph) -> list[Piece]:
    starts = range(paragraph.start, paragraph.end, PIECE)
    return [Piece(paragraph, at, min(at + PIECE, paragraph.end)) for at in starts]


def _some(pieces: Iterator[Piece]) -> tuple[Piece, ...]:
    taken: list[Piece] = []
    size = 0
    for piece in pieces:
        if taken and (size > WINDOW or len(taken) >= MAX_PIECES):
            break
        taken.append(piece)
        size += piece.end - piece.start
    return tuple(taken)
