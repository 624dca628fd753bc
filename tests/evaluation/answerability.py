"""Fits the chance that a passage speaks of what was asked (assistant/answerability.py).

    python -m tests.evaluation.answerability DATA --cache DIR [--questions 700]

Answerable: the questions of gold and gold2, each also as if the library had the words of many more documents (the
paragraphs of gov_passages.jsonl): colloquial words then stand elsewhere too, and that must not refuse them; those asked
over the libraries that no training uses (tests/training/asked.py); and questions of drcd_s that are not held out and
that no training used. Not answerable: the others asked over those libraries, and the same questions of drcd_s with
the article taken away that their passage is from. Prints the weights, and for a few thresholds how many are refused.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from assistant import Assistant
from assistant import answerability as model
from index import Query, SearchResult, terms
from tests.evaluation.calibrate import fit
from tests.evaluation.libraries import assistant_over, assistant_over_passages
from tests.evaluation.scoring import ask
from tests.evaluation.sets import Row, held_out_passages, order, rows
from tests.evaluation.suite import asked_over, evidence_documents, kept_name
from tests.training.reading import readings
from tests.training.train import QUESTIONS

SET = "drcd_s"
WIDER = (0, 3000, 10**6)  # paragraphs whose words the library is given besides its own
# As how many a question of a set counts: each of gold counts thrice, as in libraries of three sizes.
TIMES = {"asked": 2}
REFUSED = (0.01, 0.02, 0.03, 0.04, 0.05)  # of the answerable on official papers, at the thresholds that are told
MORE_HITS = 40  # are searched for, as some are taken away

Case = tuple[str, bool, tuple[float, ...]]  # set, answerable, features


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
    with patch("assistant.answering.features", recorder), patch("assistant.answering.is_answered", lambda _: True):
        yield


def note(assistant: Assistant, row: Row, recorder: Recorder, name: str, answerable: bool = True) -> list[Case]:
    """A question's features, for each wider library; nothing where another check refuses it."""
    recorder.found.clear()
    with recording(recorder):
        answer = ask(assistant, row)
    return [(name, answerable, found) for found in recorder.found] if answer.status == "answered" else []


def official(data: Path, cache: Path) -> Iterator[Case]:
    """The answerable questions of gold and gold2."""
    paragraphs = [row["text"] for row in rows(data / "gov_passages.jsonl")]
    wider = [frozenset(term for text in paragraphs[:count] for term in terms(text)) for count in WIDER]
    for name in ("gold", "gold2"):
        questions = rows(data / name / "dev.jsonl")
        assistant = assistant_over(cache / kept_name(name), evidence_documents(questions, data / "docs"))
        for row in questions:
            if row["evidence"]:
                yield from note(assistant, row, Recorder(wider), name)


def asked(data: Path, cache: Path) -> Iterator[Case]:
    """The questions over the libraries that no training uses."""
    for assistant, questions in asked_over(data, cache):
        for row in questions:
            yield from note(assistant, row, Recorder([frozenset()]), "asked", row["answerable"])


def taken_away(assistant: Assistant, gone: Collection[str]) -> Any:
    """The library's search without some documents' passages."""
    whole = assistant.library.search

    def search(query: Query | str, k: int = 10, documents: Any = None) -> SearchResult:
        found = whole(query, k + MORE_HITS, documents)
        left = tuple(hit for hit in found.hits if hit.passage.document_id not in gone)
        return replace(found, hits=left[:k])

    return patch.object(assistant.library, "search", search)


def encyclopedia(data: Path, cache: Path, count: int) -> Iterator[Case]:
    """Questions that are not held out and not trained with, with the article that answers them and without."""
    folder = data / SET
    assistant = assistant_over_passages(cache / kept_name(SET), folder)
    ids = {document.file_name: document.id for document in assistant.library.documents()}
    article = {row["id"]: row["title"] for row in rows(folder / "passages.jsonl")}
    words: dict[str, set[str]] = defaultdict(set)
    files: dict[str, set[str]] = defaultdict(set)
    for row in rows(folder / "passages.jsonl"):
        words[row["title"]] |= {*terms(row["text"]), *terms(row["title"])}
        files[row["title"]].add(ids[f"{row['id']}.txt"])
    holding = Counter(term for held in words.values() for term in held)
    seen = {r.id for r in readings(folder, held_out=False)[: QUESTIONS[SET]]}
    kept = held_out_passages(folder)
    free = [r for r in rows(folder / "questions.jsonl") if r["passage_id"] not in kept and r["id"] not in seen]
    for row in sorted(free, key=lambda row: order(row["id"]))[:count]:
        yield from note(assistant, row, Recorder([frozenset()]), SET)
        gone = article[row["passage_id"]]
        only_there = frozenset(term for term in words[gone] if holding[term] == 1)
        with taken_away(assistant, files[gone]):
            yield from note(assistant, row, Recorder([frozenset()], only_there), SET, False)


def told(cases: list[Case], name: str) -> Iterator[str]:
    """The weights that fit some cases, and what they refuse."""
    sets, right = np.array([of for of, _, _ in cases]), np.array([answerable for _, answerable, _ in cases])
    found = np.array([features for _, _, features in cases])
    times = np.array([TIMES.get(of, 1) for of in sets])
    weights = fit(np.repeat(found, times, axis=0), np.repeat(right, times).astype(float))
    yield f"{name} = ({', '.join(f'{w:.2f}' for w in weights)})"
    chances = 1 / (1 + np.exp(-(np.column_stack([found, np.ones(len(found))]) @ weights)))
    for share in REFUSED:
        least = np.quantile(chances[right & (sets != SET)], share)
        groups = [(of, yes) for of in sorted(set(sets)) for yes in (True, False) if (right[sets == of] == yes).any()]
        refused = (f"{of} {'' if yes else 'un'}answerable {(chances[(sets == of) & (right == yes)] < least).mean():.3f}"
                   for of, yes in groups)  # fmt: skip
        yield f"below {least:.3f} refused: {', '.join(refused)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help=f"folder with gold/, gold2/, docs/, {SET}/, gov_passages.jsonl")
    parser.add_argument("--cache", type=Path, required=True, help="keep the libraries here")
    parser.add_argument("--questions", type=int, default=700, help=f"of {SET}")
    given = parser.parse_args()
    data, cache = given.data, given.cache
    cases = [*official(data, cache), *asked(data, cache), *encyclopedia(data, cache, given.questions)]
    bare = len(model.ALONE) - 1
    for name, some in (
        ("ALONE", [(of, yes, found[:bare]) for of, yes, found in cases]),
        ("JUDGED", [case for case in cases if len(case[2]) > bare]),
    ):
        sys.stdout.write("\n".join(told(some, name)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
