"""The judge's network: question, context and sentence read together, over token vectors that are there already.

The embedding model has read each alone; its token vectors are the input, so that those kept in the catalogue
are used as they are. Each token is compared with what it is most like on the other side (decomposable attention:
Parikh et al. 2016, arXiv:1606.01933); a few narrow transformer layers read the comparisons. One row holds a null
token, the question, the context (title, headings), the sentence. Among the starts and ends the null token stands
for "no span" (Devlin et al. 2019, arXiv:1810.04805).

Importing this module imports torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from index.judge import CHARACTERS, CONTEXT, MAX_SENTENCE, NULL, PAD, QUESTION, SENTENCE
from index.products import TOKEN_SCALE

FEATURES = 4  # of a position; see _nearest and Rows.same
POSITIONS = MAX_SENTENCE
NEIGHBOURS = 5  # tokens that one layer reads together, side by side


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows to judge, padded. vectors (b, n, dim) unit rows; kinds, positions (b, n); same, characters (b, n, 2).

    same: whether the token's characters stand on the other side: a question's in the sentence and in the
    context, any other's in the question. characters: its first and its last, 0 … CHARACTERS.
    """

    vectors: Tensor
    kinds: Tensor
    positions: Tensor
    same: Tensor
    characters: Tensor


class _Layer(nn.Module):
    """A transformer layer, normalised before each part; before it each token reads its neighbours."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm0 = nn.LayerNorm(width)
        self.near = nn.Conv1d(width, width, NEIGHBOURS, padding="same", groups=width)
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        """there: (b, n), False for padding."""
        b, n, width = x.shape
        beside = self.near((self.norm0(x) * there[..., None]).transpose(1, 2)).transpose(1, 2)
        x = x + self.dropout(functional.gelu(beside))
        q, k, v = self.qkv(self.norm1(x)).view(b, n, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=there[:, None, None, :])
        x = x + self.dropout(self.out(mixed.transpose(1, 2).reshape(b, n, width)))
        read: Tensor = x + self.dropout(self.down(functional.gelu(self.up(self.norm2(x)))))
        return read


class JointNetwork(nn.Module):
    """Rows to (answer logits (b,), log-probabilities of starts and ends (b, n, 2), the null token at 0)."""

    mean: Tensor
    spread: Tensor

    def __init__(self, dim: int = 384, width: int = 160, layers: int = 3, heads: int = 4, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = {"dim": dim, "width": width, "layers": layers, "heads": heads}
        self.sharpness = nn.Parameter(torch.tensor([8.0]))
        # The token vectors of one model lie close together; what sets them apart is made visible.
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("spread", torch.ones(dim))
        self.compare = nn.Linear(4 * dim, width)
        self.first = nn.Embedding(CHARACTERS + 1, width)
        self.last = nn.Embedding(CHARACTERS + 1, width)
        self.kinds = nn.Embedding(SENTENCE + 1, width)
        self.positions = nn.Embedding(POSITIONS, width)
        self.features = nn.Linear(FEATURES, width, bias=False)
        self.layers = nn.ModuleList(_Layer(width, heads, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.span = nn.Linear(width, 2)
        self.pool = nn.Linear(3 * width, width)
        self.answer = nn.Linear(width, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, rows: Rows) -> tuple[Tensor, Tensor]:
        kinds = rows.kinds
        there = kinds != PAD
        apart = (rows.vectors - self.mean) * there[..., None]
        unit = functional.normalize(apart, dim=-1)
        similarity = unit @ unit.transpose(1, 2)
        asks = kinds == QUESTION
        other = torch.where(asks[:, :, None], (kinds == SENTENCE)[:, None, :], asks[:, None, :])
        own = apart / self.spread
        aligned = (similarity * self.sharpness).masked_fill(~other, -1e4).softmax(dim=-1).to(own.dtype) @ own
        pairs = torch.cat((own, aligned, own - aligned, own * aligned), dim=-1)
        x = self.compare(self.dropout(pairs)) + self.kinds(kinds) + self.positions(rows.positions)
        x = x + self.first(rows.characters[..., 0]) + self.last(rows.characters[..., 1])
        x = x + self.features(torch.cat((_nearest(similarity, kinds), rows.same), dim=-1).to(x.dtype))
        for layer in self.layers:
            x = layer(x, there)
        x = self.norm(x)
        spans = self.span(x).float()
        spans = spans.masked_fill(((kinds != SENTENCE) & (kinds != NULL))[..., None], -torch.inf)
        weight = asks[..., None].to(x.dtype)
        mean = (x * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1)
        most = x.masked_fill(~asks[..., None], -1e4).amax(dim=1).clamp(min=-1e3)
        pooled = functional.gelu(self.pool(torch.cat((x[:, 0], mean, most), dim=-1)))
        return self.answer(self.dropout(pooled))[:, 0].float(), spans.log_softmax(dim=1)


def _nearest(similarity: Tensor, kinds: Tensor) -> Tensor:
    """(b, n, 2): the greatest similarity of a question's token in the sentence and in the context; of any other
    in the question, and 0."""

    def greatest(kind: int) -> Tensor:
        there = (kinds == kind)[:, None, :]
        return similarity.masked_fill(~there, -1.0).amax(dim=-1).masked_fill(~there.any(dim=-1), 0.0)

    asks = kinds == QUESTION
    first = torch.where(asks, greatest(SENTENCE), greatest(QUESTION))
    second = torch.where(asks, greatest(CONTEXT), torch.zeros_like(first))
    return torch.stack((first, second), dim=-1) * (kinds > NULL)[..., None]


def packed(state: Mapping[str, Tensor]) -> dict[str, NDArray[np.generic]]:
    """The weights as stored: matrices as int8 with a scale for each row, the rest as float16."""
    stored: dict[str, NDArray[np.generic]] = {}
    for name, value in state.items():
        if value.ndim == 2 and min(value.shape) > FEATURES + 1:
            scale = value.abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / TOKEN_SCALE
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
