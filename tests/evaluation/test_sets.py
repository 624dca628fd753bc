import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.evaluation.sets import held_out, held_out_passages

Put = Callable[[int, list[str]], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """A set of 3 questions a passage, some passages to be left out."""

    def write(passages: int, left_out: list[str]) -> Path:
        questions = [{"id": f"q{p}-{n}", "passage_id": f"p{p}"} for p in range(passages) for n in range(3)]
        removed = [{"id": f"l{p}", "remove_passage_ids": [p]} for p in left_out]
        for name, found in (("questions", questions), ("leave_gold_out", removed)):
            (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in found))
        return tmp_path

    return write


def test_what_is_held_out_depends_on_the_ids_alone(put: Put) -> None:
    folder = put(20, [])
    before = [row["id"] for row in held_out(folder, 7)]
    lines = (folder / "questions.jsonl").read_text().splitlines()
    (folder / "questions.jsonl").write_text("\n".join(reversed(lines)))
    assert [row["id"] for row in held_out(folder, 7)] == before
    assert len(before) == 7


def test_passages_are_held_out_whole_and_no_more_than_needed(put: Put) -> None:
    folder = put(20, [])
    assert len(held_out_passages(folder, 7)) == 3
    assert {row["passage_id"] for row in held_out(folder, 9)} == held_out_passages(folder, 9)


def test_passages_that_will_be_left_out_come_first(put: Put) -> None:
    assert held_out_passages(put(20, ["p3", "p11"]), 6) == {"p3", "p11"}
    assert held_out_passages(put(20, ["p3", "p11"]), 7) > {"p3", "p11"}
