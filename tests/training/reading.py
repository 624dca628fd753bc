"""cmrc2018 and DRCD as lists of sentences, the right one marked, split once and for all into train and held out.

Held out: passages in the order of the SHA-256 of their id, those of cmrc2018's leave_gold_out first, until
they have 1,000 questions. A passage is wholly in one part, so no held-out text was seen in training.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.normalise import terms
from index.passages import sentences

HELD_OUT = 1000  # questions of each set
SETS = ("cmrc2018", "drcd_s")


@dataclass(frozen=True, slots=True)
class Reading:
    """A question, its passage's sentences, which of them holds the answer, and where in it."""

    id: str
    question: str
    title: str
    passage_id: str
    sentences: tuple[str, ...]
    right: int
    answers: tuple[tuple[int, int], ...]  # spans in the right sentence, the first the first annotator's


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _order(passage_id: str) -> str:
    return hashlib.sha256(passage_id.encode()).hexdigest()


def held_out_passages(folder: Path) -> set[str]:
    """The passages whose questions are for evaluation only."""
    counts: dict[str, int] = defaultdict(int)
    for question in lines(folder / "questions.jsonl"):
        counts[question["passage_id"]] += 1
    left_out = folder / "leave_gold_out.jsonl"
    first = {p for row in lines(left_out) for p in row["remove_passage_ids"]} if left_out.is_file() else set()
    chosen: set[str] = set(first)
    held = sum(counts[p] for p in first)
    for passage in sorted(counts, key=_order):
        if held >= HELD_OUT:
            break
        if passage not in chosen:
            chosen.add(passage)
            held += counts[passage]
    return chosen


def _locate(question: str, answer: str, parts: tuple[str, ...]) -> tuple[int, int] | None:
    """(sentence, place in it): where the answer stands; of several places the one most like the question."""
    asked = set(terms(question))
    places = [
        (len(asked & set(terms(part))), -at, part.find(answer)) for at, part in enumerate(parts) if answer in part
    ]
    return (-max(places)[1], max(places)[2]) if places else None


def readings(folder: Path, held_out: bool) -> list[Reading]:
    """The questions of one part whose answer stands within one sentence, by id."""
    passages = {p["id"]: p for p in lines(folder / "passages.jsonl")}
    outside = held_out_passages(folder)
    found = []
    for row in lines(folder / "questions.jsonl"):
        if (row["passage_id"] in outside) != held_out:
            continue
        passage = passages[row["passage_id"]]
        text = passage["text"]
        parts = tuple(text[s.start : s.end] for s in sentences(text, 0, len(text)))
        placed = next(((a, p) for a in row["answers"] if (p := _locate(row["question"], a, parts))), None)
        if placed is None:
            continue
        right, _ = placed[1]
        spans = tuple(
            (parts[right].find(a), parts[right].find(a) + len(a))
            for a in dict.fromkeys((placed[0], *row["answers"]))
            if a in parts[right]
        )
        found.append(Reading(row["id"], row["question"], passage["title"], passage["id"], parts, right, spans))
    found.sort(key=lambda r: _order(r.id))
    return found[:HELD_OUT] if held_out else found
