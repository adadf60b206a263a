"""From all laws that were found to the front, the chosen one, and why."""

from __future__ import annotations

from collections.abc import Iterable

from .law import Law
from .result import Discovery
from .split import Split

_LEAST_R2 = 0.2
_EARNS = 0.999


def concluded(
    laws: Iterable[Law],
    samples: Split,
    *,
    noise: float = 0.0,
    seconds: float = 0.0,
    stopped: str,
) -> Discovery:
    """Sort laws, choose one, and say why.

    Args:
        laws: All that were found.
        samples: What they were fitted to and judged by.
        noise: Deviation of the targets' noise, in their units.
        seconds: How long the search took.
        stopped: Why it ended.
    """
    front: list[Law] = []
    others: list[Law] = []
    for law in sorted(laws, key=lambda law: (law.complexity, law.test_rmse)):
        earned = not front or law.test_rmse < _EARNS * front[-1].test_rmse
        (front if earned else others).append(law)
    best = min(front, key=lambda law: law.bits, default=None)
    if best is not None and best.r2 < _LEAST_R2:
        best = None
    constant = float(samples.all_y.std()) == 0
    why = (
        "The targets are constant: there is no law to find."
        if constant
        else "No formula earns its place here: none explains a fifth of the spread of held-out samples."
        if best is None
        else _why(best, noise)
    )
    return Discovery(tuple(front), best, why, noise, seconds, stopped, samples, tuple(others))


def _why(best: Law, noise: float) -> str:
    if best.verdict == "exact":
        return "Exact: it agrees with the held-out samples to rounding."
    if best.verdict == "within noise":
        return f"Within the noise: what it misses on held-out samples is no more than noise of deviation {noise:.3g}."
    return (
        f"An approximation: it misses {best.test_rmse:.3g} on held-out samples"
        + (f", where the noise is {noise:.3g}." if noise else ".")
        + " It has the shortest description of all that were found."
    )
