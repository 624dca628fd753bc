"""The reader: the panel beside every page, and what it is filled with."""

from html import escape

from assistant import Fate, Library, Opened, UnknownDocument

from .leaves import around
from .marking import Marks
from .moments import local_day
from .outline import outline_html
from .texts import Words
from .volume import page_of, text_html, title_html


def panel(words: Words) -> str:
    """The empty reader; reader.js fills it. Its words for moments without an answer are in data attributes."""
    blanks = {name: f"{{{name}}}" for name in ("at", "of", "title", "page")}  # reader.js fills them
    said = "".join(
        f' data-{name}="{escape(words(f"reader_{name}", **blanks))}"'
        for name in ("counted", "hits", "none", "lost", "other", "image", "opened", "back", "forward")
    )
    return (
        f'<aside id="reader" aria-label="{words("sources")}"{said}>{_head(words)}{_tools(words)}{_search(words)}'
        f'<div id="reader-body" tabindex="0"></div><p class="reader-empty">{words("reader_empty")}</p>'
        '<p class="hidden" role="status" id="reader-said"></p></aside>'
    )


def _head(words: Words) -> str:
    name = words("sources")
    return (
        f'<div class="reader-head"><b class="reader-name" data-empty="{name}">{name}</b><span class="reader-buttons">'
        f'<button type="button" data-reader="link" data-done="{words("reader_linked")}" '
        f'data-failed="{words("copy_failed")}">{words("reader_link")}</button>'
        f"{_button('wide', words, pressed=True)}"
        f'<button type="button" class="close" aria-label="{words("close")}">×</button></span></div>'
    )


def _tools(words: Words) -> str:
    return (
        '<div class="reader-tools" role="toolbar" aria-label="{label}">'
        '<span class="reader-cites">{previous}<span class="counted"></span>{next}</span>{outline}{find}'
        '<span class="reader-views" role="group" aria-label="{views}">{text}{page}</span></div>'
    ).format(
        label=words("reader_tools"),
        previous=_button("previous", words, "‹"),
        next=_button("next", words, "›"),
        outline=_button("outline", words, pressed=True),
        find=_button("find", words, pressed=True),
        views=words("reader_views"),
        text=_button("text", words, pressed=True),
        page=_button("page", words, pressed=True),
    )


def _search(words: Words) -> str:
    return (
        f'<form class="reader-search" role="search" hidden><input type="search" maxlength="200" autocomplete="off" '
        f'aria-label="{words("reader_search")}" placeholder="{words("reader_search")}">'
        '<output class="hits"></output>'
        f"{_button('earlier', words, '↑')}{_button('later', words, '↓')}</form>"
    )


def _button(name: str, words: Words, sign: str = "", pressed: bool = False) -> str:
    label = words(f"reader_{name}")
    state = ' aria-pressed="false"' if pressed else ""
    named = f' aria-label="{label}" title="{label}"' if sign else ""
    return f'<button type="button" data-reader="{name}"{state}{named}>{sign or label}</button>'


def whole(opened: Opened, place: int, marks: Marks, words: Words) -> str:
    """Title, outline, and the text around a place."""
    start, end = marks.cited
    document = opened.document
    about = {
        "document": document.id,
        "title": document.title,
        "start": start,
        "end": end,
        "page": page_of(opened, place) or 1,
        "pages": document.pages if document.media_type == "application/pdf" else 0,
    }
    data = "".join(f' data-{name}="{escape(str(value))}"' for name, value in about.items())
    return (
        f'<article class="volume"{data}>{outline_html(opened, place, words)}'
        f'<div class="volume-text">{title_html(opened, start, end, words)}'
        f'<div class="lines">{text_html(opened, around(opened, place), marks, words)}</div></div></article>'
    )


def gone(library: Library, document_id: str, words: Words) -> str:
    """What is said in place of a document that is no longer there."""
    fate = library.fate([document_id])[document_id]
    latest = _latest(library, fate)
    when = words("reader_gone_at", at=local_day(fate.at)) if fate.at else ""
    said = words(f"reader_{fate.state}" if fate.state in ("replaced", "removed") else "reader_unknown")
    link = ""
    if latest is not None:
        label = escape(words("reader_latest", title=latest[1]))
        link = f'<p><button type="button" class="latest" data-place="{escape(latest[0])}:0:0">{label}</button></p>'
    return f'<div class="reader-gone {fate.state}" role="alert"><p>{said}{when}</p>{link}</div>'


def _latest(library: Library, fate: Fate) -> tuple[str, str] | None:
    """Id and title of the version that took its place, where that is still there."""
    try:
        document = library.document(fate.by) if fate.by else None
    except UnknownDocument:
        return None
    return (document.id, document.title) if document else None
