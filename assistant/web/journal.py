"""What the server tells of its work: events with facts, which a log writes and metrics count.

    tell("removal", user=pseudonym("li"), documents=1)

An event's facts are numbers and words of this program. What people wrote (questions, names of files) goes under
`private`, and an error's own words with it: the log leaves both out unless it is told otherwise.
"""

import hashlib
import json
import logging
import sqlite3
import sys
import traceback
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from assistant import LOCAL_NAME, Answer, Settings, folded, refusal_of

from .access import User

Level = Literal["debug", "info", "warning", "error"]
Facts = dict[str, Any]  # JSON values by name
EVENTS = logging.getLogger("xietong.events")
SILENT = logging.CRITICAL + 1  # its level until somebody listens: else Python would print the names of events
EVENTS.setLevel(SILENT)
REQUEST_ID = "x-request-id"
PSEUDONYM_DIGITS = 12  # hexadecimal: nobody's name, yet the same in every line
LONGEST = 4000  # characters of one value; a traceback may have more
LONGEST_TRACE = 40  # frames
_OWN_WORDS = (sqlite3.Error,)  # errors that quote no data
# What JSON leaves as it is and some readers take for the end of a line, or for a command of the terminal.
_BREAKS = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), 0x2028, 0x2029)}


def tell(event: str, level: Level = "info", private: Mapping[str, Any] | None = None, **facts: Any) -> None:
    """Tells of an event. Costs next to nothing where nobody listens."""
    number = logging.getLevelNamesMapping()[level.upper()]
    if EVENTS.isEnabledFor(number):
        EVENTS.log(number, event, extra={"facts": facts, "private": private or {}})


def pseudonym(name: str) -> str:
    """What stands for a person: the first digits of the SHA-256 of their name, in lower case (NFKC)."""
    return name if name == LOCAL_NAME else hashlib.sha256(folded(name).encode()).hexdigest()[:PSEUDONYM_DIGITS]


def by(request: Any, user: User) -> Facts:
    """Who asked for it, and with which request."""
    given = request.headers.get(REQUEST_ID) if request is not None else None
    return {"user": pseudonym(user.name), "request": str(given or "")}


def tell_answer(answer: Answer, scope: Sequence[str] | None, surface: str, **facts: Any) -> None:
    """Tells of a question that got its answer. `surface`: where it was asked."""
    stages = {f"{stage}_ms": getattr(answer.timings_ms, stage) for stage in answer.timings_ms.__slots__}
    tell(
        "question",
        private={"question": answer.question},
        surface=surface,
        status=answer.status,
        reason=refusal_of(answer),
        mode=answer.mode,
        citations=len(answer.citations),
        scope=len(scope) if scope else 0,
        characters=len(answer.question),
        **stages,
        **facts,
    )


class Line(logging.Formatter):
    """A record as one line: an object of JSON, or words for a terminal."""

    def __init__(self, form: str, questions: bool) -> None:
        """`questions`: whether what people wrote is part of it."""
        super().__init__()
        self._json, self._questions = form == "json", questions

    def format(self, record: logging.LogRecord) -> str:
        facts = {name: sound(value) for name, value in self._facts(record).items()}
        if self._json:
            return _json(facts)
        said = " ".join(f"{name}={_word(value)}" for name, value in list(facts.items())[3:])
        return f"{facts['time']} {facts['level']:7} {facts['event']} {said}".rstrip()

    def _facts(self, record: logging.LogRecord) -> Facts:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        head = {"time": time, "level": record.levelname.lower()}
        if record.name == EVENTS.name and hasattr(record, "facts"):
            private = getattr(record, "private", {}) if self._questions else {}
            return {**head, "event": record.getMessage(), **record.facts, **private}
        nameless = getattr(record, "nameless", None)
        message = nameless if nameless and not self._questions else record.getMessage()
        told = {**head, "event": "log", "logger": record.name, "message": message[:LONGEST]}
        if record.exc_info and (error := record.exc_info[1]):
            told |= {"error": type(error).__name__, "traceback": "\n".join(self._trace(error))}
        return told

    def _trace(self, error: BaseException) -> list[str]:
        """The error that came first, then what came of it; each with the places that it went through."""
        before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        lines = self._trace(before) if before else []
        frames = traceback.extract_tb(error.__traceback__)[-LONGEST_TRACE:]
        lines += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return [*lines, f"{type(error).__name__}: {self._words(error)}".rstrip(": ")]

    def _words(self, error: BaseException) -> str:
        """What an error says may quote a question or a document."""
        if self._questions or isinstance(error, _OWN_WORDS):
            return str(error)[:LONGEST]
        return str(error.strerror or "") if isinstance(error, OSError) else ""


def sound(value: Any) -> Any:
    """A value that every reader of JSON takes: no half of a surrogate pair, nothing without end."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float):
        return round(value, 3) if abs(value) < float("inf") else None
    return value


def _word(value: Any) -> str:
    """A value that cannot be mistaken for two, nor break the line."""
    text = str(value)
    plain = text and not any(mark.isspace() or mark in '"=\\' or not mark.isprintable() for mark in text)
    return text if plain else _json(text)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str).translate(_BREAKS)


def begin(settings: Settings, stream: TextIO | None = None) -> None:
    """Sets the log up, once a process. Where none is asked for, warnings and errors go to stderr as ever."""
    if not settings.log:
        return
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Line(settings.log, settings.log_questions))
    handler.setLevel(settings.log_level.upper())
    root = logging.getLogger()
    root.handlers = [handler]
    for logger in (logging.getLogger("xietong"), EVENTS):
        logger.setLevel(settings.log_level.upper())
    logging.captureWarnings(True)
    _tracebacks_too()


def _tracebacks_too() -> None:
    """Gradio prints the traceback of a handler that failed; in a log it is a record like others."""
    import gradio.queueing

    class Told:
        @staticmethod
        def print_exc() -> None:
            logging.getLogger("gradio").exception("a handler failed")

    gradio.queueing.traceback = Told  # type: ignore[attr-defined, assignment]
