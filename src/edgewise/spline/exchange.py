"""Conversion to and from SciPy splines, bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .._optional import optional
from ..errors import InputError, ShapeError

if TYPE_CHECKING:
    from scipy.interpolate import BSpline


def to_scipy(knots_row: Tensor, coef: Tensor, degree: int) -> BSpline:
    """Hand the splines of one input to SciPy.

    Args:
        knots_row: Padded knots of one input, shape (size + degree + 1,).
        coef: Coefficients of one edge, shape (size,), or of all edges from that input, shape (size, out).
        degree: Spline degree.

    Returns:
        A `scipy.interpolate.BSpline` with the same knots and coefficients in float64, copied. Outside the
        domain it gives NaN: SciPy knows no linear extrapolation.

    Raises:
        ShapeError: If the shapes do not go together.
        MissingExtra: If SciPy is not installed.

    Example:
        >>> spline = to_scipy(torch.arange(6.0), torch.tensor([0.0, 1.0, 0.0, 0.0]), 1)
        >>> float(spline(1.75)), float(spline.derivative()(1.75))
        (0.75, 1.0)
    """
    size = knots_row.shape[-1] - degree - 1
    if knots_row.ndim != 1 or coef.ndim not in (1, 2) or coef.shape[0] != size:
        raise ShapeError(
            "to_scipy: knots_row must have shape (n,) and coef (n - degree - 1,) or (n - degree - 1, out); "
            f"got {tuple(knots_row.shape)} and {tuple(coef.shape)} with degree {degree}. "
            "Pass knots[i] and coef[i] of one input."
        )
    interpolate = optional("scipy.interpolate", "scipy", "to_scipy")
    knots, values = (part.detach().cpu().double().clone().numpy() for part in (knots_row, coef))
    return interpolate.BSpline(knots, values, degree, extrapolate=False)


def from_scipy(spline: BSpline) -> tuple[Tensor, Tensor, int]:
    """Take a spline from SciPy as the knots and coefficients of one input.

    Args:
        spline: A real `scipy.interpolate.BSpline` of one variable; its values may be numbers or vectors.

    Returns:
        Knots (1, n), coefficients (1, n - degree - 1, out) and the degree; float64, the same bits, copied.

    Raises:
        InputError: If `spline` is not a BSpline, or its coefficients are complex or of more than two
            dimensions.

    Example:
        >>> from scipy.interpolate import make_interp_spline
        >>> parabola = make_interp_spline([0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 4.0, 9.0], k=2)
        >>> knots, coef, degree = from_scipy(parabola)
        >>> knots.shape, coef.shape, degree
        (torch.Size([1, 7]), torch.Size([1, 4, 1]), 2)
    """
    interpolate = optional("scipy.interpolate", "scipy", "from_scipy")
    if not isinstance(spline, interpolate.BSpline):
        raise InputError(
            f"from_scipy: spline must be a scipy.interpolate.BSpline; got {type(spline).__name__}. "
            "Build one with make_interp_spline or make_splrep."
        )
    values = torch.from_numpy(spline.c.copy())
    if values.is_complex() or values.ndim > 2:
        raise InputError(
            "from_scipy: spline must have real coefficients of shape (size,) or (size, out); "
            f"got {values.dtype} of shape {tuple(values.shape)}. Split it into such splines."
        )
    knots = torch.from_numpy(spline.t.copy()).double()
    # SciPy allows unused coefficients at the end.
    size = knots.shape[0] - spline.k - 1
    return knots[None], values[:size].double().reshape(1, size, -1), int(spline.k)
