"""The judge's network: question, context and sentence read together, over token vectors that are there already.

The embedding model has read each alone; its token vectors are the input, so that those kept in the catalogue
are used as they are. Each token is compared with what it is most like on the other side (decomposable attention:
Parikh et al. 2016, arXiv:1606.01933); a few narrow transformer layers, where each token reads its neighbours before,
read the comparisons. Side by side stand a null token, the question, the context (title, headings), the sentence. Among
the starts and ends the null token stands for "no span" (Devlin et al. 2019, arXiv:1810.04805).

tests/training/network.py has the same network for training, with padding. Importing this module imports torch.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from index.judge import NULL, Text
from index.layers import FloatLinear, Norm, linear, linear_of_gelu
from index.products import TOKEN_SCALE


class _Near(nn.Module):
    """Each token's neighbours, and itself, weighed channel by channel; weight (dim, 1, neighbours), bias (dim,)."""

    weight: Tensor
    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.register_buffer("weight", weight[:, 0].t().contiguous())
        self.register_buffer("bias", bias)

    def forward(self, x: Tensor) -> Tensor:
        count, (n, _) = len(self.weight), x.shape
        beside = functional.pad(x, [0, 0, count // 2, count // 2])
        found = torch.addcmul(self.bias, beside[:n], self.weight[0])
        for at in range(1, count):
            found.addcmul_(beside[at : at + n], self.weight[at])
        return found


class _Layer(nn.Module):
    def __init__(self, heads: int, parts: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.heads = heads
        self.near, self.norm0, self.norm1, self.norm2 = (parts[n] for n in ("near", "norm0", "norm1", "norm2"))
        self.qkv, self.out, self.up, self.down = (parts[n] for n in ("qkv", "out", "up", "down"))

    def forward(self, x: Tensor) -> Tensor:
        n = len(x)
        x = x + functional.gelu(self.near(self.norm0(x)))
        q, k, v = self.qkv(self.norm1(x)).view(1, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind()
        mixed = functional.scaled_dot_product_attention(q, k, v)
        x = x + self.out(mixed.transpose(1, 2).reshape(n, -1))
        found: Tensor = x + self.down(functional.gelu(self.up(self.norm2(x))))
        return found


class JointNetwork(nn.Module):
    """Reads one sentence for one question.

    weights: by name, float32. Raises KeyError where one is missing.
    """

    mean: Tensor
    spread: Tensor
    sharpness: Tensor
    first: Tensor
    last: Tensor
    kinds: Tensor
    positions: Tensor
    features: Tensor

    def __init__(self, weights: Mapping[str, Tensor], layers: int, heads: int) -> None:
        super().__init__()

        def both(name: str) -> tuple[Tensor, Tensor]:
            return weights[f"{name}.weight"], weights[f"{name}.bias"]

        def exact(name: str) -> FloatLinear:
            return FloatLinear(*both(name))

        def layer(name: str) -> _Layer:
            parts: dict[str, nn.Module] = {"near": _Near(*both(f"{name}.near"))}
            parts |= {n: Norm(*both(f"{name}.{n}")) for n in ("norm0", "norm1", "norm2")}
            parts |= {n: linear(exact(f"{name}.{n}")) for n in ("qkv", "out", "up")}
            return _Layer(heads, parts | {"down": linear_of_gelu(exact(f"{name}.down"))})

        own, aligned, apart, product = weights["compare.weight"].tensor_split(4, dim=1)
        folded = torch.cat((own + apart, aligned - apart, product), dim=1)  # what is apart is own − aligned
        self.compare = linear(FloatLinear(folded, weights["compare.bias"]))
        self.layers = nn.ModuleList(layer(f"layers.{number}") for number in range(layers))
        self.norm = Norm(*both("norm"))
        self.span, self.pool, self.answer = (exact(name) for name in ("span", "pool", "answer"))
        self.scale = TOKEN_SCALE
        for name in ("mean", "spread", "sharpness"):
            self.register_buffer(name, weights[name])
        self.register_buffer("kinds", weights["kinds.weight"][NULL:])  # nothing is padded here
        for name in ("first", "last", "positions", "features"):
            self.register_buffer(name, weights[f"{name}.weight"])

    def forward(self, tokens: Tensor, counts: list[int], same: Tensor, characters: Tensor) -> tuple[Tensor, Tensor]:
        """Of one row: a null token, the question's, the context's and the sentence's, so many each (`counts`).

        tokens (n, dim) int8; same (n, 2), characters (n, 2): see `row_of`. Returns whether it answers, as log-odds not
        calibrated yet, (1,), and the log-probabilities of starts and ends, (m, 2), of the sentence's m tokens. Neither
        question nor sentence may be without tokens.
        """
        begin, end = 1 + counts[1], len(tokens) - counts[3]  # of the context
        apart = tokens.float().div_(self.scale).sub_(self.mean)
        unit, own = functional.normalize(apart, dim=1), apart / self.spread
        similarity = unit[1:begin] @ unit.t()

        sharp = similarity * self.sharpness
        aligned = sharp.t().softmax(dim=1) @ own[1:begin]
        aligned[1:begin] = sharp[:, end:].softmax(dim=1) @ own[end:]
        near = torch.zeros(len(tokens), 2)  # a question's token in sentence and context, any other in the question
        near[1:begin, 0] = similarity[:, end:].amax(dim=1)
        near[begin:, 0] = similarity[:, begin:].amax(dim=0)
        if end > begin:
            near[1:begin, 1] = similarity[:, begin:end].amax(dim=1)

        x = self.compare(torch.cat((own, aligned, own * aligned), dim=1))
        x += torch.cat([self.positions[:count] + self.kinds[kind] for kind, count in enumerate(counts)])
        x += self.first[characters[:, 0]] + self.last[characters[:, 1]]
        x += torch.cat((near, same), dim=1) @ self.features.t()
        for layer in self.layers:
            x = layer(x)
        x = self.norm(x)
        asks = x[1:begin]
        answer = self.answer(functional.gelu(self.pool(torch.cat((x[0], asks.mean(dim=0), asks.amax(dim=0))))))
        return answer, self.span(torch.cat((x[:1], x[end:]))).log_softmax(dim=0)[1:]


def row_of(question: Text, context: Text | None, sentence: Text) -> tuple[Tensor, list[int], Tensor, Tensor]:
    """What JointNetwork reads.

    same: whether a token's characters stand on the other side: a question's in the sentence and in the context, any
    other's in the question. characters: its first and its last, 0 … CHARACTERS.
    """
    parts = [question, *([context] if context else []), sentence]
    counts = [1, len(question.tokens), len(context.tokens) if context else 0, len(sentence.tokens)]
    nothing = np.zeros((1, 2), np.int64)
    tokens = np.concatenate([np.zeros_like(question.tokens[:1]), *(text.tokens for text in parts)])
    characters = np.concatenate([nothing, *(text.characters for text in parts)])
    above = context.surface if context else ""
    same = [(False, False)]
    same += zip(stand_in(question.words, sentence.surface), stand_in(question.words, above), strict=True)
    same += [(found, False) for text in parts[1:] for found in stand_in(text.words, question.surface)]
    return torch.from_numpy(tokens), counts, torch.tensor(same, dtype=torch.float32), torch.from_numpy(characters)


def stand_in(words: Sequence[str], text: str) -> list[bool]:
    """Of each word, whether it is one and stands in the text."""
    return [bool(word) and word in text for word in words]


def unpacked(stored: Mapping[str, NDArray[np.generic]]) -> dict[str, Tensor]:
    """The weights, float32, as tests/training/network.py stored them: matrices as int8 with a scale for each row."""
    state = {}
    for name, value in stored.items():
        if name.endswith(".scale"):
            continue
        weight = torch.from_numpy(value.astype(np.float32))
        scale = stored.get(name + ".scale")
        state[name] = weight if scale is None else weight * torch.from_numpy(scale.astype(np.float32))
    return state
