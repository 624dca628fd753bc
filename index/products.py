"""How alike token vectors are: a question's, float32, with the sentences', int8 as the catalogue keeps them."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np

from index.types import Tokens, Vectors

TOKEN_SCALE = 127.0  # token vectors are stored as int8
FINER = 254.0  # what is left of a rounded number, at most one half either way, in 127 steps
# Tokens multiplied at a time: what is made on the way stays in the processor's cache, and is no memory that the system
# gives page by page, which may take half a second for the tokens of long tables.
AT_ONCE = 512
ByToken = Callable[[Tokens], Vectors]  # (m, dim) → (n, m)


def cosines(query: Vectors, texts: Sequence[Tokens]) -> Vectors:
    """(n, m) float32, −1…1, of query (n, dim) float32 unit rows and all texts' tokens, (·, dim) int8, side by side."""
    multiplied = _by_int8(query) if _multiplies_int8() else _by_float32(query)
    found = np.empty((len(query), sum(map(len, texts))), np.float32)
    at = 0
    for some in _groups(texts):
        tokens = np.concatenate(some)
        np.divide(multiplied(tokens), TOKEN_SCALE, out=found[:, at : at + len(tokens)])
        at += len(tokens)
    return found


def _groups(texts: Sequence[Tokens]) -> Iterator[list[Tokens]]:
    """The texts in their order, so many together as have AT_ONCE tokens or a text more."""
    some: list[Tokens] = []
    count = 0
    for text in texts:
        some.append(text)
        count += len(text)
        if count >= AT_ONCE:
            yield some
            some, count = [], 0
    if some:
        yield some


def _by_float32(query: Vectors) -> ByToken:
    return lambda tokens: (tokens.astype(np.float32) @ query.T).T


def _by_int8(query: Vectors) -> ByToken:
    """The same without spreading the tokens out: each number of the query as two int8, a coarse and a fine one.

    The sums are exact; what the query loses by it is less than 1e-4 of a cosine.
    """
    import torch

    step = np.maximum(np.abs(query).max(axis=1, keepdims=True), 1e-8) / TOKEN_SCALE
    coarse = np.rint(query / step)
    fine = np.rint((query / step - coarse) * FINER)
    levels = torch.from_numpy(np.concatenate((coarse, fine)).astype(np.int8))

    def multiplied(tokens: Tokens) -> Vectors:
        sums = torch._int_mm(levels, torch.from_numpy(tokens).t()).numpy().astype(np.float32)
        found: Vectors = (sums[: len(query)] + sums[len(query) :] / FINER) * step
        return found

    return multiplied


@cache
def _multiplies_int8() -> bool:
    from index.layers import VnniProduct, quickest_product

    return quickest_product() is VnniProduct
