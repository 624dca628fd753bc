"""Figures as rows: what the command line, the page and its downloads show, filtered and sorted alike."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import repeat
from typing import Any, get_args

from index import Document, Figure, FigureKind, matching_form

KINDS: tuple[str, ...] = get_args(FigureKind)
# The fields of a row, in the order in which they are written.
FIELDS = (
    "indicator", "value", "unit", "raw", "period", "change", "entity", "kind", "document_id", "file_name", "paragraph",
    "page", "start", "end", "quote",
)  # fmt: skip
SORTS = ("place", "indicator", "value", "period", "entity", "kind")
LONGEST_TEXT = 200  # characters of a filter: more is no word to look for
_FORMULA = re.compile(r"[=+\-@\t\r]")  # a cell that begins so is a formula to a spreadsheet
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, 2.2
_PLAIN_NUMBER = re.compile(r"[-+−]?\d[\d,]*(?:\.\d+)?%?")
_FIRST_NUMBER = re.compile(r"[-−]?\d[\d,，]*(?:\.\d+)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SCALE = re.compile("(?:[百万亿]|千(?![瓦米克伏]))*")
_SCALES = {"百": 10**2, "千": 10**3, "万": 10**4, "亿": 10**8}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which figures, in which order; an empty value selects all. `text`: words of indicator, entity and quote."""

    text: str = ""
    document: str = ""
    kind: str = ""
    period: str = ""
    sort: str = "place"
    descending: bool = False

    @classmethod
    def asked(cls, values: Mapping[str, Any]) -> "Selection":
        """What a page or a query asks for; what it does not name, or names wrongly, is left open."""
        text, document, period = (str(values.get(n) or "")[:LONGEST_TEXT] for n in ("text", "document", "period"))
        kind, sort = values.get("kind"), values.get("sort")
        return cls(
            text=text,
            document=document,
            period=period,
            kind=str(kind) if kind in KINDS else "",
            sort=str(sort) if sort in SORTS else "place",
            descending=str(values.get("descending")) == "True",
        )


def figure_row(figure: Figure, document: Document) -> dict[str, Any]:
    """One figure as it is printed and downloaded."""
    return {name: document.file_name if name == "file_name" else getattr(figure, name) for name in FIELDS}


class FigureTable:
    """The figures of a state of the library, to be selected from again and again.

    documents: those of the library by id; figures of others are left out.
    """

    def __init__(self, figures: Sequence[Figure], documents: Mapping[str, Document]) -> None:
        self.documents = documents
        self.figures = [f for f in figures if f.document_id in documents]

    @cached_property
    def _forms(self) -> list[str]:
        """What is looked through for words, as they are compared; one call of the converter for all."""
        lines = (" ".join((f.indicator, f.entity, f.quote)).replace("\n", " ") for f in self.figures)
        return matching_form("\n".join(lines)).split("\n") if self.figures else []

    @cached_property
    def periods(self) -> list[str]:
        """Every period that a figure has, the latest first, those that name no year last."""
        named = {f.period for f in self.figures if f.period}
        return sorted(named, key=lambda p: (-(year_of(p) or 0), p))

    def select(self, selection: Selection) -> list[Figure]:
        """The figures that a selection asks for, in its order; those alike stay in the order of their texts."""
        wanted = [matching_form(word) for word in selection.text.split()]
        said = self._forms if wanted else repeat("")
        found = [
            f
            for f, form in zip(self.figures, said, strict=False)
            if selection.document in ("", f.document_id)
            and selection.kind in ("", f.kind)
            and selection.period in ("", f.period)
            and all(word in form for word in wanted)
        ]
        if selection.sort != "place":
            found.sort(key=lambda f: _key(f, selection.sort), reverse=selection.descending)
        elif selection.descending:
            found.reverse()
        return found

    def row(self, figure: Figure) -> dict[str, Any]:
        """One figure as it is printed and downloaded."""
        return figure_row(figure, self.documents[figure.document_id])


def number_of(figure: Figure) -> Decimal | None:
    """The number that a figure says, its 万 and 亿 multiplied out; None where it is not written in digits."""
    found = _FIRST_NUMBER.match(figure.value)
    if not found:
        return None
    number = Decimal(re.sub("[,，]", "", found[0]).replace("−", "-"))
    for character in "".join(_SCALE.findall(figure.unit)[:1]):
        number *= _SCALES[character]
    return number


def with_unit(figure: Figure) -> str:
    """The figure in its own words; a cell with the unit that its column or table says."""
    return figure.raw if _half_width(figure.unit) in _half_width(figure.raw) else f"{figure.raw} {figure.unit}"


def is_bare(figure: Figure) -> bool:
    """Is it the number and its unit alone, without a qualifier (约, 以上) that makes it a bound or an estimate?"""
    return _half_width(figure.raw) in (_half_width(figure.value + figure.unit), _half_width(figure.value))


def _half_width(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def year_of(period: str) -> int | None:
    """The last year that a period names."""
    years = _YEAR.findall(period)
    return int(years[-1]) if years else None


def harmless(text: str) -> str:
    """A cell's text that no spreadsheet takes for a formula: one that could be gets an apostrophe in front.

    Characters that no workbook may hold are left out first: what stands behind them may look like a formula.
    """
    text = _NOT_XML.sub("", text)
    return f"'{text}" if _FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text) else text


def csv_text(rows: Iterable[Mapping[str, Any]], names: Sequence[str] = FIELDS) -> str:
    """The rows as CSV (RFC 4180) with `names` as their head; cells that could be formulas are made harmless."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    for row in rows:
        writer.writerow(["" if row[name] is None else harmless(str(row[name])) for name in FIELDS])
    return out.getvalue()


def _key(figure: Figure, name: str) -> tuple[Any, ...]:
    """Numbers in their order before what is none; years before periods that name none."""
    if name == "value":
        number = number_of(figure)
        return (number is None, number or Decimal(0), figure.value)
    if name == "period":
        year = year_of(figure.period)
        return (year is None, year or 0, figure.period)
    return (str(getattr(figure, name)),)
