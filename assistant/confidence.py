"""How sure an answer is: the chance that it is right, from its score and the judge's reading.

Logistic regression fitted on answered questions of the gold sets (tests/evaluation/calibrate.py), where "right" means
that the question is answerable and the answer holds a gold answer. Without the judge the score alone is read linearly.
"""

import math

from assistant.ranking import Ranked

LOWEST_SCORE, HIGHEST_SCORE = 0.78, 0.98  # scores that mean no and full confidence where there is no judge
CENTRE, STEP = 0.88, 0.05  # of the scores, so that the weights are of one size
JUDGE_WEIGHT, SCORE_WEIGHT, SHIFT = 0.6, 0.5, 1.5
SURELY = 1e-4  # the judge is never surer than that


def features(ranked: Ranked) -> tuple[float, float] | None:
    """(the judge's log odds that the sentence answers, its score about the centre); None without a reading."""
    if ranked.reading is None:
        return None
    chance = min(1 - SURELY, max(SURELY, ranked.reading.answers))
    return math.log(chance / (1 - chance)), (ranked.score - CENTRE) / STEP


def confidence(ranked: Ranked) -> float:
    """0…1, higher is surer."""
    found = features(ranked)
    if found is None:
        return round(min(1.0, max(0.0, (ranked.score - LOWEST_SCORE) / (HIGHEST_SCORE - LOWEST_SCORE))), 3)
    judged, score = found
    return round(1 / (1 + math.exp(-(JUDGE_WEIGHT * judged + SCORE_WEIGHT * score + SHIFT))), 3)
