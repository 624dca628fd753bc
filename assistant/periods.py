"""Which years a document, a passage and a sentence speak of, and whether of plans or of what was done."""

import re
from collections.abc import Sequence, Set
from functools import lru_cache

from assistant.question import Section
from index import Document, PassageHit

_PLAN_HEADING = re.compile(
    r"下一步|今后|未来|打算|计划|安排|展望|目标任务|重点任务|工作考虑|总体要求|主要目标|\d{4}年(?:重点)?工作(?!回顾|总结|情况)"
)
_PROGRESS_HEADING = re.compile(r"进展|成效|回顾|成就|完成情况|过去|基本情况")
_PLAN_CARRIED_OUT = re.compile(r"(?:计划|规划|任务|预算)的?(?:执行|完成|落实|实施)情况")
_TASKS = re.compile(r"(?:主要|重点)(?:任务|工作)(?!回顾|总结|情况|完成)")
_MONEY_SET_ASIDE = re.compile(r"(?:预算|经费|拨款|资金|支出)的?安排")
KEPT_TEXTS = 4096  # whose years are remembered
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=年)")
YEAR_RANGE = re.compile(r"(?<!\d)((?:19|20)\d\d)年?\s*[-—–~～至到]+\s*((?:19|20)\d\d)(?=年)")
_THIS_YEAR = re.compile(r"今年|本年度?|年内")
_LAST_YEAR = re.compile(r"(?<![比较与和同])(?:去年|上一?年)(?!同期)|过去(?:的)?一年|一年来")


def period_years(document: Document) -> set[str]:
    """The years a document speaks of where a sentence names none: its period, else its date's and the one before.

    A work report named for a year looks back on the year before.
    """
    years = [int(year) for year in re.findall(r"(?:19|20)\d\d", document.period or "")]
    if len(years) == 2:
        return {str(year) for year in range(years[0], years[1] + 1)}
    if years and not _is_work_report(document):
        return {str(year) for year in years}
    last = years[0] if years else int(document.date[:4]) if document.date else None
    return set() if last is None else {str(last), str(last - 1)}


def section_of(hit: PassageHit) -> Section | None:
    """Does the passage stand among plans or among what was done?"""
    return section_named(hit.passage.heading_path)


def section_named(heading_path: Sequence[str]) -> Section | None:
    """What headings, outermost first, say of the text below them; the innermost that says so counts."""
    for heading in reversed(heading_path):
        if _PROGRESS_HEADING.search(heading):
            return "progress"
        if _PLAN_HEADING.search(heading):
            return "plan"
    return None


def part_of(heading_path: Sequence[str]) -> Section | None:
    """Which part of a report a path of headings, the outermost first, leads into.

    The outermost that says one of the two and not both counts: a plan's own headings promise 成效 too. How money is
    to be spent (预算安排) is no plan in this sense.
    """
    for heading in heading_path:
        rest = _PLAN_CARRIED_OUT.sub("", heading)
        progress = rest != heading or bool(_PROGRESS_HEADING.search(heading))
        rest = _MONEY_SET_ASIDE.sub("", rest)
        plan = bool(_PLAN_HEADING.search(rest) or _TASKS.search(rest))
        if progress != plan:
            return "plan" if plan else "progress"
    return None


def years_told(document: Document, hit: PassageHit, sentence: str) -> Set[str]:
    """The years that a sentence speaks of.

    Those it names; else what "今年" and "去年" mean in its document; else those of its headings; in a yearly work
    report its year for plans and the year before for what was done; else the document's.
    """
    if named := named_years(sentence):
        return named
    year = _own_year(document)
    for text in (sentence, *reversed(hit.passage.heading_path)):
        if headed := named_years(text):
            return headed
        if year and _LAST_YEAR.search(text):
            return {str(year - 1)}
        if year and _THIS_YEAR.search(text):
            return {str(year)}
    section = section_of(hit)
    if year and section and _is_work_report(document):
        return {str(year)} if section == "plan" else {str(year - 1)}
    return period_years(document)


@lru_cache(KEPT_TEXTS)
def named_years(text: str) -> frozenset[str]:
    """Years in four digits before 年; those between the ends of a range too."""
    between = [range(int(a), int(b) + 1) for a, b in YEAR_RANGE.findall(text)]
    return frozenset(YEAR.findall(text)) | {str(year) for years in between for year in years}


def _is_work_report(document: Document) -> bool:
    return "工作报告" in document.title


def _own_year(document: Document) -> int | None:
    """The year in which the document calls the present one "今年"."""
    said = re.findall(r"(?:19|20)\d\d", document.date or "") or re.findall(r"(?:19|20)\d\d", document.period or "")
    return int(said[-1]) if said else None
