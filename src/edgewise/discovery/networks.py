"""A Kolmogorov-Arnold network as a source of laws."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sympy
import torch

from .._tensors import even_places
from ..errors import EdgewiseError
from ..explain import formula, prune, symbolify
from ..network import Network, build
from ..train import fit
from .problem import Problem
from .proposal import Proposal

_SHAPES: tuple[tuple[int | tuple[int, int], ...], ...] = ((), (2,), (5,), ((2, 1),), ((2, 2), (1, 1)))
_ROWS = 600


@dataclass(frozen=True)
class Samples:
    """Scaled training and held-out samples as tensors."""

    x: torch.Tensor
    y: torch.Tensor
    held_x: torch.Tensor
    held_y: torch.Tensor

    @classmethod
    def of(cls, problem: Problem, held: Problem) -> Samples:
        """Those of two problems in the same units."""
        rows = even_places(len(problem.y), _ROWS)
        return cls(
            torch.from_numpy(problem.x)[rows],
            torch.from_numpy(problem.y)[rows, None],
            torch.from_numpy(held.x),
            torch.from_numpy(held.y)[:, None],
        )


def by_networks(
    problem: Problem, samples: Samples, seed: int, left: Callable[[], bool]
) -> Iterator[Proposal]:
    """Formulas read off sparse networks of several shapes."""
    for shape in _SHAPES:
        if not left():
            return
        try:
            model = _trained(samples, shape, seed, steps=40, lamb=1e-3)
            model = prune(model, samples.x).model
            fit(model, (samples.x, samples.y), steps=30, progress=False)
            found = symbolify(model, (samples.x, samples.y)).model
            law = formula(found, (samples.x, samples.y), splines="named")
        except EdgewiseError:
            continue
        if not law.splines:
            names = dict(zip(law.symbols, (problem.symbols[c] for c in found.columns.tolist()), strict=True))
            yield Proposal(sympy.sympify(law.expr).xreplace(names), float(law.train_rmse or 0), "networks")


def _trained(
    samples: Samples, shape: tuple[int | tuple[int, int], ...], seed: int, steps: int, lamb: float
) -> Network:
    model = build([samples.x.shape[1], *shape, 1], grid=5, seed=seed, dtype=torch.float64)
    data = {
        "train_input": samples.x,
        "train_label": samples.y,
        "test_input": samples.held_x,
        "test_label": samples.held_y,
    }
    fit(model, data, steps=steps, lamb=lamb, progress=False)
    return model
