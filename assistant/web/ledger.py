"""The ledger of plans as HTML: a picture of it by topic, then each clause beside what is reported of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from assistant import CLOSE_REPORT, Place, PlanRow, figure_spans

from .texts import Words

BARS = 16  # topics that the picture shows; the rest is told as a number
BAR_WIDTH, BAR_HEIGHT = 240, 12  # of the longest bar, in the picture's own units
KINDS = ("sure", "near", "silent")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many clauses of one topic are surely reported on, nearly, and not at all."""

    topic: str
    sure: int
    near: int
    silent: int

    @property
    def count(self) -> int:
        """All of them."""
        return self.sure + self.near + self.silent


def kind(row: PlanRow) -> str:
    """sure, near or silent: what is known of a clause by the best that is reported of it."""
    if not row.progress:
        return "silent"
    return "sure" if max(row.scores) >= CLOSE_REPORT else "near"


def tallies(rows: Sequence[PlanRow], titles: Mapping[str, str]) -> list[Tally]:
    """By topic in the order of the text; by document where there are several. `titles`: document id → title."""
    several = len({row.document_id for row in rows}) > 1
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(titles.get(row.document_id, "") if several else row.topic, []).append(kind(row))
    return [Tally(topic, *(kinds.count(one) for one in KINDS)) for topic, kinds in found.items()]


def picture(rows: Sequence[PlanRow], titles: Mapping[str, str], words: Words) -> str:
    """A bar for each topic, its clauses parted into reported, nearly reported and silent."""
    counted = tallies(rows, titles)
    if not counted:
        return ""
    longest = max(tally.count for tally in counted)
    several = len({row.document_id for row in rows}) > 1
    legend = "".join(f'<li class="{one}">{words(f"plans_{one}")}</li>' for one in KINDS)
    more = f"<p>{words('plans_more_topics', count=len(counted) - BARS)}</p>" if len(counted) > BARS else ""
    return (
        f'<figure class="tallies"><figcaption>{words("plans_by_document" if several else "plans_by_topic")}'
        f'<ul class="legend" aria-hidden="true">{legend}</ul></figcaption>'
        f"<ol>{''.join(_bar(tally, longest, words) for tally in counted[:BARS])}</ol>{more}</figure>"
    )


def _bar(tally: Tally, longest: int, words: Words) -> str:
    topic = tally.topic or words("plans_no_topic")
    said = words("plans_bar", topic=topic, sure=tally.sure, near=tally.near, silent=tally.silent)
    at, parts = 0.0, []
    for one in KINDS:
        width = BAR_WIDTH * getattr(tally, one) / longest
        parts.append(f'<rect class="{one}" x="{at:.1f}" width="{width:.1f}" height="{BAR_HEIGHT}" />' if width else "")
        at += width
    return (
        f'<li><span class="topic" title="{escape(topic)}" aria-hidden="true">{escape(topic)}</span>'
        f'<svg role="img" aria-label="{escape(said)}" viewBox="-1 -1 {BAR_WIDTH + 2} {BAR_HEIGHT + 2}" '
        f'preserveAspectRatio="none">{"".join(parts)}</svg>'
        f'<span class="count" aria-hidden="true">{tally.sure + tally.near}/{tally.count}</span></li>'
    )


def ledger(rows: Sequence[PlanRow], titles: Mapping[str, str], words: Words) -> str:
    """The rows under their documents and topics. `titles`: document id → title."""
    documents = groupby(rows, key=lambda row: row.document_id)
    return "".join(_document(titles.get(name, name), list(group), titles, words) for name, group in documents)


def _document(title: str, rows: Sequence[PlanRow], titles: Mapping[str, str], words: Words) -> str:
    topics = groupby(rows, key=lambda row: row.topic)
    parts = "".join(
        f"<h3>{escape(topic or words('plans_no_topic'))}</h3>"
        f'<ol class="ledger">{"".join(_row(row, titles, words) for row in group)}</ol>'
        for topic, group in topics
    )
    return f'<section class="plans-of"><h2>{escape(words("book_title", title=title))}</h2>{parts}</section>'


def _row(row: PlanRow, titles: Mapping[str, str], words: Words) -> str:
    told = "".join(
        _told(place, score, place.document_id != row.document_id, titles, words)
        for place, score in zip(row.progress, row.scores, strict=True)
    )
    beside = f"<ul>{told}</ul>" if told else f'<p class="none">{words("plans_none")}</p>'
    return (
        f'<li class="{kind(row)}"><div class="clause"><span class="hidden">{words("plans_plan")}</span>'
        f"<p>{with_figures(row.plan.quote)}</p>{link(row.plan, place_words(row.plan, words), words)}</div>"
        f'<div class="told"><span class="hidden">{words("plans_progress")}</span>{beside}</div></li>'
    )


def _told(place: Place, score: float, later: bool, titles: Mapping[str, str], words: Words) -> str:
    where = place_words(place, words)
    if later:
        title = words("book_title", title=titles.get(place.document_id, place.file_name))
        where = f"{words('plans_later')} {title} {where}"
    near = "" if score >= CLOSE_REPORT else f'<span class="tag">{words("plans_near")}</span>'
    style = f"{'near' if near else 'sure'}{' later' if later else ''}"
    return f'<li class="{style}"><p>{with_figures(place.quote)}</p>{link(place, where, words)}{near}</li>'


def place_words(place: Place, words: Words) -> str:
    """第12段, with the page where there is one."""
    said = words("paragraph", number=place.paragraph)
    return said if place.page is None else f"{said}{words('comma')}{words('page_number', number=place.page)}"


def link(place: Place, where: str, words: Words) -> str:
    """A button that opens the document at the place."""
    label = words("plans_open", where=where)
    return (
        f'<button type="button" class="to-place" data-place="{escape(place.document_id)}:{place.start}:{place.end}" '
        f'aria-label="{escape(label)}">{escape(where)}</button>'
    )


def with_figures(text: str) -> str:
    """The text as HTML, its own figures emphasised; no other character is added or changed."""
    parts, at = [], 0
    for start, end in figure_spans(text):
        parts.append(f"{escape(text[at:start])}<b>{escape(text[start:end])}</b>")
        at = end
    return "".join(parts) + escape(text[at:])
