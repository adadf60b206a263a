"""What a formula that was found is worth beside the law behind the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import sympy

from edgewise.datasets import Equation
from edgewise.discovery import Law
from edgewise.errors import InputError

Array = npt.NDArray[np.float64]
EXACT = 1e-6
SAMPLES = 2000


def candidate(expression: sympy.Expr, symbols: Sequence[sympy.Symbol]) -> Law:
    """A formula of any contestant's as a law, to look at its values."""
    unknown = float("nan")
    return Law(expression, tuple(symbols), unknown, unknown, unknown, unknown, (), "", "")


def wider(law: Equation) -> Equation:
    """The same law over ranges half as wide again."""
    variables = [
        replace(
            one,
            low=one.low / 1.5 if one.sampling == "log" else one.low,
            high=one.high * 1.5 if one.sampling == "log" else one.high + 0.5 * (one.high - one.low),
        )
        for one in law.variables
    ]
    return replace(law, variables=tuple(variables))


def judged(
    expression: sympy.Expr | None, symbols: Sequence[sympy.Symbol], law: Equation
) -> dict[str, object]:
    """Three definitions of right, and accuracy.

    "exact": the largest difference from the law is below 1e-6 of its spread on fresh samples in ranges half as wide
    again. "form": the same after its free constants were fitted to samples without noise. "up_to_constants": the same
    after a factor and an offset are fitted, as SRBench counts.
    """
    if expression is None:
        return {"exact": False, "form": False, "up_to_constants": False, "r2": None, "complexity": None}
    found = candidate(expression, symbols)
    x = law.sample(SAMPLES, 0, seed=1001)["train_input"].numpy()
    exact, up_to = _far(found, law)
    return {
        "exact": exact,
        "form": exact or is_form(found, x, law(x)),
        "up_to_constants": exact or up_to,
        "r2": _r2(found.predict(x), law(x)),
        "complexity": found.complexity,
    }


def _r2(values: Array, expected: Array) -> float | None:
    size = np.abs(expected).max()
    r2 = 1 - np.mean(((values - expected) / size) ** 2) / np.var(expected / size)
    return float(r2) if np.isfinite(r2) else None


def _far(found: Law, law: Equation) -> tuple[bool, bool]:
    """Whether a formula is the law in the wider ranges, as it is and up to a factor and an offset."""
    far = wider(law).sample(SAMPLES, 0, seed=1002)["train_input"].numpy()
    values, expected = found.predict(far), law(far)
    fine = np.isfinite(values) & np.isfinite(expected)
    if fine.mean() <= 0.9:
        return False, False
    size = np.abs(expected[fine]).max()
    values, expected = values[fine] / size, expected[fine] / size
    exact = bool(np.abs(values - expected).max() < EXACT * expected.std())
    design = np.stack([values, np.ones_like(values)], 1) / max(np.abs(values).max(), 1e-300)
    rest = expected - design @ np.linalg.lstsq(design, expected, rcond=None)[0]
    return exact, bool(np.abs(rest).max() < EXACT * expected.std())


def is_form(found: Law, x: Array, y: Array) -> bool:
    """Whether a formula is right but for its constants."""
    try:
        again = candidate(found.refitted(x, y), found.symbols).predict(x)
    except InputError:
        return False
    return bool(np.nanmax(np.abs(again - y)) < EXACT * y.std())


def held_constants(
    expression: sympy.Expr,
    symbols: Sequence[sympy.Symbol],
    intervals: Sequence[tuple[float, float]],
    x: Array,
    y: Array,
) -> int | None:
    """In how many intervals the constants lie that least squares finds in samples without noise.

    Args:
        expression: A formula of the right form.
        symbols: Of the columns.
        intervals: One for each of its free constants, in the order of their values.
        x: The samples it was found in (n, columns).
        y: Targets without noise (n,).

    Returns:
        The number; None where the formula has not as many constants.
    """
    try:
        truth = sorted(map(float, candidate(expression, symbols).refitted(x, y).atoms(sympy.Float)))
    except InputError:
        return None
    if len(truth) != len(intervals):
        return None
    return sum(low <= value <= high for (low, high), value in zip(intervals, truth, strict=True))
