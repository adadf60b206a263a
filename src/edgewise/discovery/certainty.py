"""What is said of the constants of a law: standard errors, intervals, exact numbers, correlations."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .digits import correlated, to_error, with_error
from .law import Law
from .numbers import Numbers
from .rivals import Rival
from .snapping import Constant

_CLOSE = 0.9
_MOST_PAIRS = 5


def lines_on_constants(law: Law, numbers: Numbers) -> list[str]:
    """A line a constant, and one for each pair of them that the samples hardly tell apart.

    Args:
        law: As it was found; one that is exact has no lines.
        numbers: That stand in it.
    """
    if law.verdict == "exact":
        return []
    lines = [_line(constant) for constant in (*numbers.constants, *exact_ones(law))]
    for i, j, size in correlated(numbers, _CLOSE)[:_MOST_PAIRS]:
        first, second = (f"{numbers.values[place]:.4g}" for place in (i, j))
        lines.append(f"{first} and {second} are correlated: {size:.3f}")
    if lines and law.verdict == "approximation":
        lines.append("these errors hold as far as what the law misses is noise")
    return lines


def exact_ones(law: Law) -> tuple[Constant, ...]:
    """Constants that were set to exact numbers.

    Args:
        law: As it was found.
    """
    return tuple(constant for constant in law.constants if not constant.value.is_Float)


def _line(constant: Constant) -> str:
    if not math.isfinite(constant.error):
        return f"{constant.value if not constant.value.is_Float else f'{constant.fitted:.6g}'}: not decided by these samples"
    told = with_error(constant.fitted, constant.error)
    if constant.value.is_Float:
        ends = ", ".join(f"{share:.0%}: {_interval(constant, share)}" for share in (0.68, 0.95))
        return f"{told} ({ends})"
    return f"{constant.value}: fitted {told}, {constant.distance:.1f} standard errors away"


def _interval(constant: Constant, share: float) -> str:
    if not constant.error > 0:
        return f"{constant.fitted:.6g}"
    (low, high), power = to_error(constant.error, *constant.interval(share))
    return f"{low}{power} to {high}{power}"


def lines_on_rivals(found: Sequence[Rival]) -> list[str]:
    """What the samples do not tell from the chosen law, and where to look to tell.

    Args:
        found: Of the chosen law, with laws as they are printed.
    """
    if not found:
        return []
    lines = ["These samples do not tell it from:"]
    for rival in found:
        place = ", ".join(f"{name} = {value:.3g}" for name, value in rival.where.items())
        far = (
            f"; {rival.beyond:.2g} deviations of the noise apart at {place}"
            if place and rival.beyond >= 3
            else ""
        )
        lines.append(f"  {rival.law.text()} (complexity {rival.law.complexity}){far}")
    return lines
