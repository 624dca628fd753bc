"""The last gate of every answer, whoever wrote it: what does not stand in its source is not said.

An extractive answer is held to the letter. What a language model wrote is held to what its quotes say: each
sentence must be derivable from them (assistant/derivation.py). What fails is left out; with nothing left, there is
no answer.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from assistant.derivation import derivable
from assistant.types import Answer, Citation, Sentence
from assistant.values import values_in

TextOf = Callable[[str], str]

_NUMBER = re.compile(r"\d+(?:,\d{3}(?!\d))*(?:\.\d+)?")
_BOUND = re.compile(r"(?:以上|左右|以下|以内|上下|余)$")
# What an answer may hold beside its sentences: list marks and labels, which say no number of their own.
_LABEL = re.compile(
    r"\s*(?:\d{1,2}[.、)）]|[-*•]|[（(]?[一二三四五六七八九十]+[)）、])?\s*(?:[^\d\n。；;:：]{1,30}[:：])?\s*"
)


def numbers(text: str) -> set[str]:
    """The numbers of a text, full width made half width, thousands commas dropped."""
    return {n.replace(",", "") for n in _NUMBER.findall(unicodedata.normalize("NFKC", text))}


def _verbatim(citation: Citation, text_of: TextOf) -> bool:
    return text_of(citation.document_id)[citation.start : citation.end] == citation.quote


def _keeps_values_whole(quote: str, start: int, end: int) -> bool:
    """Does [start, end) cut no value of the quote: neither its number nor what it is counted in?"""
    for value in values_in(quote):
        bound = _BOUND.search(value.text)
        first = value.start + len(re.match(r"[^\d−-]*", value.text)[0])  # type: ignore[index]
        last = value.end - (len(bound[0]) if bound else 0)
        if value.value_class != "date" and start < last and first < end and not (start <= first and last <= end):
            return False
    return True


def _says(quote: str, piece: str) -> bool:
    """The piece stands in the quote with its values whole: not "200" of "2000", nor "2000" of "2000万"."""
    whole = numbers(piece) <= numbers(quote)
    return whole and any(_keeps_values_whole(quote, at, at + len(piece)) for at in _places(piece, quote))


def _places(piece: str, quote: str) -> Iterator[int]:
    """Where the piece begins, wherever it stands; nowhere for an empty one."""
    at = quote.find(piece) if piece else -1
    while at >= 0:
        yield at
        at = quote.find(piece, at + len(piece))


def _to_the_letter(sentence: Sentence, quotes: Sequence[str]) -> bool:
    """Each part between the "…" is a piece of a quote, but for a last 。; each number stands in a quote."""
    parts = [part.removesuffix("。").strip() for part in sentence.text.split("…")]
    in_quotes = set().union(*(numbers(q) for q in quotes))
    return any(parts) and all(any(p in q for q in quotes) for p in parts) and numbers(sentence.text) <= in_quotes


def _fault(sentence: Sentence, quotes: Sequence[str], answer: Answer) -> str | None:
    if not quotes:
        return "has no source"
    if _to_the_letter(sentence, quotes) or (answer.mode == "llm" and derivable(sentence.text, quotes)):
        return None
    return "says what its source does not"


def _quotes(answer: Answer, sentence: Sentence, text_of: TextOf) -> list[str]:
    """The quotes that a sentence cites, those that stand in their document."""
    return [c.quote for c in answer.citations if c.number in sentence.citations and _verbatim(c, text_of)]


def _short_is_said(answer: Answer) -> bool:
    """Does the short answer stand in a quote, and the unit that a table's header gives it in another?"""
    short, unit = answer.short_answer, answer.short_unit
    quotes = [c.quote for c in answer.citations]
    if short is None:
        return unit is None
    return any(_says(q, short) for q in quotes) and (unit is None or any(unit in q for q in quotes))


def _shows_its_sentences(answer: Answer) -> bool:
    """Is the text of the answer its sentences, in order, with nothing but marks and labels between?"""
    at = 0
    for sentence in answer.sentences:
        said = sentence.text + "".join(f"[{n}]" for n in sentence.citations)
        start = answer.answer.find(said, at)
        if start < 0 or not _LABEL.fullmatch(answer.answer, at, start):
            return False
        at = start + len(said)
    return not answer.answer[at:].strip()


def verify(answer: Answer, text_of: TextOf) -> list[str]:
    """What is wrong with an answer, in words; empty where every sentence stands in its sources.

    `text_of` gives a document's stored text.
    """
    faults = [f"citation {c.number} is not verbatim" for c in answer.citations if not _verbatim(c, text_of)]
    for at, sentence in enumerate(answer.sentences, 1):
        fault = _fault(sentence, _quotes(answer, sentence, text_of), answer)
        faults += [f"sentence {at} {fault}"] if fault else []
    if not _short_is_said(answer):
        faults.append("the short answer is not in a quote")
    if answer.status == "answered" and not answer.sentences:
        faults.append("no sentence")
    if answer.status == "answered" and not _shows_its_sentences(answer):
        faults.append("the answer shows what is no sentence of it")
    return faults


def _renumbered(answer: Answer, sentences: Sequence[Sentence]) -> Answer:
    """An answer of these sentences alone, its citations counted anew in the order in which they are used."""
    used = list(dict.fromkeys(n for sentence in sentences for n in sentence.citations))
    number = {old: new for new, old in enumerate(used, 1)}
    kept = tuple(Sentence(s.text, tuple(number[n] for n in s.citations)) for s in sentences)
    by_old = {c.number: c for c in answer.citations}
    return replace(
        answer,
        answer="\n".join(s.text + "".join(f"[{n}]" for n in s.citations) for s in kept),
        sentences=kept,
        citations=tuple(replace(by_old[old], number=new) for old, new in number.items()),
    )


def vetted(answer: Answer, text_of: TextOf) -> Answer | None:
    """The answer with what does not stand in its sources left out; None where no sentence of it stands."""
    if answer.status != "answered":
        return replace(answer, nearest=tuple(c for c in answer.nearest if _verbatim(c, text_of)))
    if not verify(answer, text_of):
        return answer
    sound = [s for s in answer.sentences if not _fault(s, _quotes(answer, s, text_of), answer)]
    verbatim = {c.number for c in answer.citations if _verbatim(c, text_of)}
    sound = [Sentence(s.text, tuple(n for n in s.citations if n in verbatim)) for s in sound]
    if not sound:
        return None
    kept = _renumbered(answer, sound)
    return kept if _short_is_said(kept) else replace(kept, short_answer=None, short_unit=None)
