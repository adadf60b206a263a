"""Triton kernels that multiply matrices: all basis functions of a few inputs, computed in registers.

`GROUP` inputs at a time, `WIDTH` basis functions each (a power of two, the last ones idle), give a tile that
goes to the tensor cores; it is never written to memory.

Readable twin: `edges/reference.py`.
"""

from __future__ import annotations

from .basis import base_value, local_basis, scale_values, scatter_to_dense
from .language import jit, tl


@jit
def dense_sums(
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
    GROUP: tl.constexpr,
    WIDTH: tl.constexpr,
    PRECISION: tl.constexpr,
) -> None:
    """Sums over `chunk` inputs for a tile of samples and outputs; result (parts, batch, out)."""
    b = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    o = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    top = tl.program_id(0) * ROWS
    start = tl.program_id(2) * chunk
    stop = tl.minimum(start + chunk, inputs)
    total = tl.zeros((ROWS, COLUMNS), x.dtype.element_ty)
    for left in range(start, stop, GROUP):
        place, there, row = sample_offsets(
            knots, top, left, batch, stop, inputs, size + DEGREE + 1, ROWS, GROUP
        )
        at = tl.load(x + place, mask=there, other=0.0)
        first, values = local_basis(at, row, size, DEGREE, ORDER, EXTRAPOLATION, SEARCH_STEPS)
        if factor is not None:
            values = scale_values(values, tl.load(factor + place, mask=there, other=0.0), DEGREE)
        tile = scatter_to_dense(first, values, tl.arange(0, WIDTH), DEGREE)
        tile = tl.reshape(tile, (ROWS, GROUP * WIDTH))
        weights = _weights(coef, scale, left, stop, o, outputs, size, coef_stride, 0, GROUP, WIDTH)
        total = tl.dot(tile, weights, total, input_precision=PRECISION, out_dtype=total.dtype)
    if BASE != "zero":
        samples = b.to(tl.int64)[:, None] * inputs
        for left in range(start, stop, 16):
            i = left + tl.arange(0, 16)
            there = (b < batch)[:, None] & (i < stop)[None, :]
            tile = base_value(tl.load(x + samples + i[None, :], mask=there, other=0.0), BASE, ORDER)
            if factor is not None:
                tile *= tl.load(factor + samples + i[None, :], mask=there, other=0.0)
            weights = _base_weights(base, i, stop, o, outputs, base_stride)
            total = tl.dot(tile, weights, total, input_precision=PRECISION, out_dtype=total.dtype)
    target = result + tl.program_id(2).to(tl.int64) * batch * outputs
    wanted = (b < batch)[:, None] & (o < outputs)[None, :]
    tl.store(target + b.to(tl.int64)[:, None] * outputs + o[None, :], total, mask=wanted)


@jit
def dense_input_gradient(
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
    DEGREE: tl.constexpr,
    ORDER: tl.constexpr,
    EXTRAPOLATION: tl.constexpr,
    BASE: tl.constexpr,
    SEARCH_STEPS: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    GROUP: tl.constexpr,
    WIDTH: tl.constexpr,
    PRECISION: tl.constexpr,
) -> None:
    """Gradient of a group of inputs for a tile of samples; result (batch, in)."""
    b = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    left = tl.program_id(1) * GROUP
    i = left + tl.arange(0, GROUP)
    rows = b.to(tl.int64)[:, None] * outputs
    along = tl.zeros((ROWS, GROUP * WIDTH), x.dtype.element_ty)
    along_base = tl.zeros((ROWS, GROUP), x.dtype.element_ty)
    for top in range(0, outputs, COLUMNS):
        o = top + tl.arange(0, COLUMNS)
        wanted = (b < batch)[:, None] & (o < outputs)[None, :]
        g = tl.load(grad + rows + o[None, :], mask=wanted, other=0.0)
        weights = _weights(coef, scale, left, inputs, o, outputs, size, coef_stride, 0, GROUP, WIDTH)
        along = tl.dot(g, tl.trans(weights), along, input_precision=PRECISION, out_dtype=along.dtype)
        if BASE != "zero":
            weights = tl.trans(_base_weights(base, i, inputs, o, outputs, base_stride))
            along_base = tl.dot(g, weights, along_base, input_precision=PRECISION, out_dtype=along_base.dtype)
    place, there, row = sample_offsets(
        knots, tl.program_id(0) * ROWS, left, batch, inputs, inputs, size + DEGREE + 1, ROWS, GROUP
    )
    at = tl.load(x + place, mask=there, other=0.0)
    first, values = local_basis(at, row, size, DEGREE, ORDER, EXTRAPOLATION, SEARCH_STEPS)
    tile = scatter_to_dense(first, values, tl.arange(0, WIDTH), DEGREE)
    total = tl.sum(tile * tl.reshape(along, (ROWS * GROUP, WIDTH)), 1)
    if BASE != "zero":
        total += base_value(at, BASE, ORDER) * tl.reshape(along_base, (ROWS * GROUP,))
    tl.store(result + place, total, mask=there)


@jit
def dense_weight_gradient(
    x: tl.tensor,
    factor: tl.tensor,
    grad: tl.tensor,
    knots: tl.tensor,
    coef: tl.tensor,
    scale: tl.tensor,
    coef_grad: tl.tensor,
    base_grad: tl.tensor,
    scale_grad: tl.tensor,
    batch: tl.tensor,
    inputs: tl.tensor,
    outputs: tl.tensor,
    size: tl.tensor,
    coef_stride: tl.tensor,
    chunk: tl.tensor,
    slices: tl.tensor,
    DEGREE: tl.constexpr,
    ORDER: tl.constexpr,
    EXTRAPOLATION: tl.constexpr,
    BASE: tl.constexpr,
    SEARCH_STEPS: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    GROUP: tl.constexpr,
    WIDTH: tl.constexpr,
    PRECISION: tl.constexpr,
) -> None:
    """Gradients of a group of inputs and a tile of outputs from `chunk` samples.

    Gradients: coef_grad (parts, in, size, out), base_grad (parts, in, out) and scale_grad
    (parts * slices, in, out), where a slice holds `WIDTH` basis functions.
    """
    left = tl.program_id(0) * GROUP
    o = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    part = tl.program_id(2) // slices
    bottom = (tl.program_id(2) % slices) * WIDTH
    columns = bottom + tl.arange(0, WIDTH)
    total = tl.zeros((GROUP * WIDTH, COLUMNS), x.dtype.element_ty)
    total_base = tl.zeros((GROUP, COLUMNS), x.dtype.element_ty)
    stop = tl.minimum((part + 1) * chunk, batch)
    for top in range(part * chunk, stop, ROWS):
        b = top + tl.arange(0, ROWS)
        place, there, row = sample_offsets(
            knots, top, left, stop, inputs, inputs, size + DEGREE + 1, ROWS, GROUP
        )
        at = tl.load(x + place, mask=there, other=0.0)
        wanted = (b < stop)[:, None] & (o < outputs)[None, :]
        g = tl.load(grad + b.to(tl.int64)[:, None] * outputs + o[None, :], mask=wanted, other=0.0)
        first, values = local_basis(at, row, size, DEGREE, ORDER, EXTRAPOLATION, SEARCH_STEPS)
        multiple = base_value(at, BASE, ORDER)
        if factor is not None:
            weight = tl.load(factor + place, mask=there, other=0.0)
            values = scale_values(values, weight, DEGREE)
            multiple *= weight
        tile = tl.reshape(scatter_to_dense(first, values, columns, DEGREE), (ROWS, GROUP * WIDTH))
        total = tl.dot(tl.trans(tile), g, total, input_precision=PRECISION, out_dtype=total.dtype)
        if BASE != "zero":
            tile = tl.trans(tl.reshape(multiple, (ROWS, GROUP)))
            total_base = tl.dot(tile, g, total_base, input_precision=PRECISION, out_dtype=total.dtype)
    _store_gradients(
        total, total_base, coef, scale, coef_grad, base_grad, scale_grad,
        part, left, bottom, o, inputs, outputs, size, coef_stride, COLUMNS, GROUP, WIDTH,
    )  # fmt: skip


@jit
def _store_gradients(
    total: tl.tensor,
    total_base: tl.tensor,
    coef: tl.tensor,
    scale: tl.tensor,
    coef_grad: tl.tensor,
    base_grad: tl.tensor,
    scale_grad: tl.tensor,
    part: tl.tensor,
    left: tl.tensor,
    bottom: tl.tensor,
    o: tl.tensor,
    inputs: tl.tensor,
    outputs: tl.tensor,
    size: tl.tensor,
    coef_stride: tl.tensor,
    COLUMNS: tl.constexpr,
    GROUP: tl.constexpr,
    WIDTH: tl.constexpr,
) -> None:
    """From gradients of whole weights to those of coefficients, base and scale, each in its place."""
    i = left + tl.arange(0, GROUP)
    wanted = (i < inputs)[:, None] & (o < outputs)[None, :]
    rows = i[:, None] * outputs + o[None, :]
    edges = tl.cast(inputs, tl.int64) * outputs
    if bottom == 0:
        tl.store(base_grad + part * edges + rows, total_base, mask=wanted)
    if scale is not None:
        weights = _weights(coef, None, left, inputs, o, outputs, size, coef_stride, bottom, GROUP, WIDTH)
        products = tl.reshape(total * weights, (GROUP, WIDTH, COLUMNS))
        tl.store(scale_grad + tl.program_id(2) * edges + rows, tl.sum(products, 1), mask=wanted)
    k = tl.arange(0, GROUP * WIDTH)
    source = left + k // WIDTH
    m = bottom + k % WIDTH
    wanted = ((source < inputs) & (m < size))[:, None] & (o < outputs)[None, :]
    if scale is not None:
        total *= tl.load(scale + source[:, None] * outputs + o[None, :], mask=wanted, other=0.0)
    rows = (source.to(tl.int64) * size + m) * outputs
    tl.store(coef_grad + part * edges * size + rows[:, None] + o[None, :], total, mask=wanted)


@jit
def sample_offsets(
    knots: tl.tensor,
    top: tl.tensor,
    left: tl.tensor,
    batch: tl.tensor,
    stop: tl.tensor,
    inputs: tl.tensor,
    knot_stride: tl.tensor,
    ROWS: tl.constexpr,
    GROUP: tl.constexpr,
) -> tl.tuple:
    """Where the numbers of a tile of samples and inputs are, which exist, and the knots of each.

    One axis for both: then a thread holds few of them, and makes no other's basis functions.
    """
    pair = tl.arange(0, ROWS * GROUP)
    b = top + pair // GROUP
    i = left + pair % GROUP
    place = b.to(tl.int64) * inputs + i
    return place, (b < batch) & (i < stop), knots + tl.minimum(i, inputs - 1) * knot_stride


@jit
def _weights(
    coef: tl.tensor,
    scale: tl.tensor,
    left: tl.tensor,
    stop: tl.tensor,
    o: tl.tensor,
    outputs: tl.tensor,
    size: tl.tensor,
    coef_stride: tl.tensor,
    bottom: tl.tensor,
    GROUP: tl.constexpr,
    WIDTH: tl.constexpr,
) -> tl.tensor:
    """Coefficients of a group of inputs, times the scale if there is one, a row to a basis function."""
    k = tl.arange(0, GROUP * WIDTH)
    i = left + k // WIDTH
    m = bottom + k % WIDTH
    wanted = ((i < stop) & (m < size))[:, None] & (o < outputs)[None, :]
    rows = i.to(tl.int64) * coef_stride + m * outputs
    weights = tl.load(coef + rows[:, None] + o[None, :], mask=wanted, other=0.0)
    if scale is not None:
        weights *= tl.load(scale + i[:, None] * outputs + o[None, :], mask=wanted, other=0.0)
    return weights


@jit
def _base_weights(
    base: tl.tensor, i: tl.tensor, stop: tl.tensor, o: tl.tensor, outputs: tl.tensor, base_stride: tl.tensor
) -> tl.tensor:
    rows = i.to(tl.int64) * base_stride
    wanted = (i < stop)[:, None] & (o < outputs)[None, :]
    return tl.load(base + rows[:, None] + o[None, :], mask=wanted, other=0.0)
