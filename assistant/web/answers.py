"""One answer as HTML: its sentences with their marks, or what was not found and what is near."""

from collections.abc import Mapping
from html import escape

from assistant import Answer, Citation, Fate, FeedbackKind, question_language

from .moments import local_day
from .segments import Segment, copy_text, segments, sentence_copy, source_name
from .sources import place_of
from .texts import Words

NOTE_CHARS = 500  # of a remark on an answer
EXCERPT = 90  # characters of a nearest passage that the list shows
# What can be said of an answer, of one that was found and of one that was not.
ON_ANSWERED: tuple[FeedbackKind, ...] = ("helpful", "wrong_number", "wrong_source")
ON_NOT_FOUND: tuple[FeedbackKind, ...] = ("helpful", "should_have_been_found")

Fates = Mapping[str, Fate]


def answer_html(answer: Answer, shown: int, whole: bool, fates: Fates, words: Words) -> str:
    """The first `shown` sentences of the answer; with `whole` also what follows them.

    The words around the quotes are in the language of the question, whatever that of the page. `fates`: what became of
    the documents.
    """
    if answer.status == "invalid":
        return f'<p class="note">{escape(answer.answer)}</p>'
    own = Words("en" if question_language(answer.question) == "en" else "zh")
    if answer.status == "not_found":
        return _not_found(answer, own) + _departed(answer, fates, own)
    body = _answered(answer, shown, own)
    return body + _missing(answer, own) + _departed(answer, fates, own) if whole else body


def tools(answer: Answer, feedback: str, exchange: int, words: Words) -> str:
    """What can be done with a whole answer: copy it, say how good it is."""
    if answer.status == "invalid":
        return ""
    said = "".join(
        f'<button type="button" class="say" data-act="feedback" data-kind="{kind}" data-turn="{exchange}" '
        f'aria-pressed="{"true" if kind == feedback else "false"}">{words(f"feedback_{kind}")}</button>'
        for kind in (ON_ANSWERED if answer.status == "answered" else ON_NOT_FOUND)
    )
    copied = _copy("copy", copy_text(answer, words), words, words("copy"))
    rated = f'<span class="says" role="group" aria-label="{words("feedback")}">{said}</span>'
    return (
        f'<div class="tools">{copied}{rated}</div>'
        f"{_note(exchange, words) if feedback and feedback != 'helpful' else ''}"
    )


def next_questions(questions: tuple[str, ...], found: bool, words: Words) -> str:
    """Buttons that ask what the documents do answer."""
    if not questions:
        return ""
    items = "".join(
        f'<li><button type="button" class="next" data-act="ask" data-ask="{escape(one)}">{escape(one)}</button></li>'
        for one in questions
    )
    title = words("next_questions" if found else "reworded_questions")
    return f'<nav class="nexts" aria-label="{title}"><p>{title}</p><ul>{items}</ul></nav>'


def _note(exchange: int, words: Words) -> str:
    return (
        f'<div class="remark"><input type="text" maxlength="{NOTE_CHARS}" aria-label="{words("feedback_note")}" '
        f'placeholder="{words("feedback_note")}"/>'
        f'<button type="button" data-act="note" data-turn="{exchange}">{words("feedback_send")}</button></div>'
    )


def _departed(answer: Answer, fates: Fates, words: Words) -> str:
    """Which of the cited documents have been replaced or removed since, and when."""
    cited = {one.document_id: one.document_title for one in (*answer.citations, *answer.nearest)}
    lines = [
        f"<li>{escape(words(f'source_{fate.state}', title=title, date=local_day(fate.at) if fate.at else ''))}</li>"
        for document_id, title in cited.items()
        if (fate := fates.get(document_id)) and fate.state in ("replaced", "removed")
    ]
    return f'<ul class="departed" role="note">{"".join(lines)}</ul>' if lines else ""


def _copy(name: str, text: str, words: Words, shown: str, label: str = "") -> str:
    named = f' aria-label="{label}" title="{label}"' if label else ""
    return (
        f'<button type="button" class="{name}" data-copy="{escape(text)}" data-done="{words("copied")}" '
        f'data-failed="{words("copy_failed")}"{named}>{shown}</button>'
    )


def _answered(answer: Answer, shown: int, words: Words) -> str:
    by_number = {citation.number: citation for citation in answer.citations}
    sentences = "".join(
        _sentence(segment, by_number, words)
        + _copy("copy-one", sentence_copy(segment, answer, words), words, "", words("copy_sentence"))
        for segment in segments(answer)[:shown]
    )
    return f'{_understood(answer, words)}{_short(answer, words)}<p class="sentences">{sentences}</p>'


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


def _short(answer: Answer, words: Words) -> str:
    """The value or name asked for, and a button that copies it with its source."""
    if not answer.short_answer:
        return ""
    unit = f' <span class="unit">{escape(answer.short_unit)}</span>' if answer.short_unit else ""
    said = answer.short_answer + (f" {answer.short_unit}" if answer.short_unit else "")
    holding = next((c for c in answer.citations if answer.short_answer in c.quote), None)
    copied = f"{said}[{source_name(holding, words)}]" if holding else ""
    button = _copy("copy-one", copied, words, "", words("copy_short")) if holding else ""
    return f'<p class="short">{escape(answer.short_answer)}{unit}{button}</p>'


def _sentence(segment: Segment, by_number: dict[int | None, Citation], words: Words) -> str:
    marks = "".join(
        _mark(f"[{number}]", str(number), by_number[number], words)
        for number in segment.citations
        if number in by_number
    )
    source = _from(segment, by_number, words)
    return f'{escape(segment.before)}<span class="sentence">{escape(segment.text)}{marks}{source}</span>'


def _from(segment: Segment, by_number: dict[int | None, Citation], words: Words) -> str:
    """Which document says so, where the answer draws on several."""
    if len({citation.document_id for citation in by_number.values()}) < 2:
        return ""
    titles = dict.fromkeys(by_number[n].document_title for n in segment.citations if n in by_number)
    named = words("enumeration").join(words("book_title", title=title) for title in titles)
    return f'<span class="from" title="{escape(named)}">{escape(named)}</span>'


def _mark(shown: str, number: str, citation: Citation, words: Words) -> str:
    source = escape(source_name(citation, words))
    label = escape(words("mark_label", number=number, source=source_name(citation, words)))
    return (
        f'<button type="button" class="cite" data-place="{escape(place_of(citation))}" '
        f'data-quote="{escape(citation.quote)}" data-from="{source}" aria-label="{label}">{shown}</button>'
    )


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
