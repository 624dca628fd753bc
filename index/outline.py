"""The outline of a document: its paragraphs, each with the headings above it, and what it says of itself."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from index.columns import column_headers
from index.contents import contents_lines
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
_CLOSED = tuple("。；;，,：:！？!?")
TITLE_LENGTH = 200
YEAR_DIGITS = 4
REPORT = "政府工作报告"  # what a speech is that begins with _REPORTING
_REPORTING = re.compile(r"代表\S{0,12}政府\S{0,2}向大会(?:报告|作)\S{0,4}工作")
_GENRE = re.compile("报告|公报|规划|方案|通知|意见|条例|办法|纲要|决定|计划|讲话|预算|决算|规定|细则|白皮书|情况")
_DATE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月(?:\s*(\d{1,2})\s*日)?")
_OCCASION = re.compile(r"[—–─-]*\s*(\S{4}年\S+月\S+日在\S+会议?上?)$")
_GIVEN = re.compile(r"\d{4}年\d+月\d+日在\S+会议?上")  # the same at the head of a sentence
_PLACE = re.compile(r"[\u4e00-\u9fff]{1,30}(?:国|省|市|区|县|州|旗|政府|委员会|办公厅|办公室|厅|局|部|院|委)")
_OFFICE = re.compile(r"[\u4e00-\u9fff]{2,30}(?:政府|委员会|办公厅|办公室|厅|局|部|院)")
_ISSUER = re.compile(
    r"(?:预算|决算)?(?:主管|编制|编报|填报|报送|制定|发布|发文|印发)?(?:部门|单位|机关|机构)(?:名称)?\s*[:：]\s*(\S{2,40})$"
)
_TO_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_CHINESE_NUMBER = re.compile(r"[〇零○一二三四五六七八九]{4}(?=年)|[一二三四五六七八九十]{1,3}(?=[月日])")
_YEARS = re.compile(r"((?:19|20)\d\d)(?:\s*[-—–~～至到]\s*((?:19|20)\d\d))?(?=年|[-—–~～至到_\s.(（]|$)")


@dataclass(frozen=True, slots=True)
class Header:
    """What a document says of itself in its title and first lines; None where it says nothing."""

    title: str
    publisher: str | None
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
    contents = contents_lines(lines)
    headers = column_headers(text, [line for line in lines if line[0] not in contents]) | dict(layout.table_headers)
    stack: list[tuple[int, str]] = []
    found: list[Paragraph] = []
    for at, (start, end, line) in enumerate(lines):
        following = lines[at + 1][2] if at + 1 < len(lines) else None
        page = bisect_right(layout.page_starts, start) or None
        if start in contents:
            found.append(Paragraph(len(found) + 1, start, end, 0, (), page=page, in_contents=True))
            continue
        above = headers.get(start)
        heading = _styled(line, layout.headings.get(start)) or (None if above else _heading(line, following))
        own = None if heading or above else _own_lead(line)
        rank = heading[0] if heading else _mark(line) if own and not ITEM.match(line) else None
        if rank is not None:
            stack = [h for h in stack if h[0] < rank]
        path = tuple(words for _, words in stack) + ((own,) if own else ())
        level = len(stack) + 1 if heading else 0
        context = text[slice(*above)] if above else ""
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


def _named(lines: list[str]) -> str | None:
    """The line that names a kind of document, after the place or office that stands on the line above it."""
    for at, line in enumerate(lines):
        if _GENRE.search(line) and _mark(line) is None and not _ISSUER.match(line):
            above = lines[at - 1] if at and _PLACE.fullmatch(lines[at - 1]) else ""
            return re.sub(r"\[\d+\]|[—–─-]+$", "", above + re.sub(r"^原标题[:：]", "", line)).strip()
    return None


def _period(title: str) -> str | None:
    years = _YEARS.search(title)
    return None if years is None else f"{years[1]}–{years[2]}" if years[2] else years[1]


def _arabic(line: str) -> str:
    """A line with the year, month and day of 二〇二一年一月二十三日 in digits."""
    return _CHINESE_NUMBER.sub(lambda m: _digits(m[0]), line)


def _digits(number: str) -> str:
    if len(number) == YEAR_DIGITS:
        return number.translate(_TO_DIGITS)
    tens, ten, ones = number.rpartition("十")
    return f"{(tens or '1') if ten else ''}{ones or '0'}".translate(_TO_DIGITS)


def _day(lines: Iterable[str]) -> str | None:
    found = next((date for line in lines if (date := _DATE.search(_arabic(line)))), None)
    return "-".join(part.zfill(2) for part in found.groups() if part) if found else None


def header_of(text: str, file_name: str, headings: Mapping[int, int] = NO_LAYOUT.headings) -> Header:
    """What the first lines say: the title, else a first heading, else the file's stem; issuer, date, period.

    `headings`: start of a line that a style makes a heading → its level. The occasion of a speech, and an office
    that the title does not name, are put behind it: they tell documents of one title apart.
    """
    body = front_matter_end(text)
    first = list(_lines(text[body : body + FIRST_CHARACTERS]))
    contents = contents_lines(first)
    whole = [(body + start, line) for start, _, line in first if start not in contents][:FIRST_LINES]
    short = [(start, _bare(line.lstrip("# "))) for start, line in whole if len(line) <= HEADING_LENGTH]
    lines = [line for _, line in short if not line.endswith(_CLOSED)]
    front = re.search(r"^title:\s*(\S.*)$", text[:body], re.MULTILINE)
    heading = next((line for start, line in short if _is_title(start, line, text, headings)), None)
    reporting = any(_REPORTING.search(line) for _, _, line in first)
    title = _named(lines) or (front and front[1].strip("'\" ")) or heading or (REPORT if reporting else None)
    title = title or PurePath(file_name).stem
    occasion = next((_arabic(found[1]) for line in lines if (found := _OCCASION.match(line))), None)
    issuer = next((found[1] for line in lines if (found := _ISSUER.match(line))), None)
    besides = occasion or (issuer if issuer and issuer not in title else None)
    office = issuer or next((line for line in lines if _OFFICE.fullmatch(line) and not title.startswith(line)), None)
    day = _day(lines) or _day(line for _, line in short if _GIVEN.match(line))
    return Header((f"{title}({besides})" if besides else title)[:TITLE_LENGTH], office, day, _period(title))


def _is_title(start: int, line: str, text: str, headings: Mapping[int, int]) -> bool:
    return _mark(line) is None and (headings.get(start) == 1 or text.startswith("#", start))
