"""Size-based heuristics: which Triton kernel to launch, and its tile sizes.

A thread makes the basis functions of a sample of its own; a tile is as large as registers allow, so that they
serve many outputs. Where tiles are too few to fill the device, sums are split into parts that are added
afterwards: no atomics, so that the same numbers come out each time.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..bases import BASES
from ..spec import EXTRAPOLATION_IDS, EdgeSpec, EdgeWeights

MIN_CAPABILITY = (8, 0)
"""Of NVIDIA's devices: the lowest that Triton compiles for and the kernels were compiled for."""

MAX_GRID_YZ = 2**16 - 1
"""Programs along the second and third axis of a grid."""

EXACT = {
    "sums": "tf32x3",
    "input_gradient": "tf32x3",
    "weight_gradient": "ieee",
    "narrow weight_gradient": "tf32x3",
}
"""How each kernel multiplies float32 matrices where TF32 is not allowed, as measured on an H200.

"tf32x3" is three products of TF32 numbers; errors are those of "ieee", 2e-7 of the result. Narrow are up to 16
outputs.
"""

DENSE_SUMS_UP_TO = {"float64": 32, "tf32": 64, "tf32x3": 32}
DENSE_INPUT_GRADIENT_UP_TO = {"float64": 16, "tf32": 64, "tf32x3": 64}
"""Basis functions to an edge up to which multiplying them all beats gathering k + 1.

For float32 by times on an H200; for float64 by instructions of the inner loops, compiled for it.
"""


SPLIT_FP16_MIN_FLOPS = 2**29
"""Multiply-adds with all basis functions from which on split-float16 products pay, by times on an H200."""

MAX_FEATURES = 2**28
"""Numbers of features in memory at one time, 4 bytes each."""

LARGE_BATCH = 8192
"""From which on larger tiles still give the device enough of them."""

_BASES = frozenset(name for name, base in BASES.items() if base.in_triton)


class Tiles(NamedTuple):
    """What one program holds.

    Args:
        rows: Samples.
        columns: Outputs.
        warps: Warps of 32 threads.
        group: Inputs at a time, if all basis functions are made.
        width: Columns for the basis functions of one input, if all are made.
    """

    rows: int
    columns: int
    warps: int
    group: int = 1
    width: int = 1


def supports(x: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec) -> bool:
    """Whether the kernels can do it: one device, float32 or float64, a kind of edge they know, no huge sizes.

    Places within a matrix are counted in 32 bits, those in larger tensors in 64.

    Example:
        >>> weights = EdgeWeights(torch.ones(1, 4, 1), torch.ones(1, 1))
        >>> x, knots = torch.zeros(1, 1, dtype=torch.bfloat16), torch.arange(8.0)[None]
        >>> supports(x, weights, knots, EdgeSpec(3))
        False
    """
    inputs, size, outputs = weights.coef.shape
    scale = weights.base if weights.scale is None else weights.scale
    return (
        x.device == weights.coef.device == weights.base.device == scale.device == knots.device
        and x.dtype in (torch.float32, torch.float64)
        and x.dtype == weights.coef.dtype == weights.base.dtype == scale.dtype == knots.dtype
        and spec.base in _BASES
        and spec.extrapolation in EXTRAPOLATION_IDS
        and min(inputs, outputs) > 0
        and max(inputs, size) * max(size + spec.degree + 1, outputs) < 2**31
        and x.shape[0] < 2**30
    )


def search_steps(size: int, degree: int, extrapolation: str) -> int:
    """Steps of a binary search for the interval of a sample.

    Example:
        >>> search_steps(8, 3, "linear")
        3
    """
    intervals = size + degree if extrapolation == "decay" else size - degree
    return (intervals - 1).bit_length()


def precision(kernel: str, dtype: torch.dtype) -> str:
    """How a kernel of `EXACT` multiplies: "tf32" where torch's own products may use it; or "float64".

    Example:
        >>> precision("sums", torch.float64)
        'float64'
    """
    settings = torch.backends.cuda.matmul
    if dtype != torch.float32:
        return "float64"
    # From torch 2.9 on, reading the older of the two settings fails where the newer one was set.
    allowed = (
        settings.fp32_precision == "tf32" if hasattr(settings, "fp32_precision") else settings.allow_tf32
    )
    return "tf32" if allowed else EXACT[kernel]


def use_split_fp16(x: Tensor, weights: EdgeWeights, function: str) -> bool:
    """Whether there is so much to do that split-float16 products are worth writing features to memory for.

    Example:
        >>> weights = EdgeWeights(torch.zeros(2, 8, 5), torch.zeros(2, 5))
        >>> use_split_fp16(torch.zeros(1000, 2), weights, "sums")
        False
    """
    (batch, inputs), (_, size, outputs) = x.shape, weights.coef.shape
    if x.dtype != torch.float32 or precision(function, x.dtype) == "tf32" or min(batch, outputs) < 64:
        return False
    work = batch * inputs * (1 + size) * outputs
    if outputs >= 128:
        return batch >= 512 and work >= SPLIT_FP16_MIN_FLOPS
    return work >= 4 * SPLIT_FP16_MIN_FLOPS and (function != "sums" or size <= DENSE_SUMS_UP_TO["tf32x3"])


def row_chunks(batch: int, features: int) -> list[slice]:
    """Samples whose features are in memory at one time.

    Example:
        >>> row_chunks(1000, 10**6)
        [slice(0, 250, None), slice(250, 500, None), slice(500, 750, None), slice(750, 1000, None)]
    """
    step = max(1, MAX_FEATURES // features)
    step = cdiv(batch, cdiv(batch, step))
    return [slice(start, min(start + step, batch)) for start in range(0, batch, step)]


def gather_tiles(batch: int, outputs: int, dtype: torch.dtype, gradient: bool = False) -> Tiles:
    """Tiles of the kernels that gather: a sample to a thread, more registers to a column for the gradient.

    Example:
        >>> gather_tiles(1000, 10, torch.float32)
        Tiles(rows=64, columns=16, warps=2, group=1, width=1)
    """
    rows = _clamp(next_power_of_2(batch), 32, 64)
    widest = 128 // dtype.itemsize // (2 if gradient else 1)
    return Tiles(rows, _clamp(next_power_of_2(outputs), 1, widest), rows // 32)


def sums_tiles(batch: int, outputs: int, size: int, dtype: torch.dtype) -> Tiles:
    """Tiles of the sums as matrix products.

    Example:
        >>> sums_tiles(1000, 64, 23, torch.float32)
        Tiles(rows=128, columns=64, warps=4, group=2, width=32)
    """
    rows = _clamp(next_power_of_2(batch), 64, 512 // dtype.itemsize)
    columns = _clamp(next_power_of_2(outputs), 16, 64)
    width = next_power_of_2(size)
    group = min(16, max(1, 32 // width, 128 // rows if width < 64 else 1))
    if rows < 128 or columns < 64:
        return Tiles(rows, columns, 4, group, width)
    if precision("sums", dtype) == "tf32":
        wide = outputs > 64
        further = 256 // rows if wide and width < 64 else 1
        return Tiles(rows, 128 if wide else 64, 8 if wide else 4, max(group, further), width)
    if width <= 16:
        return Tiles(rows, 128 if outputs > 512 else 64, 8, max(1, 32 // width), width)
    return Tiles(rows, 64, 4, max(1, 64 // width), width)


def input_gradient_tiles(batch: int, outputs: int, size: int, dtype: torch.dtype) -> Tiles:
    """Tiles of the gradient of inputs as matrix products.

    Example:
        >>> input_gradient_tiles(1000, 64, 8, torch.float32)
        Tiles(rows=64, columns=32, warps=4, group=8, width=8)
    """
    width = next_power_of_2(size)
    columns = _clamp(next_power_of_2(outputs), 16, 128 // dtype.itemsize)
    if batch >= LARGE_BATCH and width <= 16 and dtype == torch.float32:
        return Tiles(128, columns, 8, _clamp(128 // width, 8, 16), width)
    return Tiles(64, columns, 4, _clamp(256 // dtype.itemsize // width, 1, 8), width)


def weight_gradient_tiles(outputs: int, size: int, dtype: torch.dtype) -> Tiles:
    """Tiles of the gradient of weights: samples are what is summed over.

    Example:
        >>> weight_gradient_tiles(64, 53, torch.float32)
        Tiles(rows=64, columns=64, warps=4, group=1, width=64)
    """
    width = _clamp(next_power_of_2(size), 1, 256 // dtype.itemsize)
    group = min(16, 64 // width)
    rows = 64
    if dtype == torch.float64:
        rows = _clamp(128 // group, 16, 32)
    elif width == 64 and precision("weight_gradient", dtype) == "tf32":
        rows = 128
    return Tiles(rows, _clamp(next_power_of_2(outputs), 16, 64), 4, group, width)


def constexprs(spec: EdgeSpec, size: int) -> dict[str, Any]:
    """What every kernel that makes basis functions is compiled for.

    Example:
        >>> constexprs(EdgeSpec(3), 8)
        {'DEGREE': 3, 'EXTRAPOLATION': 'linear', 'BASE': 'silu', 'SEARCH_STEPS': 3}
    """
    steps = search_steps(size, spec.degree, spec.extrapolation)
    return {
        "DEGREE": spec.degree,
        "EXTRAPOLATION": spec.extrapolation,
        "BASE": spec.base,
        "SEARCH_STEPS": steps,
    }


def cdiv(length: int, tile: int) -> int:
    """How many tiles hold a length.

    Example:
        >>> cdiv(100, 32)
        4
    """
    return -(-length // tile)


def split_k(length: int, step: int, programs: int, device: torch.device) -> int:
    """How many of `length` terms one program adds up: a multiple of `step`, all if programs are many.

    Example:
        >>> split_k(100, 4, 10**6, torch.device("cpu"))
        100
    """
    parts = max(1, 2 * _processors(device) // programs)
    return min(cdiv(cdiv(length, parts), step) * step, cdiv(length, step) * step)


@cache
def _processors(device: torch.device) -> int:
    # Interpreted, a few, so that parts come about at all.
    return torch.cuda.get_device_properties(device).multi_processor_count if device.type == "cuda" else 4


def next_power_of_2(number: int) -> int:
    """The power of two that holds a number.

    Example:
        >>> next_power_of_2(9)
        16
    """
    return 1 << max(0, number - 1).bit_length()


def _clamp(number: int, lowest: int, highest: int) -> int:
    return min(max(number, lowest), highest)
