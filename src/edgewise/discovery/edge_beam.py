"""Formulas read off a network: functions of all edges in context, by the length of the whole after a joint fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import sympy
import torch

from ..explain import search as search_edges
from ..network import Layer, Network, trace
from .edge_functions import FUNCTIONS, Option, scaled
from .judge import data_bits, law_bits
from .polish import Fit, fitted_all
from .problem import Array, Problem
from .proposal import Proposal

_OPTIONS = 6
_FLOOR = 1e-9  # share of a node's variance that curves of trained splines leave of a right function
_BEAM, _ROUNDS, _BATCH = 3, 5, 80
_GIVEN = 6
_EXACT = 1e-12
_FAR = 30.0
_OF_MISSED = 0.05
_ALONE = 1000.0
_ANY = sympy.Symbol("any")
_UNDECIDED = 4.0  # standard errors
_LONGEST = 18  # constants of a formula

Place = tuple[int, int, int]
Choice = tuple[int, ...]
Maps = tuple[Array, Array, Array, Array, list[int]]


@dataclass(frozen=True)
class Skeleton:
    """A network's edges with what each may be, the likeliest first.

    Attributes:
        options: By the edge's layer, input and sub-node.
        nodes: For each layer its affine maps of sub-nodes and nodes, and how many sub-nodes make each node.
        columns: What stands for each input.
        scale: What the outputs are multiplied by, and what is added.
    """

    options: dict[Place, list[Option]]
    nodes: list[Maps]
    columns: Sequence[sympy.Expr]
    scale: tuple[float, float]

    @classmethod
    def of(cls, model: Network, x: Array, columns: Sequence[sympy.Expr], missed: float = 0.0) -> Skeleton:
        """Fit all functions to all edges, each by itself.

        Args:
            model: Trained, of one output.
            x: Samples (n, columns).
            columns: What stands for each of them.
            missed: What the network leaves, as a share of the targets' deviation: its curves are no more certain.
        """
        seen, floor = trace(model, torch.from_numpy(x)), max(_FLOOR, _OF_MISSED * missed**2)
        options: dict[Place, list[Option]] = {}
        nodes = []
        inputs = torch.from_numpy(x)[:, model.columns]
        for number, (layer, values) in enumerate(zip(model.layers, seen.layers, strict=True)):
            assert values.edges is not None
            sizes = values.edge_std.square()
            shares = sizes / sizes.sum(0).clamp_min(1e-300)
            maps = _maps(layer)
            ahead = values.outputs.clone()
            last = number == len(model.layers) - 1
            chains = {} if last else _chains(shares, maps[4], floor)
            for s, i in chains.items():  # what comes after may do what this edge does
                shares[:, s] = 0.0
                options[number, i, s] = [Option("x", (1.0, 0.0, 1.0, 0.0))]
                for factors, shifts in (maps[:2], maps[2:4]):
                    factors[s], shifts[s] = 1.0, 0.0
                ahead[:, s] = inputs[:, i]
            options |= _options(number, inputs, values.edges, shares, floor)
            nodes.append(maps)
            inputs = ahead
        scaler = model.output_scaler
        scale = (1.0, 0.0) if scaler is None else (float(scaler.scale), float(scaler.shift))
        return cls(options, nodes, [columns[place] for place in model.columns.tolist()], scale)

    def written(self, choice: Choice) -> sympy.Expr:
        """The formula of a choice, without constants that others make up for."""
        chosen = {place: options[n] for n, (place, options) in zip(choice, self.options.items(), strict=True)}
        values = list(self.columns)
        for number, (scales, biases, node_scales, node_biases, arities) in enumerate(self.nodes):
            sums = []
            for s in range(len(scales)):
                terms = [o.written(values[i]) for (l, i, t), o in chosen.items() if (l, t) == (number, s)]
                sums.append(sympy.Float(float(scales[s])) * sympy.Add(*terms) + sympy.Float(float(biases[s])))
            left = iter(sums)
            values = [
                sympy.Float(float(a)) * _product(list(islice(left, arity))) + sympy.Float(float(b))
                for a, b, arity in zip(node_scales, node_biases, arities, strict=True)
            ]
        return sympy.Float(self.scale[0]) * values[0] + sympy.Float(self.scale[1])


def _product(factors: Sequence[sympy.Expr]) -> sympy.Expr:
    """Factors with one number in front of all of them."""
    if len(factors) == 1:
        return factors[0]
    pairs = [scaled(factor) for factor in factors]
    return sympy.Float(math.prod(size for size, _ in pairs)) * sympy.Mul(*(rest for _, rest in pairs))


def _maps(layer: Layer) -> Maps:
    """Affine maps of a layer's sub-nodes and nodes, and how many sub-nodes make each node."""
    part = layer.nodes
    numbers = (part.subnode_scale, part.subnode_bias, part.node_scale, part.node_bias)
    a, b, c, d = (one.detach().numpy().copy() for one in numbers)
    return a, b, c, d, [*[1] * part.sums, *part.arities]


def _chains(shares: torch.Tensor, arities: Sequence[int], floor: float) -> dict[int, int]:
    """The input of each sum that has one only."""
    sums = [s for s, arity in enumerate(arities) if arity == 1]
    found = {s: int(shares[:, s].argmax()) for s in sums}
    return {s: i for s, i in found.items() if float(shares[i, s]) > 1 - _ALONE * floor}


def _options(
    number: int, inputs: torch.Tensor, edges: torch.Tensor, shares: torch.Tensor, floor: float
) -> dict[Place, list[Option]]:
    """What the edges of a layer may be, those that have a share in their node."""
    pairs = (shares > 0).nonzero().tolist()
    if not pairs:
        return {}
    curves = torch.stack([edges[:, i, s] for i, s in pairs], 1)
    found = search_edges(torch.stack([inputs[:, i] for i, _ in pairs], 1), curves, FUNCTIONS)
    options = {}
    for row, (i, s) in enumerate(pairs):
        share = float(shares[i, s])
        left = share * found.unexplained[row] + floor
        spread = float(inputs[:, i].std())
        options[number, i, s] = _likeliest(found.affine[row], left, share + floor, curves[:, row], spread)
    return options


def _likeliest(
    affine: torch.Tensor, missed: torch.Tensor, without: float, curve: torch.Tensor, spread: float
) -> list[Option]:
    """A few options, by what they leave of the node's variance, and by how much there is to them."""
    mean, most = float(curve.mean()), _FAR * float(curve.std())
    ranked = [(math.log2(without), Option("0", (0.0, 0.0, 0.0, mean)))]
    for function, numbers, left in zip(FUNCTIONS, affine.tolist(), missed.tolist(), strict=True):
        # A small piece of a large curve is a line or a parabola, which stands for itself.
        if math.isfinite(numbers[0]) and (function.kind == "linear" or abs(numbers[3] - mean) < most):
            price = 2.0 * function.complexity
            ranked.append((math.log2(left) + price, Option(function.name, tuple(numbers))))
    line = next(option for _, option in ranked if option.name == "x")
    best = [option for _, option in sorted(ranked, key=lambda one: one[0])[:_OPTIONS]]
    best += [line] if line not in best else []  # where another edge's curve undoes this one's
    return [one for option in best for one in ([option.plain] if option.is_near(spread) else []) + [option]]


def read_off(
    model: Network,
    x: Array,
    columns: Sequence[sympy.Expr],
    problem: Problem,
    left: Callable[[], bool],
    missed: float = 0.0,
) -> Iterator[Proposal]:
    """Formulas of a network, the shortest first.

    Each choice of functions is judged after all its constants are fitted together. A few of the best are kept, and
    changed at one edge at a time, until none gets shorter.

    Args:
        model: Trained.
        x: Samples (n, inputs) of the network.
        columns: What stands for each input.
        problem: Samples that formulas are fitted to.
        left: Whether there is time.
        missed: What the network leaves, as a share of the targets' deviation.
    """
    skeleton = Skeleton.of(model, x, columns, missed)
    if not skeleton.options:
        return
    sizes = [len(options) for options in skeleton.options.values()]
    known: dict[Choice, tuple[float, Fit]] = {}
    front: list[Choice] = []
    first = tuple(0 for _ in sizes)
    waiting = [first, *_neighbours(first, sizes)]
    for _ in range(_ROUNDS):
        _judge([choice for choice in waiting if choice not in known][:_BATCH], skeleton, problem, known)
        best = sorted(known, key=lambda choice: known[choice][0])[:_BEAM]
        if not best or best == front or not left():
            break
        if known[best[0]][1].rmse < _EXACT * problem.spread:
            break
        front = best
        waiting = [choice for one in best for choice in _neighbours(one, sizes)]
    kinds: dict[sympy.Expr, Fit] = {}
    for _, fit in sorted(known.values(), key=lambda one: one[0]):
        kinds.setdefault(fit.source.xreplace(dict.fromkeys(fit.numbers, _ANY)), fit)
    for fit in islice(kinds.values(), _GIVEN):
        short = _shortened(fit, problem)
        yield Proposal(short.form, short.rmse, "networks")


def _shortened(fit: Fit, problem: Problem) -> Fit:
    """The fit without constants that may be 0, one after the other, as long as the whole gets shorter."""
    while True:
        with np.errstate(all="ignore"):
            near = np.abs(fit.values) < _UNDECIDED * fit.errors
        numbers = [number for number, small in zip(fit.numbers, near, strict=True) if small]
        forms = [_known_numbers(fit, number) for number in numbers]
        fits = _fits(forms, problem)
        best = min(
            (one for one in fits if one is not None), key=lambda one: _bits(one, problem), default=None
        )
        if best is None or _bits(best, problem) >= _bits(fit, problem):
            return fit
        fit = best


def _known_numbers(fit: Fit, zero: sympy.Float) -> sympy.Expr:
    values = dict(zip(fit.numbers, map(sympy.Float, fit.values.tolist()), strict=True))
    return fit.source.xreplace({**values, zero: sympy.Integer(0)})


def _neighbours(choice: Choice, sizes: Sequence[int]) -> Iterator[Choice]:
    """Choices that differ at one edge, the likelier options first."""
    for other in range(max(sizes)):
        for place, size in enumerate(sizes):
            if other < size and other != choice[place]:
                yield (*choice[:place], other, *choice[place + 1 :])


def _judge(
    choices: Sequence[Choice], skeleton: Skeleton, problem: Problem, known: dict[Choice, tuple[float, Fit]]
) -> None:
    fits = _fits([skeleton.written(choice) for choice in choices], problem)
    for choice, fit in zip(choices, fits, strict=True):
        if fit is not None:
            known[choice] = _bits(fit, problem), fit


def _fits(forms: Sequence[sympy.Expr], problem: Problem) -> list[Fit | None]:
    may = [bool(form.free_symbols) and len(form.atoms(sympy.Float)) <= _LONGEST for form in forms]
    kept = [form for form, fine in zip(forms, may, strict=True) if fine]
    found = iter(fitted_all(kept, problem.symbols, problem.x, problem.y, weights=problem.weights))
    return [next(found) if fine else None for fine in may]


def _bits(fit: Fit, problem: Problem) -> float:
    return law_bits(fit.source, fit.bits) + data_bits(fit.rmse, problem.spread, len(problem.y), problem.noise)
