"""Answers with sources: understanding a question, choosing sentences, checking them, saying what is missing."""

from assistant.assistant import Assistant, build
from assistant.conversations import CONVERSATIONS, Conversations
from assistant.database import UnknownConversation
from assistant.passwords import token_digest
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
from assistant.users import LOCAL_NAME, Person, Role, Users, UsersUnusable, folded
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
    "CLOSE_REPORT",
    "CONVERSATIONS",
    "LOCAL_NAME",
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
    "Opened",
    "PageImage",
    "Paragraph",
    "Person",
    "Place",
    "PlanRow",
    "Plans",
    "Progress",
    "ProgressCallback",
    "Readiness",
    "Removed",
    "Retrieved",
    "Role",
    "SavedTurn",
    "Sentence",
    "Settings",
    "Talk",
    "Timings",
    "Told",
    "Turn",
    "UnknownConversation",
    "UnknownDocument",
    "Users",
    "UsersUnusable",
    "XietongError",
    "answer_context",
    "build",
    "figure_spans",
    "folded",
    "hold_folder",
    "occurrences",
    "progress_words",
    "question_language",
    "select_plans",
    "suggestions",
    "token_digest",
]
