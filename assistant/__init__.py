"""Answers with sources: understanding a question, choosing sentences, checking them, saying what is missing."""

from assistant.assistant import Assistant, build
from assistant.conversations import CONVERSATIONS, Conversations
from assistant.database import UnknownConversation
from assistant.progress import progress_words
from assistant.records import answer_context
from assistant.settings import Settings
from assistant.types import (
    Answer,
    Citation,
    Feedback,
    FeedbackKind,
    Readiness,
    Retrieved,
    SavedTurn,
    Sentence,
    Talk,
    Timings,
    Turn,
)
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
    "Turn",
    "UnknownConversation",
    "UnknownDocument",
    "XietongError",
    "answer_context",
    "build",
    "hold_folder",
    "progress_words",
]
