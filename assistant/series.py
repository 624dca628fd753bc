"""Reports of one kind on one place, year after year: which one tells what came of which one's plans."""

import re
from collections.abc import Sequence

from assistant.places import PLACES, districts_in, own_places
from index import Document

_ASIDE = re.compile(r"[(（].*?[)）]|(?:19|20)\d\d年?度?|[^\w]|_")
_PLACE = re.compile(f"(?:{'|'.join(PLACES)})(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区)?")
_YEAR = re.compile(r"(?:19|20)\d\d")


def following(document: Document, documents: Sequence[Document]) -> Document | None:
    """The report of the same kind on the same place a year later; None where there is none, or no telling."""
    place, year = _place(document), _year(document)
    if not place or year is None:
        return None
    kind = _kind(document)
    for other in documents:
        if other.id != document.id and _year(other) == year + 1 and _place(other) == place and _kind(other) == kind:
            return other
    return None


def _kind(document: Document) -> str:
    """The title without year, place and occasion."""
    return _PLACE.sub("", _ASIDE.sub("", document.title))


def _place(document: Document) -> frozenset[str]:
    """Provinces and districts that the title or the file's name names; empty where they name none."""
    return frozenset(own_places(document) | districts_in(document.title + document.file_name))


def _year(document: Document) -> int | None:
    """The year that the document is of: the last of its period, else its date's."""
    named = _YEAR.findall(document.period or "") or _YEAR.findall(document.date or "")
    return int(named[-1]) if named else None
