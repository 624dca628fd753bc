"""Stretches of a document's text as HTML with marks in it: cited words, other citations, what was searched for.

Spans are [start, end) in code points of the document's text. They are cut here, where a character is one code
point, and never in the browser, where it may be two.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked: the citation that was opened, the answer's others, and the hits of a search.

    `hit` is the start of the hit that is looked at.
    """

    cited: Span = (0, 0)
    others: tuple[Span, ...] = ()
    found: tuple[Span, ...] = ()
    hit: int | None = None

    def within(self, start: int, end: int) -> "Marks":
        """Those hits only that touch a stretch: a long document has thousands."""
        return replace(self, found=tuple(span for span in self.found if start < span[1] and span[0] < end))


def marked(text: str, start: int, end: int, marks: Marks) -> str:
    """text[start:end] as HTML, every marked stretch in one <mark> with a class for each of its reasons."""
    near = _within(start, end, marks)
    edges = {start, end, *(edge for span, _ in near for edge in span if start < edge < end)}
    return "".join(_stretch(text, a, b, near, marks) for a, b in pairwise(sorted(edges)))


def _within(start: int, end: int, marks: Marks) -> list[tuple[Span, str]]:
    kinds: Iterable[tuple[Iterable[Span], str]] = (
        ((marks.cited,), "cited"), (marks.others, "other"), (marks.found, "found")
    )  # fmt: skip
    return [(span, kind) for spans, kind in kinds for span in spans if max(span[0], start) < min(span[1], end)]


def _stretch(text: str, start: int, end: int, near: list[tuple[Span, str]], marks: Marks) -> str:
    words = escape(text[start:end])
    over = [(span, kind) for span, kind in near if span[0] <= start and end <= span[1]]
    if not over:
        return words
    kinds = list(dict.fromkeys(kind for _, kind in over))
    found = next((span[0] for span, kind in over if kind == "found"), None)
    if found is not None and found == marks.hit:
        kinds.append("at")
    place = f' data-at="{found}"' if found is not None else ""
    return f'<mark class="{" ".join(kinds)}" tabindex="-1"{place}>{words}</mark>'
