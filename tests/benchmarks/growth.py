"""Draws how search, addition and opening grow with the library, from the figures that scale.py recorded.

    python -m tests.benchmarks.growth tests/benchmarks/scale.json --output docs/growth.svg

Both axes are logarithmic: from 10^3 to 10^6 passages, from a tenth of a millisecond up.
"""

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

WIDTH, HEIGHT, MARGIN = 640, 480, 64  # of the picture, in pixels; the margin is for the labels
LEAST, MOST = 1e2, 2e6  # passages at the left edge and at the right
FASTEST, SLOWEST = 1e-4, 1e2  # seconds at the bottom and at the top
COLOURS = ("#0b5fff", "#c2410c", "#15803d", "#7e22ce", "#64748b")
MILLISECONDS = 1000
Figures = Mapping[str, Any]
# The lines: name in Chinese and English, the figure, and for milliseconds which percentile.
LINES: tuple[tuple[str, str, str | None], ...] = (
    ("检索 p95 · search p95", "search_ms", "p95"),
    ("其中全文 p95 · its full text", "fulltext_ms", "p95"),
    ("添加 20 段 · add 20 passages", "add_s", None),
    ("移除 · remove", "remove_s", None),
    ("打开 · open", "open_s", None),
)


def points(figures: Mapping[str, Figures], name: str, percentile: str | None) -> list[tuple[int, float]]:
    """(passages, seconds) of the sizes that have the figure, in order."""
    found = []
    for size, own in figures.items():
        if name in own:
            found.append((int(size), own[name][percentile] / MILLISECONDS if percentile else own[name]))
    return sorted(found)


def _place(value: float, low: float, high: float) -> float:
    """0…1 on a logarithmic axis; what lies beyond its ends is put at them."""
    return (math.log10(min(max(value, low), high)) - math.log10(low)) / (math.log10(high) - math.log10(low))


def _x(passages: float) -> float:
    return round(MARGIN + (WIDTH - 2 * MARGIN) * _place(passages, LEAST, MOST), 1)


def _y(seconds: float) -> float:
    return round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * _place(seconds, FASTEST, SLOWEST), 1)


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" {more}>{escape(words)}</text>'


def _seconds(value: float) -> str:
    return f"{value:g} s" if value >= 1 else f"{value * MILLISECONDS:g} ms"


def _axes() -> list[str]:
    drawn = []
    for power in range(3, 7):
        x = _x(10**power)
        drawn.append(f'<path d="M{x} {_y(FASTEST)}V{_y(SLOWEST)}" class="grid"/>')
        drawn.append(_text(x, _y(FASTEST) + 18, f"{10**power:,}", 'text-anchor="middle"'))
    for power in range(-4, 3):
        y = _y(10.0**power)
        drawn.append(f'<path d="M{_x(LEAST)} {y}H{_x(MOST)}" class="grid"/>')
        drawn.append(_text(_x(LEAST) - 8, y + 4, _seconds(10.0**power), 'text-anchor="end"'))
    return [*drawn, _text(WIDTH / 2, HEIGHT - 18, "段落 · passages", 'text-anchor="middle"')]


def drawing(lines: Sequence[tuple[str, Sequence[tuple[int, float]]]]) -> str:
    """The curves as an SVG picture; each line's label tells its last point."""
    drawn = _axes()
    for at, ((name, curve), colour) in enumerate(zip(lines, COLOURS, strict=False)):
        if not curve:
            continue
        path = " ".join(f"{_x(n)},{_y(s)}" for n, s in curve)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [f'<circle cx="{_x(n)}" cy="{_y(s)}" r="4" fill="{colour}"/>' for n, s in curve]
        label = f"{name}: {_seconds(float(f'{curve[-1][1]:.3g}'))}"
        drawn.append(_text(_x(LEAST) + 8, _y(SLOWEST) + 18 * (at + 1), label, f'fill="{colour}"'))
    body = "\n".join(drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n'
        "<title>随库增大 · as the library grows</title>\n"
        "<style>text{font:13px sans-serif}.grid{stroke:#ddd}</style>\n"
        f'<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n'
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.growth", description=__doc__.split("\n")[0])
    parser.add_argument("figures", type=Path, help="what scale.py recorded")
    parser.add_argument("--output", type=Path, required=True, help="the picture, .svg")
    args = parser.parse_args()
    figures = json.loads(args.figures.read_text("utf-8"))
    args.output.write_text(drawing([(name, points(figures, key, of)) for name, key, of in LINES]), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
