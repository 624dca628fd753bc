"""How sure an answer is: the chance that it is right, from the judge's reading, or else from its score.

Logistic regression fitted on answered questions with known answers (python -m tests.evaluation.calibrate), where
"right" means that the question is answerable and the answer holds a gold answer: those of gold and gold2, and those of
tests/training/asked.py that no training used. The score alone tells little: most of what is wrong looks as sure. The
judge's reading tells more, and the score then nothing besides.
"""

import math

from assistant.judge import log_odds
from assistant.ranking import Ranked

CENTRE, STEP = 0.88, 0.05  # of the scores, so that the weights are of one size
ALONE = (0.32, 1.76)  # weight of the score, and the constant
JUDGED = (0.58, 1.68)  # weight of the judge's log odds, and the constant


def feature(ranked: Ranked) -> float:
    """The judge's log odds that the sentence answers; without a reading the score about the centre."""
    return log_odds(ranked.reading) if ranked.reading else (ranked.score - CENTRE) / STEP


def confidence(ranked: Ranked) -> float:
    """0…1, higher is surer."""
    weight, constant = JUDGED if ranked.reading else ALONE
    return round(1 / (1 + math.exp(-(weight * feature(ranked) + constant))), 3)
