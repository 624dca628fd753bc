"""The judge's network: question, context and sentence read together, over token vectors that are there already.

The embedding model has read each alone; its token vectors are the input, so that those kept in the catalogue
are used as they are. Each token is compared with what it is most like on the other side (decomposable attention:
Parikh et al. 2016, arXiv:1606.01933); a few narrow transformer layers, where each token reads its neighbours before,
read the comparisons. Side by side stand a null token, the question, the context (title, headings), the sentence. Among
the starts and ends the null token stands for "no span" (Devlin et al. 2019, arXiv:1810.04805).

tests/training/network.py has the same network for training, with padding. Importing this module imports torch.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from index.int8 import GELU_LEAST, FloatLinear, Int8Linear
from index.judge import CONTEXT, NULL, QUESTION, SENTENCE, Text
from index.products import TOKEN_SCALE

Linear = Callable[[Tensor], Tensor]
Logs = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Norm:
    weight: Tensor
    bias: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        return functional.layer_norm(x, self.weight.shape, self.weight, self.bias)


@dataclass(frozen=True, slots=True)
class _Near:
    """Each token's neighbours, and itself, weighed channel by channel; weight (neighbours, dim), bias (dim,)."""

    weight: Tensor
    bias: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        beside = functional.pad(x, (0, 0, len(self.weight) // 2, len(self.weight) // 2))
        found = torch.addcmul(self.bias, beside[: len(x)], self.weight[0])
        for at in range(1, len(self.weight)):
            found.addcmul_(beside[at : at + len(x)], self.weight[at])
        return found


@dataclass(frozen=True, slots=True)
class _Layer:
    heads: int
    norms: tuple[_Norm, _Norm, _Norm]
    near: _Near
    qkv: Linear
    out: Linear
    up: Linear
    down: Linear

    def __call__(self, x: Tensor) -> Tensor:
        x = x + functional.gelu(self.near(self.norms[0](x)))
        q, k, v = self.qkv(self.norms[1](x)).view(1, len(x), 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind()
        x = x + self.out(functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(len(x), -1))
        return x + self.down(functional.gelu(self.up(self.norms[2](x))))


class JointNetwork:
    """Reads one sentence for one question. Safe to use from several threads.

    weights: by name, float32; int8: multiply by 8-bit products. Raises KeyError where one is missing.
    """

    def __init__(self, weights: Mapping[str, Tensor], layers: int, heads: int, int8: bool) -> None:
        self._weights = weights

        def linear(exact: FloatLinear, least: float | None = None) -> Linear:
            return Int8Linear(exact, least=least) if int8 else exact

        own, aligned, apart, product = weights["compare.weight"].tensor_split(4, dim=1)
        folded = torch.cat((own + apart, aligned - apart, product), dim=1)  # what is apart is own − aligned
        self._compare = linear(FloatLinear(folded, weights["compare.bias"]))
        self._layers = []
        for name in (f"layers.{number}." for number in range(layers)):
            norm0, norm1, norm2 = (_Norm(*self._both(f"{name}norm{at}")) for at in range(3))
            weight, bias = self._both(f"{name}near")
            qkv, out, up, down = (FloatLinear(*self._both(name + part)) for part in ("qkv", "out", "up", "down"))
            own_layer = (linear(qkv), linear(out), linear(up), linear(down, GELU_LEAST))
            self._layers.append(
                _Layer(heads, (norm0, norm1, norm2), _Near(weight[:, 0].t().contiguous(), bias), *own_layer)
            )
        self._norm = _Norm(*self._both("norm"))
        self._span, self._pool, self._answer = (FloatLinear(*self._both(name)) for name in ("span", "pool", "answer"))

    def __call__(self, question: Text, context: Text | None, sentence: Text) -> tuple[float, Logs]:
        """Whether it answers, as log-odds not calibrated yet, and the log-probabilities of starts and ends.

        (m, 2): of each of the sentence's m tokens. Neither question nor sentence may be without tokens.
        """
        parts = [(QUESTION, question), *([(CONTEXT, context)] if context else []), (SENTENCE, sentence)]
        tokens = np.concatenate([np.zeros_like(question.tokens[:1]), *(text.tokens for _, text in parts)])
        asks, answers = slice(1, 1 + len(question.tokens)), slice(len(tokens) - len(sentence.tokens), None)
        apart = torch.from_numpy(tokens) / TOKEN_SCALE - self._weights["mean"]
        unit, own = functional.normalize(apart), apart / self._weights["spread"]
        similarity = unit[asks] @ unit.t()

        sharp = similarity * self._weights["sharpness"]
        aligned = sharp.t().softmax(dim=1) @ own[asks]
        aligned[asks] = sharp[:, answers].softmax(dim=1) @ own[answers]
        x = self._compare(torch.cat((own, aligned, own * aligned), dim=1)) + self._placed(parts)
        x += _features(similarity, question, context, sentence) @ self._weights["features.weight"].t()
        for layer in self._layers:
            x = layer(x)
        x = self._norm(x)
        pooled = torch.cat((x[0], x[asks].mean(dim=0), x[asks].amax(dim=0)))
        answer = self._answer(functional.gelu(self._pool(pooled)))
        logs: Logs = self._span(torch.cat((x[:1], x[answers]))).log_softmax(dim=0)[1:].numpy()
        return float(answer), logs

    def _both(self, name: str) -> tuple[Tensor, Tensor]:
        return self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]

    def _placed(self, parts: Sequence[tuple[int, Text]]) -> Tensor:
        """(n, width): what each token's part, place in it, and first and last characters say."""
        weights = self._weights
        kinds, positions = weights["kinds.weight"], weights["positions.weight"]
        places = [positions[:1] + kinds[NULL], *(positions[: len(text.tokens)] + kinds[kind] for kind, text in parts)]
        characters = np.concatenate([np.zeros((1, 2), np.int64), *(text.characters for _, text in parts)])
        first, last = torch.from_numpy(characters).unbind(dim=1)
        return torch.cat(places) + weights["first.weight"][first] + weights["last.weight"][last]


def _features(similarity: Tensor, question: Text, context: Text | None, sentence: Text) -> Tensor:
    """(n, 4): a question's token's greatest similarity (q, n) in the sentence and in the context, any other's in the
    question, and 0; then whether its characters stand there."""
    found = torch.zeros(similarity.shape[1], 4)
    begin, end = 1 + len(question.tokens), len(found) - len(sentence.tokens)  # of the context
    asks, above, said = found[1:begin], found[begin:end], found[end:]
    found[begin:, 0] = similarity[:, begin:].amax(dim=0)
    asks[:, 0] = similarity[:, end:].amax(dim=1)
    asks[:, 2] = _stand_in(question.words, sentence.surface)
    said[:, 2] = _stand_in(sentence.words, question.surface)
    if context and len(above):
        asks[:, 1] = similarity[:, begin:end].amax(dim=1)
        asks[:, 3] = _stand_in(question.words, context.surface)
        above[:, 2] = _stand_in(context.words, question.surface)
    return found


def _stand_in(words: Sequence[str], text: str) -> Tensor:
    return torch.tensor([bool(word) and word in text for word in words])


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
