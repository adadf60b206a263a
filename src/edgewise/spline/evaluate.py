"""Values and derivatives of B-splines, as one differentiable operation.

Letters: `in` inputs, each with a knot row of its own; `k` the degree; `size = G + k` basis functions
to an input; `r` the order of the derivative. At any x only `k + 1` basis functions are non-zero; they
are found by the triangle of de Boor and Cox on those alone, so no division meets an empty interval.

The operation is closed under differentiation: its gradient in `x` is itself at order `r + 1`, hence
gradients of every order are exact and cost one more evaluation each.

Source: de Boor, A Practical Guide to Splines, chapters IX and X.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad

from ..errors import InputError, unknown_name

EXTRAPOLATIONS = ("linear", "decay", "constant", "periodic", "error")


def basis(x: Tensor, knots: Tensor, degree: int, *, order: int = 0, extrapolation: str = "linear") -> Tensor:
    """Evaluate all basis functions, or their derivatives, at `x`.

    Args:
        x: Points, shape (..., in).
        knots: Padded knots, non-decreasing along rows, shape (in, size + degree + 1). The domain of row
            i is [knots[i, degree], knots[i, size]].
        degree: Degree k >= 0 of the pieces.
        order: Order of the derivative, >= 0.
        extrapolation: Values outside the domain: "linear" (value and slope of the end),
            "constant" (value of the end), "decay" (the basis functions decay to zero over the padding),
            "periodic" (the domain repeats) or "error".

    Returns:
        Values, shape (..., in, size). NaN in `x` gives NaN in its own row only.

    Raises:
        InputError: an unknown extrapolation, or "error" and a point out of range.

    Example:
        >>> knots = torch.arange(-3.0, 8.0)[None]
        >>> basis(torch.tensor([[0.5]]), knots, 3).sum()
        tensor(1.)
    """
    if extrapolation not in EXTRAPOLATIONS:
        raise unknown_name("basis", "extrapolation", extrapolation, EXTRAPOLATIONS)
    if extrapolation == "error":
        refuse_out_of_range(x, knots, degree)
        extrapolation = "linear"
    if x.dtype in (torch.bfloat16, torch.float16):
        return _evaluate(x.float(), knots.float(), degree, order, extrapolation).to(x.dtype)
    return _evaluate(x, knots, degree, order, extrapolation)


def spline_sum(
    x: Tensor, knots: Tensor, coef: Tensor, degree: int, *, order: int = 0, extrapolation: str = "linear"
) -> Tensor:
    """Sum over inputs of one spline per edge: the spline part of a KAN layer.

    Args:
        x: Points, shape (..., in).
        knots: Padded knots, shape (in, size + degree + 1).
        coef: Coefficients, shape (in, size, out).
        degree: Degree of the pieces.
        order: Order of the derivative in `x` of each edge before the sum.
        extrapolation: As in `basis`.

    Returns:
        Sums, shape (..., out).

    Example:
        >>> knots = torch.arange(-3.0, 8.0)[None]
        >>> spline_sum(torch.tensor([[0.5]]), knots, torch.ones(1, 7, 2), 3)
        tensor([[1., 1.]])
    """
    values = basis(x, knots, degree, order=order, extrapolation=extrapolation)
    return values.flatten(-2) @ coef.flatten(0, 1)


def spline_edges(
    x: Tensor, knots: Tensor, coef: Tensor, degree: int, *, order: int = 0, extrapolation: str = "linear"
) -> Tensor:
    """Evaluate every edge's spline by itself: `spline_sum` before the sum, shape (..., in, out).

    Cost: builds a tensor of batch * in * out; meant for looking inside, not for training.

    Example:
        >>> knots = torch.arange(-3.0, 8.0)[None]
        >>> spline_edges(torch.tensor([[0.5]]), knots, torch.ones(1, 7, 2), 3).shape
        torch.Size([1, 1, 2])
    """
    values = basis(x, knots, degree, order=order, extrapolation=extrapolation)
    return torch.einsum("...im,imo->...io", values, coef)


def domain(knots: Tensor, degree: int) -> tuple[Tensor, Tensor]:
    """Ends of the interval on which each input's splines are defined: two tensors of shape (in,).

    Example:
        >>> domain(torch.arange(-3.0, 8.0)[None], 3)
        (tensor([0.]), tensor([4.]))
    """
    return knots[:, degree], knots[:, knots.shape[1] - 1 - degree]


def out_of_range(x: Tensor, knots: Tensor, degree: int) -> Tensor:
    """Share of the samples that lie outside the domain, for each input, shape (in,).

    Example:
        >>> out_of_range(torch.tensor([[0.5], [9.0]]), torch.arange(-3.0, 8.0)[None], 3)
        tensor([0.5000])
    """
    low, high = domain(knots, degree)
    outside = ((x < low) | (x > high)).reshape(-1, knots.shape[0])
    if outside.shape[0] == 0:
        return torch.zeros_like(low)
    return outside.to(low.dtype).mean(0)


def refuse_out_of_range(x: Tensor, knots: Tensor, degree: int) -> None:
    """Raise `InputError`, with the column's number, if a point lies outside the domain.

    Example:
        >>> refuse_out_of_range(torch.tensor([[0.5]]), torch.arange(-3.0, 8.0)[None], 3)
    """
    low, high = domain(knots, degree)
    outside = (x < low) | (x > high)
    if bool(outside.any()):
        column = int(outside.reshape(-1, knots.shape[0]).any(0).nonzero()[0])
        raise InputError(
            f"basis: x must lie inside the grid, as extrapolation is 'error'; got a value outside "
            f"[{low[column]:.6g}, {high[column]:.6g}] in column {column}. Update the grid on this data, "
            f"or choose extrapolation='linear'."
        )


class _Basis(torch.autograd.Function):
    """The one autograd node: values, and slopes kept aside for a first backward pass.

    It has no `jvp`: that would break full-graph compilation.
    """

    @staticmethod
    def forward(
        x: Tensor, knots: Tensor, degree: int, order: int, extrapolation: str, keep_slope: bool
    ) -> tuple[Tensor, Tensor]:
        return _dense_basis(x, knots, degree, order, extrapolation, keep_slope)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        x, knots, ctx.degree, ctx.order, ctx.extrapolation, ctx.keep_slope = inputs
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(x, knots, output[1])

    @staticmethod
    def backward(ctx: Any, grad: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        x, knots, slope = ctx.saved_tensors
        if torch.is_grad_enabled() or not ctx.keep_slope:
            slope = _evaluate(x, knots, ctx.degree, ctx.order + 1, ctx.extrapolation)
        return (grad * slope).sum(-1), None, None, None, None, None

    @staticmethod
    def vmap(
        info: Any, in_dims: tuple[Any, ...], x: Tensor, knots: Tensor, *settings: Any
    ) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
        x_dim, knots_dim = in_dims[:2]
        if knots_dim is None:
            return _Basis.apply(x.movedim(x_dim, 0), knots, *settings), (0, 0)
        rows = knots.movedim(knots_dim, 0)
        models, inputs = rows.shape[:2]
        points = (
            x.unsqueeze(-2).expand(*x.shape[:-1], models, inputs) if x_dim is None else x.movedim(x_dim, -2)
        )
        both = _Basis.apply(points.flatten(-2), rows.flatten(0, 1), *settings)
        values, slope = (part.unflatten(-2, (models, inputs)).movedim(-3, 0) for part in both)
        return (values, slope), (0, 0)


def _evaluate(x: Tensor, knots: Tensor, degree: int, order: int, extrapolation: str) -> Tensor:
    if not _is_remembered(x, knots):
        return _dense_basis(x, knots, degree, order, extrapolation, keep_slope=False)[0]
    # Slopes come at little cost with the values where the backward pass is going to ask for them.
    keep_slope = x.requires_grad and order == 0 and extrapolation == "linear"
    return _Basis.apply(x, knots, degree, order, extrapolation, keep_slope)[0]


def _is_remembered(x: Tensor, knots: Tensor) -> bool:
    """Whether autograd, a transform or a compiler follows; if not, its call would cost more than small bases."""
    if torch.compiler.is_compiling():
        return True
    # `_Basis` has no rule for forward mode, and a tracer would keep it as a call of Python.
    if forward_ad._current_level >= 0 or torch._C._is_tracing():
        return False
    if torch._C._are_functorch_transforms_active():
        return True
    return torch.is_grad_enabled() and (x.requires_grad or knots.requires_grad)


def _dense_basis(
    x: Tensor, knots: Tensor, degree: int, order: int, extrapolation: str, keep_slope: bool
) -> tuple[Tensor, Tensor]:
    """Values (..., in, size), and slopes of the same shape, or shape (..., in, 0) if not asked for."""
    points = x.reshape(-1, x.shape[-1]).T.contiguous()
    if extrapolation == "decay":
        values = _decaying(points, knots, degree, order)
    elif extrapolation == "linear" and order == 0:
        values, slope = _linear(points, knots, degree, keep_slope)
        return values.reshape(*x.shape, values.shape[-1]), slope.reshape(*x.shape, slope.shape[-1])
    else:
        values = _bounded(points, knots, degree, order, extrapolation)
    size = knots.shape[1] - degree - 1
    return values.reshape(*x.shape, size), values.new_empty(*x.shape, 0)


def _linear(points: Tensor, knots: Tensor, degree: int, keep_slope: bool) -> tuple[Tensor, Tensor]:
    """Values going on along the tangents of the ends; the slopes are those inside, held constant."""
    size = knots.shape[1] - degree - 1
    low, high = domain(knots, degree)
    inside = points.clamp(low[:, None], high[:, None])
    index, local, slope = _local_with_slope(inside, knots, degree)
    local = torch.addcmul(local, points - inside, slope)
    values = _scatter(index - degree, local, size)
    if not keep_slope:
        return values, values.new_empty(*values.shape[:2], 0)
    return values, _scatter(index - degree, slope, size)


def _bounded(points: Tensor, knots: Tensor, degree: int, order: int, extrapolation: str) -> Tensor:
    low, high = (end[:, None] for end in domain(knots, degree))
    size = knots.shape[1] - degree - 1
    if extrapolation == "periodic":
        inside = low + torch.remainder(points - low, high - low)
        index, local = _local(inside, knots, degree, order)
        return _scatter(index - degree, local, size)
    inside = points.clamp(low, high)
    index, local = _local(inside, knots, degree, order)
    flat_from = 2 if extrapolation == "linear" else 1
    if order >= flat_from:
        local = local * (points == inside)
    return _scatter(index - degree, local, size)


def _decaying(points: Tensor, knots: Tensor, degree: int, order: int) -> Tensor:
    """The basis functions on the padding too: there fewer than `k + 1` of them are left."""
    size = knots.shape[1] - degree - 1
    first, last = knots[:, :1], knots[:, -1:]
    steps = torch.arange(1, degree + 1, dtype=knots.dtype, device=knots.device)
    width = (last - first) / (knots.shape[1] - 1)
    longer = torch.cat([first - width * steps.flip(0), knots, last + width * steps], dim=1)
    inside = torch.where(points < first, first, torch.where(points > last, last, points))
    index, local = _local(inside, longer, degree, order)
    local = local * ((points == inside) | points.isnan())
    return _scatter(index - degree, local, size + 2 * degree)[..., degree : degree + size]


def _interval(points: Tensor, knots: Tensor, degree: int) -> Tensor:
    """Index J of the non-empty interval with knots[J] <= x < knots[J + 1], within the domain."""
    size = knots.shape[1] - degree - 1
    inner = knots[:, degree + 1 : size]
    # An end knot that is repeated must not open an empty interval at the end.
    inner = inner.masked_fill(inner >= knots[:, size, None], torch.inf).contiguous()
    return torch.searchsorted(inner, points.contiguous(), right=True) + degree


def _neighbours(index: Tensor, knots: Tensor, degree: int) -> Tensor:
    """The 2k knots around each interval, shape (2k, in, batch)."""
    offsets = torch.arange(1 - degree, degree + 1, device=index.device)
    rows = knots.expand(2 * degree, *knots.shape)
    return rows.gather(-1, index + offsets[:, None, None])


def _local(points: Tensor, knots: Tensor, degree: int, order: int) -> tuple[Tensor, Tensor]:
    """Interval index (in, batch) and the k + 1 non-zero values there (k + 1, in, batch)."""
    index = _interval(points, knots, degree)
    if order > degree:
        return index, _constant(points, 0.0).expand(degree + 1, *points.shape)
    values = _constant(points, 1.0)
    offsets = _neighbours(index, knots, degree) - points if degree else values
    for level in range(1, degree + 1):
        raise_degree = _times_ramp if level <= degree - order else _differentiate
        values = raise_degree(values, offsets, level, degree)
    return index, values


def _local_with_slope(points: Tensor, knots: Tensor, degree: int) -> tuple[Tensor, Tensor, Tensor]:
    """As `_local` at order 0, with the first derivatives, which share all but the last level."""
    index = _interval(points, knots, degree)
    values = _constant(points, 1.0)
    if degree == 0:
        return index, values, values - values
    offsets = _neighbours(index, knots, degree) - points
    for level in range(1, degree):
        values = _times_ramp(values, offsets, level, degree)
    slope = _differentiate(values, offsets, degree, degree)
    return index, _times_ramp(values, offsets, degree, degree), slope


def _constant(points: Tensor, value: float) -> Tensor:
    """One row of a constant, where NaN still shows."""
    return torch.where(points.isnan(), points, value)[None]


def _times_ramp(values: Tensor, offsets: Tensor, level: int, degree: int) -> Tensor:
    """From the `level` values of degree level - 1 to the level + 1 values of degree level.

    `offsets` are the 2k knots around the point, less the point.
    """
    left, right = offsets[degree - level : degree], offsets[degree : degree + level]
    share = values / (right - left)
    down, up = share * right, share * left
    return torch.cat([down[:1], down[1:] - up[:-1], -up[-1:]])


def _differentiate(values: Tensor, offsets: Tensor, level: int, degree: int) -> Tensor:
    """From values of degree level - 1 to the derivatives of those of degree level."""
    left, right = offsets[degree - level : degree], offsets[degree : degree + level]
    share = level * values / (right - left)
    return torch.cat([-share[:1], share[:-1] - share[1:], share[-1:]])


def _scatter(first: Tensor, local: Tensor, size: int) -> Tensor:
    """Put the local values into rows of all `size` basis functions, shape (batch, in, size)."""
    offsets = torch.arange(local.shape[0], device=first.device)
    index = first.T[..., None] + offsets
    dense = local.new_zeros(*index.shape[:2], size)
    return dense.scatter(-1, index, local.permute(2, 1, 0))
