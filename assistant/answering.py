"""The extractive answer: verbatim sentences with their places, the short answer, or what is missing."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise, zip_longest

from assistant.answerability import features, is_answered
from assistant.checks import first_sound, named_segment
from assistant.confidence import confidence
from assistant.evidence import Evidence, Objection
from assistant.names import choose_name, choose_run
from assistant.question import Question
from assistant.ranking import Ranked, is_lead, is_list, passages_in_order
from assistant.tables import cells_before, choose_cell, is_row
from assistant.types import Answer, Citation, Retrieved, Sentence
from assistant.values import choose_value, relevance
from assistant.wording import pick, say
from index import Document, PassageHit, SearchResult

EVIDENCE_DEPTH = 5  # sentences that are tried before the answer is "not found"
EVIDENCE_MARGIN = 0.03  # a sentence further behind the best is about something else
MAX_SENTENCES = 5
SAME_PASSAGE_MARGIN = 0.05  # a sentence of the same passage joins a list where its score is this close
LISTED_MARGIN = 0.02  # the same where the first sentence is a list itself
OTHER_PASSAGE_MARGIN = 0.012
SHORT_ENOUGH = 120  # characters; a longer sentence is cut where that loses nothing the question names
LONG = 160  # characters of a sentence of which only the clauses that answer are quoted where a name is asked for
MOST_CLAUSES = 40  # of a sentence that is cut so
SHORTEST_QUOTE = 50  # characters
KEPT_SHARE = 0.85  # a cut must keep so much of what the question's words match
NEAREST = 3
RETRIEVED = 10
ELSEWHERE = Objection(
    "文档在别处用到这些词,但没有说到所问的这件事", "the documents use these words elsewhere, but do not speak of this"
)
ELSEWHERE_SHARE = 0.3  # of the question's words, from which on that is what is said to be missing
UNSURE = Objection("文档没有直接说到这一点", "the documents do not say this directly")
# Of a list, a heading or a quotation in Markdown; and of a note that belongs to the sentence before.
_LINE_MARKS = re.compile(r"\A\s*(?:[\[〔［]\d{1,3}[\]〕］])?(?:(?:[-*+•·‣▪●>]|#{1,6})\s+)*")

Documents = Mapping[str, Document]
TextOf = Callable[[str], str]
Verdict = tuple[Ranked | None, Objection | None]  # what is answered with, and what speaks against the best


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence that is quoted: [start, end) from the sentence's start."""

    ranked: Ranked
    start: int
    end: int

    @property
    def quote(self) -> str:
        return self.ranked.sentence.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Short:
    """The short answer: a verbatim piece of a quote; `unit` where a table's header or caption gives it."""

    text: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a question with what was found for it, best first."""

    question: Question
    result: SearchResult
    ranked: list[Ranked]
    verdict: Verdict | None = None  # what `checked` says of `ranked`; None: not asked


def _segment_edges(text: str) -> list[tuple[int, int]]:
    cuts = [m.end() for m in re.finditer(r"[；;]", text)]
    edges = [0, *cuts, len(text)]
    return [(a, b) for a, b in pairwise(edges) if text[a:b].strip()]


def _kept(question: Question, result: SearchResult, ranked: Ranked) -> Callable[[int, int], float]:
    """A function: the share of what the question's words match in the sentence that [start, end) keeps."""
    offsets = ranked.sentence.offsets
    relevant = relevance(question, ranked.sentence, result.query_offsets)
    whole = float(relevant.max(axis=1).sum()) if relevant.size else 0.0

    def share(start: int, end: int) -> float:
        inside = (offsets[:, 0] >= start) & (offsets[:, 1] <= end)
        return float(relevant[:, inside].max(axis=1).sum()) / whole if whole and inside.any() else 0.0

    return share


def _cut(question: Question, result: SearchResult, ranked: Ranked, around: tuple[int, int]) -> tuple[int, int]:
    """The statement between semicolons that holds `around`, if it keeps what the question names; else all."""
    text = ranked.sentence.text
    for start, end in _segment_edges(text):
        if start <= around[0] and around[1] <= end:
            years = [y for y in question.years if y in text]
            loses_year = any(y not in text[start:end] for y in years)
            if loses_year or _kept(question, result, ranked)(start, end) < KEPT_SHARE:
                return 0, len(text)
            return _tail_cut(question, result, ranked, (start, end), around[1])
    return 0, len(text)


def _tail_cut(
    question: Question, result: SearchResult, ranked: Ranked, window: tuple[int, int], value_end: int
) -> tuple[int, int]:
    """Leaves out the clauses after the value in a long statement, where they match nothing of the question."""
    start, end = window
    kept = _kept(question, result, ranked)
    for comma in re.finditer(r"[，,](?!\d)", ranked.sentence.text[:end]):
        long = end - start > SHORT_ENOUGH
        if long and comma.start() >= value_end and kept(start, comma.start()) >= KEPT_SHARE:
            return start, comma.start()
    return window


def _clauses_of(question: Question, result: SearchResult, ranked: Ranked, told: str | None) -> Piece:
    """The fewest clauses side by side of a very long sentence that keep what the question names and what is told."""
    text = ranked.sentence.text
    edges = [0, *(m.end() for m in re.finditer(r"[；;]|[，,](?!\d)", text)), len(text)]
    if len(text) <= LONG or len(edges) > MOST_CLAUSES:
        return _whole(ranked)
    windows = sorted(combinations(edges, 2), key=lambda window: window[1] - window[0])
    kept = _kept(question, result, ranked)
    years = [year for year in question.years if year in text]
    for start, end in windows:
        within = text[start:end]
        said = all(word in within for word in (*years, told or ""))
        if said and end - start >= SHORTEST_QUOTE and kept(start, end) >= KEPT_SHARE:
            return Piece(ranked, start, end)
    return _whole(ranked)


def _trim(piece: Piece) -> Piece:
    """No white space, no mark of a list or heading before and no separating mark behind."""
    quote = piece.quote
    start = piece.start + len(quote) - len(_LINE_MARKS.sub("", quote, count=1))
    kept = quote.rstrip().rstrip("；;，,")
    return Piece(piece.ranked, start, piece.start + len(kept))


def _whole(ranked: Ranked) -> Piece:
    return Piece(ranked, 0, len(ranked.sentence.text))


def _more(first: Ranked, ranked: Sequence[Ranked], limit: int) -> list[Ranked]:
    """The sentences that stand with the first: near in score, from its passage rather than from another."""
    chosen = [first]
    near = LISTED_MARGIN if is_list(first.sentence.text) else SAME_PASSAGE_MARGIN
    for other in ranked:
        same = other.passage.passage.id == first.passage.passage.id
        margin = near if same else OTHER_PASSAGE_MARGIN
        if (
            other is not first
            and not is_lead(other.passage, other.sentence)
            and first.score - other.score <= margin
            and len(chosen) < limit
        ):
            chosen.append(other)
    return chosen


def _best_first(chosen: Sequence[Ranked]) -> list[Ranked]:
    """The best sentence, then the others: its passage before the rest, each as the document has it."""
    first = chosen[0].passage.passage.id
    return [
        chosen[0],
        *sorted(chosen[1:], key=lambda r: (r.passage.passage.id != first, -r.passage.score, r.sentence.start)),
    ]


def citation(document: Document, piece: Piece, number: int | None) -> Citation:
    """The quote with its place."""
    passage, sentence = piece.ranked.passage.passage, piece.ranked.sentence
    return Citation(
        number=number,
        document_id=document.id,
        document_title=document.title,
        file_name=document.file_name,
        passage_id=passage.id,
        heading_path=passage.heading_path,
        paragraph=sentence.paragraph,
        page=passage.page,
        start=sentence.start + piece.start,
        end=sentence.start + piece.end,
        quote=piece.quote,
        text=passage.text,
        text_start=passage.start,
        text_end=passage.end,
        score=round(piece.ranked.score, 4),
    )


def retrieved(
    documents: Documents, hits: Sequence[tuple[PassageHit, float]], k: int = RETRIEVED
) -> tuple[Retrieved, ...]:
    """Up to k passages in final order."""
    return tuple(
        Retrieved(
            p.document_id,
            documents[p.document_id].file_name,
            p.id,
            p.paragraph,
            p.page,
            p.text,
            p.start,
            p.end,
            round(score, 4),
        )
        for p, score in ((hit.passage, score) for hit, score in hits[:k])
    )


def _header_citation(document: Document, row: Citation, piece: Piece, text: str, number: int) -> Citation:
    """The header of a table row, as a citation of its own. `text`: the document's."""
    passage = piece.ranked.passage.passage
    start, end = passage.header or (passage.start, passage.start)
    before = sum(1 for line in text[:start].split("\n")[:-1] if line.strip())
    return replace(
        row,
        number=number,
        paragraph=before + 1,
        start=start,
        end=end,
        quote=passage.context,
        text=passage.context,
        text_start=start,
        text_end=end,
    )


def _sentence_text(quote: str) -> str:
    """The quote with its last mark made 。; a table's row as it stands."""
    closed = is_row(quote) or re.search(r"[！？!?]$", quote)
    return quote if closed else quote.rstrip("。；;，,") + "。"


def _answered(
    pieces: list[Piece], short: Short | None, missing: str | None, base: Answer, documents: Documents, text_of: TextOf
) -> Answer:
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    headers: dict[tuple[str, int], int] = {}
    for piece in (_trim(p) for p in pieces):
        document = documents[piece.ranked.sentence.document_id]
        row = citation(document, piece, len(citations) + 1)
        citations.append(row)
        numbers = [len(citations)]
        if span := piece.ranked.passage.passage.header:
            if (document.id, span[0]) not in headers:
                headers[document.id, span[0]] = len(citations) + 1
                citations.append(_header_citation(document, row, piece, text_of(document.id), len(citations) + 1))
            numbers.append(headers[document.id, span[0]])
        sentences.append(Sentence(_sentence_text(row.quote), tuple(numbers)))
    return replace(
        base,
        status="answered",
        answer="\n".join(s.text + "".join(f"[{n}]" for n in s.citations) for s in sentences),
        short_answer=short.text if short else None,
        short_unit=short.unit if short else None,
        sentences=tuple(sentences),
        citations=tuple(citations),
        missing=missing,
        confidence=confidence(pieces[0].ranked),
    )


def not_found(
    question: Question,
    ranked: Sequence[Ranked],
    reason: Objection | None,
    base: Answer,
    documents: Documents,
) -> Answer:
    """What is missing, in words, and the closest passages; a false premise with the sentence that denies it first."""
    language = question.language
    key = "command" if question.command else "nothing" if documents else "empty_library"
    missing = pick(language, reason.zh, reason.en) if reason else say(language, key)
    said = say(language, "false_premise" if reason and reason.correction else "not_found", missing=missing)
    firsts = {r.passage.passage.id: r for r in reversed(ranked)}
    nearest = sorted(firsts.values(), key=lambda r: -r.order)[:NEAREST]
    return replace(
        base,
        status="not_found",
        answer=said,
        missing=missing,
        nearest=tuple(citation(documents[r.sentence.document_id], _trim(_whole(r)), None) for r in nearest),
        confidence=round(1.0 - confidence(ranked[0]), 3) if ranked else 1.0,
    )


def _value_answer(question: Question, result: SearchResult, chosen: Ranked) -> tuple[list[Piece], Short | None]:
    if is_row(chosen.sentence.text):
        row, hit = chosen.passage.passage, chosen.sentence
        cell = choose_cell(
            question, hit, result.query_offsets, row.context, cells_before(row.text, hit.start - row.start)
        )
        return [_whole(chosen)], Short(*cell) if cell else None
    window = named_segment(question, chosen.sentence.text)
    found = choose_value(question, chosen.sentence, result.query_offsets, window)
    if found is None:
        return [_whole(chosen)], None
    value = found[0]
    return [Piece(chosen, *_cut(question, result, chosen, (value.start, value.end)))], Short(value.text)


def _pieces(part: Part, chosen: Ranked) -> tuple[list[Piece], Short | None]:
    """What is quoted, and the short answer where one value or name is asked for."""
    question, result = part.question, part.result
    if question.kind == "value":
        return _value_answer(question, result, chosen)
    if question.kind == "name":
        name = choose_name(question, chosen.sentence, result.query_offsets, chosen.reading)
        return [_clauses_of(question, result, chosen, name)], Short(name) if name else None
    limit = MAX_SENTENCES if question.kind == "list" or question.both_sections else 2
    rest = part.ranked[part.ranked.index(chosen) :]
    run = choose_run(question, chosen.sentence, result.query_offsets) if question.kind == "list" else None
    return [_whole(r) for r in _best_first(_more(chosen, rest, limit))], Short(run) if run else None


def _features(part: Part, chosen: Ranked, documents: Documents) -> tuple[float, ...]:
    document = documents[chosen.sentence.document_id]
    return features(part.question, part.result, part.ranked, chosen, document, part.result.mentioned or ())


def checked(question: Question, ranked: Sequence[Ranked], documents: Documents) -> Verdict:
    """The first of the best sentences that passes the checks, and what the best itself fails by."""
    depth = [r for r in ranked[:EVIDENCE_DEPTH] if ranked[0].score - r.score <= EVIDENCE_MARGIN]
    evidence = [Evidence(documents[r.sentence.document_id], r.passage, r.sentence) for r in depth]
    sound, reason = first_sound(question, evidence)
    if sound is None or (reason is not None and reason.correction):
        return None, reason
    return next(r for r in depth if r.sentence is sound.sentence), reason


def _sound(part: Part, documents: Documents, least: float) -> Verdict:
    """The same, where it is likely enough that it answers.

    least: the confidence below which the sentence is not taken for an answer.
    """
    chosen, reason = part.verdict or checked(part.question, part.ranked, documents)
    if chosen is None:
        return None, reason
    if part.result.mentioned is not None and not is_answered(found := _features(part, chosen, documents)):
        return None, reason or (ELSEWHERE if found[0] >= ELSEWHERE_SHARE else UNSURE)
    return (chosen, reason) if confidence(chosen) >= least else (None, reason or UNSURE)


def compose(
    question: Question,
    parts: Sequence[Part],
    documents: Documents,
    text_of: TextOf,
    model: str,
    off_topic: bool = False,
    least: float = 0.0,
) -> Answer:
    """The answer object but for its timings: answered with sources, or not found with what is missing.

    A question of several parts is answered as far as its parts are; `missing` names the rest. least: the confidence
    that each part's answer must have.
    """
    ranked = _alternating([p.ranked for p in parts])
    base = Answer(
        question=question.text,
        status="not_found",
        answer="",
        model=model,
        standalone_question=question.standalone,
        retrieved=retrieved(documents, passages_in_order(ranked)),
    )
    if not ranked or question.command or off_topic:
        return not_found(question, ranked, None, base, documents)
    found = [_sound(part, documents, least) for part in parts]
    pieces: list[Piece] = []
    short: Short | None = None
    for part, (chosen, _) in zip(parts, found, strict=True):
        own, short = _pieces(part, chosen) if chosen else ([], None)
        quoted = [(p.ranked.sentence.passage_id, p.ranked.sentence.start) for p in pieces]
        pieces += [p for p in own if (p.ranked.sentence.passage_id, p.ranked.sentence.start) not in quoted]
    if not pieces:
        return not_found(question, ranked, found[0][1], base, documents)
    lacking = [pick(question.language, r.zh, r.en) for chosen, r in found if chosen is None and r]
    missing = "; ".join(dict.fromkeys(lacking)) or None
    return _answered(pieces, short if len(parts) == 1 else None, missing, base, documents, text_of)


def _alternating(lists: Sequence[Sequence[Ranked]]) -> Sequence[Ranked]:
    """The sentences of several parts by turns, each once."""
    if len(lists) == 1:
        return lists[0]
    by_turns = [r for turn in zip_longest(*lists) for r in turn if r is not None]
    seen: dict[tuple[str, int], Ranked] = {}
    for r in by_turns:
        seen.setdefault((r.sentence.passage_id, r.sentence.start), r)
    return list(seen.values())
