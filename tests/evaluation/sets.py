"""The large sets (cmrc2018, drcd_s): which of their questions are for measuring, so that training keeps off them.

Whole passages are held out, in the order of the SHA-256 of their id, until they have 1,000 questions; where questions
are to be asked with their passage left out (leave_gold_out.jsonl), those passages come first.
"""

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

HELD_OUT = 1000  # questions of a set that no training may see

Row = dict[str, Any]


def rows(path: Path) -> list[Row]:
    """The rows of a JSONL file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def left_out(folder: Path) -> list[Row]:
    """The questions that are to be asked with the passages left out that answer them; none where the set has none."""
    path = folder / "leave_gold_out.jsonl"
    return rows(path) if path.is_file() else []


def order(key: str) -> str:
    """What ids are sorted by where a choice must depend on nothing else."""
    return sha256(key.encode()).hexdigest()


def held_out_passages(folder: Path, n: int = HELD_OUT) -> set[str]:
    """The ids of the passages that have at least n questions for measuring only."""
    counts = Counter(row["passage_id"] for row in rows(folder / "questions.jsonl"))
    chosen = {passage for row in left_out(folder) for passage in row["remove_passage_ids"]}
    held = sum(counts[passage] for passage in chosen)
    for passage in sorted(counts.keys() - chosen, key=order):
        if held >= n:
            break
        chosen.add(passage)
        held += counts[passage]
    return chosen


def held_out(folder: Path, n: int = HELD_OUT) -> list[Row]:
    """n questions of the held-out passages, in the order of the SHA-256 of their id."""
    passages = held_out_passages(folder, n)
    found = [row for row in rows(folder / "questions.jsonl") if row["passage_id"] in passages]
    return sorted(found, key=lambda row: order(row["id"]))[:n]
