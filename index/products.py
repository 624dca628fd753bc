"""How alike token vectors are: a question's, float32, with the sentences', int8 as the catalogue keeps them."""

from functools import cache

import numpy as np

from index.types import Tokens, Vectors

TOKEN_SCALE = 127.0  # token vectors are stored as int8
FINER = 254.0  # what is left of a rounded number, at most one half either way, in 127 steps


def cosines(query: Vectors, tokens: Tokens) -> Vectors:
    """(n, m) float32, −1…1, of query (n, dim) float32 unit rows and tokens (m, dim) int8."""
    products = _by_int8(query, tokens) if _multiplies_int8() else (tokens.astype(np.float32) @ query.T).T
    products /= TOKEN_SCALE
    return products


def _by_int8(query: Vectors, tokens: Tokens) -> Vectors:
    """The same without spreading the tokens out: each number of the query as two int8, a coarse and a fine one.

    The sums are exact; what the query loses by it is less than 1e-4 of a cosine.
    """
    import torch

    step = np.maximum(np.abs(query).max(axis=1, keepdims=True), 1e-8) / TOKEN_SCALE
    coarse = np.rint(query / step)
    fine = np.rint((query / step - coarse) * FINER)
    levels = torch.from_numpy(np.concatenate((coarse, fine)).astype(np.int8))
    sums = torch._int_mm(levels, torch.from_numpy(tokens).t()).numpy().astype(np.float32)
    found: Vectors = (sums[: len(query)] + sums[len(query) :] / FINER) * step
    return found


@cache
def _multiplies_int8() -> bool:
    from index.layers import VnniProduct, quickest_product

    return quickest_product() is VnniProduct
