"""A source as the reader shows it: title, headings, place and the whole passage with the quote marked."""

from html import escape

from assistant import Answer, Citation

from .segments import source_name
from .texts import Words


def source_id(exchange: int, place: int, near: bool = False) -> str:
    """The name that a mark and its source share: s3-1, or n3-1 for a nearest passage."""
    return f"{'n' if near else 's'}{exchange}-{place}"


def highlighted(citation: Citation) -> str:
    """The passage as HTML with exactly the quoted words in <mark>.

    Nothing is marked where the quote does not stand at its place: no mark is better than a wrong one.
    """
    start = citation.start - citation.text_start
    end = start + len(citation.quote)
    if start < 0 or citation.text[start:end] != citation.quote:
        return escape(citation.text)
    before, after = escape(citation.text[:start]), escape(citation.text[end:])
    return f'{before}<mark tabindex="-1">{escape(citation.quote)}</mark>{after}'


def source_cards(answer: Answer, exchange: int, words: Words) -> str:
    """All sources of an answer, hidden in the page until their marks are clicked."""
    near = not answer.citations
    listed = answer.nearest if near else answer.citations
    names = [(source_id(exchange, place, near), _label(place, near, words)) for place in range(1, len(listed) + 1)]
    return "".join(_card(citation, names, place, words) for place, citation in enumerate(listed))


def _label(place: int, near: bool, words: Words) -> str:
    return words("nearest_mark", number=place) if near else str(place)


def _card(citation: Citation, names: list[tuple[str, str]], place: int, words: Words) -> str:
    headings = "".join(f"<li>{escape(heading)}</li>" for heading in citation.heading_path)
    path = f'<ol class="headings" aria-label="{words("heading_path")}">{headings}</ol>' if headings else ""
    return (
        f'<div hidden class="source" id="{names[place][0]}">'
        f"{_siblings(names, place, words)}"
        f'<h3 class="source-title" tabindex="-1">{escape(words("book_title", title=citation.document_title))}</h3>'
        f"{path}"
        f'<p class="place">{_place(citation, words)}</p>'
        f'<blockquote class="passage">{highlighted(citation)}</blockquote>'
        "</div>"
    )


def _place(citation: Citation, words: Words) -> str:
    """第12段, the page where there is one, and the file."""
    where = source_name(citation, words).removeprefix(words("book_title", title=citation.document_title))
    shown = where.removeprefix(words("comma"))
    return f'<b class="paragraph">{escape(shown)}</b> <span class="file">{escape(citation.file_name)}</span>'


def _siblings(names: list[tuple[str, str]], place: int, words: Words) -> str:
    """Buttons to the other sources of the same answer; nothing where there is only one."""
    if len(names) < 2:
        return ""
    buttons = "".join(
        f'<button type="button" class="cite" data-source="{name}"'
        f"{' aria-current=true' if other == place else ''}>{label}</button>"
        for other, (name, label) in enumerate(names)
    )
    return f'<nav class="siblings" aria-label="{words("other_sources")}">{buttons}</nav>'
