"""`merge_nodes`: hidden nodes that compute the same thing up to scale and shift become one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic

import torch
from torch import Tensor

from ..errors import InputError
from ..events import emit
from ..network import (
    Layer,
    Model,
    Network,
    Trace,
    duplicate,
    inputs_and_targets,
    select_nodes,
    trace,
    with_layers,
)
from .edge_moves import NodeRelation, NoSuchEdge, affine_fit, moved_edges
from .targets import matching_targets

_TOLERANCE = 1e-3
_FINEST, _COARSEST = 1e-9, 3e-2
_ROUNDING = 1e-12  # change of an output that is none
_LEAST_VALUES = 4  # a node of fewer is an affine function of any other


@dataclass(frozen=True)
class Merge:
    """A node that went into another: node = scale * into + shift over the samples.

    Attributes:
        level: Level of both, 1 for the first hidden one.
        node: The node that went, by the number it had.
        into: The node that took its outgoing edges, by the number it had.
        scale: Factor.
        shift: Shift.
        residual: Deviation of the difference, as a share of the node's own.
    """

    level: int
    node: int
    into: int
    scale: float
    shift: float
    residual: float

    @property
    def relation(self) -> NodeRelation:
        """The two nodes as inputs of the layer above."""
        return NodeRelation(self.node, self.into, self.scale, self.shift)

    def __str__(self) -> str:
        name, other = f"node {(self.level, self.node)}", (self.level, self.into)
        return f"{name} = {self.scale:.4g} * node {other} + {self.shift:.4g} to {self.residual:.1g}"


@dataclass(frozen=True)
class Merged(Generic[Model]):
    """A network whose nodes say different things, and which were merged.

    Attributes:
        model: The new network.
        merges: The nodes that went, in order.
        refused: Nodes that depend on another, but whose edges it cannot take, and why.
        error: Largest RMS change of an output over the samples, in deviations of that output.
    """

    model: Model = field(repr=False)
    merges: tuple[Merge, ...]
    refused: tuple[tuple[Merge, str], ...]
    error: float

    def __str__(self) -> str:
        lines = [str(merge) for merge in self.merges] or ["no nodes merged"]
        lines += [f"{merge}: not merged, as {reason}" for merge, reason in self.refused]
        return "\n".join([*lines, f"outputs changed by {self.error:.1g} of their deviation"])


def merge_nodes(model: Model, data: Any, *, tolerance: float | None = None) -> Merged[Model]:
    """Merge hidden nodes that are the same as another of their level up to scale and shift.

    Where node k = a * node j + b over the samples, each curve that leads out of k, at argument a x + b, is
    added to the one that leads out of j to the same place, and k goes with all that leads into it. A spline is
    refitted on the grid of node j; a formula keeps its function, with a and b in its constants. Sums and
    products alike may be merged; of two nodes the product goes, or the one with more edges. Inputs and outputs
    stay, as they are the user's.

    A merge is done if neither it nor the changes before it move an output by more than `tolerance`. It is
    refused, with the reason, where that is not so, where a formula and another curve lead to the same place
    and their sum is no formula of that function, and where held constants would change; a node to which held ones lead
    stays.

    A node that depends on several others, as n3 = n1 + n2, is not merged: a curve of n1 + n2 is no sum of a curve
    of n1 and one of n2 unless it is a straight line.

    Args:
        model: The network; it stays as it is.
        data: Samples as `trace` takes them, with or without targets. At least 4 different values of a node are
            needed to tell that another depends on it.
        tolerance: Largest deviation of the difference of two nodes, as a share of the node's own, and largest RMS
            change of an output in its deviations. If None, what the network itself misses of the targets, in
            their deviations, but at least 1e-9 and at most 0.03; 1e-3 without targets.

    Returns:
        `Merged`: the new network, and what became of which node.

    Raises:
        InputError: When the tolerance is negative, or the samples do not fit the model.

    Example:
        >>> from edgewise.network import build, set_formulas
        >>> formulas = {(0, 0, 0): ("sin", (2, 0, 1, 0)), (0, 0, 1): ("sin", (2, 0, -3, 1))}
        >>> formulas |= {(1, 0, 0): ("exp", (3, 0, 1, 0)), (1, 1, 0): ("exp", (-1, 1, 1, 0))}
        >>> model = set_formulas(build([1, 2, 1], dtype=torch.float64), formulas)
        >>> merged = merge_nodes(model, torch.linspace(-1, 1, 100)[:, None])
        >>> went = merged.merges[0]
        >>> merged.model.width, (went.node, went.into), round(went.scale, 9), round(went.shift, 9)
        ((1, 1, 1), (1, 0), -3.0, 1.0)
    """
    if tolerance is not None and (isinstance(tolerance, str) or not tolerance >= 0):
        raise InputError(f"merge_nodes: tolerance must be at least 0; got {tolerance!r}. It is a share.")
    x, y = inputs_and_targets(data, model, "merge_nodes")
    work = _Merger(duplicate(model).to("cpu", torch.float64), x.cpu().double())
    work.run(_own_error(work.model, work.x, y) if tolerance is None else float(tolerance))
    new = work.model.to(model.device, model.dtype).train(model.training)
    error = work.change(duplicate(new).to("cpu", torch.float64))
    return Merged(new, tuple(work.merges), tuple(work.refused), error)


class _Merger:
    """A float64 network whose nodes are being merged; merges are told by the numbers that nodes had."""

    def __init__(self, model: Network, x: Tensor) -> None:
        self.model, self.x = model, x
        self.merges: list[Merge] = []
        self.refused: list[tuple[Merge, str]] = []
        with torch.no_grad():
            self.before = model(x)

    def change(self, model: Network) -> float:
        """Largest RMS change of an output from what it was, in its deviations."""
        with torch.no_grad():
            gap = (model(self.x) - self.before).square().mean(0).sqrt()
        spread = self.before.std(0, correction=0)
        return float((gap / torch.where(spread > 0, spread, 1.0)).max())

    def run(self, tolerance: float) -> None:
        """Merge what can be merged, level by level from the outputs down."""
        for level in range(self.model.depth - 1, 0, -1):
            seen = trace(self.model, self.x, edges=False)
            found = _dependent(self.model, seen, level, tolerance)
            self._drop(level, [merge.node for merge in found if self._tried(merge, seen, tolerance)])

    def _tried(self, merge: Merge, seen: Trace, tolerance: float) -> bool:
        """Do one merge if its curves fit and the outputs stay; say whether it was done."""
        inputs = seen.layers[merge.level].inputs
        try:
            layer = moved_edges(self.model.layers[merge.level], merge.relation, inputs, tolerance)
        except NoSuchEdge as reason:
            self.refused.append((merge, str(reason)))
            return False
        layers = list(self.model.layers)
        layers[merge.level] = layer
        new = with_layers(self.model, layers)
        change = self.change(new)
        if not change <= max(tolerance, _ROUNDING):
            self.refused.append((merge, f"an output would change by {change:.1g} of its deviation"))
            return False
        self.model = new
        self.merges.append(merge)
        emit("message", "merge_nodes", text=f"merged {merge}")
        return True

    def _drop(self, level: int, gone: list[int]) -> None:
        if gone:
            sizes = [self.model.layers[0].in_features, *(layer.out_features for layer in self.model.layers)]
            kept = [list(range(size)) for size in sizes]
            kept[level] = [node for node in kept[level] if node not in gone]
            self.model = select_nodes(self.model, kept)


def _own_error(model: Network, x: Tensor, y: Any) -> float:
    """What a network misses of the targets, in their deviations; a plain thousandth without targets."""
    targets = matching_targets(y, len(x), model, "merge_nodes")
    if targets is None:
        return _TOLERANCE
    targets = targets.double()
    with torch.no_grad():
        missed = (model(x) - targets).square().mean(0).sqrt()
    spread = targets.std(0, correction=0)
    missed = missed / torch.where(spread > 0, spread, 1.0)
    return min(max(float(missed.min()), _FINEST), _COARSEST)


def _dependent(model: Network, seen: Trace, level: int, tolerance: float) -> list[Merge]:
    """Nodes of a level that are affine in one that stays, each with the nearest; cheap nodes stay."""
    below, above = model.layers[level - 1], model.layers[level]
    values = seen.layers[level - 1].outputs
    leads_on = ((above.basis.mask != 0) | (above.formula.mask != 0)).any(1)
    arrives = (below.basis.mask != 0) | (below.formula.mask != 0)
    columns = values.unbind(1)
    able = [n for n, column in enumerate(columns) if leads_on[n] and len(column.unique()) >= _LEAST_VALUES]
    near = _near(values, tolerance).tolist()
    stay: list[int] = []
    found = []
    for node in sorted(able, key=lambda n: _cost(below, arrives, n)):
        others = (_merge(values, level, node, other) for other in stay if near[node][other])
        best = min(others, key=lambda merge: merge.residual, default=None)
        near_enough = best is not None and best.residual <= tolerance + _rounding(values[:, node])
        if best is not None and near_enough and not _is_held(below, node):
            found.append(best)
        else:
            stay.append(node)
    return found


def _is_held(below: Layer, node: int) -> bool:
    """Whether constants of an edge that leads to a node are held: then it stays."""
    members = torch.tensor(list(below.nodes.members(node)))
    leads_here = torch.isin(below.formula.edge_index[:, 1], members)
    return bool(below.formula.is_held[leads_here].any())


def _near(values: Tensor, tolerance: float) -> Tensor:
    """Pairs of columns that may be affine in each other to a tolerance, by their correlation."""
    centred = values - values.mean(0)
    unit = centred / centred.norm(dim=0).clamp_min(torch.finfo(values.dtype).tiny)
    return 1 - (unit.T @ unit).square() <= tolerance**2 + 1e-9


def _cost(below: Layer, arrives: Tensor, node: int) -> tuple[bool, int, int]:
    members = list(below.nodes.members(node))
    return len(members) > 1, int(arrives[:, members].sum()), node


def _rounding(values: Tensor) -> float:
    """What rounding leaves of a node's deviation, where its mean is large."""
    return float(1e-13 * values.abs().max() / values.std(correction=0))


def _merge(values: Tensor, level: int, node: int, into: int) -> Merge:
    return Merge(level, node, into, *affine_fit(values[:, node], values[:, into]))
