"""Constants of an expression by damped least squares, all at once, with their covariance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import sympy
import torch

from .._tensors import even_places
from ..optim import LeastSquares, LevenbergMarquardt
from . import compiled_fits
from .compiled_fits import Found
from .curve import Curve, ProgramCurve, SympyCurve
from .judge import constant_bits
from .problem import Array
from .program import Program, program_of

_STEPS = 120
_MANY, _FEW = 20_000, 5_000
_SOLVER = LevenbergMarquardt(
    damping=1.0,
    damping_decrease=0.1,
    solver="qr",
    geodesic_acceleration=0.75,
    tolerance_change=1e-9,
    min_relative_scale=1e-100,  # constants of nature differ in size by many decades
)
_ROUNDING = 1e-14
_MOST_SHARED = 50.0


@dataclass(frozen=True)
class Fit:
    """An expression with fitted constants.

    Attributes:
        source: The expression as it was proposed.
        numbers: Its floats, which are its constants.
        places: A symbol for each.
        values: The constants.
        rmse: Root mean square error on the samples, weighted if they were.
        jacobian: Slopes of the predictions in the constants, (n, constants), each row times the root of its weight.
        least_error: Of the targets, that rounding or noise that is known makes: errors of constants are no smaller than it tells.
    """

    source: sympy.Expr
    numbers: tuple[sympy.Float, ...]
    places: tuple[sympy.Symbol, ...]
    values: Array
    rmse: float
    jacobian: Array
    least_error: float = 0.0

    @cached_property
    def template(self) -> sympy.Expr:
        """The expression with a symbol for each constant."""
        return self.source.xreplace(dict(zip(self.numbers, self.places, strict=True)))

    @cached_property
    def form(self) -> sympy.Expr:
        """The expression with its constants."""
        return self.source.xreplace(
            dict(zip(self.numbers, map(sympy.Float, self.values.tolist()), strict=True))
        )

    @cached_property
    def _spectrum(self) -> tuple[Array, Array, Array]:
        """Lengths of the Jacobian's columns, and singular values and right vectors of what they are with length 1."""
        scale = np.maximum(np.linalg.norm(self.jacobian, axis=0), 1e-300)
        _, sizes, right = np.linalg.svd(self.jacobian / scale, full_matrices=False)
        return scale, sizes, right

    @cached_property
    def bits(self) -> float:
        """Bits of the constants, each to the precision that the samples give it."""
        return sum(map(constant_bits, self.values.tolist(), self.errors.tolist())) + self.shared_bits

    @cached_property
    def shared_bits(self) -> float:
        """Bits that errors one by one leave out where constants make up for each other: their precision is a joint one.

        Half the logarithm of the determinant of their correlations, and its sign changed; at most 50 bits.
        """
        if len(self.values) < 2:
            return 0.0
        _, sizes, right = self._spectrum
        with np.errstate(all="ignore"):
            alone = np.sum((right.T / sizes) ** 2, axis=1)
            bits = 0.5 * float(np.log2(alone).sum()) + float(np.log2(sizes).sum())
        return min(max(bits, 0.0), _MOST_SHARED) if np.isfinite(bits) else _MOST_SHARED

    @cached_property
    def errors(self) -> Array:
        """Standard errors of the constants: infinite where the samples do not decide."""
        if not len(self.values):
            return np.empty(0)
        scale, sizes, right = self._spectrum
        freedom = max(1, len(self.jacobian) - len(self.values))
        deviation = max(self.rmse, self.least_error) * np.sqrt(len(self.jacobian) / freedom)
        inverse = np.where(sizes > 1e-9 * sizes[0], 1 / np.maximum(sizes, 1e-300), np.inf)
        with np.errstate(all="ignore"):
            spread = np.sqrt(np.nansum((right.T * inverse) ** 2, axis=1))
        return np.where(
            np.isfinite(spread), deviation / scale * np.where(np.isfinite(spread), spread, 0.0), np.inf
        )


def fitted(
    form: sympy.Expr,
    symbols: Sequence[sympy.Symbol],
    x: Array,
    y: Array,
    *,
    weights: Array | None = None,
    starts: Array | None = None,
    noise: float = 0.0,
) -> Fit | None:
    """Fit the floating-point numbers of an expression.

    Args:
        form: Whole numbers, fractions and pi stay; floats are where the search starts, equal ones being one constant.
        symbols: Of the columns.
        x: Samples (n, columns).
        y: Targets (n,).
        weights: What each squared error counts, (n,), 0 or more, to a common factor; samples of weight 0 are left
            out. Equal ones if None. Where errors are known, one over their squares.
        starts: Where to start too, (starts, constants), the constants in the order of `constants_of`.
        noise: Deviation of the targets' noise where it is known: errors of constants are those of no less.

    Returns:
        None where the expression has no real value at all samples.

    Example:
        >>> a = sympy.Symbol("a")
        >>> x = np.linspace(1, 2, 20)[:, None]
        >>> fitted(1.4 * a**1.5, [a], x, 2 * x[:, 0] ** 3).values.round(6).tolist()
        [2.0, 3.0]
    """
    places = None if starts is None else [starts]
    return fitted_all([form], symbols, x, y, weights=weights, starts=places, noise=noise)[0]


def fitted_all(
    forms: Sequence[sympy.Expr],
    symbols: Sequence[sympy.Symbol],
    x: Array,
    y: Array,
    *,
    weights: Array | None = None,
    starts: Sequence[Array] | None = None,
    noise: float = 0.0,
) -> list[Fit | None]:
    """Several expressions fitted to the same samples: `fitted` of each, on all threads.

    Args:
        forms: The expressions.
        symbols: As in `fitted`, like the following.
        x: Samples (n, columns).
        y: Targets (n,).
        weights: What each squared error counts.
        starts: For each expression, where to start too.
        noise: Of the targets, where it is known.

    Example:
        >>> a = sympy.Symbol("a")
        >>> x = np.linspace(1, 2, 20)[:, None]
        >>> fits = fitted_all([1.5 * a, 1.5 * a**2], [a], x, 2 * x[:, 0])
        >>> [round(fit.rmse, 3) for fit in fits], fits[0].values.round(6).tolist()
        ([0.0, 0.53], [2.0])
    """
    if weights is not None:
        x, y, weights = x[weights > 0], y[weights > 0], weights[weights > 0]
    root = np.ones(len(y)) if weights is None else np.sqrt(weights / weights.mean())
    tasks = [_Task.of(form, symbols, None if starts is None else starts[n]) for n, form in enumerate(forms)]
    if len(y) > _MANY:  # from where a few of them lead, few iterations are left for all
        rows = even_places(len(y), _FEW).numpy()
        few = _solved(tasks, symbols, (x[rows], y[rows], root[rows]))
        tasks = [task.from_there(found) for task, found in zip(tasks, few, strict=True)]
    least = max(noise, _ROUNDING * float(np.abs(root * y).max()))
    solved = zip(tasks, _solved(tasks, symbols, (x, y, root)), strict=True)
    return [None if found is None else task.fit(found, least) for task, found in solved]


def constants_of(form: sympy.Expr) -> tuple[sympy.Float, ...]:
    """The floats of an expression, equal ones once, from the lowest up.

    Example:
        >>> x = sympy.Symbol("x")
        >>> constants_of(2.5 * x**1.5 + sympy.pi)
        (1.50000000000000, 2.50000000000000)
    """
    return tuple(sorted(form.atoms(sympy.Float), key=float))


@dataclass(frozen=True)
class _Task:
    """An expression to be fitted."""

    form: sympy.Expr
    numbers: tuple[sympy.Float, ...]
    places: tuple[sympy.Symbol, ...]
    program: Program | None
    starts: Array

    @classmethod
    def of(cls, form: sympy.Expr, symbols: Sequence[sympy.Symbol], starts: Array | None) -> _Task:
        numbers = constants_of(form)
        places = tuple(sympy.Dummy(f"c{n}", real=True) for n in range(len(numbers)))
        own = np.array([[float(number) for number in numbers]])
        every = own if starts is None else np.concatenate([own, starts])
        return cls(form, numbers, places, program_of(form, numbers, symbols), every)

    def from_there(self, found: Found | None) -> _Task:
        return self if found is None else replace(self, starts=found.constants[None])

    def fit(self, found: Found, least: float) -> Fit:
        return Fit(self.form, self.numbers, self.places, found.constants, found.rmse, found.jacobian, least)


def _solved(
    tasks: Sequence[_Task], symbols: Sequence[sympy.Symbol], samples: tuple[Array, Array, Array]
) -> list[Found | None]:
    """In compiled code where that knows the expression."""
    known = [task for task in tasks if task.program is not None]
    programs = [task.program for task in known if task.program is not None]
    solved = fitted_programs(programs, [task.starts for task in known], samples)
    found = dict(zip(map(id, known), solved, strict=True))
    return [found[id(task)] if id(task) in found else _by_sympy(task, symbols, samples) for task in tasks]


def fitted_programs(
    programs: Sequence[Program], starts: Sequence[Array], samples: tuple[Array, Array, Array]
) -> list[Found | None]:
    """The best fit of each program, in compiled code where there is some; None where it has no value at all samples.

    Args:
        programs: Of the same columns.
        starts: For each, where to start, (starts, constants).
        samples: Columns (n, columns), targets (n,) and roots of weights (n,).
    """
    if compiled_fits.AVAILABLE:
        return compiled_fits.fit_programs(programs, starts, samples, _SOLVER, _STEPS)
    pairs = zip(programs, starts, strict=True)
    return [_best(ProgramCurve(program, samples[0]), start, samples) for program, start in pairs]


def _by_sympy(
    task: _Task, symbols: Sequence[sympy.Symbol], samples: tuple[Array, Array, Array]
) -> Found | None:
    if task.form.has(sympy.zoo, sympy.nan, sympy.oo):
        return None
    template = task.form.xreplace(dict(zip(task.numbers, task.places, strict=True)))
    return _best(SympyCurve(template, task.places, symbols, samples[0]), task.starts, samples)


def _best(curve: Curve, starts: Array, samples: tuple[Array, Array, Array]) -> Found | None:
    """In plain Python: from the start that leads to the smallest error; None where none leads anywhere."""
    _, y, root = samples
    best = None
    for start in starts:
        constants = _minimised(curve, y, root, start) if len(start) else start
        with np.errstate(all="ignore"):
            rmse = float(np.sqrt(np.mean((root * (y - curve.values(constants))) ** 2)))
            jacobian = root[:, None] * curve.slopes(constants)
        if np.isfinite(rmse) and np.isfinite(jacobian).all() and (best is None or rmse < best.rmse):
            best = Found(constants, jacobian, rmse)
    return best


def _minimised(curve: Curve, y: Array, root: Array, start: Array) -> Array:
    def residual(constants: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(root * (curve.values(constants.numpy()) - y))

    def jacobian(constants: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(root[:, None] * curve.slopes(constants.numpy()))

    problem = LeastSquares(residual, jacobian)
    return _SOLVER.minimise(problem, torch.from_numpy(start), steps=_STEPS).x.numpy()
