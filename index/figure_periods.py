"""When a figure is of: what its sentence says before it, else its heading, else its document."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from index.types import Document

_YEAR = r"(?:19|20)\d\d"
# A year behind these is one that is compared with, not one that is told of.
_NOT_COMPARED = r"(?<![比较与同占以])(?<![比较]上)"
_NAMED = re.compile(
    rf"{_NOT_COMPARED}(?P<named>(?:截至|截止|到)?(?<![\d.])(?:{_YEAR}(?:\s?年?\s?[-—–~～至到]{{1,2}}\s?{_YEAR})?\s?年"
    rf"(?:年?[底末初]|度|\s?[-\d—–~～至]+\s?月[底末初]?(?:\s?\d+\s?日)?|[一二三四]季度|[上下]半年)?)(?:以来)?)"
    r"|(?P<plan>[“\"]?十[一二三四五六]五[”\"]?)(?=时期|期间|以来|末|初)"
    r"|(?P<now>目前|当前)"
    r"|(?P<span>(?:过去|近)(?:的)?[三五十]年|[三五十]年来)"
    rf"|(?P<season>(?<![年第])[一二三四]季度|(?<!年)[上下]半年|(?<![年\d])\d{{1,2}}\s?[-—–~～至]\s?\d{{1,2}}月)"
    rf"|{_NOT_COMPARED}(?P<told>今年|本年度?|全年|年内|年末|年底)(?!均|度计划)"
    rf"|{_NOT_COMPARED}(?P<last>去年|上年末?)(?!同期)"
)
_YEARLY = re.compile("公报|预算|决算|年报|年鉴|统计")  # such a document tells of the year in its title throughout
_HEADED = re.compile(rf"(?<!\d)({_YEAR})年")
_SEVERAL = re.compile(r"[两三四五十]年(?!行动|规划|计划|期)")  # a heading over several years dates no figure
_OPENING = re.compile(r"(?:过去(?:的)?|近)?[三五十]年(?:来|间)|过去(?:的)?[三五十]年")
_PARTS = re.compile("[;；]")


@dataclass(frozen=True, slots=True)
class Times:
    """What a document's own year is, and the period of a figure where its sentence and headings name none.

    present: the year it calls 今年; whole: the one it tells of throughout, "" elsewhere.
    """

    present: int | None
    whole: str


def times_of(document: Document) -> Times:
    """The times of a document, from its title, date and period."""
    years = re.findall(_YEAR, document.period or "")
    single = years[0] if len(set(years)) == 1 else None
    yearly = single if single and _YEARLY.search(document.title) else None
    dated = re.match(_YEAR, document.date or "")
    present = yearly or (dated[0] if dated else single)
    return Times(int(present) if present else None, f"{yearly}年" if yearly else "")


def opening_period(paragraph: str) -> str:
    """The years that a paragraph speaks of throughout: "五年来,……"; "" where it does not begin so."""
    found = _OPENING.match(paragraph)
    return found[0] if found else ""


def periods(sentence: str, headings: Sequence[str], times: Times, at: Sequence[int], opening: str = "") -> list[str]:
    """The period of each place of a sentence: the last one named before it in its part (parts end at semicolons).

    at: ascending offsets in the sentence. opening: the period of its whole paragraph.
    """
    heading = next((h for h in reversed(headings) if _HEADED.search(h) or _SEVERAL.search(h)), "")
    year = None if _SEVERAL.search(heading) else _HEADED.search(heading)
    headed = f"{year[1]}年" if year else ""
    fallback = opening or headed or times.whole
    marks = [(m.start(), fallback) for m in _PARTS.finditer(sentence)]
    marks += [(m.start(), _said(m, headed, times)) for m in _NAMED.finditer(sentence)]
    marks.sort()
    starts = [start for start, _ in marks]
    return [marks[n - 1][1] if (n := bisect_right(starts, place)) else fallback for place in at]


def _said(m: re.Match[str], headed: str, times: Times) -> str:
    """The period that an expression says, 今年 and its like as the year they mean where that is known."""
    words = re.sub("年度$", "年", m[0].replace(" ", ""))
    if m["season"]:
        return (headed or times.whole) + words
    if m["last"]:
        return f"{times.present - 1}年{'末' if words.endswith('末') else ''}" if times.present else words
    if m["told"]:
        own = words in ("今年", "本年", "本年度")
        year = f"{times.present}年" if own and times.present else headed or times.whole
        return year + (words[1:] if words in ("年末", "年底") else "") if year else words
    return words
