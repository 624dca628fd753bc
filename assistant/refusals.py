"""Why an answer gives none, as one of a few kinds, to be counted."""

from typing import get_args

from assistant.question import Language
from assistant.types import Answer
from assistant.wording import say

# long_question, empty_question: status invalid. nothing: no passage speaks of it. unsaid: the nearest sentences lack
# the year, place, name or kind of value that is asked for, or do not say it directly.
REFUSALS = ("empty_question", "long_question", "empty_library", "command", "false_premise", "nothing", "unsaid")
_FIXED = ("empty_library", "command", "nothing")
_LANGUAGES: tuple[Language, ...] = get_args(Language)


def refusal_of(answer: Answer) -> str | None:
    """One of REFUSALS; None for what was answered, if only in part."""
    if answer.status == "answered":
        return None
    if answer.status == "invalid":
        return "long_question" if answer.question.strip() else "empty_question"
    for language in _LANGUAGES:
        if answer.answer == say(language, "false_premise", missing=answer.missing):
            return "false_premise"
        for kind in _FIXED:
            if answer.missing == say(language, kind):
                return kind
    return "unsaid"
