"""Answers with sources: understanding a question, choosing sentences, checking them, saying what is missing."""

from assistant.assistant import Assistant, build
from assistant.progress import progress_words
from assistant.settings import Settings
from assistant.types import Answer, Citation, Readiness, Retrieved, Sentence, Timings, Turn
from index import (
    Addition,
    Difference,
    Document,
    Fate,
    InputRefused,
    Library,
    LibraryUnusable,
    ModelUnavailable,
    Opened,
    PageImage,
    Paragraph,
    Progress,
    ProgressCallback,
    Removed,
    UnknownDocument,
    XietongError,
    hold_folder,
    occurrences,
)

__all__ = [
    "Addition",
    "Answer",
    "Assistant",
    "Citation",
    "Difference",
    "Document",
    "Fate",
    "InputRefused",
    "Library",
    "LibraryUnusable",
    "ModelUnavailable",
    "Opened",
    "PageImage",
    "Paragraph",
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
    "occurrences",
    "progress_words",
]
