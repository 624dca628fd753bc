"""Answers with sources: understanding a question, choosing sentences, checking them, saying what is missing."""

from assistant.assistant import Assistant, build
from assistant.plans import Plans
from assistant.progress import progress_words
from assistant.settings import Settings
from assistant.types import Answer, Citation, Place, PlanRow, Readiness, Retrieved, Sentence, Timings, Turn
from index import (
    Addition,
    Difference,
    Document,
    InputRefused,
    Library,
    LibraryUnusable,
    ModelUnavailable,
    Progress,
    ProgressCallback,
    Removed,
    UnknownDocument,
    XietongError,
    hold_folder,
)

__all__ = [
    "Addition",
    "Answer",
    "Assistant",
    "Citation",
    "Difference",
    "Document",
    "InputRefused",
    "Library",
    "LibraryUnusable",
    "ModelUnavailable",
    "Place",
    "PlanRow",
    "Plans",
    "Progress",
    "ProgressCallback",
    "Readiness",
    "Removed",
    "Retrieved",
    "Sentence",
    "Settings",
    "Timings",
    "Turn",
    "UnknownDocument",
    "XietongError",
    "build",
    "hold_folder",
    "progress_words",
]
