import numpy as np
import pytest

from index import products
from index.products import TOKEN_SCALE, cosines
from index.types import Tokens, Vectors


def rows(count: int, seed: int) -> Vectors:
    made = np.random.default_rng(seed).standard_normal((count, 384))
    unit: Vectors = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    return unit


@pytest.mark.parametrize("int8", [False, True])
@pytest.mark.parametrize(("questions", "tokens"), [(1, 1), (17, 1), (1, 300), (23, 700), (9, 3000)])
def test_cosines_are_those_of_the_tokens_as_they_are_kept(
    int8: bool, questions: int, tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "_multiplies_int8", lambda: int8)
    query = rows(questions, 1)
    query[0] = 0.0  # what has no direction is like nothing
    kept: Tokens = np.rint(rows(tokens, 2) * TOKEN_SCALE).astype(np.int8)
    found = cosines(query, np.split(kept, [0, tokens // 3, tokens // 2]))

    exact = query.astype(np.float64) @ kept.T.astype(np.float64) / TOKEN_SCALE
    assert found.shape == (questions, tokens) and found.dtype == np.float32
    assert np.abs(found - exact).max() < 1e-4
    assert not found[0].any()
