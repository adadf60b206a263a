"""Which columns are far from the size that networks are made for, and the scaler that brings them there."""

from __future__ import annotations

import torch
from torch import Tensor

from ...network import Scaler

_LEAST_SPREAD, _MOST_SPREAD, _MOST_MEAN = 0.25, 2.0, 2.0
"""Standard deviations that need no scaler, and means in deviations. Measured on exp(sin(pi x) + y^2), x y and a sum
of tanh and sine, by L-BFGS, Levenberg-Marquardt and Adam: within these, the loss changes by a factor of about 2."""

_FILLS = 3**0.5
"""Deviations of evenly distributed samples to half their range."""

_TAIL = 0.05
"""Share of the samples on either side that the size of an input does not depend on: an outlier must not press all
others into one cell of the grid."""

_ROWS = 65536


def input_scaler(x: Tensor) -> Scaler | None:
    """A scaler for inputs that are far off, after which evenly distributed ones fill the start grid, [-1, 1].

    Args:
        x: Inputs, shape (batch, columns).

    Returns:
        Shifts and scales of those columns, none of the others; None where no column is far off.

    Example:
        >>> x = torch.linspace(1950, 2025, 76)[:, None]
        >>> input_scaler(x).shift, input_scaler(x / 50 - 39.5)
        (tensor([1987.5000], dtype=torch.float64), None)
    """
    if not x.is_floating_point() or len(x) < 2:
        return None
    standard = Scaler.of(x.double())
    ends = torch.tensor([_TAIL, 1 - _TAIL], dtype=torch.float64, device=x.device)
    low, high = x[:: -(-len(x) // _ROWS)].double().quantile(ends, dim=0)
    bulk = high > low
    centre = torch.where(bulk, low + (high - low) / 2, standard.shift)
    unit = torch.where(bulk, (high - low) / (2 - 4 * _TAIL), _FILLS * standard.scale)
    constant = x.amax(0) == x.amin(0)
    far = torch.where(constant, centre.abs() > _MOST_SPREAD, _is_far(centre, unit / _FILLS))
    return _scaler(far, centre, torch.where(constant, 1.0, unit))


def target_scaler(y: Tensor) -> Scaler | None:
    """A scaler for targets that are far off: to mean 0 and deviation 1, for which `lamb` is meant.

    Args:
        y: Targets, shape (batch, outputs); constant ones are divided by their size.

    Example:
        >>> y = torch.tensor([[-1e-9], [1e-9]])
        >>> target_scaler(y).scale, target_scaler(1e9 * y)
        (tensor([1.0000e-09], dtype=torch.float64), None)
    """
    if not y.is_floating_point() or len(y) < 2:
        return None
    standard = Scaler.of(y.double())
    size = standard.shift.abs()
    constant = y.amax(0) == y.amin(0)
    odd = (size > _MOST_SPREAD) | ((size > 0) & (size < _LEAST_SPREAD))
    far = torch.where(constant, odd, _is_far(standard.shift, standard.scale))
    return _scaler(far, standard.shift, torch.where(constant, size, standard.scale))


def _is_far(centre: Tensor, spread: Tensor) -> Tensor:
    return (spread < _LEAST_SPREAD) | (spread > _MOST_SPREAD) | (centre.abs() > _MOST_MEAN * spread)


def _scaler(far: Tensor, shift: Tensor, scale: Tensor) -> Scaler | None:
    if not bool(far.any()):
        return None
    return Scaler(torch.where(far, shift, 0.0), torch.where(far, scale, 1.0))
