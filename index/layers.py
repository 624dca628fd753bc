"""Layers of the small networks, whose products are of 8-bit numbers where the processor is quicker with them.

Weights are int8 with a scale for each output, the rows that are multiplied int8 with a scale for each row, the
sums exact in int32 (vector-wise quantisation: Dettmers et al. 2022, arXiv:2208.07339); all else is float32.

What runs here is TorchScript too (`scripted`), which knows no globals: what it needs of them are attributes.
Importing this module imports torch.
"""

import sys
import warnings
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

LEVELS = 127.0  # of one sign of an int8
# The same where two products of a weight and an int8 without sign are added in 16 bits, and must not overflow there.
HALF_LEVELS = 64.0
SPAN, BOTTOM = 255.0, 128.0  # of an int8 that begins at the least value
GELU_LEAST = -0.17  # no value of GELU is less
FBGEMM = ("x86", "fbgemm")  # PyTorch's names of what multiplies by it
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


class VnniProduct(nn.Module):
    """The products of rows of whole numbers, (n, in) float32, −128…127 when rounded, with a weight in int8.

    By the instruction that adds in 32 bits at once (AVX512-VNNI). raised: added to each number of the rows before.
    sums: (out,) of the rows of the weight as kept. Gives x W^T, each row times its `scale` (n, 1), and the bias (out,).
    """

    weight: Tensor
    scale: Tensor
    sums: Tensor
    offset: Tensor

    def __init__(self, weight: Tensor, raised: float = 0.0) -> None:
        super().__init__()
        scale, levels = _levels(weight, LEVELS)
        self.raised = bool(raised)
        self.register_buffer("weight", levels.to(torch.int8).contiguous().t())
        self.register_buffer("scale", scale)
        self.register_buffer("sums", levels.sum(dim=1) * scale)
        self.register_buffer("offset", levels.sum(dim=1).mul(raised).to(torch.int32))

    def forward(self, x: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
        sums = torch._int_mm(x.round_().to(torch.int8), self.weight)
        found = (sums.add_(self.offset) if self.raised else sums).float()
        return torch.addcmul(bias, found.mul_(scale), self.scale)


class PackedProduct(nn.Module):
    """The same by FBGEMM on any x86 processor with AVX2 (Khudia et al. 2021, arXiv:2101.05615)."""

    sums: Tensor

    def __init__(self, weight: Tensor, raised: float = 0.0) -> None:
        super().__init__()
        scale, levels = _levels(weight, HALF_LEVELS)
        zeros, self.zero = torch.zeros(len(levels), dtype=torch.int64), int(BOTTOM)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a later PyTorch will make such tensors in another way
            whole = torch.quantize_per_channel(levels * scale[:, None], scale.double(), zeros, 0, torch.qint8)
        self.register_buffer("sums", levels.sum(dim=1) * scale)
        self.packed = torch.ops.quantized.linear_prepack(whole, self.sums * raised)

    def forward(self, x: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
        found = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(x, 1.0, self.zero, self.packed)
        return torch.addcmul(bias, found, scale)


Product = type[VnniProduct] | type[PackedProduct]


class Int8Linear(nn.Module):
    """The same as FloatLinear by 8-bit products, for float32 rows.

    `reach`: (in,) how far each channel of x goes; given, large channels are made smaller and their weights larger.
    """

    bias: Tensor
    divisor: Tensor

    def __init__(self, exact: FloatLinear, product: Product, reach: Tensor | None = None) -> None:
        super().__init__()
        weight, self.divided = exact.weight, reach is not None
        self.levels, self.tiny = LEVELS, TINY
        factor = torch.ones(weight.shape[1])
        if reach is not None:
            factor = (reach.clamp(min=TINY) / weight.abs().amax(dim=0).clamp(min=TINY)).sqrt()
        self.product = product(weight * factor)
        self.register_buffer("bias", exact.bias)
        self.register_buffer("divisor", 1 / factor)

    def forward(self, x: Tensor) -> Tensor:
        if self.divided:
            x = x * self.divisor
        scale = x.abs().amax(dim=1, keepdim=True).clamp_(min=self.tiny).div_(self.levels)
        found: Tensor = self.product(x / scale, scale, self.bias)
        return found


class Int8LinearOfGelu(nn.Module):
    """The same for what comes out of GELU, which has a least value: the rows use all 256 levels from there."""

    bias: Tensor

    def __init__(self, exact: FloatLinear, product: Product) -> None:
        super().__init__()
        self.least, self.span, self.bottom, self.tiny = GELU_LEAST, SPAN, BOTTOM, TINY
        self.product = product(exact.weight, BOTTOM)
        self.register_buffer("bias", exact.bias + GELU_LEAST * self.product.sums)

    def forward(self, x: Tensor) -> Tensor:
        scale = x.amax(dim=1, keepdim=True).sub_(self.least).clamp_(min=self.tiny).div_(self.span)
        levels = (x - (scale * self.bottom + self.least)).div_(scale)
        found: Tensor = self.product(levels, scale, self.bias)
        return found


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


def _levels(weight: Tensor, most: float) -> tuple[Tensor, Tensor]:
    """The scale of each row (out,), and the row in such steps, −most … most."""
    scale = weight.abs().amax(dim=1).clamp(min=TINY) / most
    return scale, (weight / scale[:, None]).round()


@cache
def quickest_product() -> Product | None:
    """How this processor multiplies 8-bit numbers, quicker than float32; None where it is not."""
    able = torch.cpu.get_capabilities()
    if able.get("avx512_vnni"):
        return VnniProduct
    return PackedProduct if able.get("avx2") and _engine() in FBGEMM else None


def _engine() -> str:
    """What PyTorch multiplies quantised tensors by."""
    return str(torch.backends.quantized.engine)


def linear(exact: FloatLinear, reach: Tensor | None = None) -> nn.Module:
    """The same in the quickest way. See Int8Linear."""
    product = quickest_product()
    return Int8Linear(exact, product, reach) if product else exact


def linear_of_gelu(exact: FloatLinear) -> nn.Module:
    """The same for what comes out of GELU."""
    product = quickest_product()
    return Int8LinearOfGelu(exact, product) if product else exact


def scripted(module: nn.Module) -> Any:
    """The module as TorchScript: it runs without Python's lock, so that threads compute side by side.

    As it is, slower for many, where Python is newer than TorchScript knows.
    """
    if sys.version_info >= (3, 14):
        return module
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.script(module)
