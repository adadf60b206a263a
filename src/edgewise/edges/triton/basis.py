"""Bases and their derivatives in registers: what a Triton kernel multiplies weights with.

A tile of samples has any shape; `row` points, for each of them, at the first knot of its input. The k + 1
values are those of `spline.evaluate`, by the same recurrence in the same order, so that they round alike.
Names in capitals are known when a kernel is compiled.
"""

from __future__ import annotations

from ..bases import sigmoid_polynomial
from .language import constexpr_function, jit, tl

_sigmoid_polynomial = constexpr_function(sigmoid_polynomial)


@jit
def local_basis(
    x: tl.tensor,
    row: tl.tensor,
    size: tl.tensor,
    DEGREE: tl.constexpr,
    ORDER: tl.constexpr,
    EXTRAPOLATION: tl.constexpr,
    SEARCH_STEPS: tl.constexpr,
) -> tl.tensor:
    """First basis function that is not zero at each sample, and the k + 1 values from it on.

    With "decay" the first may be negative and the last beyond `size`: those are not basis functions.

    Args:
        x: Samples.
        row: Pointers to the knots of each sample's input.
        size: Number of basis functions.
        DEGREE: Degree of the splines.
        ORDER: Order of the derivative.
        EXTRAPOLATION: "linear", "constant", "decay" or "periodic".
        SEARCH_STEPS: Halvings that find an interval, as `plan.search_steps` gives them.
    """
    first_knot = DEGREE
    intervals = size - DEGREE
    if EXTRAPOLATION == "decay":
        first_knot = 0
        intervals = size + DEGREE
    low = tl.load(row + first_knot)
    high = tl.load(row + first_knot + intervals)
    if EXTRAPOLATION == "periodic":
        inside = low + _remainder(x - low, high - low)
    else:
        inside = tl.where(x < low, low, tl.where(x > high, high, x))
    index = first_knot + interval(inside, row + first_knot, high, intervals, SEARCH_STEPS)
    values = (tl.where(inside == inside, 1.0, inside),)
    if ORDER > DEGREE:
        nothing = tl.where(inside == inside, 0.0, inside)
        values = _repeated(nothing, DEGREE + 1)
    else:
        offsets = _neighbours(inside, row, index, size, DEGREE, EXTRAPOLATION)
        for level in tl.static_range(1, DEGREE):
            values = _raised(values, offsets, level, DEGREE, level > DEGREE - ORDER)
        if DEGREE > 0:
            last = _raised(values, offsets, DEGREE, DEGREE, ORDER > 0)
            if EXTRAPOLATION == "linear" and ORDER == 0:
                slope = _raised(values, offsets, DEGREE, DEGREE, True)
                values = _sum(last, slope, x - inside, DEGREE + 1)
            else:
                values = last
    if EXTRAPOLATION == "decay":
        values = _scaled(values, ((x == inside) | (x != x)).to(x.dtype), DEGREE + 1)
    if (EXTRAPOLATION == "constant" and ORDER > 0) or (EXTRAPOLATION == "linear" and ORDER > 1):
        values = _scaled(values, (x == inside).to(x.dtype), DEGREE + 1)
    return index - DEGREE, values


@jit
def base_value(x: tl.tensor, BASE: tl.constexpr, ORDER: tl.constexpr) -> tl.tensor:
    """The base "silu", "identity" or "zero", or its derivative, at each sample."""
    result = tl.zeros_like(x)
    if BASE == "identity" and ORDER == 0:
        result = x
    if BASE == "identity" and ORDER == 1:
        result = result + 1.0
    if BASE == "silu":
        sigmoid = tl.sigmoid(x)
        result = x * _polynomial(sigmoid, _sigmoid_polynomial(ORDER), ORDER + 2)
        if ORDER > 0:
            result += ORDER * _polynomial(sigmoid, _sigmoid_polynomial(ORDER - 1), ORDER + 1)
    return result


@jit
def scatter_to_dense(
    first: tl.tensor, values: tl.tuple, columns: tl.tensor, DEGREE: tl.constexpr
) -> tl.tensor:
    """Rows of all basis functions, those of `columns`, from the k + 1 that are not zero."""
    place = columns[None, :] - materialise(first)[:, None]
    result = tl.zeros(place.shape, values[0].dtype)
    for r in tl.static_range(DEGREE + 1):
        result = tl.where(place == r, materialise(values[r])[:, None], result)
    return result


@jit
def materialise(row: tl.tensor) -> tl.tensor:
    """The same numbers, made by threads that share them out.

    Else the exchange between threads that a matrix product needs would be moved up to the loads, and all
    threads would make all basis functions. A reduction, of the number and zero, stops that.
    """
    return tl.sum(tl.join(row, tl.zeros_like(row)), 1)


@jit
def scale_values(values: tl.tuple, factor: tl.tensor, DEGREE: tl.constexpr) -> tl.tensor:
    """The k + 1 values, each times a factor for its sample."""
    return _scaled(values, factor, DEGREE + 1)


@jit
def _remainder(x: tl.tensor, period: tl.tensor) -> tl.tensor:
    # As torch.remainder: from 0 on for x >= 0, up to the period itself where x < 0 is rounded to it.
    if x.dtype == tl.float32:
        turns = tl.floor(tl.div_rn(x, period + tl.zeros_like(x)))
    else:
        turns = tl.floor(x / period)
    rest = tl.fma(-turns, period + tl.zeros_like(x), x)
    return tl.where(rest < 0, rest + period, rest)


@jit
def interval(
    x: tl.tensor, row: tl.tensor, high: tl.tensor, intervals: tl.tensor, SEARCH_STEPS: tl.constexpr
) -> tl.tensor:
    """Number of the knots after the first that are at most x, a repeated end knot not counted."""
    index = tl.zeros(x.shape, tl.int32)
    for step in tl.static_range(SEARCH_STEPS):
        further = index + (1 << (SEARCH_STEPS - 1 - step))
        exists = further < intervals
        knot = tl.load(row + further, mask=exists, other=0.0)
        # NaN goes to the last interval, as it does in the reference.
        passed = exists & ((knot <= x) | (x != x)) & (knot < high)
        index = tl.where(passed, further, index)
    return index


@jit
def _neighbours(
    x: tl.tensor,
    row: tl.tensor,
    index: tl.tensor,
    size: tl.tensor,
    DEGREE: tl.constexpr,
    EXTRAPOLATION: tl.constexpr,
) -> tl.tensor:
    """The 2k knots around each interval, less the sample."""
    offsets: tl.tuple = ()
    if EXTRAPOLATION == "decay":
        last = size + DEGREE
        width = (tl.load(row + last) - tl.load(row)) / last
    for r in tl.static_range(2 * DEGREE):
        place = index + (1 - DEGREE + r)
        if EXTRAPOLATION == "decay":
            near = tl.minimum(tl.maximum(place, 0), last)
            knot = tl.load(row + near) + (place - near).to(x.dtype) * width
        else:
            knot = tl.load(row + place)
        offsets = offsets + (knot - x,)  # noqa: RUF005
    return offsets


@jit
def _raised(
    values: tl.tuple,
    offsets: tl.tuple,
    LEVEL: tl.constexpr,
    DEGREE: tl.constexpr,
    DIFFERENTIATE: tl.constexpr,
) -> tl.tensor:
    """From the `LEVEL` values of degree LEVEL - 1 to those of degree LEVEL, or to their derivatives."""
    result: tl.tuple = ()
    carried = tl.zeros_like(values[0])
    for r in tl.static_range(LEVEL):
        left = offsets[DEGREE - LEVEL + r]
        right = offsets[DEGREE + r]
        if DIFFERENTIATE:
            share = LEVEL * values[r] / (right - left)
            result = result + (carried - share,)  # noqa: RUF005
            carried = share
        else:
            share = values[r] / (right - left)
            result = result + (carried + share * right,)  # noqa: RUF005
            carried = -share * left
    return result + (carried,)  # noqa: RUF005


@jit
def _sum(values: tl.tuple, slopes: tl.tuple, distance: tl.tensor, COUNT: tl.constexpr) -> tl.tensor:
    result: tl.tuple = ()
    for r in tl.static_range(COUNT):
        result = result + (values[r] + distance * slopes[r],)  # noqa: RUF005
    return result


@jit
def _scaled(values: tl.tuple, factor: tl.tensor, COUNT: tl.constexpr) -> tl.tensor:
    result: tl.tuple = ()
    for r in tl.static_range(COUNT):
        result = result + (values[r] * factor,)  # noqa: RUF005
    return result


@jit
def _repeated(value: tl.tensor, COUNT: tl.constexpr) -> tl.tensor:
    result: tl.tuple = ()
    for _ in tl.static_range(COUNT):
        result = result + (value,)  # noqa: RUF005
    return result


@jit
def _polynomial(x: tl.tensor, coefficients: tl.constexpr, COUNT: tl.constexpr) -> tl.tensor:
    value = tl.zeros_like(x)
    for r in tl.static_range(COUNT):
        value = value * x + coefficients[COUNT - 1 - r]
    return value
