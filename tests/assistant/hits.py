"""What a search hands over, made by hand: sentences whose similarity to a question has a meaning that one can read.

A token is a character that is not blank. Two tokens are alike where they stand in a stretch of two characters or
more that both texts have, or in a pair of words that are declared to mean the same.
"""

from itertools import count

import numpy as np

from assistant.evidence import Evidence
from assistant.question import Question
from index import Document, Passage, PassageHit, SentenceHit, matching_form

SAME, MEANT, LETTER, OTHER = 1.0, 0.95, 0.8, 0.7
_passages = count()


def places(text: str, at: int = 0) -> list[tuple[int, int]]:
    """The tokens' spans, moved by `at`."""
    return [(at + i, at + i + 1) for i, character in enumerate(text) if not character.isspace()]


def offsets_of(question: Question) -> np.ndarray:
    """(q, 2): the spans of the query's tokens."""
    return np.array(places(question.query.text), np.int32).reshape(-1, 2)


def _alike(query: str, i: int, text: str, j: int) -> float:
    if query[i] != text[j] or not query[i].isalnum():
        return OTHER
    before = i > 0 and j > 0 and query[i - 1] == text[j - 1] and query[i - 1].isalnum()
    after = query[i + 1 : i + 2] == text[j + 1 : j + 2] != "" and query[i + 1].isalnum()
    return SAME if before or after else LETTER


def _meant(query: str, i: int, text: str, j: int, pairs: tuple[tuple[str, str], ...]) -> bool:
    def within(whole: str, at: int, word: str) -> bool:
        start = whole.find(word)
        return start >= 0 and start <= at < start + len(word)

    return any(within(query, i, asked) and within(text, j, told) for asked, told in pairs)


def sentence(
    question: Question,
    text: str,
    *pairs: tuple[str, str],
    context: str = "",
    score: float | None = None,
    start: int = 0,
    passage_id: str = "d-0",
    document_id: str = "d",
    paragraph: int = 1,
) -> SentenceHit:
    """A sentence as found for a question. `context`: a table's header; its tokens stand before the row's."""
    query, above = question.query.text, f"{context}\n" if context else ""
    whole = "".join(matching_form(c) if len(matching_form(c)) == 1 else c for c in above + text)
    at = [j for j, _ in places(whole)]
    matrix = np.array(
        [
            [MEANT if _meant(query, i, whole, j, pairs) else _alike(query, i, whole, j) for j in at]
            for i, _ in places(query)
        ],
        np.float32,
    )
    offsets = np.array(places(whole, -len(above)), np.int32).reshape(-1, 2)
    found = float(matrix.max(axis=1).mean()) if score is None else score
    end = start + len(text)
    return SentenceHit(passage_id, document_id, paragraph, start, end, text, found, matrix, offsets)


def document(title: str = "某市报告", name: str = "d", period: str | None = None, date: str | None = None) -> Document:
    """A document of which only what is read of it is told."""
    return Document(name, title, f"{name}.txt", "", "text/plain", None, 1, 1, "", None, date, period)


def passage(
    text: str, *headings: str, context: str = "", name: str = "d", start: int = 0, header: tuple[int, int] | None = None
) -> Passage:
    """A passage of its own id."""
    row = f"{name}-{next(_passages)}"
    return Passage(row, name, start, start + len(text), 1, None, headings, context, text, header)


def found(question: Question, text: str, *headings: str, sentences: dict[str, float] | None = None) -> PassageHit:
    """A passage with its sentences and their scores (the whole text, as alike as it is, where none are given)."""
    held = passage(text, *headings)
    given: dict[str, float | None] = {**sentences} if sentences else {text: None}
    own = [
        sentence(question, said, score=score, start=text.index(said), passage_id=held.id)
        for said, score in given.items()
    ]
    own.sort(key=lambda hit: -hit.score)
    return PassageHit(held, own[0].score, tuple(own))


def evidence(
    question: Question, text: str, *headings: str, whole: str | None = None, of: Document | None = None
) -> Evidence:
    """A sentence of a passage (`whole`, else the sentence itself) of a document."""
    held = found(question, whole or text, *headings, sentences={text: 0.9})
    return Evidence(of or document(), held, held.sentences[0])
