"""Answers with sources: understanding a question, choosing sentences, checking them, saying what is missing."""

from assistant.assistant import Assistant, build
from assistant.conversations import CONVERSATIONS, Conversations, UnknownConversation
from assistant.plans import Plans, Told, select_plans
from assistant.progress import progress_words
from assistant.question import language_of as question_language
from assistant.records import answer_context
from assistant.reporting import CLOSE as CLOSE_REPORT
from assistant.settings import Settings
from assistant.suggestions import suggestions
from assistant.types import (
    Answer,
    Citation,
    Feedback,
    FeedbackKind,
    Place,
    PlanRow,
    Readiness,
    Retrieved,
    SavedTurn,
    Sentence,
    Talk,
    Timings,
    Turn,
)
from assistant.values import figure_spans
from index import (
    Addition,
    Difference,
    Document,
    Fate,
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
    "CLOSE_REPORT",
    "CONVERSATIONS",
    "Addition",
    "Answer",
    "Assistant",
    "Citation",
    "Conversations",
    "Difference",
    "Document",
    "Fate",
    "Feedback",
    "FeedbackKind",
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
    "SavedTurn",
    "Sentence",
    "Settings",
    "Talk",
    "Timings",
    "Told",
    "Turn",
    "UnknownConversation",
    "UnknownDocument",
    "XietongError",
    "answer_context",
    "build",
    "figure_spans",
    "hold_folder",
    "progress_words",
    "question_language",
    "select_plans",
    "suggestions",
]
