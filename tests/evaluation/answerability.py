"""Fits the chance that a passage speaks of what was asked (assistant/answerability.py).

    python -m tests.evaluation.answerability DATA --cache DIR [--questions 800]

Answerable: the questions of gold and gold2, each also as if the library had the words of many more documents (the
paragraphs of gov_passages.jsonl): colloquial words then stand elsewhere too, and that must not refuse them; and
questions of cmrc2018 that are not held out. Not answerable: the same questions of cmrc2018 with their passage taken
away. Prints the weights, and for a few thresholds how many of each are refused.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from assistant import Assistant, Turn
from assistant import answerability as model
from index import Query, SearchResult, terms
from tests.evaluation.calibrate import fit
from tests.evaluation.libraries import assistant_over, assistant_over_passages
from tests.evaluation.sets import Row, held_out_passages, order, rows
from tests.evaluation.suite import evidence_documents, kept_name, without

WIDER = (0, 3000, 10**6)  # paragraphs whose words the library is given besides its own
GOLD_SHARE = 2  # a question on official papers counts as so many of the encyclopedia's
REFUSED = (0.01, 0.02, 0.03, 0.05)  # of the answerable, at the thresholds that are told
MORE_HITS = 4  # are searched for, as some are taken away

Case = tuple[str, tuple[float, ...]]


@dataclass
class Recorder:
    """Stands in for `features`: notes what they are, and lets every question pass."""

    wider: list[frozenset[str]]
    gone: frozenset[str] = frozenset()
    found: list[tuple[float, ...]] = field(default_factory=list)

    def __call__(self, question: Any, *seen: Any) -> tuple[float, ...]:
        *before, known = seen
        of: Any = model.features
        asked = set(model.content_terms(question))
        for words in self.wider:
            self.found.append(of(question, *before, (set(known) - self.gone) | (asked & words)))
        return self.found[-1]


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    with patch("assistant.answering.features", recorder), patch("assistant.answering.chance", lambda _: 1.0):
        yield


def ask(assistant: Assistant, row: Row, recorder: Recorder, name: str) -> list[Case]:
    recorder.found.clear()
    history = [Turn(turn["question"], turn.get("answer", "")) for turn in row.get("history", [])]
    with recording(recorder):
        answer = assistant.ask(row["question"], history)
    return [(name, found) for found in recorder.found] if answer.status == "answered" else []


def official(data: Path, cache: Path) -> Iterator[Case]:
    """The answerable questions of gold and gold2."""
    paragraphs = [row["text"] for row in rows(data / "gov_passages.jsonl")]
    wider = [frozenset(term for text in paragraphs[:count] for term in terms(text)) for count in WIDER]
    for name in ("gold", "gold2"):
        questions = rows(data / name / "dev.jsonl")
        assistant = assistant_over(cache / kept_name(name), evidence_documents(questions, data / "docs"))
        for row in questions:
            if row["evidence"]:
                yield from ask(assistant, row, Recorder(wider), name)


def taken_away(assistant: Assistant, gone: Collection[str]) -> Any:
    """The library's search without some documents' passages."""
    whole = assistant.library.search

    def search(query: Query | str, k: int = 10, documents: Any = None) -> SearchResult:
        found = whole(query, k + MORE_HITS, documents)
        left = tuple(hit for hit in found.hits if hit.passage.document_id not in gone)
        return replace(found, hits=left[:k])

    return patch.object(assistant.library, "search", search)


def encyclopedia(data: Path, cache: Path, count: int) -> Iterator[Case]:
    """Questions of cmrc2018 that are not held out, with their passage and without."""
    folder = data / "cmrc2018"
    assistant = assistant_over_passages(cache / kept_name(folder.name), folder)
    ids = {document.file_name: document.id for document in assistant.library.documents()}
    words = {row["id"]: {*terms(row["text"]), *terms(row["title"])} for row in rows(folder / "passages.jsonl")}
    holding = Counter(term for held in words.values() for term in held)
    kept = held_out_passages(folder)
    free = [row for row in rows(folder / "questions.jsonl") if row["passage_id"] not in kept]
    for row in sorted(free, key=lambda row: order(row["id"]))[:count]:
        yield from ask(assistant, row, Recorder([frozenset()]), "with")
        only_there = frozenset(term for term in words[row["passage_id"]] if holding[term] == 1)
        with taken_away(assistant, {ids[f"{row['passage_id']}.txt"]}):
            yield from ask(assistant, row, Recorder([frozenset()], only_there), "without")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with gold/, gold2/, docs/, cmrc2018/, gov_passages.jsonl")
    parser.add_argument("--cache", type=Path, required=True, help="keep the libraries here")
    parser.add_argument("--questions", type=int, default=800, help="of cmrc2018")
    given = parser.parse_args()
    with without(["judge"]):  # which has seen some of these, and refuses by itself
        cases = [*official(given.data, given.cache), *encyclopedia(given.data, given.cache, given.questions)]
    names = np.array([name for name, _ in cases])
    found = np.array([features for _, features in cases])
    right = (names != "without").astype(float)
    times = np.where(np.isin(names, ["gold", "gold2"]), GOLD_SHARE, 1)
    weights = fit(np.repeat(found, times, axis=0), np.repeat(right, times))
    sys.stdout.write(f"WEIGHTS = {tuple(round(float(w), 2) for w in weights[:-1])}\n")
    sys.stdout.write(f"CONSTANT = {weights[-1]:.2f}\n")
    chances = 1 / (1 + np.exp(-(np.column_stack([found, np.ones(len(found))]) @ weights)))
    for share in REFUSED:
        least = np.quantile(chances[right == 1], share)
        refused = ", ".join(f"{n} {(chances[names == n] < least).mean():.3f}" for n in sorted(set(names)))
        sys.stdout.write(f"below {least:.3f} refused: {refused}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
