"""The conversation as HTML. Whatever comes from a document or from the user goes through html.escape."""

from collections.abc import Callable
from html import escape

from assistant import Readiness

from .answers import Fates, answer_html, next_questions, tools
from .conversation import Chat, Exchange, Stage
from .sources import place_of, places_of, source_cards
from .texts import Words

EXAMPLES = ("example_1", "example_2", "example_3", "example_4")


def transcript(chat: Chat, fates: Fates, words: Words) -> str:
    """All turns, oldest first; the welcome with its example questions while there are none.

    data-talk tells the page under which id the conversation is kept. `fates`: what became of the cited documents.
    """
    if not chat.turns:
        return f'<div class="turns" data-talk="">{welcome(words)}</div>'
    turns = "".join(turn(exchange, fates, words) for exchange in chat.turns)
    label, key = words("conversation"), escape(chat.talk)
    return f'<div class="turns" role="log" aria-label="{label}" data-talk="{key}">{turns}</div>'


def welcome(words: Words) -> str:
    """What an empty conversation shows. Clicking an example asks it (data-ask)."""
    buttons = "".join(
        f'<li><button type="button" class="example" data-act="ask" data-ask="{one}">{one}</button></li>'
        for one in (escape(words(key)) for key in EXAMPLES)
    )
    return (
        f'<section class="welcome"><h2>{words("welcome")}</h2><p>{words("welcome_hint")}</p>'
        f'<ul class="examples" aria-label="{words("examples")}">{buttons}</ul></section>'
    )


def turn(exchange: Exchange, fates: Fates, words: Words) -> str:
    """One question with its answer so far, what can be done with it, and its hidden sources."""
    answer, number = exchange.answer, exchange.number
    first = (place_of(answer.citations[0]) if answer.citations else "none") if answer else ""
    cites = places_of(answer) if answer else ""
    cards = source_cards(answer, number, words) if answer else ""
    return (
        f'<article class="turn {exchange.stage}" id="turn-{number}" data-open="{escape(first)}" '
        f'data-cites="{escape(cites)}">'
        f'<h2 class="question"><span class="hidden">{words("asked")}</span>'
        f"<span>{escape(exchange.question.strip()) or words('blank_question')}</span>{_edit(exchange, words)}</h2>"
        f'<div class="answer">{_STAGES[exchange.stage](exchange, fates, words)}</div>{_after(exchange, words)}{cards}'
        f"</article>"
    )


def _edit(exchange: Exchange, words: Words) -> str:
    """A button that opens the question for editing; the page takes its texts from here."""
    if exchange.stage not in ("done", "stopped", "failed"):
        return ""
    return (
        f'<button type="button" class="edit" data-edit="{exchange.number}" data-question="{escape(exchange.question)}" '
        f'data-send="{words("send")}" data-cancel="{words("cancel")}" data-hint="{words("edit_hint")}" '
        f'aria-label="{words("edit_label", number=exchange.number)}">{words("edit")}</button>'
    )


def _after(exchange: Exchange, words: Words) -> str:
    """What stands below a whole answer. The place is kept from the first sentence on: nothing jumps at the end."""
    if exchange.answer is None or exchange.stage not in ("showing", "done"):
        return ""
    if exchange.stage == "showing":
        return '<div class="tools" aria-hidden="true"></div>'
    found = exchange.answer.status == "answered"
    return tools(exchange.answer, exchange.feedback, exchange.number, words) + next_questions(
        exchange.suggestions, found, words
    )


def progress_text(readiness: Readiness, words: Words) -> str:
    """How far the first start is, or nothing while that is unknown."""
    return words.progress(readiness.progress) if readiness.progress else ""


def _waiting(exchange: Exchange, fates: Fates, words: Words) -> str:
    progress = progress_text(exchange.readiness, words) if exchange.readiness else ""
    return f'<p class="pending">{words("waiting")} {progress}</p>'


def _searching(exchange: Exchange, fates: Fates, words: Words) -> str:
    return f'<p class="pending">{words("searching")}</p>'


def _failed(exchange: Exchange, fates: Fates, words: Words) -> str:
    if exchange.error is None:
        return f'<p class="note error">{words("fault")}</p>'
    return f'<p class="note error">{escape(words("not_answered", reason=words.error(exchange.error)))}</p>'


def _stopped(exchange: Exchange, fates: Fates, words: Words) -> str:
    return f'{_shown(exchange, fates, words)}<p class="note">{words("stopped")}</p>'


def _shown(exchange: Exchange, fates: Fates, words: Words) -> str:
    """The answer, as far as it is shown."""
    if exchange.answer is None:
        return ""
    whole = exchange.stage == "done"
    return answer_html(exchange.answer, exchange.shown, whole, fates, words)


_STAGES: dict[Stage, Callable[[Exchange, Fates, Words], str]] = {
    "waiting": _waiting,
    "searching": _searching,
    "showing": _shown,
    "done": _shown,
    "stopped": _stopped,
    "failed": _failed,
}
