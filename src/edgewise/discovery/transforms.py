"""Changes of the targets: laws are looked for in their logarithm, root, inverse and so on, and carried back.

Noise of one deviation in the targets is of another in each sample of a changed target: a sample weighs as much as the
slope there says, so that errors count as they do in the targets' own units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import sympy

from .allowed_functions import is_allowed
from .problem import Array, Problem

_OTHER_SIGN = 0.02
_LARGEST_EXPONENT = 30.0
_SAFE, _TRUSTED = 6.0, 3.0


@dataclass(frozen=True)
class Transform:
    """A change of the targets, with the way back.

    Attributes:
        name: For the user.
        there: T on an array; NaN where it is not defined.
        slope: Its derivative.
        undo: T^-1 on an array; NaN where there is none.
        back: T^-1 of a sympy expression.
    """

    name: str
    there: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    undo: Callable[[Array], Array]
    back: Callable[[sympy.Expr], sympy.Expr]


_OWN = Transform("y", lambda y: y, np.ones_like, lambda t: t, lambda e: e)


def transforms(problem: Problem) -> list[Transform]:
    """Those that are defined at all targets."""
    found = [_OWN, *_of_sign(problem.y), *_of_size(problem.y_scale, float(np.abs(problem.y).max()))]
    found = [one for one in found if is_allowed(one.back, problem.functions)]
    with np.errstate(all="ignore"):
        return [
            one for one in found if np.isfinite(np.stack([one.there(problem.y), one.slope(problem.y)])).all()
        ]


def _of_sign(y: Array) -> list[Transform]:
    """Powers and the logarithm, for targets of one sign; the inverse for all."""
    sign, half = float(np.sign(y.mean())), sympy.Rational(1, 2)
    found = [Transform("1/y", lambda y: 1 / y, lambda y: -1 / y**2, lambda t: 1 / t, lambda e: 1 / e)]
    if (np.sign(y) == sign).all():
        root, inverse = lambda t: sign * np.sqrt(t), lambda t: sign / np.sqrt(t)
        found += [
            Transform("y^2", lambda y: y**2, lambda y: 2 * y, root, lambda e: sign * e**half),
            Transform("1/y^2", lambda y: y**-2.0, lambda y: -2 * y**-3.0, inverse, lambda e: sign * e**-half),
        ]
        if sign > 0:
            found += [
                Transform("sqrt(y)", np.sqrt, lambda y: 0.5 / np.sqrt(y), np.square, lambda e: e**2),
                Transform("log(y)", np.log, lambda y: 1 / y, np.exp, sympy.exp),
            ]
    return found


def _of_size(own: float, largest: float) -> list[Transform]:
    """Functions of the targets in their own units, `own` times what they are, where these are no larger than makes sense."""

    def of_own(
        name: str,
        there: Callable[[Array], Array],
        slope: Callable[[Array], Array],
        undo: Callable[[Array], Array],
        back: Callable[[sympy.Expr], sympy.Expr],
    ) -> Transform:
        return Transform(
            name,
            lambda y: there(own * y),
            lambda y: own * slope(own * y),
            lambda t: undo(t) / own,
            lambda e: back(e) / own,
        )

    found = []
    if own * largest <= np.pi:
        found += [
            of_own("sin(y)", np.sin, np.cos, np.arcsin, sympy.asin),
            of_own("cos(y)", np.cos, lambda y: -np.sin(y), np.arccos, sympy.acos),
        ]
    if own * largest < np.pi / 2:
        found.append(of_own("tan(y)", np.tan, lambda y: np.cos(y) ** -2.0, np.arctan, sympy.atan))
    if own * largest <= _LARGEST_EXPONENT:
        found.append(of_own("exp(y)", np.exp, np.exp, np.log, sympy.log))
    return found


@dataclass(frozen=True)
class Changed:
    """Changed targets of the samples at which the change is safe.

    Attributes:
        by: The change.
        rows: Which samples these are, (n,).
        targets: Theirs.
        weights: Of their errors, which are then in units of the targets.
    """

    by: Transform
    rows: npt.NDArray[np.bool_]
    targets: Array
    weights: Array

    @classmethod
    def plain(cls, problem: Problem) -> Changed:
        """Targets as they are."""
        return cls(_OWN, np.ones(len(problem.y), dtype=bool), problem.y, problem.roots)

    @classmethod
    def all(cls, problem: Problem, level: float, near: Array | None = None) -> list[Changed]:
        """Those of noisy targets.

        Samples nearer to 0 than the noise tell nothing under most changes; they are left out, as those are that noise
        put on the wrong side.

        Args:
            problem: The samples.
            level: Deviation of the noise, or more than it, in units of the targets, weighted as they are.
            near: What the targets may be without noise. They are then changed along the tangents there, which leaves
                the noise what it is: even, and without a shift.
        """
        y = problem.y
        centre = y if near is None else near
        least = (_SAFE if near is None else _TRUSTED) * level / problem.roots
        sign = float(np.sign(np.sum(centre * np.abs(centre)))) or 1.0
        one_sided = np.sum(centre[centre * sign < 0] ** 2) <= _OTHER_SIGN * np.sum(centre**2)
        far = centre * sign > least if one_sided else np.abs(centre) > least
        found = [cls.plain(problem)]
        if far.sum() < max(10, len(y) // 20):
            return found
        for one in transforms(replace(problem.rows(far), y=centre[far])):
            if one is not _OWN:
                slope = one.slope(centre[far])
                targets = one.there(centre[far]) + slope * (y[far] - centre[far])
                weights = problem.roots[far] / np.abs(slope)
                if _bends(one, centre[far], weights) > level:
                    found.append(cls(one, far, targets, weights))
        return found


def _bends(change: Transform, y: Array, weights: Array) -> float:
    """How far a change is from a line, in units of the targets: where that is less than the noise it changes nothing."""
    design = np.stack([np.ones_like(y), y], 1) * weights[:, None]
    there = change.there(y) * weights
    rest = there - design @ np.linalg.lstsq(design, there, rcond=None)[0]
    return float(np.abs(rest).max())
