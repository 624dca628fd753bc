"""The judge's network: a few transformer layers over the token vectors of a question and a sentence together.

The embedding model has read both alone; its token vectors are the input, so that those kept in the catalogue
are used as they are (upper layers over precomputed representations: MacAvaney et al. 2020, arXiv:2004.14255).
One row holds a null token, the question, the context (title, headings), the sentence. The null token answers
"does the sentence answer?", and stands for "no span" among the starts and ends (Devlin et al. 2019).

Importing this module imports torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

PAD, NULL, QUESTION, CONTEXT, SENTENCE = range(5)  # what a position of a row is
FEATURES = 4  # of a position; see JointNetwork.forward
MAX_QUESTION, MAX_CONTEXT, MAX_SENTENCE = 64, 40, 224  # tokens that are read
POSITIONS = MAX_SENTENCE
LEVELS = 127.0  # of the int8 in which weights are stored, row by row, and of the kept token vectors


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows to judge, padded. vectors (b, n, dim) unit rows; kinds, positions (b, n); same (b, n, 2).

    same: whether the token's characters stand on the other side: a question's in the sentence and in the
    context, any other's in the question.
    """

    vectors: Tensor
    kinds: Tensor
    positions: Tensor
    same: Tensor


class _Layer(nn.Module):
    """A layer of BERT, its three projections in one."""

    def __init__(self, dim: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)
        self.norm1 = nn.LayerNorm(dim, eps=1e-12)
        self.up = nn.Linear(dim, inner)
        self.down = nn.Linear(inner, dim)
        self.norm2 = nn.LayerNorm(dim, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        b, n, dim = x.shape
        q, k, v = self.qkv(x).view(b, n, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self.norm1(x + self.dropout(self.out(mixed.transpose(1, 2).reshape(b, n, dim))))
        read: Tensor = self.norm2(x + self.dropout(self.down(functional.gelu(self.up(x)))))
        return read


class JointNetwork(nn.Module):
    """Rows to (answer logits (b,), log-probabilities of starts and ends (b, n, 2), the null token at 0)."""

    def __init__(
        self, dim: int = 384, layers: int = 4, heads: int = 12, inner: int = 1536, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.shape = {"dim": dim, "layers": layers, "heads": heads, "inner": inner}
        self.scale = nn.Parameter(torch.ones(dim))
        self.kinds = nn.Embedding(SENTENCE + 1, dim)
        self.positions = nn.Embedding(POSITIONS, dim)
        self.features = nn.Linear(FEATURES, dim, bias=False)
        self.layers = nn.ModuleList(_Layer(dim, heads, inner, dropout) for _ in range(layers))
        self.span = nn.Linear(dim, 2)
        self.pool = nn.Linear(dim, dim)
        self.answer = nn.Linear(dim, 1)

    def forward(self, rows: Rows) -> tuple[Tensor, Tensor]:
        kinds = rows.kinds
        x = rows.vectors * self.scale + self.kinds(kinds) + self.positions(rows.positions)
        x = x + self.features(torch.cat((_nearest(rows), rows.same), dim=-1).to(x.dtype))
        mask = (kinds != PAD)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        spans = self.span(x).float()
        spans = spans.masked_fill(((kinds != SENTENCE) & (kinds != NULL))[..., None], -torch.inf)
        answers = self.answer(torch.tanh(self.pool(x[:, 0])))
        return answers[:, 0].float(), spans.log_softmax(dim=1)


def _nearest(rows: Rows) -> Tensor:
    """(b, n, 2): the greatest similarity of a question's token in the sentence and in the context; of any other
    in the question, and 0."""
    kinds = rows.kinds
    similarity = rows.vectors @ rows.vectors.transpose(1, 2)

    def greatest(kind: int) -> Tensor:
        there = (kinds == kind)[:, None, :]
        found = similarity.masked_fill(~there, -1.0).amax(dim=-1)
        return found.masked_fill(~there.any(dim=-1), 0.0)

    asks = kinds == QUESTION
    first = torch.where(asks, greatest(SENTENCE), greatest(QUESTION))
    second = torch.where(asks, greatest(CONTEXT), torch.zeros_like(first))
    inside = (kinds > NULL)[..., None]
    return torch.stack((first, second), dim=-1) * inside


def packed(state: Mapping[str, Tensor]) -> dict[str, NDArray[np.generic]]:
    """The weights as stored: matrices as int8 with a scale for each row, the rest as float16."""
    stored: dict[str, NDArray[np.generic]] = {}
    for name, value in state.items():
        if value.ndim == 2 and value.shape[0] > FEATURES and value.shape[1] > FEATURES:
            scale = value.abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / LEVELS
            stored[name] = torch.round(value / scale).to(torch.int8).numpy()
            stored[name + ".scale"] = scale.to(torch.float32).numpy()
        else:
            stored[name] = value.to(torch.float16).numpy()
    return stored


def unpacked(stored: Mapping[str, NDArray[np.generic]]) -> dict[str, Tensor]:
    """The weights, float32, as `packed` stored them."""
    state = {}
    for name, value in stored.items():
        if name.endswith(".scale"):
            continue
        weight = torch.from_numpy(value.astype(np.float32))
        scale = stored.get(name + ".scale")
        state[name] = weight if scale is None else weight * torch.from_numpy(scale.astype(np.float32))
    return state
