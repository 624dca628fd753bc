"""Layers of the small networks, whose products are of 8-bit numbers where the processor multiplies them in hardware.

Weights are int8 with a scale for each output, the rows that are multiplied int8 with a scale for each row, the
sums exact in int32 (vector-wise quantisation: Dettmers et al. 2022, arXiv:2208.07339); all else is float32.

What runs here is TorchScript too (`scripted`), which knows no globals: what it needs of them are attributes.
Importing this module imports torch.
"""

import sys
import warnings
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

LEVELS = 127.0  # of one sign of an int8
SPAN, BOTTOM = 255.0, 128.0  # of an int8 that begins at the least value
GELU_LEAST = -0.17  # no value of GELU is less
TINY = 1e-8  # a row of zeros is divided by this


class FloatLinear(nn.Module):
    """x W^T + b for rows x (n, in); weight (out, in), bias (out,)."""

    weight: Tensor
    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.weight, self.bias)


class Int8Linear(nn.Module):
    """The same by int8 products, for float32 rows.

    `reach`: (in,) how far each channel of x goes; given, large channels are made smaller and their weights larger.
    """

    weight: Tensor
    scale: Tensor
    bias: Tensor
    divisor: Tensor

    def __init__(self, exact: FloatLinear, reach: Tensor | None = None) -> None:
        super().__init__()
        weight, self.divided = exact.weight, reach is not None
        self.levels, self.tiny = LEVELS, TINY
        factor = torch.ones(weight.shape[1])
        if reach is not None:
            factor = (reach.clamp(min=TINY) / weight.abs().amax(dim=0).clamp(min=TINY)).sqrt()
        scale, levels = _levels(weight * factor)
        self.register_buffer("weight", levels.to(torch.int8).contiguous().t())
        self.register_buffer("scale", scale)
        self.register_buffer("bias", exact.bias)
        self.register_buffer("divisor", 1 / factor)

    def forward(self, x: Tensor) -> Tensor:
        if self.divided:
            x = x * self.divisor
        scale = x.abs().amax(dim=1, keepdim=True).clamp_(min=self.tiny).div_(self.levels)
        sums = torch._int_mm((x / scale).round_().to(torch.int8), self.weight)
        return torch.addcmul(self.bias, sums.float().mul_(scale), self.scale)


class Int8LinearOfGelu(nn.Module):
    """The same for what comes out of GELU, which has a least value: the rows use all 256 levels from there."""

    weight: Tensor
    scale: Tensor
    bias: Tensor
    offset: Tensor

    def __init__(self, exact: FloatLinear) -> None:
        super().__init__()
        self.least, self.span, self.bottom, self.tiny = GELU_LEAST, SPAN, BOTTOM, TINY
        scale, levels = _levels(exact.weight)
        self.register_buffer("weight", levels.to(torch.int8).contiguous().t())
        self.register_buffer("scale", scale)
        self.register_buffer("bias", exact.bias + GELU_LEAST * levels.sum(dim=1) * scale)
        self.register_buffer("offset", levels.sum(dim=1).mul(BOTTOM).to(torch.int32))

    def forward(self, x: Tensor) -> Tensor:
        scale = x.amax(dim=1, keepdim=True).sub_(self.least).clamp_(min=self.tiny).div_(self.span)
        levels = (x - (scale * self.bottom + self.least)).div_(scale).round_().to(torch.int8)
        sums = torch._int_mm(levels, self.weight).add_(self.offset)
        return torch.addcmul(self.bias, sums.float().mul_(scale), self.scale)


class Norm(nn.Module):
    """Layer normalisation of rows (n, dim); weight, bias (dim,)."""

    weight: Tensor
    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return functional.layer_norm(x, self.weight.shape, self.weight, self.bias, self.epsilon)


def _levels(weight: Tensor) -> tuple[Tensor, Tensor]:
    """The scale of each row (out,), and the row in such steps, −127 … 127."""
    scale = weight.abs().amax(dim=1).clamp(min=TINY) / LEVELS
    return scale, (weight / scale[:, None]).round()


def scripted(module: nn.Module) -> Any:
    """The module as TorchScript: it runs without Python's lock, so that threads compute side by side.

    As it is, slower for many, where Python is newer than TorchScript knows.
    """
    if sys.version_info >= (3, 14):
        return module
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.script(module)
