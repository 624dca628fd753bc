"""The ledger of plans: each clause of a plan beside what is reported of it, or plainly beside nothing."""

import re
import threading
from collections.abc import Iterable, Sequence
from typing import Literal

from assistant.clauses import clauses
from assistant.periods import part_of
from assistant.reporting import Reporting
from assistant.series import following
from assistant.types import Place, PlanRow
from index import (
    Document,
    EncodedSentence,
    Library,
    Progress,
    ProgressCallback,
    UnknownDocument,
    matching_form,
)

Told = Literal["all", "with", "without"]
SCORE_DIGITS = 3
_HEADING_MARK = re.compile(
    r"\s*(?:第?[一二三四五六七八九十]{1,3}(?:[、是]|[编篇章节部分]+\s*)|[(（][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[.、．](?!\d))\s*"
)
_FIRST_PART = re.compile(r"[^,，;；。:：]+")


class Plans:
    """Every document's plans in one library. What was worked out once is kept while its documents stay as they are."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._kept: dict[tuple[Document, Document | None], tuple[PlanRow, ...]] = {}
        self._lock = threading.Lock()

    def rows(self, progress: ProgressCallback | None = None) -> list[PlanRow]:
        """All rows, the documents in the order in which they were added, each one's in the order of its text.

        `progress` is told the plan's passages done, document by document. Who asks while another's rows are being
        worked out waits for them.
        """
        with self._lock:
            documents = self.library.documents()
            pairs = [(document, following(document, documents)) for document in documents]
            self._kept = {pair: rows for pair, rows in self._kept.items() if pair in pairs}
            for number, pair in enumerate(pairs, 1):
                if pair not in self._kept:
                    self._work_out(pair, number, len(pairs), progress)
            return [row for pair in pairs for row in self._kept.get(pair, ())]

    def _work_out(
        self, pair: tuple[Document, Document | None], number: int, count: int, progress: ProgressCallback | None
    ) -> None:
        document, later = pair
        if progress:
            progress(Progress(document.title, 0, 0, number, count))
        try:
            own = self.library.encoded(document.id)
            after = self.library.encoded(later.id) if later else None
        except UnknownDocument:  # removed meanwhile: the next call tells
            return
        plans = [s for s in own.sentences if part_of(s.passage.heading_path) == "plan"]
        told = [(document, Reporting(plans, own))] if plans else []
        if plans and later and after:
            told.append((later, Reporting(plans, after)))
        rows: list[PlanRow] = []
        for done, sentence in enumerate(plans, 1):
            rows += _rows_of(document, sentence, told)
            if progress:
                progress(Progress(document.title, done, len(plans), number, count))
        self._kept[pair] = tuple(rows)


def _rows_of(
    document: Document, sentence: EncodedSentence, told: Sequence[tuple[Document, Reporting]]
) -> list[PlanRow]:
    """A row for each clause of a plan's sentence; a bare heading sets no task of its own."""
    topic = topic_of(sentence.passage.heading_path)
    rows = []
    for clause in clauses(sentence.text):
        found = [(by, report) for by, reporting in told for report in reporting.of(sentence, clause)]
        parts = [(by, r.telling.sentence, r.telling.start, r.telling.end) for by, r in found]
        rows.append(
            PlanRow(
                document.id,
                topic,
                _place(document, sentence, clause.start, clause.end),
                tuple(_place(*part) for part in parts),
                tuple(round(report.score, SCORE_DIGITS) for _, report in found),
            )
        )
    return rows


def _place(document: Document, sentence: EncodedSentence, start: int, end: int) -> Place:
    passage, at = sentence.passage, sentence.start
    quote = sentence.text[start:end]
    return Place(document.id, document.file_name, passage.paragraph, passage.page, at + start, at + end, quote)


def topic_of(heading_path: Sequence[str]) -> str:
    """The innermost heading as far as its first mark, without its number: words that stand in the document."""
    if not heading_path:
        return ""
    words = heading_path[-1][found.end() :] if (found := _HEADING_MARK.match(heading_path[-1])) else heading_path[-1]
    first = _FIRST_PART.search(words)
    return first[0].strip() if first else words


def select_plans(
    rows: Iterable[PlanRow], document_id: str | None = None, text: str = "", told: Told = "all"
) -> list[PlanRow]:
    """The rows of one document or of all, that hold a text somewhere, with or without progress."""
    wanted = matching_form(text.strip())
    return [
        row
        for row in rows
        if (document_id is None or row.document_id == document_id)
        and (told == "all" or bool(row.progress) == (told == "with"))
        and (not wanted or any(wanted in matching_form(said) for said in _said(row)))
    ]


def _said(row: PlanRow) -> list[str]:
    return [row.topic, row.plan.quote, *(place.quote for place in row.progress)]
