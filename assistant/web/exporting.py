"""What of a saved conversation goes into a file, before any format: questions, sentences, notes, sources."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant import Answer, Citation, Fate, SavedTurn, Talk

from .moments import local_day
from .segments import segments
from .texts import Words

MAX_NAME = 60  # characters of a file name, its ending aside: file systems take 255 bytes
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\:*?"<>|]+')


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote: where a quote stands, the quote, and what became of its document ("" where it is there)."""

    source: str
    quote: str
    mark: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of an answer: the layout before it (line breaks, list marks, labels), its text, its footnotes from 1."""

    before: str
    text: str
    notes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One question: a line of small print where there is one, the short answer, the answer, what is said after it."""

    question: str
    about: str
    short: str
    pieces: tuple[Piece, ...]
    remarks: tuple[str, ...]
    nearest: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """A conversation ready to be written. Footnotes are counted through the whole; `sources` is the list at the end."""

    title: str
    about: str
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]
    sources: tuple[str, ...]


@dataclass(slots=True)
class _Notes:
    """Footnotes and sources in the order in which they are met."""

    fates: Mapping[str, Fate]
    words: Words
    made: list[Note] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)

    def number(self, citation: Citation, facts: Mapping[str, Any]) -> int:
        mark = fate_mark(self.fates.get(citation.document_id), self.words)
        note = Note(_place(citation, facts, self.words), citation.quote, mark)
        if note not in self.made:
            self.made.append(note)
        self.sources.setdefault(citation.document_id, _source(citation, facts, mark, self.words))
        return self.made.index(note) + 1


def fate_mark(fate: Fate | None, words: Words) -> str:
    """What is said of a source that is not there any more, with the day where it is known; "" for one that is."""
    if fate is None or fate.state == "present":
        return ""
    return words(f"export_{fate.state}", day=local_day(fate.at) if fate.at else "")


def export(talk: Talk, turns: Sequence[SavedTurn], fates: Mapping[str, Fate], words: Words) -> Export:
    """The whole conversation, or the turns that are given of it."""
    notes = _Notes(fates, words)
    sections = tuple(_section(turn, notes, words) for turn in turns)
    about = words("export_about", count=len(turns), day=local_day(talk.changed_at))
    return Export(talk.title, about, sections, tuple(notes.made), tuple(notes.sources.values()))


def cited(turns: Sequence[SavedTurn]) -> list[str]:
    """The ids of all documents that the answers cite or come near to: those whose fate an export tells."""
    answers = [turn.answer for turn in turns if turn.answer]
    return list(dict.fromkeys(c.document_id for answer in answers for c in (*answer.citations, *answer.nearest)))


def file_name(talk: Talk, ending: str) -> str:
    """The conversation's name as a file's, without what a file system or a header would take for more than a name."""
    name = " ".join(_UNSAFE.sub(" ", talk.title).split()).strip(". ")[:MAX_NAME].strip(". ")
    return f"{name or 'xietong'}.{ending}"


def _section(turn: SavedTurn, notes: _Notes, words: Words) -> Section:
    answer, question = turn.answer, " ".join(turn.question.split()) or words("blank_question")
    if answer is None:
        return Section(question, "", "", (), (words("export_unanswered"),), ())
    facts = {d["id"]: d for d in turn.context.get("documents", ())}
    understood = answer.standalone_question
    about = words("understood_as", question=understood) if understood and understood != answer.question else ""
    if not answer.sentences:
        near = tuple(_near(citation, facts, notes) for citation in answer.nearest)
        return Section(question, about, "", (Piece("", answer.answer, ()),), (), near)
    short = f"{answer.short_answer or ''}{f' {answer.short_unit}' if answer.short_unit else ''}"
    remarks = (words("missing", missing=answer.missing),) if answer.missing else ()
    return Section(question, about, short, _pieces(answer, facts, notes), remarks, ())


def _pieces(answer: Answer, facts: Mapping[str, Mapping[str, Any]], notes: _Notes) -> tuple[Piece, ...]:
    by_number = {citation.number: citation for citation in answer.citations}
    made = []
    for segment in segments(answer):
        used = [by_number[number] for number in segment.citations if number in by_number]
        numbers = dict.fromkeys(notes.number(c, facts.get(c.document_id, {})) for c in used)
        made.append(Piece(segment.before, segment.text, tuple(numbers)))
    return tuple(made)


def _near(citation: Citation, facts: Mapping[str, Mapping[str, Any]], notes: _Notes) -> Piece:
    about = facts.get(citation.document_id, {})
    return Piece("", _place(citation, about, notes.words), (notes.number(citation, about),))


def _place(citation: Citation, facts: Mapping[str, Any], words: Words) -> str:
    """《title》,date,第12段,第3页: as far as they are known."""
    parts = [words("book_title", title=_line(citation.document_title)), facts.get("date") or facts.get("period")]
    parts += [words("paragraph", number=citation.paragraph)]
    parts += [words("page_number", number=citation.page)] if citation.page is not None else []
    return words("comma").join(filter(None, parts))


def _source(citation: Citation, facts: Mapping[str, Any], mark: str, words: Words) -> str:
    title = words("book_title", title=_line(citation.document_title))
    parts = (title, facts.get("publisher"), facts.get("date") or facts.get("period"), citation.file_name, mark)
    return words("comma").join(filter(None, parts))


def _line(text: str) -> str:
    return " ".join(text.split())
