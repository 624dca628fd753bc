"""How sure an answer is: the chance that it is right, from its score and, where there is a judge, its reading.

Logistic regression fitted on answered questions with known answers (python -m tests.evaluation.calibrate), where
"right" means that the question is answerable and the answer holds a gold answer: those of gold and gold2, and 180 more
on the report and on five other documents. The score alone tells little: most of what is wrong looks as sure.
"""

import math

from assistant.judge import log_odds
from assistant.ranking import Ranked

CENTRE, STEP = 0.88, 0.05  # of the scores, so that the weights are of one size
ALONE = (0.31, 1.45)  # weight of the score, and the constant
JUDGED = (0.5, 0.6, 1.5)  # weights of the score and of the judge's log odds, and the constant


def features(ranked: Ranked) -> tuple[float, ...]:
    """The score about the centre and, with a reading, the judge's log odds that the sentence answers."""
    score = (ranked.score - CENTRE) / STEP
    if ranked.reading is None:
        return (score,)
    return score, log_odds(ranked.reading)


def confidence(ranked: Ranked) -> float:
    """0…1, higher is surer."""
    found = features(ranked)
    *weights, constant = ALONE if ranked.reading is None else JUDGED
    odds = sum(weight * value for weight, value in zip(weights, found, strict=True)) + constant
    return round(1 / (1 + math.exp(-odds)), 3)
