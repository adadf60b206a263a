"""`symbolify`: every edge a formula where a function earns its place, refitted together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic

import numpy as np
import torch
from torch import Tensor

from ..._tensors import to_tensor
from ...errors import InputError, ShapeError
from ...events import check_cancelled, emit
from ...functions import Function
from ...network import Edge, Model, Network, defined_rows, inputs_and_targets, keep_replaced, set_formulas
from ..merge import merge_nodes
from .curves import chosen_functions, edge_curves
from .edge_search.description_length import description_lengths, function_bits, rank
from .edge_search.search import search
from .network_views import float64_copy, reachable_edges
from .refit import refit as refit_constants
from .verdict import Judgement, judge_network

_EXACT = 1e-24  # share of variance below which a network counts as equal to its target
_BEAM = 4  # functions considered for an edge
_QUICK_STEPS = 25
_BITS_PER_NUMBER = 5.0  # what a number of a spline costs: half the logarithm of a thousand samples


@dataclass(frozen=True)
class Symbolified(Generic[Model]):
    """A network with formulas, and which edges became what.

    Attributes:
        model: The new network.
        formulas: Name of the function on every formula edge that leads to an output.
        splines: Edges that lead to an output and stay splines, as no function explains enough of them.
        unexplained: Share of the target's variance that the new network leaves, the mean over the outputs.
        unexplained_before: The same for the network as it was.
    """

    model: Model = field(repr=False)
    formulas: Mapping[Edge, str]
    splines: tuple[Edge, ...]
    unexplained: float
    unexplained_before: float
    _data: Any = field(default=None, repr=False, compare=False)

    @cached_property
    def judgement(self) -> Judgement:
        """How well the new network does beside the targets and the network before, as `formula` says it."""
        return judge_network(self.model, self._data)

    def __str__(self) -> str:
        kinds = Counter(self.formulas.values())
        names = ", ".join(f"{count} {name}" for name, count in kinds.most_common())
        left = f"; {len(self.splines)} stay splines" if self.splines else ""
        return (
            f"{len(self.formulas)} formula edges ({names or 'none'}){left}; unexplained variance "
            f"{self.unexplained:.3g}, with splines {self.unexplained_before:.3g}\n{self.judgement.line()}"
        )


@dataclass(frozen=True, eq=False)
class _Option:
    """A function that an edge may become."""

    function: Function
    affine: Tensor
    unexplained: float
    bits: float


Assignment = dict[Edge, int]  # which option of an edge is taken; edges left out stay splines


@dataclass(frozen=True)
class _State:
    choice: Assignment
    model: Network
    unexplained: float
    bits: float


def symbolify(
    model: Model,
    data: Any,
    *,
    functions: Iterable[str | Function] | None = None,
    r2: float = 0.98,
    refit: bool = True,
    max_trials: int = 30,
) -> Symbolified[Model]:
    """Turn spline edges into formulas, and fit the constants of all formulas together.

    Hidden nodes that are multiples of others are merged with them first; see `merge_nodes`. All functions are
    fitted to all edges at once; each edge takes the one of the shortest length (see
    `choice.description_lengths`) that explains enough of it. Then the constants of all formula edges are refitted
    together, in float64, until rounding. If the network so found is not equal to its target, other
    functions are tried on the edges where the choice was close, and those are kept that make the whole
    shorter: n/2 log2(share of variance unexplained) bits for n target values, plus the function_bits of every function. At
    last, splines are put back until the outputs lose no more than `r2` allows.

    Args:
        model: The network; it stays as it is. Formula edges keep their functions, and their constants are
            refitted.
        data: Samples (x, y) or a dict with "train_input" and "train_label", or inputs alone, in any form
            `trace` takes; without targets of the outputs' shape the network's own outputs are the target.
        functions: Names or functions to choose from; if None the library, without cos, arccos and sigmoid, which
            sin, arcsin and tanh are up to constants.
        r2: Share of an edge's variance that its function must explain, and share of the outputs' variance
            that formulas must keep of what the network explains. A spline stays where none does. At 0.98 the
            true function is let in on 84, 93 and 97 % of library curves seen through splines of 3, 5 and 10
            intervals.
        refit: Whether to refit constants and try other functions.
        max_trials: Other functions tried, at most.

    Returns:
        `Symbolified`: a new network of the same dtype, and what each edge became.

    Raises:
        InputError: When the data do not fit the model, or `r2` is not between 0 and 1.
        UnknownName: When a function does not exist.
        Cancelled: When a listener cancels it; see `edgewise.listen`.

    Example:
        >>> import torch
        >>> from edgewise.network import build
        >>> model = build([1, 1], grid=5, dtype=torch.float64)
        >>> x = torch.linspace(-1, 1, 200, dtype=torch.float64)[:, None]
        >>> new = symbolify(model, (x, 3 * x + 1), functions=["x"], r2=0.0).model
        >>> [round(number, 9) for number in new.layers[0].formula.get(0, 0)[1].tolist()]
        [1.0, 0.0, 3.0, 1.0]
    """
    if not 0 <= r2 <= 1:
        raise InputError(f"symbolify: r2 must be between 0 and 1; got {r2}. 0.98 is the default.")
    work = float64_copy(model)
    if model.replaced is None:
        keep_replaced(work, model)  # once, not by each of the networks that are tried
    x, y = _samples(work, data)
    work = merge_nodes(work, (x, y)).model
    options = _options(work, x, chosen_functions(functions), r2)
    problem = _Problem(work, options, x, y, refit)
    emit("message", "symbolify", text=f"functions fitted to {len(options)} edges")
    state = problem.state(dict.fromkeys(options, 0))
    if refit:
        state = problem.improved(state, max_trials)
    state = problem.restored(state, 1 - r2)
    new = _as_before(state.model, model).to(model.device, model.dtype)
    if not state.choice:
        keep_replaced(new, model.replaced)
    kinds = {edge: new.edge_kind(*edge) for edge in reachable_edges(new)}
    formulas = {
        (l, i, j): new.layers[l].formula.get(i, j)[0].name
        for (l, i, j), kind in kinds.items()
        if kind == "formula"
    }
    splines = tuple(edge for edge, kind in kinds.items() if kind != "formula")
    return Symbolified(new, formulas, splines, state.unexplained, problem.loss(work), data)


@dataclass(frozen=True)
class _Problem:
    """Everything a choice of functions is judged by."""

    model: Network
    options: dict[Edge, list[_Option]]
    x: Tensor
    y: Tensor
    fitted: bool

    def state(self, choice: Assignment, steps: int = 60) -> _State:
        """The network of a choice, its constants refitted, and its length."""
        chosen = {edge: self.options[edge][n] for edge, n in choice.items()}
        new = set_formulas(self.model, {edge: (o.function, o.affine) for edge, o in chosen.items()})
        unexplained = self.loss(new)
        if self.fitted:
            better = refit_constants(new, self.x, self.y, steps=steps)
            # Constants that leave a function's domain on the data would make a formula that is not defined.
            if better.unexplained < unexplained and bool(defined_rows(better.model, self.x).all()):
                new, unexplained = better.model, better.unexplained
        prices = sum(function_bits(f) for layer in new.layers for f in layer.formula.functions)
        splines = sum(
            _BITS_PER_NUMBER * (s.basis.size + 1) * int((s.basis.mask != 0).sum()) for s in new.layers
        )
        bits = self.y.numel() / 2 * float(np.log2(unexplained + _EXACT)) + prices + splines
        return _State(choice, new, unexplained, bits)

    def loss(self, model: Network) -> float:
        """Mean over the outputs of squared error over variance of the target."""
        with torch.no_grad():
            gap = (model(self.x) - self.y).square().mean(0)
        variance = self.y.var(0, correction=0)
        return float((gap / torch.where(variance > 0, variance, 1.0)).mean())

    def improved(self, state: _State, max_trials: int) -> _State:
        """The state after trying other functions, the closest choices first, until none makes it shorter."""
        tried: set[tuple[tuple[Edge, int], ...]] = set()
        moves = self._moves(state.choice)
        while state.unexplained > _EXACT and len(tried) < max_trials and moves:
            choice = {**state.choice, **moves.pop(0)}
            key = tuple(sorted(choice.items()))
            if key in tried:
                continue
            tried.add(key)
            _report(len(tried), max_trials, state)
            trial = self.state(choice, _QUICK_STEPS)
            if trial.bits < state.bits - 1:
                state = self.state(choice)
                moves = self._moves(choice)
        return state

    def _moves(self, choice: Assignment) -> list[Assignment]:
        """Other choices for one edge, or for all edges that have the same function, the closest first."""
        moves: list[tuple[float, Assignment]] = []
        joint: dict[tuple[str, str], Assignment] = {}
        gaps: dict[tuple[str, str], float] = {}
        for edge, options in self.options.items():
            now = options[choice[edge]]
            for place, option in enumerate(options):
                if place == choice[edge]:
                    continue
                moves.append((option.bits - now.bits, {edge: place}))
                pair = (now.function.name, option.function.name)
                joint.setdefault(pair, {})[edge] = place
                gaps[pair] = gaps.get(pair, 0.0) + option.bits - now.bits
        moves += [(gaps[pair] / len(move), move) for pair, move in joint.items() if len(move) > 1]
        return [move for _, move in sorted(moves, key=lambda item: item[0])]

    def restored(self, state: _State, allowed: float) -> _State:
        """The state after putting splines back, worst fits first, until little enough is unexplained."""
        limit = self.loss(self.model) + allowed
        worst = sorted(state.choice, key=lambda edge: self.options[edge][state.choice[edge]].unexplained)
        while not state.unexplained <= limit and worst:
            check_cancelled("symbolify")
            edge = worst.pop()
            emit("message", "symbolify", text=f"edge {edge} stays a spline")
            state = self.state({e: n for e, n in state.choice.items() if e != edge})
        return state


def _options(model: Network, x: Tensor, functions: list[Function], r2: float) -> dict[Edge, list[_Option]]:
    """The best functions of every edge that is not yet a formula, where they explain enough of it."""
    edges = [edge for edge in reachable_edges(model) if model.edge_kind(*edge) != "formula"]
    if not edges:
        return {}
    found = search(*edge_curves(model, edges, x), functions)
    bits, order = description_lengths(found), rank(found)
    options = {}
    for row, edge in enumerate(edges):
        fits = [
            _Option(functions[n], found.affine[row, n], float(found.unexplained[row, n]), float(bits[row, n]))
            for n in order[row].tolist()
            if bool(bits[row, n].isfinite()) and found.unexplained[row, n] <= 1 - r2
        ]
        if fits:
            options[edge] = _varied(fits)
    return options


def _varied(fits: list[_Option]) -> list[_Option]:
    """A few options, best first: those that none is both cheaper and better than, then the next best.

    A sine, a Gaussian and a sinc can all take the shape of one parabola: without this rule they would
    fill the list, and the parabola would not be in it.
    """

    def beaten(option: _Option) -> bool:
        own = function_bits(option.function)
        cheaper = (other for other in fits if function_bits(other.function) < own)
        equal = (other for other in fits if function_bits(other.function) == own)
        return any(o.unexplained <= 1.05 * option.unexplained for o in cheaper) or any(
            o.unexplained < option.unexplained for o in equal
        )

    front = [option for option in fits if not beaten(option)]
    rest = [option for option in fits if option not in front]
    return [*front[: _BEAM - 1], *rest][:_BEAM]


def _report(step: int, total: int, state: _State) -> None:
    emit("step", "symbolify", step=step, total=total, values={"unexplained": state.unexplained})
    check_cancelled("symbolify")


def _as_before(new: Model, old: Model) -> Model:
    """Training mode as it was; everything else of a copy is."""
    return new.train(old.training)


def _samples(model: Network, data: Any) -> tuple[Tensor, Tensor]:
    """Inputs and targets in float64; the network's own outputs where there are no fitting targets."""
    x, y = inputs_and_targets(data, model, "symbolify")
    with torch.no_grad():
        own = model(x)
    if y is None:
        return x, own
    y = to_tensor(y, "symbolify", "y").cpu()
    y = y.flatten(0, -2) if y.ndim > 2 else y
    if y.ndim == 0 or len(y) != len(x):
        raise ShapeError(
            f"symbolify: y must have one row for each of the {len(x)} rows of x; got shape {tuple(y.shape)}. "
            f"Pass as many targets as samples."
        )
    y = y[:, None] if y.ndim == 1 and own.shape[1] == 1 else y
    if y.shape != own.shape or not y.dtype.is_floating_point:
        return x, own
    return x, y.double()
