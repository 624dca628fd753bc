"""Answers with sources: understanding a question, choosing sentences, checking them, saying what is missing."""

from assistant.assistant import Assistant, build
from assistant.comparisons import Comparison, Point, comparisons
from assistant.conversations import CONVERSATIONS, Conversations
from assistant.database import UnknownConversation
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
from assistant.passwords import token_digest
from assistant.plans import Plans, Told, select_plans
from assistant.progress import progress_words
from assistant.question import language_of as question_language
from assistant.records import answer_context
from assistant.refusals import REFUSALS, refusal_of
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
from assistant.version import program_version
from index import (
    Addition,
    Difference,
    Document,
    Fate,
    Figure,
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
    Stock,
    UnknownDocument,
    XietongError,
    hold_folder,
    occurrences,
)

__all__ = [
    "CLOSE_REPORT",
    "CONVERSATIONS",
    "FIELDS",
    "KINDS",
    "LOCAL_NAME",
    "REFUSALS",
    "SORTS",
    "Addition",
    "Answer",
    "Assistant",
    "Citation",
    "Comparison",
    "Conversations",
    "Difference",
    "Document",
    "Fate",
    "Feedback",
    "FeedbackKind",
    "Figure",
    "FigureTable",
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
    "Point",
    "Progress",
    "ProgressCallback",
    "Readiness",
    "Removed",
    "Retrieved",
    "Role",
    "SavedTurn",
    "Selection",
    "Sentence",
    "Settings",
    "Stock",
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
    "comparisons",
    "csv_text",
    "figure_spans",
    "folded",
    "harmless",
    "hold_folder",
    "occurrences",
    "program_version",
    "progress_words",
    "question_language",
    "refusal_of",
    "select_plans",
    "suggestions",
    "token_digest",
    "with_unit",
]
