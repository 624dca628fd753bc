"""The network of index/joint.py as it is trained: the same weights by the same names, over padded rows.

tests/index/test_joint.py holds the two against each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from index.joint import stand_in
from index.judge import CHARACTERS, CONTEXT, MAX_SENTENCE, NULL, PAD, QUESTION, SENTENCE, Text
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


def rows_of(texts: Sequence[tuple[Text, Text | None, Text]]) -> Rows:
    """The network's input for (question, context, sentence) each, padded to the longest."""
    parts = [_places(question, context, sentence) for question, context, sentence in texts]
    length = max(len(kinds) for kinds, _ in parts)
    dim = texts[0][0].tokens.shape[1]
    vectors = np.zeros((len(texts), length, dim), np.float32)
    kinds = np.zeros((len(texts), length), np.int64)
    positions = np.zeros((len(texts), length), np.int64)
    same = np.zeros((len(texts), length, 2), np.float32)
    characters = np.zeros((len(texts), length, 2), np.int64)
    for row, ((question, context, sentence), (of, at)) in enumerate(zip(texts, parts, strict=True)):
        kinds[row, : len(of)], positions[row, : len(of)] = of, at
        for kind, text in ((QUESTION, question), (CONTEXT, context), (SENTENCE, sentence)):
            if text is not None:
                here = np.flatnonzero(of == kind)
                vectors[row, here] = text.tokens / np.float32(TOKEN_SCALE)
                characters[row, here] = text.characters
                same[row, here, 0] = stand_in(text.words, (sentence if kind == QUESTION else question).surface)
                if kind == QUESTION and context is not None:
                    same[row, here, 1] = stand_in(text.words, context.surface)
    return Rows(*(torch.from_numpy(a) for a in (vectors, kinds, positions, same, characters)))


def _places(question: Text, context: Text | None, sentence: Text) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Kind and position of each place of a row: the null token, question, context, sentence."""
    above = len(context.tokens) if context else 0
    counts = ((NULL, 1), (QUESTION, len(question.tokens)), (CONTEXT, above), (SENTENCE, len(sentence.tokens)))
    kinds = np.concatenate([np.full(n, kind, np.int64) for kind, n in counts])
    positions = np.concatenate([np.arange(n) for _, n in counts])
    return kinds, positions


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
