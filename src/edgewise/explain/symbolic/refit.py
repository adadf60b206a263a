"""Joint refit of all constants of a network's formula edges, in float64, to rounding."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import torch
from torch import Tensor

from ...functions import Family, Function
from ...network import Layer, Network, duplicate, forward_with
from ...optim import LeastSquares, LevenbergMarquardt, Loop, Search, Stall, Tolerance
from .edge_search.description_length import FREE_CONSTANTS, free_numbers
from .network_views import origin

_HALF_LINE = ((0.0, inf),)

_SOLVER = LevenbergMarquardt(
    solver="svd", tolerance_change=0.0, min_relative_scale=1e-9, monotone_scaling=False, damping_decrease=0.05
)
"""Directions in which the outputs do not change are left alone; columns count as they are now."""


@dataclass(frozen=True)
class Refit:
    """A refitted network and how far its outputs are from the targets.

    Attributes:
        model: The network with new constants.
        unexplained: Mean over the outputs of squared error over variance of the target.
        steps: Levenberg-Marquardt steps taken.
    """

    model: Network
    unexplained: float
    steps: int


def refit(model: Network, x: Tensor, y: Tensor, *, steps: int = 60) -> Refit:
    """Fit the constants of all formula edges together to the targets, by Levenberg-Marquardt.

    Held constants stay, and the numbers of a function where all four are held. Constants that others cover (the a of a
    power, the b of an exponential) stay, and roots without a shift stay so; exponents that are no simple
    fractions and coefficients of polynomials are fitted with the rest; directions that the outputs do not see
    are left alone by a truncated singular value decomposition. Splines and node maps stay as they are.

    Args:
        model: A float64 network; it stays as it is.
        x: Inputs (n, input columns) in float64.
        y: Targets (n, outputs).
        steps: Largest number of steps.

    Returns:
        The network at the best constants found.

    Source: Moré (1978), with the exact Jacobian from one backward pass per output.
    """
    work = _Problem.of(model, x, y)
    search = Search(_SOLVER, LeastSquares(work.residual, work.jacobian), work.start)
    floor = (1e-16 * work.magnitude) ** 2 * len(search.state.residual)
    done = not len(work.start) or search.status is not None or search.value <= floor
    loop = Loop(search, 0 if done else steps, [Tolerance(floor), Stall(steps=4, gain=1e-4)])
    loop.run()
    state = search.state
    return Refit(work.network(state.x), state.value / len(state.residual), loop.done)


def _is_plain(row: Tensor, zero: float) -> bool:
    """Whether the argument a h + b is 0 where the variable is."""
    return bool((row[0] * zero + row[1]).abs() <= 1e-12 * row[1].abs())


@dataclass(frozen=True)
class _Problem:
    """Residuals of a network as a function of its free constants.

    The constants of an edge are a row: a, b, c, d and the numbers of its function.
    """

    model: Network
    x: Tensor
    y: Tensor
    scale: Tensor  # of each output
    rows: Tensor  # (edges, 4 + numbers), as they are
    free: Tensor  # (edges, 4 + numbers) bool
    magnitude: float  # of the outputs in units of scale

    @classmethod
    def of(cls, model: Network, x: Tensor, y: Tensor) -> _Problem:
        functions = [function for layer in model.layers for function in layer.formula.functions]
        counts = [free_numbers(function) for function in functions]
        widest = max(counts, default=0)
        rows = torch.cat([layer.formula.constants.detach() for layer in model.layers])
        rows = torch.cat([rows, rows.new_zeros(len(rows), widest)], 1)
        free = torch.zeros(rows.shape, dtype=torch.bool)
        held = torch.cat([layer.formula.is_held for layer in model.layers])
        zeros = [
            origin(model, (l, i, j))
            for l, layer in enumerate(model.layers)
            for i, j in layer.formula.edge_index.tolist()
        ]
        for place, (function, count) in enumerate(zip(functions, counts, strict=True)):
            free[place, :4] = torch.tensor(FREE_CONSTANTS[function.kind], dtype=torch.bool)
            if (
                function.domain == _HALF_LINE
                and function.kind == "power"
                and _is_plain(rows[place], zeros[place])
            ):
                free[place, 1] = False  # by which a root at 0 has an infinite slope
            rows[place, 4 : 4 + count] = torch.tensor(function.numbers[:count], dtype=rows.dtype)
            free[place, :4] &= ~held[place]
            free[place, 4 : 4 + count] = not held[place].all()
        scale = y.std(0, correction=0)
        scale = torch.where(scale > 0, scale, 1.0)
        return cls(model, x, y, scale, rows, free, float((y / scale).abs().max()))

    @property
    def start(self) -> Tensor:
        return self.rows[self.free]

    def _full(self, theta: Tensor) -> Tensor:
        rows = self.rows.clone()
        rows[self.free] = theta
        return rows

    def residual(self, theta: Tensor) -> Tensor:
        """Scaled residuals (n * outputs,); inf where an output is not finite."""
        with torch.no_grad():
            outputs = _outputs(self.model, self.x, self._full(theta)[None])
        gap = ((self.y - outputs) / self.scale).T.reshape(-1)
        return torch.where(torch.isfinite(gap), gap, torch.inf)

    def jacobian(self, theta: Tensor) -> Tensor:
        """Derivatives (n * outputs, free) of the scaled residuals; zero where they are not finite."""
        with torch.enable_grad():
            # Every sample gets its own copy of the constants, so that one backward pass gives all rows.
            rows = self._full(theta).expand(len(self.x), -1, -1).clone().requires_grad_()
            outputs = _outputs(self.model, self.x, rows) / self.scale
            count = outputs.shape[1]
            blocks = [
                torch.autograd.grad(outputs[:, k].sum(), rows, retain_graph=k + 1 < count)[0]
                for k in range(count)
            ]
        jacobian = -torch.cat([block[:, self.free] for block in blocks])
        return torch.nan_to_num(jacobian, nan=0.0, posinf=0.0, neginf=0.0)

    def network(self, theta: Tensor) -> Network:
        new = duplicate(self.model)
        sizes = [len(layer.formula.functions) for layer in new.layers]
        for layer, rows in zip(new.layers, self._full(theta).split(sizes), strict=True):
            with torch.no_grad():
                layer.formula.affine.copy_(rows[:, :4])
            edges = zip(layer.formula.formulas(), rows[:, 4:].tolist(), strict=True)
            if any(free_numbers(function) for function in layer.formula.functions):
                layer.formula = layer.formula.with_edges(
                    [
                        (i, j, _member(function, numbers), affine, held)
                        for (i, j, function, affine, held), numbers in edges
                    ]
                )
        return new


def _member(function: Function, numbers: list[float]) -> Function:
    """The function of the same family with other numbers, where they are free."""
    count = free_numbers(function)
    return function.family.member(numbers[:count]) if function.family is not None and count else function


def _outputs(model: Network, x: Tensor, rows: Tensor) -> Tensor:
    """Outputs of a network with other constants, (1 or n, edges, 4 + numbers), one row per sample."""
    parts = rows.split([len(layer.formula.functions) for layer in model.layers], 1)
    return forward_with(
        model, model.prepare_inputs(x), lambda l, layer, h: layer.nodes(_sums(layer, h, parts[l]))
    )


def _sums(layer: Layer, h: Tensor, rows: Tensor) -> Tensor:
    if bool((layer.basis.mask != 0).any()):
        sums = layer.basis(h)
    else:
        sums = h.new_zeros(len(h), layer.subnodes)
    if not rows.shape[1]:
        return sums
    a, b, c, d = rows[..., :4].unbind(2)
    index = layer.formula.edge_index
    argument = a * h[:, index[:, 0]] + b
    parts, order = [], []
    for kind, count, places in _by_function(layer.formula.functions):
        if isinstance(kind, Family):
            parts.append(kind.curve(argument[:, places], rows[:, places, 4 : 4 + count]))
        else:
            parts.append(kind.safe(argument[:, places]))
        order += places
    values = torch.cat(parts, 1)[:, torch.tensor(order).argsort()]
    return sums.index_add(1, index[:, 1], c * values + d)


def _by_function(functions: tuple[Function, ...]) -> list[tuple[Function | Family, int, list[int]]]:
    """Functions, or families with how many numbers each has, and the places where they stand."""
    places: dict[tuple[Function | Family, int], list[int]] = {}
    for place, function in enumerate(functions):
        count = free_numbers(function)
        kind = function.family if function.family is not None and count else function
        places.setdefault((kind, count), []).append(place)
    return [(kind, count, found) for (kind, count), found in places.items()]
