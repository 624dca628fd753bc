"""The list of conversations as HTML, by day."""

from collections.abc import Sequence
from datetime import date, datetime
from html import escape
from itertools import groupby

from assistant import Talk

from .moments import local_day
from .texts import Words

WEEK = 7  # days that are named by how long ago they are


def talk_list(talks: Sequence[Talk], current: str, searched: bool, words: Words) -> str:
    """The conversations, newest first, under the day of their last change; which one is open is marked."""
    if not talks:
        return f'<p class="empty">{words("talks_none_found" if searched else "talks_none")}</p>'
    today = datetime.now().astimezone().date()
    days = groupby(talks, key=lambda talk: local_day(talk.changed_at))
    parts = [
        f"<h3>{escape(day_name(day, today, words))}</h3><ul>{''.join(_item(one, current, words) for one in group)}</ul>"
        for day, group in days
    ]
    return f'<nav aria-label="{words("talks")}">{"".join(parts)}</nav>'


def undo_line(talk: Talk, words: Words) -> str:
    """What stands above the list once a conversation has been deleted."""
    return (
        f'<p class="undo" role="status">{escape(words("deleted", title=talk.title))}'
        f'<button type="button" data-act="take_back" data-talk="{escape(talk.id)}">{words("delete_undo")}</button></p>'
    )


def talk_head(talk: Talk | None, words: Words) -> str:
    """The name of the open conversation and its ways out of the program; on narrow windows the way to the list."""
    toggle = f'<button type="button" id="list-toggle">☰ {words("talks_show")}</button>'
    if talk is None:
        return f'<div class="talk-head">{toggle}</div>'
    way = f"/xietong/export/{escape(talk.id)}"
    links = "".join(
        f'<a class="export" href="{way}.{kind}?lang={words.language}" download>{words(f"export_{kind}")}</a>'
        for kind in ("docx", "md")
    )
    return f'<div class="talk-head">{toggle}<b>{escape(talk.title)}</b><span class="exports">{links}</span></div>'


def day_name(day: date, today: date, words: Words) -> str:
    """Today, yesterday, within the last week; else the date."""
    ago = (today - day).days
    if ago <= 0:
        return words("today")
    if ago == 1:
        return words("yesterday")
    return words("days_ago", days=ago) if ago < WEEK else day.isoformat()


def _item(talk: Talk, current: str, words: Words) -> str:
    title, key = escape(talk.title), escape(talk.id)
    mark = ' aria-current="true"' if talk.id == current else ""
    return (
        f'<li><button type="button" class="open" data-act="open" data-talk="{key}"{mark}>{title}</button>'
        f'<button type="button" class="small" data-rename="{key}" data-title="{title}" '
        f'aria-label="{escape(words("rename_label", title=talk.title))}" title="{words("rename")}">✎</button>'
        f'<button type="button" class="small" data-act="delete" data-talk="{key}" '
        f'aria-label="{escape(words("delete_label", title=talk.title))}" title="{words("delete")}">×</button></li>'
    )
