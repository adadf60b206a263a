"""Derivatives of noisy trajectories, for laws of motion."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch

from .._tensors import even_places, to_tensor
from ..errors import InputError, ShapeError
from ..spline import basis, uniform_knots
from .problem import Array

_DEGREE = 5
_FEWEST = 20
_MOST_PIECES = 400
_SAMPLES_A_PIECE = 3
_LEVELS = 60
_EDGE = 0.02  # of the time at either end, where derivatives are worst


class Motion(NamedTuple):
    """States and their derivatives, at times that are far enough apart for their errors to be of their own.

    Attributes:
        t: Times (m,).
        states: Smoothed (m, columns).
        slopes: Derivatives of them by time (m, columns).
        errors: Standard errors of the derivatives (m, columns), with what smoothing takes off; up to half as much again
            as there is. `Weighted(1 / errors**2)` has the weights that follow.
    """

    t: Array
    states: Array
    slopes: Array
    errors: Array


def derivatives(t: Any, y: Any) -> Motion:
    """Smooth a noisy trajectory and differentiate it: inputs and targets of `discover` for equations of motion.

    Each column is a spline with a penalty on its third derivative, whose weight is chosen by generalised
    cross-validation. Derivatives of near times share their errors: as many times are given back as the splines have
    degrees of freedom, without the ends.

    Args:
        t: Times (n,), growing; at least 20.
        y: States (n, columns) or (n,), with or without noise.

    Raises:
        InputError: times do not grow, or are too few.
        ShapeError: shapes do not fit.

    Example:
        >>> t = np.linspace(0, 10, 500)
        >>> noise = 0.01 * np.random.default_rng(0).standard_normal(500)
        >>> motion = derivatives(t, np.sin(t) + noise)
        >>> bool(np.abs(motion.slopes[:, 0] - np.cos(motion.t)).max() < 0.05)
        True

    Source: Craven and Wahba (1978), smoothing by generalised cross-validation; Wahba (1983), standard errors.
    """
    times = to_tensor(t, "derivatives", "t").cpu().double().numpy()
    states = to_tensor(y, "derivatives", "y").cpu().double().numpy()
    states = states[:, None] if states.ndim == 1 else states
    if times.ndim != 1 or states.ndim != 2 or len(states) != len(times):
        raise ShapeError(
            f"derivatives: t must be (n,) and y (n, columns) or (n,); got shapes {times.shape} and {states.shape}. "
            f"Call it for each trajectory."
        )
    if len(times) < _FEWEST or not (np.diff(times) > 0).all():
        raise InputError(
            f"derivatives: t must be at least {_FEWEST} growing times; got {len(times)}. "
            f"Sort them, and average samples of the same time."
        )
    scaled = (times - times[0]) / (times[-1] - times[0])
    fits = [_smoothed(scaled, column) for column in states.T]
    inside = np.flatnonzero((scaled >= _EDGE) & (scaled <= 1 - _EDGE))
    count = int(min(max(fit.freedom for fit in fits), len(inside)))
    kept = inside[even_places(len(inside), max(count, _FEWEST // 2)).numpy()]
    duration = times[-1] - times[0]
    return Motion(
        times[kept],
        np.stack([fit.values[kept] for fit in fits], 1),
        np.stack([fit.slopes[kept] for fit in fits], 1) / duration,
        np.stack([fit.errors[kept] for fit in fits], 1) / duration,
    )


class _Smoothed(NamedTuple):
    values: Array
    slopes: Array
    errors: Array
    freedom: float


def _smoothed(t: Array, y: Array) -> _Smoothed:
    """A penalised spline on [0, 1]: in the basis that makes fit and penalty diagonal all weights are tried at once."""
    pieces = int(min(_MOST_PIECES, max(4, len(t) // _SAMPLES_A_PIECE)))
    zero, one = torch.zeros(1, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    knots = uniform_knots(zero, one, pieces, _DEGREE)
    at, fine = _design(t, knots, 0), _design(np.linspace(0, 1, 4 * pieces), knots, 3)
    q, r = np.linalg.qr(at)
    rough = np.linalg.solve(r.T, fine.T).T / len(fine) ** 0.5
    _, sizes, right = np.linalg.svd(rough, full_matrices=False)
    along = right @ (q.T @ y)
    left = float(y @ y - along @ along)
    scale = sizes.max() ** 2
    best = None
    for weight in np.geomspace(1e-16, 1e4, _LEVELS) / scale:
        kept = 1 / (1 + weight * len(t) * sizes**2)
        freedom = float(kept.sum())
        rest = max(left, 0.0) + float(np.sum(((1 - kept) * along) ** 2))
        score = rest / (len(t) - freedom) ** 2 if freedom < len(t) else np.inf
        if best is None or score < best[0]:
            best = score, kept, freedom, rest / (len(t) - freedom)
    assert best is not None
    _, kept, freedom, variance = best
    to_coefficients = np.linalg.solve(r, right.T)
    coefficients = to_coefficients @ (kept * along)
    to_slopes = _design(t, knots, 1) @ to_coefficients
    errors = np.sqrt(variance * (to_slopes**2 @ kept))
    return _Smoothed(at @ coefficients, to_slopes @ (kept * along), errors, freedom)


def _design(t: Array, knots: torch.Tensor, order: int) -> Array:
    found = basis(torch.from_numpy(t)[:, None], knots, _DEGREE, order=order)
    return found[:, 0].numpy()
