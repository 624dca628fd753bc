"""One answer as HTML: its sentences with their marks, or what was not found and what is near."""

from html import escape

from assistant import Answer, Citation

from .segments import Segment, copy_text, segments, source_name
from .sources import place_of
from .texts import Words

EXCERPT = 90  # characters of a nearest passage that the list shows


def answer_html(answer: Answer, shown: int, whole: bool, words: Words) -> str:
    """The first `shown` sentences of the answer; with `whole` also what follows them."""
    if answer.status == "invalid":
        return f'<p class="note">{escape(answer.answer)}</p>'
    if answer.status == "not_found":
        return _not_found(answer, words) + _tools(answer, words)
    body = _answered(answer, shown, words)
    return body + _missing(answer, words) + _tools(answer, words) if whole else body


def _answered(answer: Answer, shown: int, words: Words) -> str:
    by_number = {citation.number: citation for citation in answer.citations}
    sentences = "".join(_sentence(segment, by_number, words) for segment in segments(answer)[:shown])
    return f'{_understood(answer, words)}{_short(answer)}<p class="sentences">{sentences}</p>'


def _missing(answer: Answer, words: Words) -> str:
    """What the documents do not say of the question's parts."""
    if not answer.missing:
        return ""
    return f'<p class="note missing">{escape(words("missing", missing=answer.missing))}</p>'


def _understood(answer: Answer, words: Words) -> str:
    standalone = answer.standalone_question
    if not standalone or standalone == answer.question:
        return ""
    return f'<p class="understood">{escape(words("understood_as", question=standalone))}</p>'


def _short(answer: Answer) -> str:
    if not answer.short_answer:
        return ""
    unit = f' <span class="unit">{escape(answer.short_unit)}</span>' if answer.short_unit else ""
    return f'<p class="short">{escape(answer.short_answer)}{unit}</p>'


def _sentence(segment: Segment, by_number: dict[int | None, Citation], words: Words) -> str:
    marks = "".join(
        _mark(f"[{number}]", str(number), by_number[number], words)
        for number in segment.citations
        if number in by_number
    )
    return f'{escape(segment.before)}<span class="sentence">{escape(segment.text)}{marks}</span>'


def _mark(shown: str, number: str, citation: Citation, words: Words) -> str:
    label = escape(words("mark_label", number=number, source=source_name(citation, words)))
    place = escape(place_of(citation))
    return f'<button type="button" class="cite" data-place="{place}" aria-label="{label}">{shown}</button>'


def _not_found(answer: Answer, words: Words) -> str:
    items = "".join(
        f"<li>{_near(citation, place, words)}</li>" for place, citation in enumerate(answer.nearest, start=1)
    )
    nearest = f'<p class="nearest-title">{words("nearest")}</p><ul class="nearest">{items}</ul>' if items else ""
    return f'{_understood(answer, words)}<p class="absent">{escape(answer.answer)}</p>{nearest}'


def _near(citation: Citation, place: int, words: Words) -> str:
    shown = words("nearest_mark", number=place)
    quote = citation.quote.strip()
    excerpt = quote if len(quote) <= EXCERPT else quote[:EXCERPT] + "…"
    return (
        f"{_mark(shown, shown, citation, words)} "
        f'<span class="excerpt">{escape(excerpt)}</span> '
        f'<span class="from">{escape(source_name(citation, words))}</span>'
    )


def _tools(answer: Answer, words: Words) -> str:
    text = escape(copy_text(answer, words))
    return (
        f'<p class="tools"><button type="button" class="copy" data-copy="{text}" data-done="{words("copied")}" '
        f'data-failed="{words("copy_failed")}">{words("copy")}</button></p>'
    )
