"""Constants of an expression by damped least squares, all at once, with their covariance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy

from .compiled import compiled
from .problem import Array

_STEPS = 60
_DAMPED_OUT = 1e12
_ROUNDING = 1e-14


@dataclass(frozen=True)
class Fit:
    """An expression with fitted constants.

    Attributes:
        template: The expression with a symbol for each constant.
        places: These symbols.
        values: The constants.
        rmse: Root mean square error on the samples, weighted if they were.
        jacobian: Slopes of the predictions in the constants, (n, constants), each row times the root of its weight.
        rounding: Error that rounding may make up for: errors of constants are no smaller than it tells.
    """

    template: sympy.Expr
    places: tuple[sympy.Symbol, ...]
    values: Array
    rmse: float
    jacobian: Array
    rounding: float = 0.0

    @cached_property
    def form(self) -> sympy.Expr:
        """The expression with its constants."""
        return self.template.xreplace(
            dict(zip(self.places, map(sympy.Float, self.values.tolist()), strict=True))
        )

    @cached_property
    def errors(self) -> Array:
        """Standard errors of the constants: infinite where the samples do not decide."""
        if not len(self.values):
            return np.empty(0)
        scale = np.maximum(np.linalg.norm(self.jacobian, axis=0), 1e-300)
        _, sizes, right = np.linalg.svd(self.jacobian / scale, full_matrices=False)
        freedom = max(1, len(self.jacobian) - len(self.values))
        deviation = max(self.rmse, self.rounding) * np.sqrt(len(self.jacobian) / freedom)
        inverse = np.where(sizes > 1e-9 * sizes[0], 1 / np.maximum(sizes, 1e-300), np.inf)
        with np.errstate(all="ignore"):
            spread = np.sqrt(np.nansum((right.T * inverse) ** 2, axis=1))
        return np.where(
            np.isfinite(spread), deviation / scale * np.where(np.isfinite(spread), spread, 0.0), np.inf
        )


def fitted(
    form: sympy.Expr, symbols: Sequence[sympy.Symbol], x: Array, y: Array, *, weights: Array | None = None
) -> Fit | None:
    """Fit the floating-point numbers of an expression.

    Args:
        form: Whole numbers, fractions and pi stay; floats are where the search starts.
        symbols: Of the columns.
        x: Samples (n, columns).
        y: Targets (n,).
        weights: What each squared error counts, (n,), 0 or more, to a common factor; samples of weight 0 are left
            out. Equal ones if None. Where errors are known, one over their squares.

    Returns:
        None where the expression has no real value at all samples.
    """
    if weights is not None:
        x, y, weights = x[weights > 0], y[weights > 0], weights[weights > 0]
    root = np.ones(len(y)) if weights is None else np.sqrt(weights / weights.mean())
    numbers = sorted(form.atoms(sympy.Float), key=float)
    places = tuple(sympy.Dummy(f"c{n}", real=True) for n in range(len(numbers)))
    template = form.xreplace(dict(zip(numbers, places, strict=True)))
    outputs = [template, *(template.diff(place) for place in places)]
    if template.has(sympy.zoo, sympy.nan, sympy.oo):
        return None
    curve = compiled([*places, *symbols], outputs)

    def look(constants: Array) -> tuple[Array, Array, float] | None:
        with np.errstate(all="ignore"):
            try:
                found = curve(*constants.tolist(), *x.T)
            except (TypeError, ValueError, ZeroDivisionError, OverflowError, AttributeError):
                return None
        table = np.stack([np.broadcast_to(np.asarray(one), y.shape) for one in found], 1)
        if np.iscomplexobj(table) or not np.isfinite(table).all():
            return None
        with np.errstate(all="ignore"):
            rest = root * (y - table[:, 0])
            rmse = float(np.sqrt(np.mean(rest**2)))
        return (rest, root[:, None] * table[:, 1:], rmse) if np.isfinite(rmse) else None

    constants = np.array([float(number) for number in numbers])
    state = look(constants)
    if state is None:
        return None
    damping = 1e-3
    for _ in range(_STEPS if len(places) else 0):
        rest, jacobian, rmse = state
        scale = np.maximum(np.linalg.norm(jacobian, axis=0), 1e-300)
        better = None
        while damping < _DAMPED_OUT:
            rows = np.concatenate([jacobian / scale, np.sqrt(damping) * np.eye(len(scale))])
            step = np.linalg.lstsq(rows, np.concatenate([rest, np.zeros(len(scale))]), rcond=None)[0] / scale
            better = look(constants + step)
            if better is not None and better[2] < rmse:
                break
            better, damping = None, 8 * damping
        if better is None:
            break
        constants, state, damping = constants + step, better, max(damping / 5, 1e-15)
        if better[2] > (1 - 1e-7) * rmse:
            break
    return Fit(template, places, constants, state[2], state[1], _ROUNDING * float(np.abs(root * y).max()))
