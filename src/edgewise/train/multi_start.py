"""Several start values at once, a few iterations each: the best one is trained on."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor

from ..layers import Initialisation, LayerShape, find_initialisation
from ..network import Network
from ..optim import LevenbergMarquardt, LMState
from .grids.ranges import fit_grid_ranges
from .objective.residuals import FitResiduals


@torch.no_grad()
def reinitialised(
    model: Network, generator: torch.Generator, init: str | Initialisation = "power"
) -> Network:
    """The same network with other start values of its splines.

    Example:
        >>> from edgewise.network import build
        >>> model = build([2, 1])
        >>> other = reinitialised(model, torch.Generator().manual_seed(1))
        >>> bool((other.layers[0].basis.coef != model.layers[0].basis.coef).all())
        True
    """
    new = copy.deepcopy(model)
    for layer in new.layers:
        basis = layer.basis
        shape = LayerShape(basis.in_features, basis.out_features, basis.grid, basis.k, basis.base)
        start = find_initialisation(init)(shape, generator)
        basis.coef.copy_(start.coef)
        basis.scale_base.copy_(start.scale_base)
    return new


@dataclass
class Candidate:
    """A network on its way, with where its search stands."""

    model: Network
    errors: FitResiduals
    state: LMState
    iterations: int = 0

    @property
    def loss(self) -> float:
        """Mean square on the training samples."""
        value = self.errors.loss(self.state.residual)
        return value if value == value else float("inf")


def begin(
    model: Network, x: Tensor, y: Tensor, weights: Tensor | None, solver: LevenbergMarquardt, smooth: float
) -> Candidate:
    """A candidate whose hidden grids fit."""
    fit_grid_ranges(model, x, inputs=True)
    errors = FitResiduals(model, x, y, weights, smooth=smooth)
    return Candidate(model, errors, solver.start(errors.problem, errors.start()))


def advance(candidate: Candidate, solver: LevenbergMarquardt, steps: int, *, x: Tensor, stall: float) -> None:
    """Train on, until `steps` are done or ten iterations lower the loss by less than `stall` of it.

    Hidden grids follow their nodes where these leave them: seen to every few iterations.
    """
    state, errors = candidate.state, candidate.errors
    history = [state.value]
    for count in range(1, steps + 1):
        if state.ending is not None:
            break
        state = solver.step(errors.problem, state)
        candidate.iterations += 1
        history.append(state.value)
        if len(history) > _WINDOW and history[-1] > (1 - stall) * history[-1 - _WINDOW]:
            break
        if count in _LOOKS:
            errors.finish(state.x)
            if fit_grid_ranges(candidate.model, x):
                errors.refresh()
                state = solver.restart(errors.problem, errors.start(), state)
                history.clear()
                history.append(state.value)
    errors.finish(state.x)
    candidate.state = state


_WINDOW = 10
_LOOKS = (2, 5, 10, 20, 40, 80)


def multi_start(
    model: Network,
    x: Tensor,
    y: Tensor,
    weights: Tensor | None,
    solver: LevenbergMarquardt,
    *,
    starts: int,
    steps: int,
    smooth: float,
    seed: int,
) -> Network:
    """The most promising of several start values, by rounds.

    Args:
        model: Its own values are the first candidate; left as it is.
        x: Inputs, shape (batch, columns).
        y: Targets, shape (batch, outputs).
        weights: Of the samples, or None.
        solver: How they are trained.
        starts: How many there are.
        steps: Iterations in the first round; each next one has twice as many, for the best third.
        smooth: As in `FitResiduals`.
        seed: Of the other start values.

    Returns:
        The best network, trained so far.
    """
    generator = torch.Generator().manual_seed(seed)
    kinds = ["power", "glorot", "paper"]
    models = [copy.deepcopy(model)]
    models += [reinitialised(model, generator, kinds[at % 3]) for at in range(1, starts)]
    alive = [begin(one, x, y, weights, solver, smooth) for one in models]
    while True:
        for candidate in alive:
            advance(candidate, solver, steps, x=x, stall=1e-3)
        alive = sorted(alive, key=lambda one: one.loss)[: max(1, len(alive) // 3)]
        if len(alive) == 1:
            return alive[0].model
        steps *= 2
