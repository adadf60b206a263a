"""A starting equation of the user's: its constants fitted, and laws that go on from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import sympy

from .arguments import of_monomials
from .compiled import compiled, complex_values
from .polish import Fit, constants_of, fitted
from .problem import Array, Problem
from .proposal import Proposal

_STARTS = 24
_MOST_MONOMIALS = 60
_AGAIN = 2
_POWERS = (1, -1, 2, sympy.Rational(1, 2))


def fitted_guess(problem: Problem, guess: sympy.Expr, seed: int) -> Fit | None:
    """The guess with fitted constants, in scaled columns.

    Args:
        problem: The samples.
        guess: In the columns' own units. Floats are constants and where to start; so are symbols that are no columns.
        seed: Of further places to start from.
    """
    open_symbols = sorted(guess.free_symbols - set(problem.symbols), key=str)
    given = guess.xreplace({s: sympy.Float(1 + 0.01 * n) for n, s in enumerate(open_symbols, 1)})
    found = []
    # Constants of their own size in scaled columns are found where those in own units are far from 1.
    for form in [problem.scaled(given), *([given] if open_symbols else [])]:
        count = len(constants_of(form))
        some = problem.some
        starts = _starts(form, seed) if count else None
        fit = fitted(form, some.symbols, some.x, some.y, weights=some.weights, starts=starts)
        found += [] if fit is None else [fit]
    return min(found, key=lambda fit: fit.rmse, default=None)


def _starts(form: sympy.Expr, seed: int) -> Array:
    """Places to start from, near the given constants and over decades."""
    given = np.array([float(number) for number in constants_of(form)])
    random = np.random.default_rng(seed)
    far = 10 ** random.uniform(-2, 2, (_STARTS, len(given))) * random.choice(
        [-1.0, 1.0], (_STARTS, len(given))
    )
    return given * np.concatenate([far[: _STARTS // 2], np.abs(far[_STARTS // 2 :])])


def from_guess(problem: Problem, fit: Fit) -> Iterator[Proposal]:
    """The guess itself, plus and times monomials, and with a constant or two that depend on columns."""
    yield Proposal(fit.form, fit.rmse / problem.spread, "guess")
    some = problem.some
    for part in of_monomials(some, (1, -1, 2, -2, 0.5), 2, 2).forms[:_MOST_MONOMIALS]:
        yield Proposal(fit.form + sympy.Float(0.01) * part, 0.0, "guess")
    for symbol, positive in zip(problem.symbols, problem.positive, strict=True):
        if positive:
            yield Proposal(fit.form * symbol ** sympy.Float(0.01), 0.0, "guess")
    first = list(_with_columns(problem, fit.form))
    yield from (Proposal(form, 0.0, "guess") for form in first)
    fits = [fitted(form, some.symbols, some.x, some.y, weights=some.weights) for form in first]
    best = sorted((one for one in fits if one is not None), key=lambda one: one.rmse)[:_AGAIN]
    for one in best:
        yield from (Proposal(form, 0.0, "guess") for form in _with_columns(problem, one.form))


def _with_columns(problem: Problem, form: sympy.Expr) -> Iterator[sympy.Expr]:
    """The form with one constant times a power of a column, or that plus itself."""
    for number in constants_of(form):
        for symbol, fine, positive in zip(problem.symbols, problem.nonzero, problem.positive, strict=True):
            for power in _POWERS:
                if (power > 0 or fine) and (power == sympy.Integer(power) or positive):
                    yield form.xreplace({number: number * symbol**power})
                    yield form.xreplace({number: number * (1 + sympy.Float(0.01) * symbol**power)})


def beyond_guess(
    problem: Problem, fit: Fit, searched: Callable[[Problem], Iterator[Proposal]]
) -> Iterator[Proposal]:
    """The guess plus what is found in its residuals, and times what is found in its ratios.

    Args:
        problem: The samples.
        fit: The fitted guess.
        searched: Proposals for a problem.
    """
    values = _values(fit.form, problem)
    if values is None:
        return
    rest = problem.y - values
    if not rest.std() > 1e-13 * problem.spread:
        return
    for proposal in searched(replace(problem, y=rest, deviation=problem.spread)):
        yield Proposal(fit.form + proposal.form, proposal.missed, "guess")
    if np.abs(values).min() > 1e-9 * np.abs(values).max():
        weights = values**2 * (1.0 if problem.weights is None else problem.weights)
        mean = float(weights.mean())
        ratio = replace(
            problem,
            y=problem.y / values,
            weights=weights / mean,
            deviation=problem.spread / mean**0.5,
            y_scale=1.0,
        )
        for proposal in searched(ratio):
            yield Proposal(fit.form * proposal.form, proposal.missed, "guess")


def _values(form: sympy.Expr, problem: Problem) -> Array | None:
    """Values at the samples; None where they are not all real and finite."""
    values = complex_values(compiled(problem.symbols, [form]), problem.x)
    real = np.isfinite(values).all() and (np.abs(values.imag) <= 1e-12 * np.abs(values)).all()
    return values.real.copy() if real else None
