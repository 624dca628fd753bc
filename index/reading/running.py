"""What runs on every page and is no text: headers, footers, page numbers."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from index.reading.layout import Page
from index.reading.lines import Line

MARGIN_ZONE = 0.12  # of the page's height, where running headers and footers stand
RUNNING_PAGES = 3  # what stands on so many pages at one height is no text
DRIFT = 0.02  # of the page's height: scans are not laid straight
_PAGE_NUMBER = re.compile(
    r"[-—–―·•~\s]*(?:第\s*)?(?:\d{1,4}|[ivxlIVXL]{1,6})\s*页?(?:\s*[/／,，共]+\s*\d{1,4}\s*页?)?[-—–―·•~\s]*"
)
_NUMBERED = re.compile(r"(\d{1,4})\s+\D.*|.*\D\s+(\d{1,4})")


def drop_running(pages: Sequence[Page]) -> None:
    """Takes out of each page's lines what runs through the margin zones, and its page number."""
    seen: dict[str, list[float]] = defaultdict(list)
    for page in pages:
        for line in _margin_lines(page):
            seen[_key(line)].append(line.top)
    steps = Counter(number - page.number for page in pages for number in _numbers(page))
    counted = {step for step, pages_with in steps.items() if pages_with >= RUNNING_PAGES}
    for page in pages:
        page.lines = [line for line in page.lines if not _runs(line, page, seen)]
        _drop_numbered(page, counted)


def _margin_lines(page: Page) -> list[Line]:
    zone = MARGIN_ZONE * page.height
    return [line for line in page.lines if line.bottom <= zone or line.top >= page.height - zone]


def _key(line: Line) -> str:
    return re.sub(r"\d+|\s+", "", line.text)


def _runs(line: Line, page: Page, seen: dict[str, list[float]]) -> bool:
    """The same words, numbers aside, stand at this height on several pages."""
    if line not in _margin_lines(page):
        return False
    pages = sum(abs(top - line.top) <= DRIFT * page.height for top in seen[_key(line)])
    return pages >= RUNNING_PAGES and bool(_key(line) or _PAGE_NUMBER.fullmatch(line.text))


def _edges(page: Page) -> list[Line]:
    """The outermost lines of the margin zones."""
    margin = _margin_lines(page)
    return [line for line in (*page.lines[:1], *page.lines[-1:]) if line in margin]


def _numbers(page: Page) -> set[int]:
    """The numbers at the ends of the outermost lines: a running header may hold the page's number."""
    found = (_NUMBERED.fullmatch(line.text) for line in _edges(page))
    return {int(match[1] or match[2]) for match in found if match}


def _drop_numbered(page: Page, counted: set[int]) -> None:
    """Takes out the page number alone, and a header with a number that counts the pages."""
    for line in _edges(page):
        match = _NUMBERED.fullmatch(line.text)
        counts = match is not None and int(match[1] or match[2]) - page.number in counted
        if line in page.lines and (counts or _PAGE_NUMBER.fullmatch(line.text)):
            page.lines.remove(line)
