"""The outline of a document as a tree of links to its headings."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from assistant import Opened, Paragraph

from .texts import Words

MAX_HEADINGS = 400  # of a document with more the innermost are left out
OPEN_HEADINGS = 40  # a longer outline has its branches closed but the one of the place
SHORT = 60  # characters of a heading that are shown


@dataclass(frozen=True, slots=True)
class _Branch:
    heading: Paragraph
    below: "list[_Branch]"


def outline_html(opened: Opened, place: int, words: Words) -> str:
    """A <nav> with every heading as a link (data-jump: its start); "" where there are none."""
    headings = _kept([p for p in opened.paragraphs if p.heading_level])
    if not headings:
        return ""
    above = [p.start for p in headings if p.start <= place]
    closed = len(headings) > OPEN_HEADINGS
    tree = _list(opened.text, _tree(headings), above[-1] if above else -1, closed, words)
    nav = f'<nav class="outline" aria-label="{words("reader_outline")}">{tree}</nav>'
    return f'<div class="outline-hold">{nav}</div>'


def _kept(headings: list[Paragraph]) -> list[Paragraph]:
    while len(headings) > MAX_HEADINGS and len({p.heading_level for p in headings}) > 1:
        innermost = max(p.heading_level for p in headings)
        headings = [p for p in headings if p.heading_level < innermost]
    return headings[:MAX_HEADINGS]


def _tree(headings: Sequence[Paragraph]) -> list[_Branch]:
    top: list[_Branch] = []
    path: list[_Branch] = []
    for heading in headings:
        while path and path[-1].heading.heading_level >= heading.heading_level:
            path.pop()
        branch = _Branch(heading, [])
        (path[-1].below if path else top).append(branch)
        path.append(branch)
    return top


def _list(text: str, branches: Sequence[_Branch], here: int, closed: bool, words: Words) -> str:
    return f"<ol>{''.join(_item(text, branch, here, closed, words) for branch in branches)}</ol>"


def _item(text: str, branch: _Branch, here: int, closed: bool, words: Words) -> str:
    heading = branch.heading
    name = text[heading.start : heading.end].replace("**", "").lstrip("# ").strip()
    shown = name if len(name) <= SHORT else f"{name[:SHORT]}…"
    current = ' aria-current="location"' if heading.start == here else ""
    link = f'<a href="#reader" data-jump="{heading.start}"{current}>{escape(shown)}</a>'
    if not branch.below:
        return f"<li>{link}</li>"
    below = _list(text, branch.below, here, closed, words)
    if not closed:
        return f"<li>{link}{below}</li>"
    opened = " open" if _holds(branch, here) else ""
    count = words("reader_below", count=len(branch.below))
    return f"<li>{link}<details{opened}><summary>{count}</summary>{below}</details></li>"


def _holds(branch: _Branch, here: int) -> bool:
    return branch.heading.start == here or any(_holds(below, here) for below in branch.below)
