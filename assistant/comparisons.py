"""Which figures can be compared: the same indicator in the same unit, in several years or of several entities."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.figures import is_bare, number_of, year_of
from index import Document, Figure, matching_form

MEASURED = ("amount", "percent", "count")  # kinds that a length can stand for
MEASURED_NAME = 3  # a shorter one (占比, 合计) names no indicator by itself
COUNTED_NAME = 4  # what is counted under a shorter name (项目, 措施) is another thing in each sentence
MAX_POINTS = 40  # more would not be read in one picture
MAX_GROUPS = 12  # offered; those with most years and entities come first
# The same indicator with and without these words before it: 全市地区生产总值, 地区生产总值.
_SCOPE = re.compile("^(?:全市|全省|全国|全区|我市|我省|本市|年末|全年)+")


@dataclass(frozen=True, slots=True)
class Point:
    """One figure in a chart: `number` is its place on the axis, what is shown is the figure's own words.

    settled: a bare number (without 约 or 以上) of a year that was over when its document was written. What is not may
    be a bound, an estimate or a target.
    """

    figure: Figure
    number: Decimal
    year: int | None
    settled: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Figures of one indicator in one unit, by year and then by entity."""

    indicator: str
    unit: str
    points: tuple[Point, ...]

    @property
    def years(self) -> list[int]:
        """The years that its figures are of, ascending."""
        return sorted({p.year for p in self.points if p.year is not None})

    @property
    def entities(self) -> list[str]:
        """Whose figures they are, in the order of their first figure."""
        return list(dict.fromkeys(p.figure.entity for p in self.points))


def comparisons(figures: Iterable[Figure], documents: Mapping[str, Document], text: str = "") -> list[Comparison]:
    """The groups of figures that can stand in one chart: first those named by `text`, then the widest.

    A figure told twice in the same words is shown once.
    """
    groups: dict[tuple[str, str], dict[tuple[str, str, str], Point]] = defaultdict(dict)
    for f in figures:
        number = number_of(f)
        if f.kind in MEASURED and number is not None and "—" not in f.value and len(f.indicator) >= _least(f):
            same = (f.entity, f.period, f.raw)
            groups[_name(f.indicator), f.unit].setdefault(same, _point(f, number, documents[f.document_id]))
    made = [_comparison(unit, list(points.values())) for (_, unit), points in groups.items() if len(points) > 1]
    wide = [c for c in made if len(c.years) > 1 or len(c.entities) > 1]
    asked = [_name(word) for word in text.split()]
    return sorted(wide, key=lambda c: _rank(c, asked))[:MAX_GROUPS]


def _rank(comparison: Comparison, asked: Sequence[str]) -> tuple[bool, int, int]:
    named = all(word in _name(comparison.indicator) for word in asked)
    return not named, -len(comparison.years) * len(comparison.entities), -len(comparison.points)


def _point(figure: Figure, number: Decimal, document: Document) -> Point:
    year, written = year_of(figure.period), year_of(document.date or "")
    return Point(figure, number, year, is_bare(figure) and not (year and written and year >= written))


def _comparison(unit: str, points: list[Point]) -> Comparison:
    points.sort(key=lambda p: (p.year is None, p.year or 0, p.figure.entity, p.figure.start))
    return Comparison(points[0].figure.indicator, unit, tuple(points[:MAX_POINTS]))


def _least(figure: Figure) -> int:
    return COUNTED_NAME if figure.kind == "count" else MEASURED_NAME


def _name(indicator: str) -> str:
    return re.sub(r"\s", "", matching_form(_SCOPE.sub("", indicator)))
