"""The three functions of `reference.py` for wide layers on many samples: split-float16 matrix products.

Features are written to memory in pieces, each float32 number as two float16 numbers, and cuBLAS multiplies those:
three products on tensor cores for one in float32. For large problems this is faster than float32 products without
tensor cores, and than kernels that keep features in registers.

Tensor cores truncate when they accumulate, so that errors grow with the number of terms: 1e-6 of the result for 1,000
of them, 5e-6 for 20,000, as measured on an H200; those of float32 by torch are 3e-7, those of TF32 8e-4.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .. import reference
from ..spec import EdgeSpec, EdgeWeights
from . import plan
from .split_fp16_kernels import (
    add_unscaled,
    feature_scales,
    features_backward,
    matrix_scales,
    split_features,
    split_matrix,
)


def sums(x: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec) -> Tensor:
    """Sums over the inputs, shape (batch, out)."""
    matrix = reference.packed(weights).flatten(0, 1)
    units = _column_or_row_scales(matrix, 0)
    parts = _split(matrix, units, "hl")
    result = x.new_empty(x.shape[0], matrix.shape[1])
    for rows in plan.row_chunks(x.shape[0], matrix.shape[0]):
        high, low, row_units = _features(x[rows], knots, spec)
        _combine(high, low, parts, row_units, units, result[rows])
    return result


def input_gradient(
    x: Tensor, grad: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec, order: int
) -> Tensor:
    """What reaches each input from the gradient (batch, out) of the sums, shape (batch, in)."""
    inputs, size, _ = weights.coef.shape
    matrix = reference.packed(weights).flatten(0, 1)
    units = _column_or_row_scales(matrix, 0)
    parts = _split(matrix, units, "hlh")
    settings = plan.constexprs(spec, size) | {"ORDER": order, "PAIRS": 256}
    result = torch.empty_like(x)
    for rows in plan.row_chunks(x.shape[0], matrix.shape[0]):
        part = grad[rows] / units
        row_units = _column_or_row_scales(part, 1)
        along = _multiplied(_split(part, row_units, "hhl", by_row=True), parts.T)
        given = x[rows], knots, along, row_units, result[rows]
        count = along.shape[0]
        features_backward[(plan.cdiv(count * inputs, 256),)](*given, count, inputs, size, **settings)
    return result


def weight_gradient(
    x: Tensor, grad: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec
) -> EdgeWeights:
    """Gradients of the weights, in their shapes; that of the scale is None where the scale is."""
    inputs, size, outputs = weights.coef.shape
    total = x.new_empty(inputs * (1 + size), outputs)
    for number, rows in enumerate(plan.row_chunks(x.shape[0], inputs * (1 + size))):
        high, low, row_units = _features(x[rows], knots, spec)
        part = grad[rows] / row_units[:, None]
        units = _column_or_row_scales(part, 0)
        found = total if number == 0 else torch.empty_like(total)
        _combine(high.T, low.T, _split(part, units, "hl"), None, units, found)
        total = total if number == 0 else total.add_(found)
    return reference.unpacked_gradient(total.view(inputs, 1 + size, outputs), weights)


def _features(x: Tensor, knots: Tensor, spec: EdgeSpec) -> tuple[Tensor, Tensor, Tensor]:
    """The float16 parts of the features, each (batch, in * (1 + size)), and what each sample's are multiplied with."""
    batch, inputs = x.shape
    size = knots.shape[1] - spec.degree - 1
    units = x.new_empty(batch)
    high, low = x.new_empty(2, batch, inputs * (1 + size), dtype=torch.float16)
    settings = plan.constexprs(spec, size)
    feature_scales[(plan.cdiv(batch, 8),)](
        x, knots, units, batch, inputs, size, **settings, ROWS=8, COLUMNS=64
    )
    tile = {"ROWS": 8, "GROUP": 16, "WIDTH": plan.next_power_of_2(1 + size)}
    grid = (plan.cdiv(batch, tile["ROWS"]), plan.cdiv(inputs, tile["GROUP"]))
    split_features[grid](x, knots, units, high, low, batch, inputs, size, **settings, **tile)
    return high, low, units


def _combine(
    high: Tensor, low: Tensor, parts: Tensor, row_units: Tensor | None, units: Tensor, result: Tensor
) -> None:
    """(high + low) times the matrix whose parts stand side by side, without units, written to `result`."""
    rows, columns = result.shape
    products = _multiplied(high, parts)
    first = _multiplied(low, parts[:, :columns], products[:, :columns])
    given = first, products[:, columns:], row_units, units, result, rows, columns, 2 * columns
    add_unscaled[(plan.cdiv(rows, 32), plan.cdiv(columns, 64))](*given, ROWS=32, COLUMNS=64)


def _multiplied(left: Tensor, right: Tensor, plus: Tensor | None = None) -> Tensor:
    """A product of float16 matrices in float32."""
    if left.device.type == "cpu":  # interpreted
        product = left.float() @ right.float()
        return product if plus is None else product + plus
    if plus is None:
        return torch.mm(left, right, out_dtype=torch.float32)
    return torch.addmm(plus, left, right, out_dtype=torch.float32)


def _split(matrix: Tensor, units: Tensor, parts: str, by_row: bool = False) -> Tensor:
    """See `split_fp16_kernels.split_matrix`."""
    rows, columns = matrix.shape
    result = matrix.new_empty(rows, len(parts) * columns, dtype=torch.float16)
    given = matrix, units, result, rows, columns, by_row, parts
    split_matrix[(plan.cdiv(rows, 32), plan.cdiv(columns, 64))](*given, ROWS=32, COLUMNS=64)
    return result


def _column_or_row_scales(matrix: Tensor, over: int) -> Tensor:
    """What columns (`over` 0) or rows (1) are multiplied with."""
    largest = torch.linalg.vector_norm(matrix, float("inf"), over)
    result, count = torch.empty_like(largest), largest.numel()
    matrix_scales[(plan.cdiv(count, 256),)](largest, result, count, COUNT=256)
    return result
