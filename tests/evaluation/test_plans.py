"""The plans of the bundled report, on the real model: a right paragraph beside a clause, or nothing at all."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from assistant import PlanRow, Plans
from index import Library, matching_form

GOLD = Path(__file__).parent / "gold" / "plans.jsonl"
RIGHT_AMONG_THREE = 0.9  # of the clauses on which the report tells progress
RIGHT_FIRST = 0.8


def form(text: str) -> str:
    return re.sub(r"\s", "", matching_form(text))


@pytest.fixture(scope="module")
def gold() -> list[dict[str, Any]]:
    return [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def rows(report_library: Library) -> list[PlanRow]:
    return Plans(report_library).rows()


def beside(clause: str, rows: list[PlanRow], first: int) -> set[int]:
    """The paragraphs shown first beside the rows that are about a clause."""
    mine = [r for r in rows if form(r.plan.quote) in form(clause) or form(clause) in form(r.plan.quote)]
    return {place.paragraph for row in mine for place in row.progress[:first]}


@pytest.mark.parametrize(("first", "bound"), [(3, RIGHT_AMONG_THREE), (1, RIGHT_FIRST)])
def test_a_right_paragraph_stands_beside_the_clause(
    gold: list[dict[str, Any]], rows: list[PlanRow], first: int, bound: float
) -> None:
    told = [row for row in gold if row["progress_p"]]
    right = [row for row in told if beside(row["plan_item"], rows, first) & set(row["progress_p"])]
    assert len(told) == 40 and len(right) / len(told) >= bound


def test_where_nothing_is_reported_nothing_is_shown(gold: list[dict[str, Any]], rows: list[PlanRow]) -> None:
    silent = [row["plan_item"] for row in gold if not row["progress_p"]]
    assert len(silent) == 2 and [beside(clause, rows, 3) for clause in silent] == [set(), set()]


def test_every_quote_stands_where_it_says(rows: list[PlanRow], report: str) -> None:
    lines = report.split("\n")
    for place in [place for row in rows for place in (row.plan, *row.progress)]:
        assert report[place.start : place.end] == place.quote in lines[place.paragraph - 1]
    assert {row.topic for row in rows if row.topic in report} == {row.topic for row in rows} and len(rows) > 40
