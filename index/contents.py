"""Tables of contents: their lines repeat headings that come later, and are no text to be found."""

import re
from collections.abc import Sequence

from index.columns import Line

MAX_LINES = 400  # longer than any table of contents
LINE_LENGTH = 80
TAIL = 20  # characters at a line's end in which its dots and page number are looked for
_NAME = re.compile(r"目\s*[录錄次]|(?:table of )?contents", re.IGNORECASE)
_LEADERS = re.compile(r"[.．·…⋯‥]{4,}\s*\d*$")
_PAGE = re.compile(r"[\s.．·…⋯‥]+(?:\d{1,4}|[ivxlc]{1,6})?$")
_SENTENCE_END = re.compile("[。！？；;!?]$")


def contents_lines(lines: Sequence[Line]) -> set[int]:
    """The starts of the lines of a table of contents, its name included.

    It begins with its name and goes on until its first entry stands again; lines of dots belong to it anyhow.
    """
    found = {start for start, _, words in lines if _LEADERS.search(words[-TAIL:])}
    for at, (start, _, words) in enumerate(lines[:-1]):
        if start not in found and _NAME.fullmatch(words.strip("#* ")):
            end = _end(lines, at + 1)
            if end > at + 1 or lines[at + 1][0] in found:
                found |= {line[0] for line in lines[at:end]}
    return found


def _end(lines: Sequence[Line], first: int) -> int:
    """Where the entry `first` stands again; `first` where it does not."""
    entry = _words(lines[first][2])
    for at in range(first + 1, min(first + MAX_LINES, len(lines))):
        words = lines[at][2]
        if len(words) > LINE_LENGTH or _SENTENCE_END.search(words):
            break
        if _words(words) == entry:
            return at
    return first


def _words(line: str) -> str:
    """An entry without its dots and page number, blanks aside."""
    line = line[:LINE_LENGTH].strip("#* ")
    return re.sub(r"\s", "", _PAGE.sub("", line))
