"""The outline of a document: its paragraphs, each with the headings above it, and what it says of itself."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from index.types import Layout, Paragraph

NO_LAYOUT = Layout()
Span = tuple[int, int]
HEADING_LENGTH = 60  # a longer line is a paragraph that begins with a mark, not a heading
LEAD_LENGTH = 80  # a longer first sentence is no lead
FIRST_CHARACTERS = 4000
FIRST_LINES = 8  # where a document names its title and date
_NUMERALS = "一二三四五六七八九十百零〇"
# Marks of official documents from the outermost in (GB/T 9704: 一、 then (一) then 1. then (1)).
MARKS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (10, re.compile(rf"第[{_NUMERALS}\d]+(?:编|篇|部分)(?=[\s、:：]|$)")),
    (11, re.compile(rf"第[{_NUMERALS}\d]+章")),
    (12, re.compile(rf"第[{_NUMERALS}\d]+节")),
    (13, re.compile(rf"[{_NUMERALS}]{{1,3}}、")),
    (14, re.compile(rf"[(（][{_NUMERALS}]{{1,3}}[)）]")),
    (15, re.compile(r"\d{1,2}[.、．](?!\d)")),
    (16, re.compile(r"[(（]\d{1,2}[)）]")),
)
ARTICLE = re.compile(rf"第[{_NUMERALS}\d]+条(?=[\s:：])")
ITEM = re.compile(rf"[{_NUMERALS}]{{1,3}}是")
ARABIC = {15, 16}
_MARKDOWN = re.compile(r"(#{1,6})\s+(\S.*)")
_TABLE_RULE = re.compile(r"\|?[\s:|-]*-{2,}[\s:|-]*\|?$")
_CLOSED = tuple("。；;，,：:！？!?")
_GENRE = re.compile("报告|公报|规划|方案|通知|意见|条例|办法|纲要|决定|计划|讲话|预算|决算|规定|细则|白皮书|情况")
_DATE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月(?:\s*(\d{1,2})\s*日)?")
_OCCASION = re.compile(r"[—–─-]*\s*(\S{4}年\S+月\S+日在\S+会议?上?)$")
_YEARS = re.compile(r"((?:19|20)\d\d)(?:\s*[-—–~～至到]\s*((?:19|20)\d\d))?(?=年|[-—–~～至到_\s.(（]|$)")


@dataclass(frozen=True, slots=True)
class Header:
    """What a document says of itself in its title and first lines; None where it says nothing."""

    title: str
    date: str | None
    period: str | None


def _lines(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, stripped line) of each line that is not blank; only a newline ends a line."""
    at = 0
    for line in text.split("\n"):
        body = line.strip()
        if body:
            start = at + line.index(body[0])
            yield start, start + len(body), body
        at += len(line) + 1


def _bare(line: str) -> str:
    return line.replace("**", "").strip()


def _mark(line: str) -> int | None:
    return next((rank for rank, mark in MARKS if mark.match(line)), None)


def _lead(line: str) -> str | None:
    """The first sentence of a paragraph that begins with a list mark and goes on after it."""
    end = line.find("。")
    return line[:end] if 0 < end < min(LEAD_LENGTH, len(line) - 1) else None


def _heading(line: str, following: str | None) -> tuple[int, str] | None:
    """(rank, words) where the line is a heading. A run of short numbered lines is a list, not headings."""
    if found := _MARKDOWN.match(line):
        return len(found[1]), _bare(found[2])
    line = _bare(line)
    rank = _mark(line)
    if rank is None or len(line) > HEADING_LENGTH or line.endswith(_CLOSED):
        return None
    if rank in ARABIC and (following is None or _mark(_bare(following)) == rank):
        return None
    return rank, line


def front_matter_end(text: str) -> int:
    """Where the text begins after a YAML block at its head; 0 where it has none."""
    if not text.startswith("---\n"):
        return 0
    end = text.find("\n---\n", 3)
    return end + 5 if end >= 0 else 0


def paragraphs(text: str, layout: Layout = NO_LAYOUT) -> list[Paragraph]:
    """Every paragraph in order, headings included, numbered from 1. `layout`: what the format says besides."""
    lines = list(_lines(text))
    stack: list[tuple[int, str]] = []
    found: list[Paragraph] = []
    header: Span | None = None
    for at, (start, end, line) in enumerate(lines):
        following = lines[at + 1][2] if at + 1 < len(lines) else None
        header = _pipe_header(start, end, line, following, header)
        above = layout.table_headers.get(start) or (header if header and header[0] < start else None)
        heading = _styled(line, layout.headings.get(start)) or (None if above else _heading(line, following))
        own = None if heading or above else _own_lead(line)
        rank = heading[0] if heading else _mark(line) if own and not ITEM.match(line) else None
        if rank is not None:
            stack = [h for h in stack if h[0] < rank]
        path = tuple(words for _, words in stack) + ((own,) if own else ())
        level = len(stack) + 1 if heading else 0
        context = text[slice(*above)] if above else ""
        page = bisect_right(layout.page_starts, start) or None
        found.append(Paragraph(len(found) + 1, start, end, level, path, context, above, page))
        if rank is not None:
            stack.append((rank, heading[1] if heading else own or ""))
    return found


def _styled(line: str, level: int | None) -> tuple[int, str] | None:
    """A heading by its style ranks before one by its mark alone."""
    return None if level is None else (level, _bare(line))


def _own_lead(line: str) -> str | None:
    """The lead of a body paragraph: "一是……", "(一)……" or "第三条"."""
    if article := ARTICLE.match(line):
        return article[0]
    rank = _mark(line)
    return _lead(line) if ITEM.match(line) or (rank is not None and rank not in ARABIC) else None


def _pipe_header(start: int, end: int, line: str, following: str | None, header: Span | None) -> Span | None:
    """The header row of the Markdown pipe table that a line stands in."""
    if not line.startswith("|"):
        return None
    if header is None and following and _TABLE_RULE.match(following):
        return start, end
    return header


def is_table_rule(line: str) -> bool:
    """True for the |---|---| line of a Markdown table, which says nothing."""
    return bool(_TABLE_RULE.match(line.strip()))


def _title(lines: list[str], front: str, stem: str) -> str:
    """The line that names a kind of document, else the front matter's title, else the file's stem."""
    named = next((line for line in lines if _GENRE.search(line) and _mark(line) is None), None)
    front_title = re.search(r"^title:\s*(\S.*)$", front, re.MULTILINE)
    if named is None:
        return front_title[1].strip("'\" ") if front_title else stem
    return re.sub(r"^原标题[:：]|\[\d+\]|[—–─-]+$", "", named).strip()


def _period(title: str) -> str | None:
    years = _YEARS.search(title)
    return None if years is None else f"{years[1]}–{years[2]}" if years[2] else years[1]


def header_of(text: str, file_name: str) -> Header:
    """Title, date (ISO, or year and month) and period as the first lines give them; the title else the file's stem."""
    body = front_matter_end(text)
    lines = [_bare(line.lstrip("# ")) for _, _, line in _lines(text[body : body + FIRST_CHARACTERS])][:FIRST_LINES]
    lines = [line for line in lines if len(line) <= HEADING_LENGTH and not line.endswith(_CLOSED)]
    title = _title(lines, text[:body], PurePath(file_name).stem)
    occasion = next((found[1] for line in lines if (found := _OCCASION.match(line))), None)
    date = next((found for line in lines if (found := _DATE.search(line))), None)
    day = "-".join(part.zfill(2) for part in date.groups() if part) if date else None
    return Header((f"{title}({occasion})" if occasion else title)[:200], day, _period(title))
