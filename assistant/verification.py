"""The last gate: what does not stand in its source is not said."""

import re
import unicodedata
from collections.abc import Callable

from assistant.types import Answer, Citation, Sentence

_NUMBER = re.compile(r"\d+(?:,\d{3}(?!\d))*(?:\.\d+)?")


def numbers(text: str) -> set[str]:
    """The numbers of a text, full width made half width, thousands commas dropped."""
    return {n.replace(",", "") for n in _NUMBER.findall(unicodedata.normalize("NFKC", text))}


def _verbatim(citation: Citation, text_of: Callable[[str], str]) -> bool:
    return text_of(citation.document_id)[citation.start : citation.end] == citation.quote


def _says(quote: str, piece: str) -> bool:
    """The piece stands in the quote, and no number of it is only a part of the quote's ("200" of "2000")."""
    return piece in quote and numbers(piece) <= numbers(quote)


def _supported(sentence: Sentence, cited: list[Citation]) -> bool:
    """Each part between the "…" is a piece of a quote, but for a last 。; each number stands in a quote."""
    quotes = [c.quote for c in cited]
    parts = [part.removesuffix("。").strip() for part in sentence.text.split("…")]
    in_quotes = set().union(*(numbers(q) for q in quotes))
    return all(any(p in q for q in quotes) for p in parts if p) and numbers(sentence.text) <= in_quotes


def verify(answer: Answer, text_of: Callable[[str], str]) -> list[str]:
    """What is wrong with an answer, in words; empty where every sentence stands in its sources.

    `text_of` gives a document's stored text. Extractive answers are held to the letter.
    """
    by_number = {c.number: c for c in answer.citations}
    faults = [f"citation {c.number} is not verbatim" for c in answer.citations if not _verbatim(c, text_of)]
    for at, sentence in enumerate(answer.sentences, 1):
        cited = [by_number[n] for n in sentence.citations if n in by_number]
        if not cited:
            faults.append(f"sentence {at} has no source")
        elif not _supported(sentence, cited):
            faults.append(f"sentence {at} says what its source does not")
    short = answer.short_answer
    if short is not None and not any(_says(c.quote, short) for c in answer.citations):
        faults.append("the short answer is not in a quote")
    if answer.status == "answered" and not answer.sentences:
        faults.append("no sentence")
    return faults
