"""The conversation as HTML. Whatever comes from a document or from the user goes through html.escape."""

from collections.abc import Callable
from html import escape

from assistant import Readiness

from .answers import answer_html
from .conversation import Conversation, Exchange, Stage
from .sources import place_of, places_of, source_cards
from .texts import Words

EXAMPLES = ("example_1", "example_2", "example_3", "example_4")


def transcript(conversation: Conversation, words: Words) -> str:
    """All turns, oldest first; the welcome with its example questions while there are none."""
    if not conversation:
        return welcome(words)
    turns = "".join(turn(exchange, words) for exchange in conversation)
    return f'<div class="turns" role="log" aria-label="{words("conversation")}">{turns}</div>'


def welcome(words: Words) -> str:
    """What an empty conversation shows. Clicking an example asks it (data-ask)."""
    buttons = "".join(
        f'<li><button type="button" class="example" data-ask="{escape(words(key))}">{escape(words(key))}</button></li>'
        for key in EXAMPLES
    )
    return (
        f'<section class="welcome"><h2>{words("welcome")}</h2><p>{words("welcome_hint")}</p>'
        f'<ul class="examples" aria-label="{words("examples")}">{buttons}</ul></section>'
    )


def turn(exchange: Exchange, words: Words) -> str:
    """One question with its answer so far and its hidden sources."""
    answer, number = exchange.answer, exchange.number
    first = (place_of(answer.citations[0]) if answer.citations else "none") if answer else ""
    cites = places_of(answer) if answer else ""
    cards = source_cards(answer, number, words) if answer else ""
    return (
        f'<article class="turn {exchange.stage}" id="turn-{number}" data-open="{escape(first)}" '
        f'data-cites="{escape(cites)}">'
        f'<h2 class="question"><span class="hidden">{words("asked")}</span>'
        f"{escape(exchange.question.strip()) or words('blank_question')}</h2>"
        f'<div class="answer">{_STAGES[exchange.stage](exchange, words)}</div>{cards}</article>'
    )


def progress_text(readiness: Readiness, words: Words) -> str:
    """How far the first start is, or nothing while that is unknown."""
    return words.progress(readiness.progress) if readiness.progress else ""


def _waiting(exchange: Exchange, words: Words) -> str:
    progress = progress_text(exchange.readiness, words) if exchange.readiness else ""
    return f'<p class="pending">{words("waiting")} {progress}</p>'


def _searching(exchange: Exchange, words: Words) -> str:
    return f'<p class="pending">{words("searching")}</p>'


def _failed(exchange: Exchange, words: Words) -> str:
    if exchange.error is None:
        return f'<p class="note error">{words("fault")}</p>'
    return f'<p class="note error">{escape(words("not_answered", reason=words.error(exchange.error)))}</p>'


def _stopped(exchange: Exchange, words: Words) -> str:
    return f'{_shown(exchange, words)}<p class="note">{words("stopped")}</p>'


def _shown(exchange: Exchange, words: Words) -> str:
    """The answer, as far as it is shown."""
    if exchange.answer is None:
        return ""
    return answer_html(exchange.answer, exchange.shown, exchange.stage == "done", words)


_STAGES: dict[Stage, Callable[[Exchange, Words], str]] = {
    "waiting": _waiting,
    "searching": _searching,
    "showing": _shown,
    "done": _shown,
    "stopped": _stopped,
    "failed": _failed,
}
