"""Checks of symbolic functions: exact on the domain, finite everywhere."""

from __future__ import annotations

from math import inf

import torch
from torch import Tensor

from ..functions import Function
from .require import require, require_close

_FAR = (1e3, 1e6, 1e10, 1e18)


def check_function(function: Function) -> None:
    """A function can stand on a formula edge and be trained through.

    Its safe version must equal the plain one on the domain, be finite with a finite gradient at every
    finite point of float32 and float64 (at singularities and outside the domain too), keep shape and dtype,
    work element by element, and let NaN through.

    Args:
        function: The function to judge.

    Raises:
        AssertionError: something of the above does not hold.

    Example:
        >>> from edgewise.functions import make_function
        >>> check_function(make_function("softplus", torch.nn.functional.softplus))
    """
    inside = _inside(function)
    require_close(function.safe(inside), function.fn(inside), 1e-12, f"{function.name}: safe on the domain")
    for dtype in (torch.float64, torch.float32):
        _check_finite(function, torch.cat([inside, _hard_points(function)]).to(dtype))
    _check_elementwise(function, inside)
    nan = function.safe(torch.full((2,), float("nan"), dtype=torch.float64))
    require(nan.isnan() | (nan == 0), f"{function.name}: NaN must come through; got {nan[0]}")


def _inside(function: Function) -> Tensor:
    """Points of the domain, away from its ends."""
    pieces = []
    for low, high in function.domain:
        left = low if low > -inf else (high - 4 if high < inf else -3.0)
        right = high if high < inf else left + 4 + 2 * (low == -inf)
        margin = 1e-3 * (right - left)
        pieces.append(torch.linspace(left + margin, right - margin, 100, dtype=torch.float64))
    return torch.cat(pieces)


def _hard_points(function: Function) -> Tensor:
    ends = {end for interval in function.domain for end in interval if abs(end) < inf} | {0.0, 1.0, -1.0}
    near = [
        end + side * step for end in sorted(ends) for side in (-1, 1) for step in (0, 1e-13, 1e-9, 1e-6, 1e-3)
    ]
    far = [side * size for side in (-1, 1) for size in _FAR]
    return torch.tensor(near + far, dtype=torch.float64)


def _check_finite(function: Function, points: Tensor) -> None:
    x = points.clone().requires_grad_()
    y = function.safe(x)
    require(y.dtype == x.dtype, f"{function.name}: must keep the dtype {x.dtype}; gave {y.dtype}")
    where = (~y.isfinite()).nonzero()
    require(not len(where), f"{function.name}: value must be finite; it is not at {_first(points, where)}")
    (slope,) = torch.autograd.grad(y.sum(), x)
    where = (~slope.isfinite()).nonzero()
    require(not len(where), f"{function.name}: gradient must be finite; it is not at {_first(points, where)}")


def _first(points: Tensor, where: Tensor) -> str:
    return f"{float(points[where[0, 0]])!r} in {points.dtype}" if len(where) else ""


def _check_elementwise(function: Function, points: Tensor) -> None:
    table = points[:10].reshape(2, 5)
    values = function.safe(table)
    require(values.shape == table.shape, f"{function.name}: must keep the shape; got {tuple(values.shape)}")
    alone = torch.stack([function.safe(point) for point in table.flatten()]).reshape(table.shape)
    require_close(values, alone, 1e-14, f"{function.name}: element by element")
