"""The bundled encoder with 8-bit products: the same layers as BertModel, a third of float32's time.

Weights are int8 with a scale for each output, the rows that are multiplied int8 with a scale for each row, the
sums exact in int32 (vector-wise quantisation: Dettmers et al. 2022, arXiv:2208.07339); all else is float32. Three
things keep the cosines with float32 above .999 (tests/benchmarks/model.py): the few large channels behind a layer norm,
found by reading a sample in float32 when the model is built, are divided between rows and weights (Xiao et al. 2022,
arXiv:2211.10438); what comes out of GELU, which has a least value, uses all 256 levels from there; the attention
itself is not quantised.

Importing this module imports torch.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch
from torch import Tensor
from torch.nn import functional

from index.bundled import Packed, float_weights, looked_up

LEVELS = 127.0  # of one sign of an int8
SPAN, BOTTOM = 255.0, 128.0  # of an int8 that begins at the least value
GELU_LEAST = -0.17  # no value of GELU is less
TINY = 1e-8  # a row of zeros is divided by this

L = TypeVar("L", bound=Callable[[Tensor], Tensor])


@dataclass(frozen=True, slots=True)
class FloatLinear:
    """x W^T + b for rows x (n, in); weight (out, in), bias (out,)."""

    weight: Tensor
    bias: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.weight, self.bias)


class Int8Linear:
    """The same by int8 products, for float32 rows.

    `reach`: (in,) how far each channel of x goes; given, large channels are made smaller and their weights larger.
    `least`: a value that no element of x is under.
    """

    def __init__(self, exact: FloatLinear, *, reach: Tensor | None = None, least: float | None = None) -> None:
        weight = exact.weight
        self._divisor: Tensor | None = None
        if reach is not None:
            factor = (reach.clamp(min=TINY) / weight.abs().amax(dim=0).clamp(min=TINY)).sqrt()
            weight, self._divisor = weight * factor, 1 / factor
        self._scale = weight.abs().amax(dim=1).clamp(min=TINY) / LEVELS
        levels = (weight / self._scale[:, None]).round()
        self._weight = levels.to(torch.int8).contiguous().t()
        self._least = least
        self._bias = exact.bias
        if least is not None:
            self._offset = levels.sum(dim=1).mul(BOTTOM).to(torch.int32)
            self._bias = exact.bias + least * levels.sum(dim=1) * self._scale

    def __call__(self, x: Tensor) -> Tensor:
        x = x if self._divisor is None else x * self._divisor
        if self._least is None:
            scale = x.abs().amax(dim=1, keepdim=True).clamp_(min=TINY).div_(LEVELS)
            sums = self._product(x / scale)
        else:
            scale = x.amax(dim=1, keepdim=True).sub_(self._least).clamp_(min=TINY).div_(SPAN)
            sums = self._product((x - (scale * BOTTOM + self._least)).div_(scale)).add_(self._offset)
        return torch.addcmul(self._bias, sums.float().mul_(scale), self._scale)

    def _product(self, levels: Tensor) -> Tensor:
        return torch._int_mm(levels.round_().to(torch.int8), self._weight)


@dataclass(frozen=True, slots=True)
class _Norm:
    weight: Tensor
    bias: Tensor
    epsilon: float

    def __call__(self, x: Tensor) -> Tensor:
        return functional.layer_norm(x, self.weight.shape, self.weight, self.bias, self.epsilon)


@dataclass(frozen=True, slots=True)
class _Layer(Generic[L]):
    heads: int
    qkv: L
    mixed: L
    between: _Norm
    up: L
    down: L
    after: _Norm

    def first_half(self, x: Tensor, lengths: list[int]) -> Tensor:
        """Tokens of texts of these lengths, (n, dim), after each text's have looked at one another; none is padded."""
        seen = torch.empty_like(x)
        rows, into = self.qkv(x).split_with_sizes(lengths), seen.split_with_sizes(lengths)
        for one, out, length in zip(rows, into, lengths, strict=True):
            q, k, v = one.view(1, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind()
            mixed = functional.scaled_dot_product_attention(q, k, v)
            out.view(1, length, self.heads, -1).transpose(1, 2).copy_(mixed)
        return self.between(self.mixed(seen).add_(x))

    def second_half(self, x: Tensor) -> Tensor:
        """Each token, (n, dim), by itself."""
        return self.after(self.down(functional.gelu(self.up(x))).add_(x))


class Int8Bert:
    """The bundled encoder, built from its packed weights. Safe to use from several threads.

    `sample`: token ids of a few texts, from which the large channels are known.
    """

    def __init__(self, packed: Packed, sample: Sequence[Sequence[int]]) -> None:
        config, weights = packed.config, float_weights(packed)
        self._packed = packed
        self._first = _norm(weights, "embeddings", config.layer_norm_eps)
        types = weights["embeddings.token_type_embeddings.weight"]
        self._positions = weights["embeddings.position_embeddings.weight"] + types[0]
        self._layers: list[_Layer[Int8Linear]] = []
        with torch.inference_mode():
            lengths, x = self._begin(sample)
            for number in range(config.num_hidden_layers):
                exact = _layer(weights, number, config.num_attention_heads, config.layer_norm_eps)
                between = exact.first_half(x, lengths)
                self._layers.append(_in_int8(exact, _reach(x), _reach(between)))
                x = exact.second_half(between)

    def states(self, ids: Sequence[Sequence[int]], between: Callable[[], None] | None = None) -> list[Tensor]:
        """The last layer's states, (length, dim) float32, of each text's token ids; one pass for all of them.

        between: called before each layer, where the pass may be held up.
        """
        lengths, x = self._begin(ids)
        for layer in self._layers:
            if between:
                between()
            x = layer.second_half(layer.first_half(x, lengths))
        return list(x.split_with_sizes(lengths))

    def _begin(self, ids: Sequence[Sequence[int]]) -> tuple[list[int], Tensor]:
        """How many tokens each text has, and what the first layer gets, (n, dim)."""
        flat = torch.tensor([token for one in ids for token in one])
        places = torch.cat([torch.arange(len(one)) for one in ids])
        x = self._first(looked_up(self._packed, flat) + self._positions[places])
        return [len(one) for one in ids], x


def _reach(x: Tensor) -> Tensor:
    """(dim,): how far each channel of x (n, dim) goes."""
    return x.abs().amax(dim=0)


def _norm(weights: Mapping[str, Tensor], name: str, epsilon: float) -> _Norm:
    return _Norm(weights[f"{name}.LayerNorm.weight"], weights[f"{name}.LayerNorm.bias"], epsilon)


def _layer(weights: Mapping[str, Tensor], number: int, heads: int, epsilon: float) -> _Layer[FloatLinear]:
    """One layer in float32, of the weights under BertModel's names."""
    name = f"encoder.layer.{number}"

    def of(*parts: str) -> FloatLinear:
        found = [[weights[f"{name}.{part}.{kind}"] for part in parts] for kind in ("weight", "bias")]
        return FloatLinear(torch.cat(found[0]), torch.cat(found[1]))

    return _Layer(
        heads=heads,
        qkv=of("attention.self.query", "attention.self.key", "attention.self.value"),
        mixed=of("attention.output.dense"),
        between=_norm(weights, f"{name}.attention.output", epsilon),
        up=of("intermediate.dense"),
        down=of("output.dense"),
        after=_norm(weights, f"{name}.output", epsilon),
    )


def _in_int8(exact: _Layer[FloatLinear], before: Tensor, between: Tensor) -> _Layer[Int8Linear]:
    """`before`, `between`: (dim,), how far the channels of what each half gets go."""
    return _Layer(
        heads=exact.heads,
        qkv=Int8Linear(exact.qkv, reach=before),
        mixed=Int8Linear(exact.mixed),
        between=exact.between,
        up=Int8Linear(exact.up, reach=between),
        down=Int8Linear(exact.down, least=GELU_LEAST),
        after=exact.after,
    )


def available_threads() -> int:
    """How many threads PyTorch takes for one pass, as the user or the machine says."""
    return torch.get_num_threads()


def multiplies_int8() -> bool:
    """Whether this processor multiplies int8 in hardware, and no accelerator would be faster still."""
    able = torch.cpu.get_capabilities()
    return not torch.accelerator.is_available() and bool(able.get("avx512_vnni"))
