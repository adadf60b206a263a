"""`separability`: whether a function is a sum or product of parts, or a function of fewer combinations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import torch
from torch import Tensor

from ...errors import InputError
from .derivatives import Derivatives, derivatives_of, typical
from .interactions import connected, interactions_at, named

Kind = Literal["additive", "multiplicative", "general"]
_KINDS = ("additive", "multiplicative", "general")


@dataclass(frozen=True)
class Separability:
    """A hypothesis on parts, and what the samples say.

    Attributes:
        kind: "additive", "multiplicative" or "general".
        groups: The inputs of each part.
        statistic: The largest departure from the hypothesis: 0 where it holds.
        threshold: What the statistic must stay below.
        holds: The verdict: there are at least two groups, and the statistic is below the threshold.
    """

    kind: str
    groups: tuple[tuple[str, ...], ...]
    statistic: float
    threshold: float
    holds: bool

    def __str__(self) -> str:
        parts = ", ".join("{" + ", ".join(group) + "}" for group in self.groups)
        verdict = "holds" if self.holds else "does not hold"
        return f"{self.kind} separability of {parts} {verdict}: {self.statistic:.3g}, threshold {self.threshold:g}"


def separability(
    f: Any,
    x: Any,
    kind: Kind = "additive",
    groups: Sequence[Sequence[str | int]] | None = None,
    *,
    threshold: float = 1e-2,
    output: int = 0,
    names: Sequence[str] | None = None,
) -> Separability:
    """Test whether a function separates, or find the finest parts into which it does.

    Additive: f is g(a) + h(b); no mixed derivative f_ij crosses groups. Multiplicative: f is g(a) h(b); f f_ij - f_i f_j
    does not. General: f is F(g(a), b), for each group of two or more inputs; f_i / f_k of two of them depends on no input
    outside. Each departure is compared with the effects of the inputs that it is about, so that units and the size of other
    parts do not matter. All pairs are looked at once, whatever the number of partitions.

    Args:
        f: A network, any module, or a function of a tensor (n, inputs) that gives (n,) or (n, outputs).
        x: Samples (n, inputs); 1,000 of them are looked at.
        kind: Of separability.
        groups: Inputs of each part by name or number; those left out are a group. If None the finest that pass, of general
            separability the largest; where none pass, the ones that come nearest.
        threshold: For the statistic. A trained network needs one above its error in second derivatives.
        output: Of several outputs, which.
        names: Of the inputs.

    Raises:
        InputError: an argument is out of bounds, or the function has no second derivatives.

    Example:
        >>> x = torch.rand(200, 3, dtype=torch.float64)
        >>> found = separability(lambda x: torch.exp(x[:, 0]) * (x[:, 1] + x[:, 2]), x, "multiplicative")
        >>> found.groups, found.holds
        ((('x_1',), ('x_2', 'x_3')), True)

    Source: Liu et al. 2024, "KAN 2.0", arXiv:2408.10205, section 5.3; Udrescu et al. 2020, "AI Feynman 2.0",
    arXiv:2006.10782, for general separability.
    """
    if kind not in _KINDS:
        raise InputError(f"separability: kind must be one of {list(_KINDS)}; got {kind!r}.")
    at = derivatives_of(f, x, output=output, names=names, where="separability")
    return separability_at(at, kind, _given(at, groups), threshold)


def separability_at(
    at: Derivatives, kind: str, groups: Sequence[Sequence[int]] | None, threshold: float
) -> Separability:
    """The same from derivatives that are known, groups by number."""
    if kind == "general":
        dependence = dependence_at(at)
        groups = (
            groups if groups is not None else largest_modules(dependence, _passable(dependence, threshold))
        )
        statistic = max((module_statistic(dependence, group) for group in groups), default=0.0)
        split = any(1 < len(group) < len(at.names) for group in groups)
        return Separability(
            kind, named(groups, at.names), statistic, threshold, split and statistic < threshold
        )
    scores = interactions_at(at)
    matrix = scores.additive if kind == "additive" else scores.multiplicative
    groups = groups if groups is not None else loosest(matrix, threshold)
    statistic = across(matrix, groups)
    holds = len(groups) > 1 and statistic < threshold
    return Separability(kind, named(groups, at.names), statistic, threshold, holds)


def across(matrix: Tensor, groups: Sequence[Sequence[int]]) -> float:
    """The strongest link between groups.

    Example:
        >>> across(torch.tensor([[0.0, 0.5], [0.5, 0.0]]), [(0,), (1,)])
        0.5
    """
    links = (float(matrix[i, j]) for one, other in combinations(groups, 2) for i in one for j in other)
    return max(links, default=0.0)


def loosest(matrix: Tensor, threshold: float) -> list[tuple[int, ...]]:
    """Parts that no link of at least the threshold joins; where all hangs together, those that come nearest to it.

    Example:
        >>> loosest(torch.tensor([[0.0, 0.5, 0.3], [0.5, 0.0, 0.0], [0.3, 0.0, 0.0]]), 0.01)
        [(0, 1), (2,)]
    """
    found = connected(matrix >= threshold)
    for link in sorted(matrix.flatten().unique().tolist()):
        if len(found) > 1 or len(matrix) == 1:
            break
        found = connected(matrix > link)
    return found


def _passable(dependence: Tensor, threshold: float) -> float:
    """The threshold, or where no group passes it, one that the best pair passes."""
    count = len(dependence)
    if count < 3 or modules(dependence, threshold):
        return threshold
    best = min(module_statistic(dependence, pair) for pair in combinations(range(count), 2))
    return best * (1 + 1e-9) + 1e-300


def _given(at: Derivatives, groups: Sequence[Sequence[str | int]] | None) -> list[tuple[int, ...]] | None:
    if groups is None:
        return None
    flat = at.places([one for group in groups for one in group], "separability")
    left = tuple(place for place in range(len(at.names)) if place not in flat)
    return [at.places(group, "separability") for group in groups] + ([left] if left else [])


def dependence_at(at: Derivatives) -> Tensor:
    """How much the ratio of slopes f_i / f_k depends on x_j, for all (i, k, j): relative to the slopes themselves.

    It is 0 for all j outside of a group, and i and k inside, where the group acts through one combination only.

    Example:
        >>> at = derivatives_of(lambda x: torch.exp(x[:, 0] * x[:, 1]) + x[:, 2], torch.rand(50, 3, dtype=torch.float64))
        >>> float(dependence_at(at)[0, 1, 2]) < 1e-9 < float(dependence_at(at)[0, 2, 1])
        True
    """
    count = len(at.names)
    found = torch.zeros(count, count, count, dtype=torch.float64)
    least = 1e-6 * at.scale**2
    for i, k in combinations(range(count), 2):
        size = typical(at.gradient[:, i] * at.gradient[:, k])
        for j in set(range(count)) - {i, k}:
            turn = at.hessian[:, i, j] * at.gradient[:, k] - at.hessian[:, k, j] * at.gradient[:, i]
            found[i, k, j] = found[k, i, j] = typical(turn) / max(size, least)
    return found


def module_statistic(dependence: Tensor, group: Sequence[int]) -> float:
    """The largest dependence of a group's inner ratios on what is outside.

    Example:
        >>> module_statistic(torch.zeros(3, 3, 3), [0, 1])
        0.0
    """
    outside = [j for j in range(len(dependence)) if j not in group]
    return max((float(dependence[i, k, j]) for i, k in combinations(group, 2) for j in outside), default=0.0)


def modules(dependence: Tensor, threshold: float) -> list[tuple[int, ...]]:
    """The smallest group around each pair that acts through one combination only, without that of all inputs.

    Example:
        >>> modules(torch.zeros(3, 3, 3), 0.01)
        [(0, 1), (0, 2), (1, 2)]
    """
    count, found = len(dependence), set()
    for pair in combinations(range(count), 2):
        group = set(pair)
        grown = True
        while grown and len(group) < count:
            more = {
                j
                for i, k in combinations(sorted(group), 2)
                for j in range(count)
                if j not in group and dependence[i, k, j] >= threshold
            }
            group, grown = group | more, bool(more)
        if len(group) < count:
            found.add(tuple(sorted(group)))
    return sorted(found, key=lambda group: (len(group), group))


def largest_modules(dependence: Tensor, threshold: float) -> list[tuple[int, ...]]:
    """Disjoint groups, the largest first, then single inputs; groups that overlap are taken by their size.

    Example:
        >>> largest_modules(torch.ones(3, 3, 3), 0.01)
        [(0,), (1,), (2,)]
    """
    taken: list[tuple[int, ...]] = []
    for group in sorted(modules(dependence, threshold), key=lambda one: (-len(one), one)):
        if not any(set(group) & set(other) for other in taken):
            taken.append(group)
    single = [(place,) for place in range(len(dependence)) if not any(place in group for group in taken)]
    return sorted([*taken, *single])
