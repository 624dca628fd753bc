"""The picture of growth tells what was recorded."""

import re
from itertools import pairwise

import pytest

from tests.benchmarks.growth import LINES, drawing, points

FIGURES = {
    "10000": {"search_ms": {"p50": 9.0, "p95": 20.0}, "open_s": 0.1},
    "1000": {"search_ms": {"p50": 4.0, "p95": 10.0}, "open_s": 0.05},
}


def test_points_are_seconds_in_order_of_size() -> None:
    assert points(FIGURES, "search_ms", "p95") == [(1000, 0.01), (10000, 0.02)]
    assert points(FIGURES, "open_s", None) == [(1000, 0.05), (10000, 0.1)]
    assert points(FIGURES, "add_s", None) == []


def test_tenfold_is_the_same_way_everywhere_on_an_axis() -> None:
    drawn = drawing([("a", [(1000, 0.01), (10_000, 0.1), (100_000, 1.0)])])
    places = [tuple(map(float, pair)) for pair in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawn)]
    steps = [(b[0] - a[0], a[1] - b[1]) for a, b in pairwise(places)]
    assert steps[0] == pytest.approx(steps[1], abs=0.2) and min(*steps[0]) > 0


def test_every_line_that_was_recorded_has_its_label_with_the_last_value() -> None:
    drawn = drawing([(name, points(FIGURES, key, of)) for name, key, of in LINES])
    assert "检索 p95 · search p95: 20 ms" in drawn and "打开 · open: 100 ms" in drawn
    assert drawn.count("<polyline") == 2
