"""The figures of a document: every number that it says, with what, when and whose it is. Rules only, no model."""

import re
from collections.abc import Iterator, Sequence

from index.figure_names import named, place_of
from index.figure_periods import Times, opening_period, periods, times_of
from index.figure_tables import UnitAbove, cell_figures, is_table_row, prose_cells
from index.outline import paragraphs
from index.passages import Span, sentences
from index.quantities import Mention, half_width, mentions
from index.types import Document, Figure, Layout, Paragraph

FIGURES_VERSION = 2  # raise it when the same text would give other figures: they are then extracted anew
_DATED = {"count", "amount", "percent", "rank"}  # kinds whose period a plain year in their sentence is
_BOUNDS = ("截", "到", "至", "自")  # what a date begins with that says up to when, or since when
_CAPTION = re.compile(r"[*#\s]*(?:附?表|图|专栏)\s*[\d一二三四五六七八九十]+")


def figures_of(document: Document, text: str, layout: Layout) -> list[Figure]:
    """Every figure in the order of the text. `layout`: what the format says of the text (pages, headings, tables)."""
    times, place = times_of(document), place_of(document.title, document.file_name, document.publisher)
    found: list[Figure] = []
    units = UnitAbove()
    for p in paragraphs(text, layout):
        units.pass_by(p, text[p.start : p.end])
        if p.in_contents:
            continue
        if is_table_row(text, p):
            found += cell_figures(document.id, text, p, units.unit, times, place)
            spans = [s for cell in prose_cells(text, p) for s in sentences(text, *cell)]
        else:
            spans = sentences(text, p.start, p.end)
        for span in spans:
            found += _in_sentence(document.id, text, span, p, times, place)
    return sorted(found, key=lambda f: f.start)


def _in_sentence(document_id: str, text: str, span: Span, p: Paragraph, times: Times, place: str) -> Iterator[Figure]:
    quote = text[span.start : span.end]
    sentence = half_width(quote)
    found = mentions(sentence)
    opening = opening_period(text[p.start : p.end])
    whens = periods(sentence, p.heading_path, times, [m.start for m in found], opening)
    whose = named(sentence, found, place)
    for m, when, words in zip(found, whens, whose, strict=True):
        if m.kind == "date" and _only_dates(sentence, m, found, whens, p):
            continue
        yield Figure(
            document_id=document_id,
            start=span.start + m.start,
            end=span.start + m.end,
            value=m.value,
            unit=m.unit,
            raw=quote[m.start : m.end],
            kind=m.kind,
            indicator=words.indicator,
            period=_own_period(m, sentence) or when,
            change=words.change,
            entity=words.entity,
            paragraph=p.number,
            page=p.page,
            quote_start=span.start,
            quote=quote,
        )


def _own_period(m: Mention, sentence: str) -> str:
    """A date is its own period."""
    return sentence[m.start : m.end].strip() if m.kind == "date" and m.unit else ""


def _only_dates(sentence: str, m: Mention, found: Sequence[Mention], whens: Sequence[str], p: Paragraph) -> bool:
    """A plain date that says when another figure of its sentence is of is that one's period, no figure of its own."""
    raw = sentence[m.start : m.end].strip()
    if p.heading_level or raw == sentence.strip(" 。()*") or _CAPTION.match(sentence):
        return True
    if raw.startswith(_BOUNDS) or raw.endswith("以来") or ("月" not in raw and re.search(r"\d\D+\d", m.value)):
        return False
    year = re.sub("年度$", "年", raw.replace(" ", ""))
    return any(other.kind in _DATED and year in when for other, when in zip(found, whens, strict=True))
