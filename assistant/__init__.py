"""Answers with sources: understanding a question, choosing sentences, checking them, saying what is missing."""

from assistant.assistant import Assistant, build
from assistant.passwords import token_digest
from assistant.progress import progress_words
from assistant.settings import Settings
from assistant.types import Answer, Citation, Readiness, Retrieved, Sentence, Timings, Turn
from assistant.users import LOCAL_NAME, Person, Role, Users, UsersUnusable, folded
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
    "LOCAL_NAME",
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
    "Person",
    "Progress",
    "ProgressCallback",
    "Readiness",
    "Removed",
    "Retrieved",
    "Role",
    "Sentence",
    "Settings",
    "Timings",
    "Turn",
    "UnknownDocument",
    "Users",
    "UsersUnusable",
    "XietongError",
    "build",
    "folded",
    "hold_folder",
    "progress_words",
    "token_digest",
]
