"""An answer cut at its sentences: what is shown step by step, and what is copied with its sources."""

import re
from dataclasses import dataclass

from assistant import Answer, Citation

from .texts import Words

_MARKS = re.compile(r"(\s*\[\d+\])+")


@dataclass(frozen=True, slots=True)
class Segment:
    """One sentence with the layout before it (line breaks, list marks, labels; mostly "")."""

    before: str
    text: str
    citations: tuple[int, ...]


def segments(answer: Answer) -> list[Segment]:
    """The sentences in order, with the layout that `answer.answer` puts between them.

    A sentence that does not stand in `answer.answer` word for word goes on a line of its own.
    """
    found: list[Segment] = []
    place = 0
    for sentence in answer.sentences:
        start = answer.answer.find(sentence.text, place)
        if start < 0:
            found.append(Segment("\n" if found else "", sentence.text, sentence.citations))
            continue
        found.append(Segment(answer.answer[place:start], sentence.text, sentence.citations))
        place = start + len(sentence.text)
        marks = _MARKS.match(answer.answer, place)
        place = marks.end() if marks else place
    return found


def source_name(citation: Citation, words: Words) -> str:
    """《title》,第12段 (and the page where there is one)."""
    parts = [words("book_title", title=citation.document_title), words("paragraph", number=citation.paragraph)]
    if citation.page is not None:
        parts.append(words("page_number", number=citation.page))
    return words("comma").join(parts)


def sentence_copy(segment: Segment, answer: Answer, words: Words) -> str:
    """A sentence as it goes into a briefing: its words, then its sources."""
    by_number = {citation.number: citation for citation in answer.citations}
    names = [source_name(by_number[number], words) for number in segment.citations if number in by_number]
    return f"{segment.text}[{words('semicolon').join(dict.fromkeys(names))}]"


def copy_text(answer: Answer, words: Words) -> str:
    """The answer as it goes into a briefing: each sentence followed by its sources in words."""
    if not answer.sentences:
        return answer.answer
    return "".join(one.before + sentence_copy(one, answer, words) for one in segments(answer)).strip()
