"""What a reader gives, and how far it may go. Offsets are code points of `Extract.text`."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Extract:
    """The text of one file: no BOM, every line end a newline, and what the format itself says of it.

    pages: pages, slides or sheets; None where the format has none (text, Markdown, docx, html, csv).
    page_starts: the offset at which each of them begins, ascending; () where `pages` is None. A page
    without text begins where the next one does; a paragraph may run over a page's start.
    headings: start of a heading line -> its level, 1 the outermost, where a style says that it is one.
    table_headers: start of a table row's line -> [start, end) of the lines above that name its columns
    (and its unit). A header row is no key. None for Markdown's pipe tables, which stay raw.
    unread_pages: pages, from 1, that are pictures without a text layer and were not recognised.
    """

    text: str
    media_type: str
    pages: int | None = None
    page_starts: tuple[int, ...] = ()
    headings: Mapping[int, int] = field(default_factory=dict)
    table_headers: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    unread_pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a file may be inside, and what reading it may cost. Each has a setting XIETONG_MAX_…."""

    pages: int = 2_000
    characters: int = 3_000_000
    archive_ratio: int = 200  # unpacked to packed: honest sheets reach about 40, a bomb 1,000
    archive_entries: int = 10_000
    seconds: int = 120
    scan_seconds: int = 1_800  # recognising characters takes some 5 s a page
    memory_mb: int = 2_048


DEFAULT_BOUNDS = Bounds()


Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels of a picture


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page, from 1, that is to be drawn, with the words to be marked and what stands on it before them."""

    page: int
    quote: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as a PNG. `boxes`: where the cited words are marked, a box a line; empty where they were not found."""

    png: bytes
    width: int
    height: int
    boxes: tuple[Box, ...]
