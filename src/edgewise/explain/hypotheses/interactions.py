"""`interactions`: which inputs of a function act on each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import torch
from torch import Tensor

from .derivatives import Derivatives, derivatives_of, typical

_LEAST_EFFECT = 1e-3


@dataclass(frozen=True)
class Interactions:
    """How strongly pairs of inputs interact.

    Attributes:
        names: Of the inputs.
        effects: The typical slope in each input, for inputs and values in units of their spread.
        scores: The typical mixed second derivative of each pair in the same units, (inputs, inputs): its share in the
            function's variation; the diagonal is 0.
        additive: The same relative to the effects of the two inputs: 0 where f is g(a) + h(b).
        multiplicative: |f f_ij - f_i f_j| as a share of the two terms, from 0, where f is g(a) h(b), to 1.
    """

    names: tuple[str, ...]
    effects: Tensor
    scores: Tensor
    additive: Tensor
    multiplicative: Tensor

    def pairs(self) -> list[tuple[str, str, float]]:
        """Pairs of inputs with their score, the strongest first."""
        found = [
            (self.names[i], self.names[j], float(self.scores[i, j]))
            for i, j in combinations(range(len(self.names)), 2)
        ]
        return sorted(found, key=lambda pair: -pair[2])

    def groups(self, threshold: float = 1e-2) -> tuple[tuple[str, ...], ...]:
        """Inputs that hang together by interactions; the function is a sum of one part for each group."""
        return named(connected(self.additive >= threshold), self.names)

    def __str__(self) -> str:
        lines = [f"{one} and {other}: {score:.3g}" for one, other, score in self.pairs()]
        return "\n".join(lines) or "one input: no pairs"


def interactions(f: Any, x: Any, *, output: int = 0, names: Sequence[str] | None = None) -> Interactions:
    """Score how strongly each pair of inputs interacts, by exact second derivatives at samples.

    Args:
        f: A network, any module, or a function of a tensor (n, inputs) that gives (n,) or (n, outputs).
        x: Samples (n, inputs); 1,000 of them are looked at.
        output: Of several outputs, which.
        names: Of the inputs.

    Raises:
        InputError: too few samples, or a function without second derivatives.

    Example:
        >>> x = torch.rand(200, 3, dtype=torch.float64)
        >>> found = interactions(lambda x: x[:, 0] * x[:, 1] + torch.sin(x[:, 2]), x, names=["a", "b", "c"])
        >>> found.groups()
        (('a', 'b'), ('c',))

    Source: Liu et al. 2024, "KAN 2.0", arXiv:2408.10205, section 5.2, for the idea.
    """
    return interactions_at(derivatives_of(f, x, output=output, names=names, where="interactions"))


def interactions_at(at: Derivatives) -> Interactions:
    """The same from derivatives that are known.

    Example:
        >>> at = derivatives_of(lambda x: x[:, 0] + x[:, 1], torch.rand(50, 2))
        >>> interactions_at(at).scores.tolist()
        [[0.0, 0.0], [0.0, 0.0]]
    """
    count = len(at.names)
    sizes = at.effects.clamp(min=_LEAST_EFFECT) * at.scale
    scores, additive, multiplicative = (torch.zeros(count, count, dtype=torch.float64) for _ in range(3))
    for i, j in combinations(range(count), 2):
        mixed, both = at.hessian[:, i, j], float((sizes[i] * sizes[j]).sqrt())
        joint, slopes = at.values * mixed, at.gradient[:, i] * at.gradient[:, j]
        size = max(typical(joint) + typical(slopes), float(sizes[i] * sizes[j]), 1e-300)
        scores[i, j] = scores[j, i] = typical(mixed) / at.scale
        additive[i, j] = additive[j, i] = typical(mixed) / both
        multiplicative[i, j] = multiplicative[j, i] = typical(joint - slopes) / size
    return Interactions(at.names, at.effects, scores, additive, multiplicative)


def connected(linked: Tensor) -> list[tuple[int, ...]]:
    """Connected parts of a graph, by its matrix.

    Example:
        >>> connected(torch.tensor([[0, 0, 1], [0, 0, 0], [1, 0, 0]]) > 0)
        [(0, 2), (1,)]
    """
    left, found = set(range(len(linked))), []
    while left:
        part, edge = set(), {min(left)}
        while edge:
            part |= edge
            edge = {j for i in edge for j in left - part if linked[i, j]}
        found.append(tuple(sorted(part)))
        left -= part
    return found


def named(groups: Sequence[Sequence[int]], names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Groups of numbers as groups of names.

    Example:
        >>> named([(0, 2), (1,)], ["a", "b", "c"])
        (('a', 'c'), ('b',))
    """
    return tuple(tuple(names[place] for place in group) for group in groups)
