"""A comparison as a picture (SVG, made here) and as a table. Every value shown is a figure in its own words."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape
from itertools import pairwise

from assistant import Comparison, Document, Point, with_unit

from .figure_rows import figure_place
from .texts import Words

WIDTH, HEIGHT = 760, 300
LEFT, RIGHT, TOP, BOTTOM = 24, 24, 34, 46
BAR, BAR_GAP = 26, 12
NAME_WIDTH = 190  # room for the names of bars
VALUE_WIDTH = 130
COLOURS = 6  # as many series have a colour of their own; figures.css names them
LABEL_LENGTH = 14
RADIUS = 5
LINE = 16  # height of a label


def chart_html(chosen: Comparison, documents: Mapping[str, Document], words: Words) -> str:
    """The picture with its title, its key and the same figures as a table."""
    title = words("chart_title", indicator=chosen.indicator, unit=chosen.unit or words("chart_no_unit"))
    picture = _lines(chosen, words) if len(chosen.years) > 1 else _bars(chosen, words)
    hollow = "" if all(p.settled for p in chosen.points) else f'<p class="hint">{escape(words("chart_hollow"))}</p>'
    return (
        f'<figure class="chart"><figcaption>{escape(title)}</figcaption>{picture}{_key(chosen)}{hollow}'
        f"{_table(chosen, documents, words)}</figure>"
    )


def _svg(body: str, height: int, label: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="group" aria-label="{escape(label)}" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{escape(label)}</title>{body}</svg>'
    )


def _label(point: Point, words: Words) -> str:
    f = point.figure
    return words("comma").join(filter(None, (f.entity, f.period, with_unit(point.figure))))


def _mark(point: Point, drawn: str, words: Words, series: int) -> str:
    """What can be clicked: it leads to the figure's place."""
    hollow = "" if point.settled else " hollow"
    label = escape(_label(point, words))
    return (
        f'<g class="point s{series % COLOURS}{hollow}" data-place="{escape(figure_place(point.figure))}" '
        f'tabindex="0" role="button" aria-label="{label}"><title>{label}</title>{drawn}</g>'
    )


def _lines(chosen: Comparison, words: Words) -> str:
    """A line an entity over the years; a point that is not settled is hollow and on no line."""
    years, entities = chosen.years, chosen.entities
    dated = [p for p in chosen.points if p.year is not None]
    low, high = _range([p.number for p in dated])
    xs = {year: LEFT + 20 + (WIDTH - LEFT - RIGHT - 110) * at / (len(years) - 1) for at, year in enumerate(years)}

    def y(number: Decimal) -> float:
        return TOP + float((high - number) / (high - low)) * (HEIGHT - TOP - BOTTOM)

    heights = _apart([(p.year or 0, y(p.number), id(p)) for p in dated])
    axis = "".join(f'<text class="axis" x="{xs[n]:.0f}" y="{HEIGHT - 14}">{n}</text>' for n in years)
    axis += f'<line class="base" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{HEIGHT - 36}" y2="{HEIGHT - 36}"/>'
    paths = marks = ""
    for series, entity in enumerate(entities):
        own = [p for p in dated if p.figure.entity == entity]
        for line in _lines_of(own):
            joined = " ".join(f"{xs[p.year or 0]:.1f},{y(p.number):.1f}" for p in line)
            paths += f'<polyline class="s{series % COLOURS}" points="{joined}"/>'
        for p in own:
            x, text = xs[p.year or 0], escape(with_unit(p.figure)[:LABEL_LENGTH])
            drawn = (
                f'<circle cx="{x:.1f}" cy="{y(p.number):.1f}" r="{RADIUS}"/>'
                f'<text class="beside" x="{x + RADIUS + 4:.1f}" y="{heights[id(p)] + 4:.1f}">{text}</text>'
            )
            marks += _mark(p, drawn, words, series)
    return _svg(axis + paths + marks, HEIGHT, chosen.indicator)


def _apart(places: Sequence[tuple[int, float, int]]) -> dict[int, float]:
    """For each (column, height, key) the height of its label: none lies on another of its column."""
    found: dict[int, float] = {}
    lowest: dict[int, float] = {}
    for column, height, key in sorted(places):
        found[key] = lowest[column] = max(height, lowest.get(column, -LINE) + LINE)
    return found


def _lines_of(own: Sequence[Point]) -> list[list[Point]]:
    """The settled points of an entity in runs of years that follow each other; none where a year has two."""
    settled = [p for p in own if p.settled and p.year is not None]
    years = [p.year or 0 for p in settled]
    if len(set(years)) < len(years):
        return []
    cuts = [at for at in range(1, len(years)) if years[at] != years[at - 1] + 1]
    runs = [settled[a:b] for a, b in pairwise([0, *cuts, len(settled)])]
    return [run for run in runs if len(run) > 1]


def _bars(chosen: Comparison, words: Words) -> str:
    """A bar a figure, one below the other; negative ones reach to the left."""
    low, high = _range([p.number for p in chosen.points])
    low, high = min(low, Decimal(0)), max(high, Decimal(0))
    room = WIDTH - NAME_WIDTH - VALUE_WIDTH

    def x(number: Decimal) -> float:
        return NAME_WIDTH + float((number - low) / (high - low)) * room

    body = ""
    for at, p in enumerate(chosen.points):
        top = at * (BAR + BAR_GAP) + 8
        a, b = sorted((x(Decimal(0)), x(p.number)))
        name = (p.figure.entity or p.figure.period)[:LABEL_LENGTH]
        drawn = (
            f'<text class="name" x="{NAME_WIDTH - 10}" y="{top + 18}">{escape(name)}</text>'
            f'<rect x="{a:.1f}" y="{top}" width="{max(b - a, 1):.1f}" height="{BAR}" rx="3"/>'
            f'<text class="value" x="{b + 8:.1f}" y="{top + 18}">{escape(with_unit(p.figure)[:LABEL_LENGTH])}</text>'
        )
        body += _mark(p, drawn, words, 0)
    return _svg(body, len(chosen.points) * (BAR + BAR_GAP) + 12, chosen.indicator)


def _range(numbers: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """Lowest and highest of an axis: never of no length."""
    low, high = min(numbers), max(numbers)
    return (low, high) if low < high else (low - 1, high + 1)


def _key(chosen: Comparison) -> str:
    """Which colour is whose; nothing where there is one."""
    if len(chosen.entities) < 2 or len(chosen.years) < 2:
        return ""
    items = "".join(f'<li class="s{at % COLOURS}">{escape(e or "–")}</li>' for at, e in enumerate(chosen.entities))
    return f'<ul class="key">{items}</ul>'


def _table(chosen: Comparison, documents: Mapping[str, Document], words: Words) -> str:
    head = "".join(
        f'<th scope="col">{escape(words(key))}</th>'
        for key in ("figure_period", "figure_entity", "figure_value", "figure_source")
    )
    rows = "".join(
        f"<tr><td>{escape(p.figure.period)}</td><td>{escape(p.figure.entity)}</td><td>"
        f'<button type="button" class="figure" data-place="{escape(figure_place(p.figure))}">'
        f"{escape(with_unit(p.figure))}</button></td>"
        f"<td>{escape(documents[p.figure.document_id].title)}</td></tr>"
        for p in chosen.points
        if p.figure.document_id in documents
    )
    return (
        f"<details><summary>{escape(words('chart_table'))}</summary>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></details>"
    )
