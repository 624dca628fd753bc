"""The nouns of an answer. `to_json` gives the answer object, key for key."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from assistant.decoding import decode
from index import Progress

Status = Literal["answered", "not_found", "invalid"]
FeedbackKind = Literal["helpful", "wrong_number", "wrong_source", "should_have_been_found"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question with the answer that was shown for it."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim quote with its place: text_of(document)[start:end] == quote.

    `number` counts from 1 in the order in which the answer uses the citations; None in `nearest`.
    `text` is the whole passage, which stands at [text_start, text_end). `score`: higher is better.
    """

    number: int | None
    document_id: str
    document_title: str
    file_name: str
    passage_id: str
    heading_path: tuple[str, ...]
    paragraph: int
    page: int | None
    start: int
    end: int
    quote: str
    text: str
    text_start: int
    text_end: int
    score: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the answer with the numbers of the citations that carry it (at least one)."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage that was found, in final order. `score`: higher is better."""

    document_id: str
    file_name: str
    passage_id: str
    paragraph: int
    page: int | None
    text: str
    text_start: int
    text_end: int
    score: float


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds of each stage of one question."""

    total: float = 0.0
    embed: float = 0.0
    search: float = 0.0
    rerank: float = 0.0
    answer: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question gets. `confidence` 0…1, higher is surer; `answer` carries the [n] marks."""

    question: str
    status: Status
    answer: str
    model: str
    standalone_question: str | None = None
    short_answer: str | None = None
    short_unit: str | None = None
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    retrieved: tuple[Retrieved, ...] = ()
    missing: str | None = None
    nearest: tuple[Citation, ...] = ()
    mode: Literal["extractive", "llm"] = "extractive"
    confidence: float = 0.0
    timings_ms: Timings = field(default_factory=Timings)

    def to_json(self, answer_id: str | None = None) -> dict[str, Any]:
        """The answer object as plain JSON values, `id` first."""
        return {"id": answer_id, **asdict(self)}

    @classmethod
    def from_json(cls, value: Any) -> "Answer":
        """The inverse of `to_json`, for what went through JSON. Raises ValueError for any other value."""
        answer: Answer = decode(cls, value)
        return answer


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader said of one answer, with a note of their own, at a time (UTC, ISO 8601)."""

    kind: FeedbackKind
    note: str
    at: str


@dataclass(frozen=True, slots=True)
class Talk:
    """One saved conversation: whose it is, when it was begun and last went on (UTC, ISO 8601), how many turns."""

    id: str
    owner: str
    title: str
    created_at: str
    changed_at: str
    turns: int


@dataclass(frozen=True, slots=True)
class SavedTurn:
    """One question of a saved conversation, counted from 1, with its whole answer; None where none was given.

    context: what `answer_context` said when it was given, JSON values.
    """

    number: int
    question: str
    answer: Answer | None
    asked_at: str
    feedback: Feedback | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Readiness:
    """How far the assistant is from answering.

    phase: "loading" (model), "indexing" (first start; `progress` says how far), "ready", or "failed"
    (`error` in both languages). It goes on from loading and indexing by itself.
    """

    phase: Literal["loading", "indexing", "ready", "failed"]
    progress: Progress | None = None
    error: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A verbatim quote with its place: text_of(document)[start:end] == quote."""

    document_id: str
    file_name: str
    paragraph: int
    page: int | None
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One clause of a plan beside what is reported of it, the best first; empty where nothing is.

    topic: the heading that the clause stands under, verbatim, without its mark. progress: up to a few paragraphs of
    the plan's own document, then of the one that followed it a year later; each quoted by the sentence that says it.
    scores: one for each of `progress`, higher is better, comparable everywhere.
    """

    document_id: str
    topic: str
    plan: Place
    progress: tuple[Place, ...]
    scores: tuple[float, ...] = ()
