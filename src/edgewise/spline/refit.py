"""Least-squares fits: splines from samples, and splines transferred to another knot vector."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from ..errors import InputError, ShapeError
from .evaluate import basis, spline_edges
from .insertion import insert_knots, is_nested
from .knots import inner_knots
from .least_squares import BLOCK, Design, solve, spread_points

# What the points spread over the new domain weigh together, as a share of the samples, in `project`.
_SPREAD_SHARE = 1e-4


@dataclass(frozen=True)
class Refit:
    """Coefficients found by least squares, and what they leave over.

    Attributes:
        coef: Coefficients, shape (in, size, out).
        residual: Root mean square of spline minus target over the samples, shape (in, out).
    """

    coef: Tensor
    residual: Tensor


@torch.no_grad()
def fit_coef(
    x: Tensor,
    y: Tensor,
    knots: Tensor,
    degree: int,
    *,
    prior: Tensor | None = None,
    extrapolation: str = "linear",
) -> Refit:
    """Fit one spline to each edge's samples.

    The normal equations are solved in float64 by Cholesky, with a slight pull of the spline's slope towards
    that of `prior`; repeated solves of the residual take the pull away wherever there are data. So any
    samples will do: fewer than coefficients, repeated, all equal, or none (which gives the prior).

    Args:
        x: Samples of each input, shape (batch, in).
        y: DataSpec values of each edge, shape (batch, in, out).
        knots: Padded knots, shape (in, grid + 1 + 2 * degree).
        degree: Spline degree.
        prior: Coefficients to stay near where the samples say nothing, shape (in, size, out). Zero by
            default; the spline then runs level beyond the samples.
        extrapolation: Rule for samples outside the domain, as in `basis`.

    Returns:
        Coefficients in the dtype of `y`, and the residual of each edge.

    Raises:
        ShapeError: If the shapes do not go together.
        InputError: If `x` or `y` holds NaN or infinity.

    Example:
        >>> knots = torch.arange(-3.0, 8.0)[None]
        >>> x = torch.linspace(0, 4, 50)[:, None]
        >>> fit = fit_coef(x, 2 * x[:, :, None], knots, 3)
        >>> [round(value) for value in fit.coef.flatten().tolist()]
        [-2, 0, 2, 4, 6, 8, 10]

    Cost:
        batch * in * size * (size + 2 out) multiply-adds; blocks of rows and of inputs bound the memory.
    """
    _check_fit(x, y, knots, degree, prior)
    size = knots.shape[1] - degree - 1
    dtype = y.dtype if y.is_floating_point() else torch.get_default_dtype()
    start = (
        y.new_zeros(x.shape[1], size, y.shape[2], dtype=torch.float64) if prior is None else prior.double()
    )
    one = torch.eye(y.shape[2], dtype=torch.float64, device=y.device)[None]
    parts = []
    for inputs in _input_blocks(x.shape[1], size):
        points = x[:, inputs].double()
        design = Design(points, torch.ones_like(points), knots[inputs].double(), degree, extrapolation)
        wanted = partial(_rows, y[:, inputs])
        parts.append(Refit(*solve(design, wanted, start[inputs], one, x.shape[0], dtype)))
    return _joined(parts)


@torch.no_grad()
def project(
    coef: Tensor,
    knots: Tensor,
    new_knots: Tensor,
    degree: int,
    x: Tensor | None = None,
    *,
    extrapolation: str = "linear",
) -> Refit:
    """Carry splines to new knots: exactly if the old knots are among the new ones, else by least squares.

    Least squares compares the two at the samples and, with little weight, at points spread over the new
    domain; so the fit is best where the data are, and follows the old spline (its extrapolation too) where
    there are none.

    Args:
        coef: Coefficients, shape (in, size, out).
        knots: Padded knots, shape (in, size + degree + 1).
        new_knots: Padded knots, shape (in, new size + degree + 1).
        degree: Spline degree.
        x: Samples where the fit matters most, shape (batch, in); all of the new domain by default.
        extrapolation: Rule for the old spline beyond its domain, as in `basis`.

    Returns:
        Coefficients on `new_knots` in the dtype of `coef`, and the residual of each edge: over `x`, or over
        the new domain without `x`; 0 where the step is exact.

    Raises:
        ShapeError: If the shapes do not go together.
        InputError: If `x` or `coef` holds NaN or infinity.

    Example:
        >>> knots, new = torch.tensor([[0.0, 1.0, 2.0]]), torch.tensor([[0.0, 0.5, 1.0, 2.0]])
        >>> project(torch.tensor([[[1.0], [3.0]]]), knots, new, 0).coef.flatten()
        tensor([1., 1., 3.])
    """
    if x is not None and (x.ndim != 2 or x.shape[1] != knots.shape[0]):
        raise ShapeError(
            f"project: x must have shape (batch, {knots.shape[0]}); got {tuple(x.shape)}. "
            "Pass one column for each row of knots."
        )
    if x is not None:
        _check_finite("project", "x", x)
    _check_finite("project", "coef", coef.transpose(0, 1))
    if is_nested(knots, new_knots, degree):
        exact = insert_knots(coef, knots, new_knots, degree)
        return Refit(exact, exact.new_zeros(exact.shape[0], exact.shape[2]))
    # Beyond the old domain "error" has no value to follow.
    rule = "linear" if extrapolation == "error" else extrapolation
    samples = knots.new_empty(0, knots.shape[0]) if x is None else x
    parts = []
    for rows in _input_blocks(knots.shape[0], new_knots.shape[1] - degree - 1):
        columns = samples[:, rows].to(knots.device).double()
        parts.append(
            _projected(coef[rows], knots[rows].double(), new_knots[rows].double(), degree, columns, rule)
        )
    return _joined(parts)


def _rows(values: Tensor, rows: slice) -> Tensor:
    return values[rows].double()


def _projected(coef: Tensor, knots: Tensor, new: Tensor, degree: int, samples: Tensor, rule: str) -> Refit:
    old = coef.double()
    density = 2 * (knots.shape[1] - 2 * degree) // (new.shape[1] - 2 * degree) + degree + 2
    spread, share = spread_points(inner_knots(new, degree), density)
    count = samples.shape[0]
    points = torch.cat([samples, spread])
    scale = _SPREAD_SHARE * count if count else 1.0
    weight = torch.cat([torch.ones_like(samples), (scale * share).sqrt()])
    prior = spline_edges(_greville(new, degree), knots, old, degree, extrapolation=rule).transpose(0, 1)
    design = Design(points, weight, new, degree, rule)

    def wanted(rows: slice) -> Tensor:
        return basis(points[rows], knots, degree, extrapolation=rule)

    return Refit(*solve(design, wanted, prior, old, count or points.shape[0], coef.dtype))


def _greville(knots: Tensor, degree: int) -> Tensor:
    """Where each coefficient sits on the axis (size, in): the mean of its inner knots."""
    if degree == 0:
        return ((knots[:, 1:] + knots[:, :-1]) / 2).T
    return knots[:, 1:-1].unfold(1, degree, 1).mean(dim=2).T


def _input_blocks(inputs: int, size: int) -> list[slice]:
    step = max(1, BLOCK // (4 * size * size))
    return [slice(first, first + step) for first in range(0, max(1, inputs), step)]


def _joined(parts: list[Refit]) -> Refit:
    return Refit(torch.cat([part.coef for part in parts]), torch.cat([part.residual for part in parts]))


def _check_fit(x: Tensor, y: Tensor, knots: Tensor, degree: int, prior: Tensor | None) -> None:
    inputs, size = knots.shape[0], knots.shape[1] - degree - 1
    if x.ndim != 2 or x.shape[1] != inputs:
        raise ShapeError(
            f"fit_coef: x must have shape (batch, {inputs}); got {tuple(x.shape)}. "
            "Pass one column for each row of knots."
        )
    if y.ndim != 3 or y.shape[:2] != x.shape:
        raise ShapeError(
            f"fit_coef: y must have shape ({x.shape[0]}, {inputs}, out); got {tuple(y.shape)}. "
            "Pass the values of every edge at every sample."
        )
    if prior is not None and prior.shape != (inputs, size, y.shape[2]):
        raise ShapeError(
            f"fit_coef: prior must have shape ({inputs}, {size}, {y.shape[2]}); got {tuple(prior.shape)}. "
            "Pass coefficients on the same knots."
        )
    _check_finite("fit_coef", "x", x)
    _check_finite("fit_coef", "y", y)


def _check_finite(where: str, name: str, values: Tensor) -> None:
    finite = values.isfinite()
    if not bool(finite.all()):
        place = (~finite).nonzero()[0].tolist()
        raise InputError(
            f"{where}: {name} must be finite; got {float(values[tuple(place)])} in column {place[1]}. "
            "Remove or fill in such values."
        )
