"""Answers with sources: understanding a question, choosing sentences, checking them, saying what is missing."""

from assistant.assistant import Assistant, build
from assistant.settings import Settings
from assistant.types import Answer, Citation, Readiness, Retrieved, Sentence, Timings, Turn
from index import (
    Addition,
    Document,
    InputRefused,
    Library,
    LibraryUnusable,
    ModelUnavailable,
    Progress,
    ProgressCallback,
    UnknownDocument,
    XietongError,
)

__all__ = [
    "Addition",
    "Answer",
    "Assistant",
    "Citation",
    "Document",
    "InputRefused",
    "Library",
    "LibraryUnusable",
    "ModelUnavailable",
    "Progress",
    "ProgressCallback",
    "Readiness",
    "Retrieved",
    "Sentence",
    "Settings",
    "Timings",
    "Turn",
    "UnknownDocument",
    "XietongError",
    "build",
]
