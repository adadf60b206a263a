"""Several start values at once, a few iterations each: the best one is trained on."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor

from ..events import check_cancelled
from ..layers import Initialisation, ProductStart, reinitialise_
from ..network import Network
from ..optim import (
    LeastSquares,
    LevenbergMarquardt,
    Listener,
    LMState,
    Loop,
    Observer,
    Plateau,
    Search,
)
from .grids.ranges import fit_grid_ranges
from .objective.residuals import FitResiduals


@torch.no_grad()
def reinitialised(
    model: Network, generator: torch.Generator, init: str | Initialisation = "power"
) -> Network:
    """The same network with other start values of its learnable edges.

    Example:
        >>> from edgewise.network import build
        >>> model = build([2, 1])
        >>> other = reinitialised(model, torch.Generator().manual_seed(1))
        >>> bool((other.layers[0].basis.coef != model.layers[0].basis.coef).all())
        True
    """
    new = copy.deepcopy(model)
    for layer in new.layers:
        reinitialise_(layer.basis, generator, ProductStart.of(layer.nodes, init))
    return new


@dataclass
class Candidate:
    """A network on its way, with where its search stands."""

    model: Network
    errors: FitResiduals
    search: Search[LeastSquares, LMState]
    iterations: int = 0

    @property
    def loss(self) -> float:
        """Mean square on the training samples."""
        value = self.errors.loss(self.search.state.residual)
        return value if value == value else float("inf")


def init_candidate(
    model: Network,
    x: Tensor,
    y: Tensor,
    weights: Tensor | None,
    solver: LevenbergMarquardt,
    roughness_weight: float,
) -> Candidate:
    """A candidate whose hidden grids fit."""
    fit_grid_ranges(model, x, inputs=True)
    errors = FitResiduals(model, x, y, weights, roughness_weight=roughness_weight)
    return Candidate(model, errors, Search(solver, errors.problem, errors.read_from_model()))


class _HiddenGrids(Observer):
    """Hidden grids follow their nodes where these leave them: seen to after a few numbers of steps."""

    def __init__(self, candidate: Candidate, x: Tensor, plateau: Plateau) -> None:
        self._candidate, self._x, self._plateau = candidate, x, plateau

    def after(self, process: Search[LeastSquares, LMState], done: int) -> None:
        """Move the grids, and go on from the same function on other knots."""
        if done not in _LOOKS:
            return
        errors = self._candidate.errors
        errors.write_to_model(process.state.x)
        if fit_grid_ranges(self._candidate.model, self._x):
            errors.refresh()
            process.restart(errors.read_from_model())
            self._plateau.restart(process.value)


def run_candidate(candidate: Candidate, steps: int, *, x: Tensor, plateau_tol: float) -> None:
    """Train on, until `steps` are done or ten iterations lower the loss by less than `plateau_tol` of it.

    Raises:
        Cancelled: whoever listens cancelled it; the candidate has the weights reached.
    """
    search = candidate.search
    if search.status is None:
        plateau = Plateau(_WINDOW, plateau_tol)
        before = candidate.iterations
        listener = Listener("fit", None, lambda: {"train_loss": candidate.loss**0.5})
        loop = Loop(search, steps, [plateau, _HiddenGrids(candidate, x, plateau), listener])
        loop.run()
        candidate.iterations = before + loop.done
    candidate.errors.write_to_model(search.state.x)
    check_cancelled("fit")


_WINDOW = 10
_LOOKS = (2, 5, 10, 20, 40, 80)


def multi_start(
    model: Network,
    x: Tensor,
    y: Tensor,
    weights: Tensor | None,
    solver: LevenbergMarquardt,
    *,
    n_starts: int,
    steps: int,
    roughness_weight: float,
    seed: int,
) -> Network:
    """The most promising of several start values, by rounds.

    Args:
        model: Its own values are the first candidate; left as it is.
        x: Inputs, shape (batch, columns).
        y: Targets, shape (batch, outputs).
        weights: Of the samples, or None.
        solver: How they are trained.
        n_starts: How many there are.
        steps: Iterations in the first round; each next one has twice as many, for the best third.
        roughness_weight: As in `FitResiduals`.
        seed: Of the other start values.

    Returns:
        The best network, trained so far.
    """
    generator = torch.Generator().manual_seed(seed)
    kinds = ["power", "glorot", "paper"]
    models = [copy.deepcopy(model)]
    models += [reinitialised(model, generator, kinds[at % 3]) for at in range(1, n_starts)]
    alive = [init_candidate(one, x, y, weights, solver, roughness_weight) for one in models]
    while True:
        for candidate in alive:
            run_candidate(candidate, steps, x=x, plateau_tol=1e-3)
        alive = sorted(alive, key=lambda one: one.loss)[: max(1, len(alive) // 3)]
        if len(alive) == 1:
            return alive[0].model
        steps *= 2
