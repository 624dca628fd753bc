"""Figures as rows: what the command line, the page and its downloads show, filtered and sorted alike."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, get_args

from index import Document, Figure, FigureKind, matching_form

KINDS: tuple[str, ...] = get_args(FigureKind)
# The fields of a row, in the order in which they are written.
FIELDS = (
    "indicator", "value", "unit", "raw", "period", "change", "entity", "kind", "document_id", "file_name", "paragraph",
    "page", "start", "end", "quote",
)  # fmt: skip
SORTABLE = ("place", "indicator", "value", "period", "entity", "kind", "document")
_FORMULA = re.compile(r"[=+\-@\t\r]")  # a cell that begins so is a formula to a spreadsheet
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


def figure_row(figure: Figure, document: Document) -> dict[str, Any]:
    """One figure as it is printed and downloaded."""
    return {name: document.file_name if name == "file_name" else getattr(figure, name) for name in FIELDS}


def selected(figures: Iterable[Figure], documents: Mapping[str, Document], selection: Selection) -> list[Figure]:
    """The figures that a selection asks for, in its order; those alike stay in the order of their texts."""
    wanted = [matching_form(word) for word in selection.text.split()]
    found = [
        f
        for f in figures
        if f.document_id in documents
        and selection.document in ("", f.document_id)
        and selection.kind in ("", f.kind)
        and selection.period in ("", f.period)
        and (not wanted or _says(f, wanted))
    ]
    if selection.sort != "place":
        found.sort(key=lambda f: _key(f, selection.sort, documents), reverse=selection.descending)
    elif selection.descending:
        found.reverse()
    return found


def number_of(figure: Figure) -> Decimal | None:
    """The number that a figure says, its 万 and 亿 multiplied out; None where it is not written in digits."""
    found = _FIRST_NUMBER.match(figure.value)
    if not found:
        return None
    number = Decimal(re.sub("[,，]", "", found[0]).replace("−", "-"))
    for character in "".join(_SCALE.findall(figure.unit)[:1]):
        number *= _SCALES[character]
    return number


def year_of(period: str) -> int | None:
    """The last year that a period names."""
    years = _YEAR.findall(period)
    return int(years[-1]) if years else None


def harmless(text: str) -> str:
    """A cell's text that no spreadsheet takes for a formula: one that could be gets an apostrophe in front."""
    return f"'{text}" if _FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text) else text


def csv_text(rows: Iterable[Mapping[str, Any]], names: Sequence[str] = FIELDS) -> str:
    """The rows as CSV (RFC 4180) with `names` as their head; cells that could be formulas are made harmless."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    for row in rows:
        writer.writerow(["" if row[name] is None else harmless(str(row[name])) for name in FIELDS])
    return out.getvalue()


def _says(figure: Figure, wanted: Sequence[str]) -> bool:
    said = matching_form("\n".join((figure.indicator, figure.entity, figure.quote)))
    return all(word in said for word in wanted)


def _key(figure: Figure, name: str, documents: Mapping[str, Document]) -> tuple[Any, ...]:
    """Numbers in their order before what is none; years before periods that name none."""
    if name == "value":
        number = number_of(figure)
        return (number is None, number or Decimal(0), figure.value)
    if name == "period":
        year = year_of(figure.period)
        return (year is None, year or 0, figure.period)
    if name == "document":
        return (documents[figure.document_id].title,)
    return (str(getattr(figure, name)),)
