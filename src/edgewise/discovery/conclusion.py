"""From all laws that were found to the front, the chosen one, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .law import Law
from .result import Discovery
from .rounding import WITHIN_ROUNDING
from .splines import SplineNetwork
from .split import Split
from .structure import FEWEST

_LEAST_R2 = 0.2
_EARNS = 0.999
_POOR_R2, _FAR = 0.95, 3.0
_FEWEST_HELD = 10
_FEW = " Of {} samples what it misses is not told from noise: give `noise`, the deviation of the targets' errors, if it is known."


def concluded(
    laws: Iterable[Law],
    samples: Split,
    *,
    noise: float = 0.0,
    rounding: str = "",
    seconds: float = 0.0,
    stopped: str,
) -> Discovery:
    """Sort laws, choose one, and say why.

    Args:
        laws: All that were found.
        samples: What they were fitted to and judged by.
        noise: Deviation of the targets' noise, in their units.
        rounding: What the samples were rounded to.
        seconds: How long the search took.
        stopped: Why it ended.
    """
    known = list(laws)
    best = min(known, key=lambda law: law.bits, default=None)
    front: list[Law] = []
    others: list[Law] = []
    size, error = 0, float("inf")
    for law in sorted(known, key=lambda law: (law.complexity, law is not best, law.test_rmse)):
        earned = law.complexity > size and law.test_rmse < _EARNS * error
        (front if earned or law is best else others).append(law)
        if earned:
            size, error = law.complexity, law.test_rmse
    if best is not None and best.r2 < _LEAST_R2 and best.verdict == "approximation":
        best = None
    constant = float(samples.all_y.std()) == 0
    why = (
        "The targets are constant: there is no law to find."
        if constant
        else "No formula earns its place here: none explains a fifth of the spread of held-out samples."
        if best is None
        else _why(best, noise, rounding, len(samples.all_y))
    )
    return Discovery(tuple(front), best, why, noise, seconds, stopped, samples, tuple(others))


def _why(best: Law, noise: float, rounding: str, count: int) -> str:
    if best.verdict == "exact":
        return "Exact: it agrees with the held-out samples to rounding."
    if best.verdict == WITHIN_ROUNDING:
        return f"Exact to the precision of the data: what it misses on held-out samples is no more than rounding to {rounding} makes of them."
    if best.verdict == "within noise":
        return f"Within the noise: what it misses on held-out samples is no more than noise of deviation {noise:.3g}."
    return (
        f"An approximation: it misses {best.test_rmse:.3g} on held-out samples"
        + (f", where the noise is {noise:.3g}." if noise else ".")
        + " It has the shortest description of all that were found."
        + ("" if noise or count >= FEWEST else _FEW.format(count))
    )


def with_splines(found: Discovery, splines: SplineNetwork | None) -> Discovery:
    """Keep a network of splines, and say how the laws do beside it.

    No formula earns its place where the chosen one leaves more than a twentieth of the spread of held-out samples, and the
    network misses less than a third of what it misses.

    Args:
        found: Laws, none of which explains the samples.
        splines: The network, which is kept if it explains a fifth of the spread; None where none could be trained.
    """
    if splines is None:
        return found
    best, told = found.best, f"misses {splines.test_rmse:.3g} (R2 {splines.r2:.3g})"
    if splines.r2 < _LEAST_R2:
        return (
            replace(found, why=f"{found.why} Nor does a network of splines, which {told}.")
            if best is None
            else found
        )
    if best is None:
        return replace(
            found, splines=splines, why=f"{found.why} A network of splines, kept as `splines`, {told}."
        )
    far = splines.test_rmse * _FAR < best.test_rmse and len(found.samples.held_y) >= _FEWEST_HELD
    if far and best.r2 < _POOR_R2:
        why = (
            f"No formula earns its place here: the law of the shortest description misses {best.test_rmse:.3g} on held-out "
            f"samples (R2 {best.r2:.3g}), where a network of splines {told}. It is kept as `splines`; laws stand in the table."
        )
        return replace(found, splines=splines, best=None, why=why)
    ratio = best.test_rmse / splines.test_rmse if splines.test_rmse > 0 else float("inf")
    beside = f"{ratio:.2g} times less" if ratio > 1 else "no less"
    why = f"{found.why} A network of splines, kept as `splines`, misses {splines.test_rmse:.3g}, {beside}."
    return replace(found, splines=splines, why=why)
