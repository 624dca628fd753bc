"""What an answer could stand on, and what speaks against it."""

from dataclasses import dataclass

from index import Document, PassageHit, SentenceHit


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence with the passage and the document it stands in."""

    document: Document
    passage: PassageHit
    sentence: SentenceHit


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a sentence does not answer.

    correction: the question assumes what the sentence denies. lacking: a name that whatever answers has to have.
    """

    zh: str
    en: str
    correction: bool = False
    lacking: str = ""


def common_stretches(question: str, text: str) -> list[tuple[int, int]]:
    """Maximal stretches of Han characters of `text` that stand in `question`: spans in `text`."""
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        end = at
        while end < len(text) and "\u3400" <= text[end] <= "\u9fff" and text[at : end + 1] in question:
            end += 1
        if end > at:
            found.append((at, end))
        at = max(end, at + 1)
    return found
