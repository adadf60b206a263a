"""The three functions of `reference.py` by Triton kernels: CUDA, float32 and float64.

No tensor of basis functions is written to memory, nor is an atomic used: the same numbers come out each time.
Kernels are compiled when first needed, once for each kind of edge, power of two of the sizes and data type.
In Triton's interpreter (TRITON_INTERPRET=1, set before the first import) tensors may be on the CPU.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor

from ..spec import EdgeSpec, EdgeWeights, check_shapes, with_unit_stride
from . import plan, split_fp16
from .dense import dense_input_gradient, dense_sums, dense_weight_gradient
from .gather import gather_input_gradient, gather_sums


def sums(
    x: Tensor, factor: Tensor | None, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec, order: int = 0
) -> Tensor:
    """Sums over the inputs, shape (batch, out)."""
    check_shapes(x, weights, knots, spec, factor)
    x, factor = x.contiguous(), None if factor is None else factor.contiguous()
    weights, knots = with_unit_stride(weights), knots.contiguous()
    (batch, inputs), (_, size, outputs) = x.shape, weights.coef.shape
    if batch == 0:
        return x.new_zeros(batch, outputs)
    if factor is None and order == 0 and plan.use_split_fp16(x, weights, "sums"):
        with _on(x.device):
            return split_fp16.sums(x, weights, knots, spec)
    precision = plan.precision("sums", x.dtype)
    if size <= plan.DENSE_SUMS_UP_TO[precision]:
        kernel, tiles = dense_sums, plan.sums_tiles(batch, outputs, size, x.dtype)
        step, settings = max(tiles.group, 16), _settings(spec, order, size, tiles, precision)
    else:
        kernel, tiles = gather_sums, plan.gather_tiles(batch, outputs, x.dtype)
        step, settings = 4, _settings(spec, order, size, tiles) | {"EVEN": outputs % tiles.columns == 0}
    rows, columns = plan.cdiv(batch, tiles.rows), plan.cdiv(outputs, tiles.columns)
    chunk = plan.split_k(inputs, step, rows * columns, x.device)
    grid = (rows, columns, plan.cdiv(inputs, chunk))
    result = x.new_empty(grid[2], batch, outputs)
    with _on(x.device):
        kernel[grid](x, factor, knots, *weights, result, *_sizes(x, weights), chunk, **settings)
    return _reduce_partials(result)


def input_gradient(
    x: Tensor, grad: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec, order: int = 1
) -> Tensor:
    """What reaches each input from the gradient (batch, out) of the sums, shape (batch, in)."""
    check_shapes(x, weights, knots, spec, None, grad)
    x, grad, weights, knots = x.contiguous(), grad.contiguous(), with_unit_stride(weights), knots.contiguous()
    (batch, inputs), (_, size, outputs) = x.shape, weights.coef.shape
    result = torch.empty_like(x)
    if batch == 0:
        return result
    if plan.use_split_fp16(x, weights, "input_gradient"):
        with _on(x.device):
            return split_fp16.input_gradient(x, grad, weights, knots, spec, order)
    given = (x, grad, knots, *weights, result, *_sizes(x, weights))
    precision = plan.precision("input_gradient", x.dtype)
    tiles = plan.input_gradient_tiles(batch, outputs, size, x.dtype)
    groups = plan.cdiv(inputs, tiles.group)
    if size <= plan.DENSE_INPUT_GRADIENT_UP_TO[precision] and groups <= plan.MAX_GRID_YZ:
        settings = _settings(spec, order, size, tiles, precision)
        grid = (plan.cdiv(batch, tiles.rows), groups)
        with _on(x.device):
            dense_input_gradient[grid](*given, **settings)
        return result
    tiles = plan.gather_tiles(batch, outputs, x.dtype, gradient=True)
    settings = _settings(spec, order, size, tiles) | {"EVEN": outputs % tiles.columns == 0}
    rows = plan.cdiv(batch, tiles.rows)
    chunk = plan.split_k(inputs, 1, rows, x.device)
    with _on(x.device):
        gather_input_gradient[(rows, plan.cdiv(inputs, chunk))](*given, chunk, **settings)
    return result


def weight_gradient(
    x: Tensor,
    factor: Tensor | None,
    grad: Tensor,
    weights: EdgeWeights,
    knots: Tensor,
    spec: EdgeSpec,
    order: int = 0,
) -> EdgeWeights:
    """Gradients of the weights, in their shapes; that of the scale is None where the scale is."""
    check_shapes(x, weights, knots, spec, factor, grad)
    x, factor = x.contiguous(), None if factor is None else factor.contiguous()
    grad, weights, knots = grad.contiguous(), with_unit_stride(weights), knots.contiguous()
    (batch, inputs), (_, size, outputs) = x.shape, weights.coef.shape
    if batch == 0:
        coef, base, scale = weights
        nothing = None if scale is None else torch.zeros_like(scale)
        return EdgeWeights(torch.zeros_like(coef), torch.zeros_like(base), nothing)
    if factor is None and order == 0 and plan.use_split_fp16(x, weights, "weight_gradient"):
        with _on(x.device):
            return split_fp16.weight_gradient(x, grad, weights, knots, spec)
    tiles = plan.weight_gradient_tiles(outputs, size, x.dtype)
    slices = plan.cdiv(size, tiles.width)
    groups, columns = plan.cdiv(inputs, tiles.group), plan.cdiv(outputs, tiles.columns)
    chunk = plan.split_k(batch, tiles.rows, groups * columns * slices, x.device)
    parts = plan.cdiv(batch, chunk)
    grid = (groups, columns, parts * slices)
    coef = x.new_empty(parts, inputs, size, outputs)
    base = x.new_empty(parts, inputs, outputs)
    scale = None if weights.scale is None else x.new_empty(parts * slices, inputs, outputs)
    given = (x, factor, grad, knots, weights.coef, weights.scale, coef, base, scale)
    sizes = (batch, inputs, outputs, size, weights.coef.stride(0), chunk, slices)
    name = "weight_gradient" if outputs > 16 else "narrow weight_gradient"
    settings = _settings(spec, order, size, tiles, plan.precision(name, x.dtype))
    with _on(x.device):
        dense_weight_gradient[grid](*given, *sizes, **settings)
    return EdgeWeights(
        _reduce_partials(coef), _reduce_partials(base), None if scale is None else _reduce_partials(scale)
    )


def _reduce_partials(parts: Tensor) -> Tensor:
    return parts[0] if parts.shape[0] == 1 else parts.sum(0)


def _settings(
    spec: EdgeSpec, order: int, size: int, tiles: plan.Tiles, precision: str | None = None
) -> dict[str, Any]:
    """What a kernel is compiled for; `precision` is that of one that multiplies matrices."""
    settings: dict[str, Any] = {
        **plan.constexprs(spec, size),
        "ORDER": order,
        "ROWS": tiles.rows,
        "COLUMNS": tiles.columns,
        "num_warps": tiles.warps,
        # Loads of later rounds, kept in shared memory, would be those of single knots.
        "num_stages": 1,
    }
    if precision is not None:
        settings |= {"GROUP": tiles.group, "WIDTH": tiles.width}
        settings["PRECISION"] = "ieee" if precision == "float64" else precision
    return settings


def _sizes(x: Tensor, weights: EdgeWeights) -> tuple[int, ...]:
    (batch, inputs), (_, size, outputs) = x.shape, weights.coef.shape
    return batch, inputs, outputs, size, weights.coef.stride(0), weights.base.stride(0)


def _on(device: torch.device) -> AbstractContextManager[Any]:
    # A kernel is launched on the current device, wherever its tensors are.
    return torch.cuda.device(device) if device.type == "cuda" else nullcontext()
