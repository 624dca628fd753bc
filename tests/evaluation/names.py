"""Fits the choice of the name that is asked for (assistant/names.py).

    python -m tests.evaluation.names DATA --cache DIR

The questions of gold, gold2 and report, and those asked over the libraries that no training uses, as far as they ask
for a name, are answered and the judge has read the sentence. Prints the weights, and how many of the names told are
right: of each set by weights that were fitted on the others.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from assistant import names as model
from tests.evaluation.libraries import assistant_over
from tests.evaluation.scoring import ask, letters
from tests.evaluation.sets import Row, rows
from tests.evaluation.suite import asked_over, evidence_documents, kept_name, questions_of

SETS = ("gold", "gold2", "report")
RIDGE = 0.001  # prior: weights are about 0
SHARES = (0.2, 0.25, 0.3, 0.4)  # of the chance that the best must have, for which is told what comes of it


@dataclass(frozen=True, slots=True)
class Case:
    """A question: what the choice sees of each candidate, (n, f), and which are right, (n,)."""

    group: str
    found: torch.Tensor
    right: torch.Tensor


def cases(assistant: Any, group: str, questions: list[Row]) -> Iterator[Case]:
    for row in questions:
        if not row["answerable"] or row["match"] == "all":
            continue
        with patch("assistant.answering.choose_name", return_value=None) as asked:
            ask(assistant, row)
        if asked.call_count != 1 or asked.call_args[0][3] is None or not len(asked.call_args[0][3].starts):
            continue
        names, found = model.features(*asked.call_args[0])
        right = [letters(name.text) in {letters(a) for a in row["answers"]} for name in names]
        if names:
            yield Case(group, torch.tensor(found, dtype=torch.float32), torch.tensor(right))


def odds(case: Case, weights: torch.Tensor) -> torch.Tensor:
    """The chances, (n + 1,), that each candidate is named, and none."""
    return torch.softmax(torch.cat([case.found @ weights[:-1], weights[-1:]]), 0)


def fit(some: list[Case]) -> torch.Tensor:
    """(f + 1,) weights, that of "none" the last."""
    weights = torch.zeros(len(model.WEIGHTS) + 1, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=300, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        chances = [odds(case, weights) for case in some]
        right = [torch.cat([case.right, ~case.right.any(0, keepdim=True)]) for case in some]
        likely = torch.stack([chance[yes].sum() for chance, yes in zip(chances, right, strict=True)])
        loss = -likely.clamp(min=1e-9).log().mean() + RIDGE * (weights[:-1] ** 2).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return weights.detach()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with gold/, gold2/, docs/, gov_passages.jsonl")
    parser.add_argument("--cache", type=Path, required=True, help="keep the libraries here")
    given = parser.parse_args()
    some: list[Case] = []
    for name in SETS:
        questions = rows(questions_of(name, given.data))
        documents = evidence_documents(questions, given.data / "docs")
        library = given.cache / kept_name("gold" if name == "report" else name)
        some += cases(assistant_over(library, documents), name, questions)
    for number, (assistant, questions) in enumerate(asked_over(given.data, given.cache)):
        some += cases(assistant, f"asked {number}", questions)
    for share in SHARES:
        told = right = 0
        for group in sorted({case.group for case in some}):
            weights = fit([case for case in some if case.group != group])
            for case in (case for case in some if case.group == group):
                chances = odds(case, weights)
                best = int(chances[:-1].argmax())
                told += bool(chances[best] >= share)
                right += bool(chances[best] >= share and case.right[best])
        sys.stdout.write(f"of {len(some)}: named from {share} on {told}, right {right}\n")
    *fitted, none = fit(some).tolist()
    sys.stdout.write(f"WEIGHTS = ({', '.join(f'{w:.2f}' for w in fitted)})\nNONE = {none:.2f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
