"""What is kept beside an answer so that it can be judged later: documents as they were, library, program, settings."""

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.settings import Settings
from assistant.types import Answer, Citation, Turn
from assistant.version import program_version
from index import Library

KEPT = ("id", "sha256", "added_at", "date", "period", "publisher")  # of a document, so that it can be named later


def answer_context(
    library: Library, settings: Settings, answer: Answer, within: Sequence[str] | None = None
) -> dict[str, Any]:
    """The circumstances of an answer that was just given, as JSON values, for `Conversations.save_turn`.

    `within`: ids of the documents that were asked, None for all. Raises LibraryUnusable.
    """
    cited = {citation.document_id for citation in (*answer.citations, *answer.nearest)}
    return {
        "documents": [{k: getattr(d, k) for k in KEPT} for d in library.documents() if d.id in cited],
        "within": None if within is None else list(within),
        "generation": library.generation,
        "program": program_version(),
        "model": answer.model,
        "settings": {
            "embedding_model": settings.embedding_model,
            "min_confidence": settings.min_confidence,
            "max_question_chars": settings.max_question_chars,
        },
    }


def answer_record(
    question: str, answer: Answer | None, asked_at: str, context: Mapping[str, Any], history: Sequence[Turn]
) -> dict[str, Any]:
    """Question, answer, spans and circumstances as one JSON object; `history` oldest first.

    Its id, question and history make it a row that `xietong batch` can ask again.
    """
    hashes = {d["id"]: d["sha256"] for d in context.get("documents", ())}
    return {
        "question": question,
        "history": [{"question": turn.question, "answer": turn.answer} for turn in history],
        "asked_at": asked_at,
        **_said(answer),
        "spans": [_span(c, hashes) for c in answer.citations] if answer else [],
        "nearest": [_span(c, hashes) for c in answer.nearest] if answer else [],
        **context,
    }


def _said(answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        return {"status": None, "answer": None}
    whole = answer.to_json()
    names = ("standalone_question", "status", "answer", "short_answer", "short_unit", "missing", "mode", "confidence")
    found = [{"passage_id": r.passage_id, "paragraph": r.paragraph, "score": r.score} for r in answer.retrieved]
    return {**{name: whole[name] for name in names}, "retrieved": found}


def _span(citation: Citation, hashes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "document_id": citation.document_id,
        "sha256": hashes.get(citation.document_id),
        "file_name": citation.file_name,
        "paragraph": citation.paragraph,
        "page": citation.page,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }
