"""Fits the confidence of an answer on questions with known answers.

    python -m tests.evaluation.calibrate DATA --cache DIR [--sets gold gold2 asked]

Prints the weights for assistant/confidence.py, and how often answers of each confidence are right. An answer is right
where the question is answerable and the answer holds a gold answer (of a list, half of its items).
"""

import argparse
import sys
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from assistant import Answer
from assistant import confidence as model
from assistant.ranking import Ranked
from tests.evaluation.scoring import judge
from tests.evaluation.sets import HELD_OUT, Row
from tests.evaluation.suite import SETS, run

ROUNDS = 50  # of Newton's method
RIDGE = 1.0  # prior: weights are about 0, as of one question more
HALF = 0.5  # of a list
BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

Floats = NDArray[np.float64]


def fit(features: Floats, right: Floats) -> Floats:
    """Logistic regression: (k + 1,) weights, the constant last, of (n, k) features for (n,) outcomes 0 or 1."""
    x = np.column_stack([features, np.ones(len(features))])
    weights = np.zeros(x.shape[1])
    prior = np.diag([RIDGE] * (x.shape[1] - 1) + [1e-6])
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (right - chance) - prior @ weights
        weights += np.linalg.solve((x * (chance * (1 - chance))[:, None]).T @ x + prior, slope)
    return weights


def table(chances: Floats, right: Floats) -> list[str]:
    """For each bin of confidence: how many answers, how sure, how many right."""
    lines = []
    for low, high in pairwise(BINS):
        inside = (chances >= low) & ((chances < high) | (high == BINS[-1]))
        if inside.any():
            lines.append(f"{low:.1f}–{high:.1f}  n {inside.sum():4d}  told {chances[inside].mean():.2f}  "
                         f"right {right[inside].mean():.2f}")  # fmt: skip
    return lines


class Noted(float):
    """A confidence that keeps what it was made of."""

    feature: float
    judged: bool


def noted(ranked: Ranked) -> Noted:
    found = Noted(1.0)
    found.feature, found.judged = model.feature(ranked), ranked.reading is not None
    return found


def is_right(row: Row, answer: Answer) -> bool:
    figures = judge(row, answer)
    return figures.get("contains", 0.0) == 1.0 or figures.get("items", 0.0) >= HALF


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with gold/, gold2/, docs/, gov_passages.jsonl")
    parser.add_argument("--cache", type=Path, help="keep the libraries here")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=["gold", "gold2", "asked"])
    given = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = {"ALONE": [], "JUDGED": []}
    with patch("assistant.answering.confidence", noted):
        for outcome in (run(name, given.data, given.cache, HELD_OUT) for name in given.sets):
            for row, answer in zip(outcome.gold, outcome.answers, strict=True):
                if answer.status == "answered" and isinstance(answer.confidence, Noted):
                    name = "JUDGED" if answer.confidence.judged else "ALONE"
                    found[name].append((answer.confidence.feature, float(is_right(row, answer))))
    for name, some in found.items():
        if some:
            x, y = np.array(some)[:, :1], np.array(some)[:, 1]
            weights = fit(x, y)
            sys.stdout.write(f"{name} = ({', '.join(f'{w:.2f}' for w in weights)})\n")
            chances = 1 / (1 + np.exp(-np.column_stack([x, np.ones(len(x))]) @ weights))
            sys.stdout.write("\n".join(table(chances, y)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
