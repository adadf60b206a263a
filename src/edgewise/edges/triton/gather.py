"""Triton kernels that gather k + 1 coefficients per edge and sample, whatever the grid.

Their work does not grow with the grid, and is bound by how fast rows of coefficients come from the L1 cache.
A program keeps its samples for many inputs in turn, so that the rows it needs are there. `EVEN` says that
the tiles divide the outputs evenly, so that rows are read without a mask.

Readable twin: `edges/reference.py`.
"""

from __future__ import annotations

from .basis import base_value, local_basis, scale_values
from .language import jit, tl


@jit
def gather_sums(
    x: tl.tensor,
    factor: tl.tensor,
    knots: tl.tensor,
    coef: tl.tensor,
    base: tl.tensor,
    scale: tl.tensor,
    result: tl.tensor,
    batch: tl.tensor,
    inputs: tl.tensor,
    outputs: tl.tensor,
    size: tl.tensor,
    coef_stride: tl.tensor,
    base_stride: tl.tensor,
    chunk: tl.tensor,
    DEGREE: tl.constexpr,
    ORDER: tl.constexpr,
    EXTRAPOLATION: tl.constexpr,
    BASE: tl.constexpr,
    SEARCH_STEPS: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    EVEN: tl.constexpr,
) -> None:
    """Sums over `chunk` inputs for a tile of samples and outputs; result (parts, batch, out)."""
    b = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    o = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    samples = b.to(tl.int64) * inputs
    start = tl.program_id(2) * chunk
    total = tl.zeros((ROWS, COLUMNS), x.dtype.element_ty)
    for i in range(start, tl.minimum(start + chunk, inputs)):
        at = tl.load(x + samples + i, mask=b < batch, other=0.0)
        first, values = local_basis(
            at, knots + i * (size + DEGREE + 1), size, DEGREE, ORDER, EXTRAPOLATION, SEARCH_STEPS
        )
        multiple = base_value(at, BASE, ORDER)
        if factor is not None:
            weight = tl.load(factor + samples + i, mask=b < batch, other=0.0)
            values = scale_values(values, weight, DEGREE)
            multiple *= weight
        source = coef + tl.cast(i, tl.int64) * coef_stride
        splines = _splines(values, first, source, o, outputs, size, DEGREE, EXTRAPOLATION, EVEN)
        if scale is None:
            total += splines
        else:
            total += splines * _row(scale + i * outputs, o, outputs, EVEN)
        if BASE != "zero":
            source = base + tl.cast(i, tl.int64) * base_stride
            total += multiple[:, None] * _row(source, o, outputs, EVEN)
    wanted = (b < batch)[:, None] & (o < outputs)[None, :]
    target = result + tl.program_id(2).to(tl.int64) * batch * outputs
    tl.store(target + b.to(tl.int64)[:, None] * outputs + o[None, :], total, mask=wanted)


@jit
def gather_input_gradient(
    x: tl.tensor,
    grad: tl.tensor,
    knots: tl.tensor,
    coef: tl.tensor,
    base: tl.tensor,
    scale: tl.tensor,
    result: tl.tensor,
    batch: tl.tensor,
    inputs: tl.tensor,
    outputs: tl.tensor,
    size: tl.tensor,
    coef_stride: tl.tensor,
    base_stride: tl.tensor,
    chunk: tl.tensor,
    DEGREE: tl.constexpr,
    ORDER: tl.constexpr,
    EXTRAPOLATION: tl.constexpr,
    BASE: tl.constexpr,
    SEARCH_STEPS: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    EVEN: tl.constexpr,
) -> None:
    """Gradient of `chunk` inputs for a tile of samples; result (batch, in)."""
    b = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    samples = b.to(tl.int64) * inputs
    rows = b.to(tl.int64)[:, None] * outputs
    start = tl.program_id(1) * chunk
    for i in range(start, tl.minimum(start + chunk, inputs)):
        at = tl.load(x + samples + i, mask=b < batch, other=0.0)
        first, values = local_basis(
            at, knots + i * (size + DEGREE + 1), size, DEGREE, ORDER, EXTRAPOLATION, SEARCH_STEPS
        )
        multiple = base_value(at, BASE, ORDER)
        total = tl.zeros((ROWS, COLUMNS), x.dtype.element_ty)
        for left in range(0, outputs, COLUMNS):
            o = left + tl.arange(0, COLUMNS)
            source = coef + tl.cast(i, tl.int64) * coef_stride
            edges = _splines(values, first, source, o, outputs, size, DEGREE, EXTRAPOLATION, EVEN)
            if scale is not None:
                edges *= _row(scale + i * outputs, o, outputs, EVEN)
            if BASE != "zero":
                source = base + tl.cast(i, tl.int64) * base_stride
                edges += multiple[:, None] * _row(source, o, outputs, EVEN)
            wanted = (b < batch)[:, None] & (o < outputs)[None, :]
            total += edges * tl.load(grad + rows + o[None, :], mask=wanted, other=0.0)
        tl.store(result + samples + i, tl.sum(total, 1), mask=b < batch)


@jit
def _splines(
    values: tl.tuple,
    first: tl.tensor,
    coef: tl.tensor,
    o: tl.tensor,
    outputs: tl.tensor,
    size: tl.tensor,
    DEGREE: tl.constexpr,
    EXTRAPOLATION: tl.constexpr,
    EVEN: tl.constexpr,
) -> tl.tensor:
    """The splines of one input at the samples, for each output of the tile."""
    row = coef + first[:, None] * outputs + o[None, :]
    total = tl.zeros(row.shape, values[0].dtype)
    for r in tl.static_range(DEGREE + 1):
        if EXTRAPOLATION == "decay":
            there = ((first + r >= 0) & (first + r < size))[:, None] & (o < outputs)[None, :]
            coefficients = tl.load(row + r * outputs, mask=there, other=0.0)
        elif EVEN:
            coefficients = tl.load(row + r * outputs)
        else:
            coefficients = tl.load(row + r * outputs, mask=(o < outputs)[None, :], other=0.0)
        total += values[r][:, None] * coefficients
    return total


@jit
def _row(source: tl.tensor, o: tl.tensor, outputs: tl.tensor, EVEN: tl.constexpr) -> tl.tensor:
    if EVEN:
        row = tl.load(source + o)
    else:
        row = tl.load(source + o, mask=o < outputs, other=0.0)
    return row[None, :]
