"""What one browser page has asked so far, and how a question goes from waiting to answered."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from assistant import Answer, Assistant, Readiness, Turn, XietongError

from .segments import segments

Stage = Literal["waiting", "searching", "showing", "done", "stopped", "failed"]

POLL_SECONDS = 0.4  # how often a waiting question looks whether the model is ready
PACE_SECONDS = 0.12  # between two sentences: slow enough to follow, fast enough not to wait for


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and what the page shows for it.

    `shown` counts the sentences of the answer that are on the page already. `readiness` is set while
    the question waits; `error` holds both languages, or is None for a fault of the program.
    """

    number: int
    question: str
    stage: Stage = "searching"
    answer: Answer | None = None
    shown: int = 0
    readiness: Readiness | None = None
    error: XietongError | None = None


Conversation = tuple[Exchange, ...]


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


def ask(
    assistant: Assistant, conversation: Conversation, question: str, pace: float = PACE_SECONDS
) -> Iterator[Conversation]:
    """The conversation with `question`, again at each step: waiting, searching, sentence by sentence, done.

    A fault of the program is shown as one and raised again.
    """
    asked = current = Exchange(len(conversation) + 1, question)
    try:
        for current in _steps(assistant, history(conversation), asked, pace):
            yield (*conversation, current)
    except XietongError as error:
        yield (*conversation, replace(current, stage="failed", error=error))
    except Exception:
        yield (*conversation, replace(current, stage="failed"))
        raise


def _steps(assistant: Assistant, turns: list[Turn], exchange: Exchange, pace: float) -> Iterator[Exchange]:
    yield from _wait(assistant, exchange)
    yield exchange
    answer = assistant.ask(exchange.question, turns)
    for shown in range(1, len(segments(answer))):
        yield replace(exchange, stage="showing", answer=answer, shown=shown)
        time.sleep(pace)
    yield replace(exchange, stage="done", answer=answer, shown=len(answer.sentences))


def _wait(assistant: Assistant, exchange: Exchange) -> Iterator[Exchange]:
    """Steps until the assistant answers questions. Raises its XietongError if it never will."""
    while (readiness := assistant.readiness()).phase in ("loading", "indexing"):
        yield replace(exchange, stage="waiting", readiness=readiness)
        time.sleep(POLL_SECONDS)
    if readiness.phase == "failed":
        assistant.wait_ready()
