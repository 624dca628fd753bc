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
    for at, letter in enumerate(text):
        if letter in question and "\u3400" <= letter <= "\u9fff":
            start, end = found[-1] if found else (at, at)
            if end == at and text[start : at + 1] in question:
                found[-1:] = [(start, at + 1)]
            else:
                found.append((at, at + 1))
    return found
