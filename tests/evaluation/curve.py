"""Draws how many unanswerable questions are refused against how many answerable ones are refused wrongly.

    python -m tests.evaluation.curve DATA --cache DIR --output docs/refusal.svg

One line a set. A point is an operating point: answers whose confidence is below it are refused too, besides what is
refused whatever the confidence. The ring is the point at which the assistant works.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from assistant import Answer
from tests.evaluation.sets import HELD_OUT, Row
from tests.evaluation.suite import SETS, run

WIDTH, HEIGHT, MARGIN = 640, 480, 64  # of the picture, in pixels; the margin is for the labels
WIDEST = 0.5  # share of false refusals at the right edge: nobody works further right
STEPS = 5  # of each axis
COLOURS = ("#0b5fff", "#c2410c", "#15803d", "#7e22ce")
# The lines: name in Chinese and English, and the sets whose questions count.
LINES = (
    ("报告 · the report", ("gold",)),
    ("另加七份文档 · seven documents more", ("gold2",)),
    ("未参与训练的提问 · questions kept from training", ("asked",)),
    ("cmrc2018,抽去答案段 · its passage left out", ("cmrc2018", "leave_gold_out")),
)


@dataclass(frozen=True, slots=True)
class Point:
    """What an operating point brings; each 0…1."""

    threshold: float
    refusal: float
    false_refusal: float


def points(asked: Sequence[tuple[Row, Answer]]) -> list[Point]:
    """The operating points from the loosest (0: the assistant's own) to the strictest (all is refused).

    There must be answerable and unanswerable questions. Both shares grow with the threshold.
    """
    found = []
    confidences = {round(answer.confidence, 6) for _, answer in asked if answer.status == "answered"}
    for threshold in (0.0, *sorted(confidences - {0.0}), float("inf")):
        refused = [(bool(r["answerable"]), a.status != "answered" or a.confidence < threshold) for r, a in asked]
        shares = [[no for answerable, no in refused if answerable is wanted] for wanted in (False, True)]
        found.append(Point(threshold, *(sum(share) / len(share) for share in shares)))
    return found


def _x(false_refusal: float) -> float:
    return round(MARGIN + (WIDTH - 2 * MARGIN) * false_refusal / WIDEST, 1)


def _y(refusal: float) -> float:
    return round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * refusal, 1)


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" {more}>{escape(words)}</text>'


def _axes() -> list[str]:
    drawn = []
    for step in range(STEPS + 1):
        x, y = _x(WIDEST * step / STEPS), _y(step / STEPS)
        drawn += [
            f'<path d="M{_x(0)} {y}H{_x(WIDEST)}M{x} {_y(0)}V{_y(1)}" class="grid"/>',
            _text(x, _y(0) + 18, f"{WIDEST * step / STEPS:.0%}", 'text-anchor="middle"'),
            _text(_x(0) - 8, y + 4, f"{step / STEPS:.0%}", 'text-anchor="end"'),
        ]
    middle = HEIGHT / 2
    return [
        *drawn,
        _text(WIDTH / 2, HEIGHT - 18, "误拒:能答而未答 · answerable, yet refused", 'text-anchor="middle"'),
        _text(
            18,
            middle,
            "拒答:不能答而拒答 · unanswerable, refused",
            f'text-anchor="middle" transform="rotate(-90 18 {middle})"',
        ),
    ]


def drawing(lines: Sequence[tuple[str, Sequence[Point]]]) -> str:
    """The curves as an SVG picture."""
    drawn = _axes()
    for at, ((name, curve), colour) in enumerate(zip(lines, COLOURS, strict=False)):
        path = " ".join(f"{_x(p.false_refusal)},{_y(p.refusal)}" for p in curve if p.false_refusal <= WIDEST)
        own, below = curve[0], _y(0) - 16 - 18 * (len(lines) - 1 - at)
        line = f'fill="none" stroke="{colour}" stroke-width="2"'
        label = f"{name}: {own.refusal:.0%} / {own.false_refusal:.1%}"
        drawn += [
            f'<polyline points="{path}" {line}/>',
            f'<circle cx="{_x(own.false_refusal)}" cy="{_y(own.refusal)}" r="6" {line}/>',
            _text(_x(WIDEST) - 8, below, label, f'fill="{colour}" text-anchor="end"'),
        ]
    style = "text{font:13px sans-serif}.grid{stroke:#ddd}"
    body = "\n".join(drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n'
        "<title>拒答与误拒 · refusal against false refusal</title>\n"
        f'<style>{style}</style>\n<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n'
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation.curve", description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="folder of the sets")
    parser.add_argument("--cache", type=Path, help="folder where the libraries of the sets are kept")
    parser.add_argument("--output", type=Path, required=True, help="the picture, .svg")
    parser.add_argument("--sets", action="append", choices=SETS, help="only these")
    parser.add_argument("--limit", type=int, default=HELD_OUT, help=f"questions of a large set ({HELD_OUT})")
    args = parser.parse_args()
    lines = []
    for name, sets in LINES:
        if args.sets and not set(sets) <= set(args.sets):
            continue
        outcomes = [run(one, args.folder, args.cache, args.limit) for one in sets]
        curve = points([pair for o in outcomes for pair in zip(o.gold, o.answers, strict=True)])
        lines.append((name, curve))
        sys.stdout.write(
            f"{name}\n" + "".join(f"{p.threshold:8.3f} {p.refusal:.3f} {p.false_refusal:.3f}\n" for p in curve)
        )
    args.output.write_text(drawing(lines), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
