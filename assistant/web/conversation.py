"""What one browser page has asked so far, and how a question goes from waiting to answered."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant import Answer, Assistant, Readiness, SavedTurn, Turn, XietongError, suggestions

from .segments import segments

Stage = Literal["waiting", "searching", "showing", "done", "stopped", "failed"]

UNDER_WAY: tuple[Stage, ...] = ("waiting", "searching", "showing")
POLL_SECONDS = 0.4  # how often a waiting question looks whether the model is ready
PACE_SECONDS = 0.12  # between two sentences: slow enough to follow, fast enough not to wait for


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and what the page shows for it.

    `shown` counts the sentences of the answer that are on the page already. `readiness` is set while
    the question waits; `error` holds both languages, or is None for a fault of the program. `suggestions`: what
    can be asked next. `saved`: the number under which the turn is kept, 0 while it is not. `feedback`: the kind that
    was given, "" for none.
    """

    number: int
    question: str
    stage: Stage = "searching"
    answer: Answer | None = None
    shown: int = 0
    readiness: Readiness | None = None
    error: XietongError | None = None
    suggestions: tuple[str, ...] = ()
    saved: int = 0
    feedback: str = ""


Conversation = tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class Chat:
    """The conversation of a page, and the id under which it is kept ("" while nothing of it is)."""

    turns: Conversation = ()
    talk: str = ""


def history(conversation: Conversation) -> list[Turn]:
    """The earlier turns, oldest first, as far as they were answered."""
    return [
        Turn(exchange.question, exchange.answer.answer)
        for exchange in conversation
        if exchange.answer is not None and exchange.answer.status != "invalid"
    ]


def stop(conversation: Conversation) -> Conversation:
    """The conversation with its unfinished question stopped where it is."""
    if not conversation or conversation[-1].stage in ("done", "failed"):
        return conversation
    return (*conversation[:-1], replace(conversation[-1], stage="stopped"))


def restored(turns: Sequence[SavedTurn]) -> Conversation:
    """The conversation that was kept as `turns`."""
    return tuple(
        Exchange(
            place,
            turn.question,
            "done" if turn.answer else "stopped",
            turn.answer,
            len(turn.answer.sentences) if turn.answer else 0,
            saved=turn.number,
            feedback=turn.feedback.kind if turn.feedback else "",
        )
        for place, turn in enumerate(turns, 1)
    )


def ask(
    assistant: Assistant,
    conversation: Conversation,
    question: str,
    documents: Sequence[str] | None = None,
    pace: float = PACE_SECONDS,
) -> Iterator[Conversation]:
    """The conversation with `question`, again at each step: waiting, searching, sentence by sentence, done.

    The last step brings what can be asked next. `documents`: ids to search in, None for all. A fault of the program
    is shown as one and raised again.
    """
    asked = current = Exchange(len(conversation) + 1, question)
    try:
        for current in _steps(assistant, conversation, asked, documents, pace):
            yield (*conversation, current)
    except XietongError as error:
        yield (*conversation, replace(current, stage="failed", error=error))
    except Exception:
        yield (*conversation, replace(current, stage="failed"))
        raise


def _steps(
    assistant: Assistant,
    conversation: Conversation,
    exchange: Exchange,
    documents: Sequence[str] | None,
    pace: float,
) -> Iterator[Exchange]:
    yield from _wait(assistant, exchange)
    yield exchange
    answer = assistant.ask(exchange.question, history(conversation), documents)
    for shown in range(1, len(segments(answer))):
        yield replace(exchange, stage="showing", answer=answer, shown=shown)
        time.sleep(pace)
    done = replace(exchange, stage="done", answer=answer, shown=len(answer.sentences))
    yield done
    if answer.status != "invalid":
        asked = [one.question for one in (*conversation, exchange)]
        yield replace(done, suggestions=tuple(suggestions(assistant, answer, asked, documents)))


def _wait(assistant: Assistant, exchange: Exchange) -> Iterator[Exchange]:
    """Steps until the assistant answers questions. Raises its XietongError if it never will."""
    while (readiness := assistant.readiness()).phase in ("loading", "indexing"):
        yield replace(exchange, stage="waiting", readiness=readiness)
        time.sleep(POLL_SECONDS)
    if readiness.phase == "failed":
        assistant.wait_ready()
