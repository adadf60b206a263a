"""Kernels that split float32 into high and low float16 for tensor-core products (relative error below 2^-22).

Each row or column is first scaled by a power of two that brings its largest number near 2^13; the split then holds
for numbers down to 2^-28 of the largest. Products of float16 are exact in float32, in which tensor cores accumulate.

Readable twin: `edges/reference.py`.
"""

from __future__ import annotations

from .basis import base_value, interval, local_basis, materialise, scale_values, scatter_to_dense
from .dense import sample_offsets
from .language import jit, tl


@jit
def feature_scales(
    x: tl.tensor,
    knots: tl.tensor,
    result: tl.tensor,
    batch: tl.tensor,
    inputs: tl.tensor,
    size: tl.tensor,
    DEGREE: tl.constexpr,
    EXTRAPOLATION: tl.constexpr,
    BASE: tl.constexpr,
    SEARCH_STEPS: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
) -> None:
    """What each sample's features are to be multiplied with; result (batch,).

    From a bound: a spline goes on outside its grid with a slope of at most k over the outermost interval.
    """
    b = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    rows = b.to(tl.int64)[:, None] * inputs
    bound = tl.full((ROWS,), 1.0, x.dtype.element_ty)
    for left in range(0, inputs, COLUMNS):
        i = left + tl.arange(0, COLUMNS)
        there = (b < batch)[:, None] & (i < inputs)[None, :]
        at = tl.load(x + rows + i[None, :], mask=there, other=0.0)
        if BASE != "zero":
            bound = tl.maximum(bound, tl.max(tl.abs(at), 1))
        if EXTRAPOLATION == "linear" and DEGREE > 0:
            row = knots + tl.minimum(i, inputs - 1) * (size + DEGREE + 1) + DEGREE
            low = tl.load(row)
            high = tl.load(row + size - DEGREE)
            below = tl.where(there, low[None, :] - at, 0.0)
            above = tl.where(there, at - high[None, :], 0.0)
            if tl.max(tl.maximum(below, above)) > 0:
                first = row + interval(low, row, high, size - DEGREE, SEARCH_STEPS)
                last = row + interval(high, row, high, size - DEGREE, SEARCH_STEPS)
                below /= (tl.load(first + 1) - tl.load(first))[None, :]
                above /= (tl.load(last + 1) - tl.load(last))[None, :]
                bound = tl.maximum(bound, 1.0 + DEGREE * tl.max(tl.maximum(below, above), 1))
    tl.store(result + b, scale_pow2(bound), mask=b < batch)


@jit
def split_features(
    x: tl.tensor,
    knots: tl.tensor,
    units: tl.tensor,
    high: tl.tensor,
    low: tl.tensor,
    batch: tl.tensor,
    inputs: tl.tensor,
    size: tl.tensor,
    DEGREE: tl.constexpr,
    EXTRAPOLATION: tl.constexpr,
    BASE: tl.constexpr,
    SEARCH_STEPS: tl.constexpr,
    ROWS: tl.constexpr,
    GROUP: tl.constexpr,
    WIDTH: tl.constexpr,
) -> None:
    """Base and basis functions as high and low float16 parts, each (batch, in, 1 + size)."""
    top = tl.program_id(0) * ROWS
    left = tl.program_id(1) * GROUP
    place, there, row = sample_offsets(
        knots, top, left, batch, inputs, inputs, size + DEGREE + 1, ROWS, GROUP
    )
    at = tl.load(x + place, mask=there, other=0.0)
    unit = tl.load(units + top + tl.arange(0, ROWS * GROUP) // GROUP, mask=there, other=0.0)
    first, values = local_basis(at, row, size, DEGREE, 0, EXTRAPOLATION, SEARCH_STEPS)
    columns = tl.arange(0, WIDTH)
    tile = scatter_to_dense(first + 1, scale_values(values, unit, DEGREE), columns, DEGREE)
    tile = tl.where(columns[None, :] == 0, materialise(base_value(at, BASE, 0) * unit)[:, None], tile)
    larger, smaller = split_high_low(tile)
    # Places from the corner of the tile on, in 32 bits.
    pair = tl.arange(0, ROWS * GROUP)
    origin = (pair // GROUP) * inputs * (size + 1) + (pair % GROUP) * (size + 1)
    place = origin[:, None] + columns[None, :]
    wanted = there[:, None] & (columns <= size)[None, :]
    corner = (tl.cast(top, tl.int64) * inputs + left) * (size + 1)
    tl.store(high + corner + place, larger, mask=wanted)
    tl.store(low + corner + place, smaller, mask=wanted)


@jit
def split_matrix(
    matrix: tl.tensor,
    units: tl.tensor,
    result: tl.tensor,
    rows: tl.tensor,
    columns: tl.tensor,
    BY_ROW: tl.constexpr,
    PARTS: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
) -> None:
    """The high and low float16 parts of a matrix, side by side.

    Args:
        matrix: Shape (rows, columns).
        units: What each column, or each row, is multiplied with.
        result: Shape (rows, len(PARTS) * columns), float16.
        rows: Its size.
        columns: Its size.
        BY_ROW: Whether units are those of rows.
        PARTS: Which half stands where, such as "hl": the high one, then the low one.
        ROWS: Of a program's tile.
        COLUMNS: Of a program's tile.
    """
    r = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    c = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    wanted = (r < rows)[:, None] & (c < columns)[None, :]
    tile = tl.load(matrix + r.to(tl.int64)[:, None] * columns + c[None, :], mask=wanted, other=0.0)
    if BY_ROW:
        tile *= tl.load(units + r, mask=r < rows, other=1.0)[:, None]
    else:
        tile *= tl.load(units + c, mask=c < columns, other=1.0)[None, :]
    high, low = split_high_low(tile)
    origin = result + r.to(tl.int64)[:, None] * (len(PARTS) * columns) + c[None, :]
    for part in tl.static_range(len(PARTS)):
        if PARTS[part] == "h":
            tl.store(origin + part * columns, high, mask=wanted)
        else:
            tl.store(origin + part * columns, low, mask=wanted)


@jit
def add_unscaled(
    first: tl.tensor,
    second: tl.tensor,
    row_units: tl.tensor,
    column_units: tl.tensor,
    result: tl.tensor,
    rows: tl.tensor,
    columns: tl.tensor,
    stride: tl.tensor,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
) -> None:
    """Two products of float16 parts added, without their units; result (rows, columns).

    Args:
        first: Shape (rows, columns).
        second: The same, its rows `stride` apart.
        row_units: Those of the rows; None for ones.
        column_units: Those of the columns.
        result: Shape (rows, columns).
        rows: Its size.
        columns: Its size.
        stride: Of the second.
        ROWS: Of a program's tile.
        COLUMNS: Of a program's tile.
    """
    r = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    c = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    wanted = (r < rows)[:, None] & (c < columns)[None, :]
    place = r.to(tl.int64)[:, None]
    total = tl.load(first + place * columns + c[None, :], mask=wanted, other=0.0)
    total += tl.load(second + place * stride + c[None, :], mask=wanted, other=0.0)
    total /= tl.load(column_units + c, mask=c < columns, other=1.0)[None, :]
    if row_units is not None:
        total /= tl.load(row_units + r, mask=r < rows, other=1.0)[:, None]
    tl.store(result + place * columns + c[None, :], total, mask=wanted)


@jit
def features_backward(
    x: tl.tensor,
    knots: tl.tensor,
    along: tl.tensor,
    units: tl.tensor,
    result: tl.tensor,
    batch: tl.tensor,
    inputs: tl.tensor,
    size: tl.tensor,
    DEGREE: tl.constexpr,
    ORDER: tl.constexpr,
    EXTRAPOLATION: tl.constexpr,
    BASE: tl.constexpr,
    SEARCH_STEPS: tl.constexpr,
    PAIRS: tl.constexpr,
) -> None:
    """Gradient of the inputs from that of their features, `along`, (batch, in, 1 + size); result (batch, in).

    Each sample's part of `along` is too large by its unit.
    """
    place = tl.program_id(0).to(tl.int64) * PAIRS + tl.arange(0, PAIRS)
    b = place // inputs
    i = place % inputs
    there = b < batch
    at = tl.load(x + place, mask=there, other=0.0)
    row = knots + i * (size + DEGREE + 1)
    first, values = local_basis(at, row, size, DEGREE, ORDER, EXTRAPOLATION, SEARCH_STEPS)
    source = along + place * (size + 1)
    total = tl.zeros_like(at)
    if BASE != "zero":
        total = base_value(at, BASE, ORDER) * tl.load(source, mask=there, other=0.0)
    for r in tl.static_range(DEGREE + 1):
        m = first + r
        total += values[r] * tl.load(source + 1 + m, mask=there & (m >= 0) & (m < size), other=0.0)
    total /= tl.load(units + b, mask=there, other=1.0)
    tl.store(result + place, total, mask=there)


@jit
def matrix_scales(largest: tl.tensor, result: tl.tensor, count: tl.tensor, COUNT: tl.constexpr) -> None:
    """The unit of each of `count` magnitudes."""
    place = tl.program_id(0) * COUNT + tl.arange(0, COUNT)
    value = tl.load(largest + place, mask=place < count, other=1.0)
    tl.store(result + place, scale_pow2(value), mask=place < count)


@jit
def split_high_low(tile: tl.tensor) -> tl.tensor:
    """The two float16 numbers whose sum each number is."""
    high = tile.to(tl.float16)
    return high, (tile - high.to(tl.float32)).to(tl.float16)


@jit
def scale_pow2(largest: tl.tensor) -> tl.tensor:
    """The power of two that brings a magnitude to 2^12 or up to twice that; to less if it is nearly zero."""
    power = tl.cast(tl.maximum(largest, 1e-30), tl.int32, bitcast=True) & 0x7F800000
    return 4096.0 / tl.cast(power, tl.float32, bitcast=True)
