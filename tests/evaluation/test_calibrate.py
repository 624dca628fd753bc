"""The fit of confidence, on outcomes drawn from known chances."""

import numpy as np

from tests.evaluation.calibrate import fit, table


def test_the_weights_that_the_outcomes_were_drawn_with_are_found_again() -> None:
    random = np.random.default_rng(7)
    x = random.normal(size=(4000, 2))
    chance = 1 / (1 + np.exp(-(1.5 * x[:, 0] - 0.7 * x[:, 1] + 0.4)))
    right = (random.random(4000) < chance).astype(float)
    assert np.allclose(fit(x, right), [1.5, -0.7, 0.4], atol=0.15)


def test_the_table_tells_how_many_are_right_in_each_bin() -> None:
    lines = table(np.array([0.1, 0.1, 0.9, 1.0]), np.array([0.0, 1.0, 1.0, 1.0]))
    assert len(lines) == 2 and "right 0.50" in lines[0] and "n    2" in lines[1] and "right 1.00" in lines[1]
