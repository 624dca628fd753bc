"""Answers with sources: understanding a question, choosing sentences, checking them, saying what is missing."""

from assistant.assistant import Assistant, build
from assistant.comparisons import Comparison, Point, comparisons
from assistant.figures import (
    FIELDS,
    KINDS,
    SORTS,
    FigureTable,
    Selection,
    csv_text,
    harmless,
    with_unit,
)
from assistant.progress import progress_words
from assistant.settings import Settings
from assistant.types import Answer, Citation, Readiness, Retrieved, Sentence, Timings, Turn
from index import (
    Addition,
    Difference,
    Document,
    Figure,
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
    "FIELDS",
    "KINDS",
    "SORTS",
    "Addition",
    "Answer",
    "Assistant",
    "Citation",
    "Comparison",
    "Difference",
    "Document",
    "Figure",
    "FigureTable",
    "InputRefused",
    "Library",
    "LibraryUnusable",
    "ModelUnavailable",
    "Point",
    "Progress",
    "ProgressCallback",
    "Readiness",
    "Removed",
    "Retrieved",
    "Selection",
    "Sentence",
    "Settings",
    "Timings",
    "Turn",
    "UnknownDocument",
    "XietongError",
    "build",
    "comparisons",
    "csv_text",
    "harmless",
    "hold_folder",
    "progress_words",
    "with_unit",
]
