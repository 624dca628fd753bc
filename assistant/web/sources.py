"""A source as the answer keeps it: its place, and a card with title, headings and passage, the quote marked."""

from html import escape

from assistant import Answer, Citation

from .segments import source_name
from .texts import Words


def source_id(exchange: int, place: int, near: bool = False) -> str:
    """The name of a source's card: s3-1, or n3-1 for a nearest passage."""
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
    return f'{before}<mark class="cited" tabindex="-1">{escape(citation.quote)}</mark>{after}'


def place_of(citation: Citation) -> str:
    """Where a citation's words stand, as data-place says it: DOCUMENT_ID:START:END."""
    return f"{citation.document_id}:{citation.start}:{citation.end}"


def places_of(answer: Answer) -> str:
    """The places of all citations of an answer in order, or of its nearest passages, as data-cites says them."""
    return ",".join(place_of(citation) for citation in answer.citations or answer.nearest)


def source_cards(answer: Answer, exchange: int, words: Words) -> str:
    """All sources of an answer, hidden in the page: what the reader shows of a document that is gone."""
    near = not answer.citations
    listed = answer.nearest if near else answer.citations
    return "".join(
        _card(citation, source_id(exchange, place, near), words) for place, citation in enumerate(listed, start=1)
    )


def _card(citation: Citation, name: str, words: Words) -> str:
    headings = "".join(f"<li>{escape(heading)}</li>" for heading in citation.heading_path)
    path = f'<ol class="headings" aria-label="{words("heading_path")}">{headings}</ol>' if headings else ""
    return (
        f'<div hidden class="source" id="{name}" data-for="{escape(place_of(citation))}">'
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
