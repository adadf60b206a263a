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
from ..network import Network, trace
from .edge_functions import FUNCTIONS, Option, scaled
from .judge import data_bits, law_bits
from .polish import Fit, fitted_all
from .problem import Array, Problem
from .proposal import Proposal

_OPTIONS = 6
_FLOOR = 1e-9  # share of a node's variance that curves of trained splines leave of a right function
_BEAM, _ROUNDS, _BATCH = 3, 4, 60
_GIVEN = 6
_EXACT = 1e-12
_FAR = 30.0
_UNDECIDED = 4.0  # standard errors
_LONGEST = 14  # constants of a formula

Place = tuple[int, int, int]
Choice = tuple[int, ...]


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
    nodes: list[tuple[Array, Array, Array, Array, list[int]]]
    columns: Sequence[sympy.Expr]
    scale: tuple[float, float]

    @classmethod
    def of(cls, model: Network, x: Array, columns: Sequence[sympy.Expr]) -> Skeleton:
        """Fit all functions to all edges, each by itself.

        Args:
            model: Trained, of one output.
            x: Samples (n, columns).
            columns: What stands for each of them.
        """
        seen = trace(model, torch.from_numpy(x))
        options: dict[Place, list[Option]] = {}
        nodes = []
        kept = [columns[place] for place in model.columns.tolist()]
        own = torch.from_numpy(x)[:, model.columns]
        for number, (layer, values) in enumerate(zip(model.layers, seen.layers, strict=True)):
            assert values.edges is not None
            inputs = own if number == 0 else values.inputs
            pairs = [(i, s) for i, s in np.ndindex(*values.edge_std.shape) if values.edge_std[i, s] > 0]
            curves = torch.stack([values.edges[:, i, s] for i, s in pairs], 1)
            found = search_edges(torch.stack([inputs[:, i] for i, _ in pairs], 1), curves, FUNCTIONS)
            size = values.edge_std.square().sum(0).clamp_min(1e-300)
            for row, (i, s) in enumerate(pairs):
                share = float(values.edge_std[i, s] ** 2 / size[s])
                options[number, i, s] = _likeliest(
                    found.affine[row],
                    found.unexplained[row],
                    share,
                    curves[:, row],
                    float(inputs[:, i].std()),
                )
            part = layer.nodes
            numbers = (part.subnode_scale, part.subnode_bias, part.node_scale, part.node_bias)
            arities = [*[1] * part.sums, *part.arities]
            nodes.append((*(one.detach().numpy() for one in numbers), arities))
        scaler = model.output_scaler
        scale = (1.0, 0.0) if scaler is None else (float(scaler.scale), float(scaler.shift))
        return cls(options, nodes, kept, scale)

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


def _likeliest(
    affine: torch.Tensor, unexplained: torch.Tensor, share: float, curve: torch.Tensor, spread: float
) -> list[Option]:
    """A few options, by what they leave of the node's variance, and by how much there is to them."""
    mean, most = float(curve.mean()), _FAR * float(curve.std())
    ranked = [(math.log2(share + _FLOOR), Option("0", (0.0, 0.0, 0.0, mean)))]
    for function, numbers, left in zip(FUNCTIONS, affine.tolist(), unexplained.tolist(), strict=True):
        # A small piece of a large curve is a line or a parabola, which stands for itself.
        if math.isfinite(numbers[0]) and (function.kind == "linear" or abs(numbers[3] - mean) < most):
            price = 2.0 * function.complexity
            ranked.append((math.log2(share * left + _FLOOR) + price, Option(function.name, tuple(numbers))))
    best = [option for _, option in sorted(ranked, key=lambda one: one[0])[:_OPTIONS]]
    return [one for option in best for one in ([option.plain] if option.is_near(spread) else []) + [option]]


def read_off(
    model: Network, x: Array, columns: Sequence[sympy.Expr], problem: Problem, left: Callable[[], bool]
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
    """
    skeleton = Skeleton.of(model, x, columns)
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
    for _, fit in sorted(known.values(), key=lambda one: one[0])[:_GIVEN]:
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
    for place, size in enumerate(sizes):
        for other in range(size):
            if other != choice[place]:
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
