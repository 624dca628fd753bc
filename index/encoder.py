"""The bundled encoder: the layers of BertModel, unpadded; with 8-bit products in less than half the time.

Two things keep the cosines with float32 near .9995 (tests/benchmarks/model.py): the few large channels behind a layer
norm, found by reading a sample in float32 when the model is built, are divided between rows and weights (Xiao et al.
2022, arXiv:2211.10438); the attention itself is not quantised.

Importing this module imports torch.
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from index.bundled import Packed, float_weights, looked_up
from index.layers import FloatLinear, Norm, linear, linear_of_gelu, scripted


class _Layer(nn.Module):
    def __init__(self, heads: int, between: Norm, after: Norm, linears: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.heads, self.between, self.after = heads, between, after
        self.qkv, self.mixed, self.up, self.down = (linears[name] for name in ("qkv", "mixed", "up", "down"))

    def forward(self, x: Tensor, lengths: list[int]) -> Tensor:
        """Tokens of texts of these lengths, (n, dim); none is padded."""
        return self.second_half(self.first_half(x, lengths))

    def first_half(self, x: Tensor, lengths: list[int]) -> Tensor:
        """After each text's tokens have looked at one another."""
        seen = torch.empty_like(x)
        rows, into = self.qkv(x).split_with_sizes(lengths), seen.split_with_sizes(lengths)
        for i, length in enumerate(lengths):
            q, k, v = rows[i].view(1, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind()
            mixed = functional.scaled_dot_product_attention(q, k, v)
            into[i].view(1, length, self.heads, -1).transpose(1, 2).copy_(mixed)
        found: Tensor = self.between(self.mixed(seen).add_(x))
        return found

    def second_half(self, x: Tensor) -> Tensor:
        """Each token by itself."""
        found: Tensor = self.after(self.down(functional.gelu(self.up(x))).add_(x))
        return found


class Encoder:
    """The bundled encoder, built from its packed weights. Safe to use from several threads.

    `sample`: token ids of a few texts, from which the large channels are known.
    """

    def __init__(self, packed: Packed, sample: Sequence[Sequence[int]]) -> None:
        config, weights = packed.config, float_weights(packed)
        self._packed = packed
        self._first = _norm(weights, "embeddings", config.layer_norm_eps)
        types = weights["embeddings.token_type_embeddings.weight"]
        self._positions = weights["embeddings.position_embeddings.weight"] + types[0]
        self._layers = []
        with torch.inference_mode():
            lengths, x = self._begin(sample)
            for name in (f"encoder.layer.{number}" for number in range(config.num_hidden_layers)):
                exact = _linears(weights, name)
                between_norm, after = (
                    _norm(weights, f"{name}.{part}", config.layer_norm_eps) for part in ("attention.output", "output")
                )
                plain = _Layer(config.num_attention_heads, between_norm, after, exact)
                between = plain.first_half(x, lengths)
                quick = _quick(exact, _reach(x), _reach(between))
                self._layers.append(scripted(_Layer(config.num_attention_heads, between_norm, after, quick)))
                x = plain.second_half(between)

    def states(self, ids: Sequence[Sequence[int]], between: Callable[[], None] | None = None) -> list[Tensor]:
        """The last layer's states, (length, dim) float32, of each text's token ids; one pass for all of them.

        between: called before each layer, where the pass may be held up.
        """
        lengths, x = self._begin(ids)
        for layer in self._layers:
            if between:
                between()
            x = layer(x, lengths)
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


def _norm(weights: Mapping[str, Tensor], name: str, epsilon: float) -> Norm:
    return Norm(weights[f"{name}.LayerNorm.weight"], weights[f"{name}.LayerNorm.bias"], epsilon)


def _linears(weights: Mapping[str, Tensor], name: str) -> dict[str, FloatLinear]:
    """The products of one layer, in float32, of the weights under BertModel's names."""

    def of(*parts: str) -> FloatLinear:
        found = [[weights[f"{name}.{part}.{kind}"] for part in parts] for kind in ("weight", "bias")]
        return FloatLinear(torch.cat(found[0]), torch.cat(found[1]))

    return {
        "qkv": of("attention.self.query", "attention.self.key", "attention.self.value"),
        "mixed": of("attention.output.dense"),
        "up": of("intermediate.dense"),
        "down": of("output.dense"),
    }


def _quick(exact: Mapping[str, FloatLinear], before: Tensor, between: Tensor) -> dict[str, nn.Module]:
    """`before`, `between`: (dim,), how far the channels of what each half gets go."""
    return {
        "qkv": linear(exact["qkv"], before),
        "mixed": linear(exact["mixed"]),
        "up": linear(exact["up"], between),
        "down": linear_of_gelu(exact["down"]),
    }


def available_threads() -> int:
    """How many threads PyTorch takes for one pass, as the user or the machine says."""
    return torch.get_num_threads()


def has_accelerator() -> bool:
    """Whether PyTorch finds one, on which the model is quicker than here."""
    return torch.accelerator.is_available()
