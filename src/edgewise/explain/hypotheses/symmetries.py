"""`symmetries` and `symmetry`: whether inputs act on a function through one combination of them only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import torch
from torch import Tensor

from ...errors import ShapeError
from .derivatives import Derivatives, derivatives_of, typical

_NAMES = {
    "difference": ("translation", "{0} - {1}"),
    "sum": ("translation, one input reversed", "{0} + {1}"),
    "ratio": ("scaling", "{0}/{1}"),
    "product": ("scaling, one input inverted", "{0}*{1}"),
    "radius": ("rotation", "{0}**2 + {1}**2"),
    "interval": ("hyperbolic rotation", "{0}**2 - {1}**2"),
}


@dataclass(frozen=True)
class Symmetry:
    """A hypothesis that inputs act through one combination, and what the samples say.

    Attributes:
        kind: "difference", "sum", "ratio", "product", "radius", "interval", or "given".
        inputs: The inputs it is about.
        combination: The combination, as text.
        statistic: The part of the slopes that the combination does not explain: from 0, where it holds, to 1.
        threshold: What the statistic must stay below.
        holds: The verdict.
    """

    kind: str
    inputs: tuple[str, ...]
    combination: str
    statistic: float
    threshold: float
    holds: bool

    def __str__(self) -> str:
        verdict = "only" if self.holds else "not only"
        about = ", ".join(self.inputs)
        return f"{about}: {verdict} through {self.combination}: {self.statistic:.3g}, threshold {self.threshold:g}"


class Symmetries(tuple[Symmetry, ...]):
    """Hypotheses, those that hold first, by their statistic; prints those that hold."""

    __slots__ = ()

    def __repr__(self) -> str:
        held = [str(one) for one in self if one.holds]
        others = [one for one in self if not one.holds]
        if others:
            nearest = f"the nearest is {others[0].combination}: {others[0].statistic:.3g}"
            held.append(f"{len(others)} {'other ' if held else ''}hypotheses do not hold; {nearest}")
        return "\n".join(held) or "no hypotheses"


def symmetries(
    f: Any,
    x: Any,
    *,
    threshold: float = 1e-2,
    output: int = 0,
    names: Sequence[str] | None = None,
) -> Symmetries:
    """Test each pair of inputs for translations, scalings and rotations that leave a function as it is.

    Invariance under a translation of both inputs means that they act through their difference, under a scaling through
    their ratio, under a rotation through their radius; the sum, the product and a**2 - b**2 are the same with one input
    reversed, inverted or imaginary.

    Args:
        f: A network, any module, or a function of a tensor (n, inputs) that gives (n,) or (n, outputs).
        x: Samples (n, inputs); 1,000 of them are looked at.
        threshold: For the statistic. A trained network needs one above its error in slopes.
        output: Of several outputs, which.
        names: Of the inputs.

    Returns:
        All hypotheses, those that hold first, by their statistic.

    Raises:
        InputError: too few samples, or a function without second derivatives.

    Example:
        >>> x = 1 + torch.rand(200, 3, dtype=torch.float64)
        >>> found = symmetries(lambda x: torch.exp(-(x[:, 0] - x[:, 1])) / x[:, 2], x)
        >>> [one.combination for one in found if one.holds]
        ['x_1 - x_2']
        >>> len(found)
        18
    """
    at = derivatives_of(f, x, output=output, names=names, where="symmetries")
    found = [one for pair in combinations(range(len(at.names)), 2) for one in _of_pair(at, *pair, threshold)]
    return Symmetries(sorted(found, key=lambda one: (not one.holds, one.statistic)))


def symmetry(
    f: Any,
    x: Any,
    combination: Callable[[Tensor], Tensor],
    inputs: Sequence[str | int],
    *,
    threshold: float = 1e-2,
    output: int = 0,
    names: Sequence[str] | None = None,
) -> Symmetry:
    """Test whether inputs act through a given combination only: whether the two gradients are parallel.

    Args:
        f: A network, any module, or a function of a tensor (n, inputs) that gives (n,) or (n, outputs).
        x: Samples (n, inputs); 1,000 of them are looked at.
        combination: A differentiable function of a tensor (n, inputs) that gives (n,).
        inputs: Which inputs it is about, by name or number.
        threshold: For the statistic, the typical sine of the angle between the gradients, larger slopes counting more.
        output: Of several outputs, which.
        names: Of the inputs.

    Raises:
        InputError: there is no such input, or a function without second derivatives.
        ShapeError: the combination gives another shape.

    Example:
        >>> x = torch.rand(200, 3, dtype=torch.float64)
        >>> found = symmetry(lambda x: torch.sin(x[:, 0] + x[:, 1] ** 2), x, lambda x: x[:, 0] + x[:, 1] ** 2, [0, 1])
        >>> found.holds
        True
    """
    at = derivatives_of(f, x, output=output, names=names, where="symmetry")
    places = list(at.places(inputs, "symmetry"))
    samples = at.x.detach().double().clone().requires_grad_()
    values = combination(samples)
    if not isinstance(values, Tensor) or values.shape != (len(samples),):
        raise ShapeError("symmetry: combination must give a tensor (n,) for (n, inputs). Take one column.")
    slopes = torch.zeros_like(samples)
    if values.requires_grad:
        found = torch.autograd.grad(values.sum(), samples, allow_unused=True)[0]
        slopes = slopes if found is None else found
    along = slopes[:, places] * at.spread[places]
    along = along / along.norm(dim=1, keepdim=True).clamp(min=1e-300)
    slope = at.gradient[:, places]
    across = slope - (slope * along).sum(1, keepdim=True) * along
    statistic = typical(across.norm(dim=1)) / (typical(slope.norm(dim=1)) or 1.0)
    about = tuple(at.names[place] for place in places)
    return Symmetry(
        "given", about, f"the combination of {', '.join(about)}", statistic, threshold, statistic < threshold
    )


def _of_pair(at: Derivatives, i: int, j: int, threshold: float) -> list[Symmetry]:
    one, other = at.gradient[:, i] / at.spread[i], at.gradient[:, j] / at.spread[j]
    a, b = at.x[:, i], at.x[:, j]
    parts = {
        "difference": (one, -other),
        "sum": (one, other),
        "ratio": (a * one, -b * other),
        "product": (a * one, b * other),
        "radius": (b * one, a * other),
        "interval": (b * one, -a * other),
    }
    about, least = (at.names[i], at.names[j]), 1e-12 * at.scale
    found = []
    for kind, (left, right) in parts.items():
        size = typical(left) + typical(right)
        matters = min(typical(left), typical(right)) > threshold * size > least
        statistic = typical(left - right) / size if matters else 1.0
        found.append(
            Symmetry(kind, about, _NAMES[kind][1].format(*about), statistic, threshold, statistic < threshold)
        )
    return found
