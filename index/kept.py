"""Encodings kept from question to question: what is searched for again need not wait for the model."""

from collections.abc import Callable, Sequence

import numpy as np

from index.lately import Lately
from index.products import TOKEN_SCALE
from index.search import as_int8
from index.types import Embedder, Encoding, Role, Vectors

KEPT_TOKENS = 8192  # of all texts together: 12 MB of token vectors, some 400 questions


class KeptEncodings:
    """One embedder's encodings of single texts, those met lately out of memory. Safe to use from several threads.

    What is kept is shared by all who ask for it, and so cannot be written to.
    """

    def __init__(self, embedder: Embedder, tokens: int = KEPT_TOKENS) -> None:
        self._embedder = embedder
        self._kept: Lately[tuple[Role, str], Encoding] = Lately(tokens, _size)

    def encode(self, text: str, role: Role) -> tuple[Encoding, bool]:
        """The text's encoding, and whether it was kept."""
        if known := self._kept.get((role, text)):
            return known, True
        new = self._embedder.encode([text], role)[0]
        for array in (new.vector, new.tokens, new.offsets):
            array.flags.writeable = False
        self._kept.put((role, text), new)
        return new, False


class Remembering:
    """An embedder that has queries out of what is kept of them, and encodes all else."""

    def __init__(self, embedder: Embedder, kept: KeptEncodings) -> None:
        self.name, self.revision = embedder.name, embedder.revision
        self.dimension, self.max_tokens = embedder.dimension, embedder.max_tokens
        self.count_tokens = embedder.count_tokens
        self._embedder = embedder
        self._kept = kept

    def encode(self, texts: list[str], role: Role, progress: Callable[[int], None] | None = None) -> list[Encoding]:
        """See Embedder."""
        if role == "query":
            return [self._kept.encode(text, role)[0] for text in texts]
        return self._embedder.encode(texts, role, progress)


def _size(encoding: Encoding) -> int:
    return 1 + len(encoding.tokens)  # the sentence's own vector counts too


class KeptTexts:
    """Texts that are no part of a library, encoded once, to hold queries against."""

    def __init__(self, embedder: Embedder, texts: Sequence[str]) -> None:
        tokens = [as_int8(one.tokens) for one in embedder.encode(list(texts), "passage")]
        self._starts = np.cumsum([0, *(len(one) for one in tokens[:-1])])
        self._comparable = bool(tokens) and all(len(one) for one in tokens)
        # As in the catalogue, so that the scores compare with a search's; spread out once, not for each query.
        spread = np.concatenate(tokens).astype(np.float32) / TOKEN_SCALE if tokens else np.empty((0, 0))
        self._columns = np.ascontiguousarray(spread.T)  # (dim, m): so multiplied in half the time

    def best(self, query: Vectors, weights: Vectors) -> float | None:
        """The best late-interaction score of a query, (n, dim) with weights (n,), over the texts; higher is better.

        None where the model gives no token vectors. See index.search.late_interaction.
        """
        if not self._comparable or not len(query):
            return None
        nearest = np.maximum.reduceat(query @ self._columns, self._starts, axis=1)
        return float((weights @ nearest).max() / max(float(weights.sum()), 1e-6))
