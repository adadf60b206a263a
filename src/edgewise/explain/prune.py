"""Cut what does not matter, and give back a really smaller network."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from typing import Any, Generic

import torch
from torch import Tensor

from ..errors import InputError
from ..events import check_cancelled, emit
from ..network import Edge, Model, Network, Trace, add_to_biases, as_inputs, mask_edges, select_nodes, trace
from .attribution import Scores, scores_of
from .merge import Merge, merge_nodes

_MUCH = 0.01  # change of the outputs, as a share of their variance, that a user is told about
_ADVICE = (
    "That is much: something that matters went. Train on and compare the loss, or take lower thresholds."
)


@dataclass(frozen=True)
class Pruned(Generic[Model]):
    """A pruned network and what went.

    Attributes:
        model: The smaller network.
        edges: Edges cut, with the addresses they had; edges of removed nodes included.
        nodes: Hidden nodes removed, as (level, node), with the numbers they had; merged ones included.
        inputs: Names of the inputs removed.
        merges: Nodes that were merged with another, with the numbers they had.
        change: Mean square change of the outputs over the samples, as a share of their variance; of the output
            that changed most.
    """

    model: Model = field(repr=False)
    edges: tuple[Edge, ...]
    nodes: tuple[tuple[int, int], ...]
    inputs: tuple[str, ...]
    merges: tuple[Merge, ...] = ()
    change: float = 0.0

    def __str__(self) -> str:
        left = sum(1 for _ in self.model.active_edges())
        gone = f"{len(self.edges)} edges, {len(self.nodes)} hidden nodes"
        if self.inputs:
            gone += f", inputs {', '.join(self.inputs)}"
        merged = "".join(f"; merged, as {merge}" for merge in self.merges)
        text = f"cut {gone}{merged}; left {left} edges, width {self.model.width}; {self._effect()}"
        return f"{text}. {_ADVICE}" if self.change > _MUCH else text

    def _effect(self) -> str:
        return f"the outputs changed by {100 * self.change:.2g} % of their variance"


def prune(
    model: Model,
    x: Any,
    *,
    node_threshold: float = 1e-2,
    edge_threshold: float = 3e-2,
    input_threshold: float | None = None,
) -> Pruned[Model]:
    """Remove hidden nodes, edges and (if asked) inputs whose attribution score is at most a threshold.

    The mean of a cut edge goes into the bias of the sub-node it ran into, so that an edge without
    influence leaves no shift behind. Every output keeps at least one path to an input. A hidden node that is
    another's multiple and shift is merged with it; see `merge_nodes`.

    Args:
        model: Left as it is.
        x: Samples to score on, in any form `trace` takes; at least two different rows.
        node_threshold: Hidden nodes at or below it go; 0 removes only those without any influence. Also the
            share of its deviation to which a node must depend on another to be merged with it.
        edge_threshold: Edges at or below it go.
        input_threshold: Inputs at or below it go; None keeps all. The smaller network still takes all
            columns and reads only those left.

    Returns:
        `Pruned`: the new network and what went.

    Raises:
        InputError: a threshold is negative, or the outputs do not vary over `x`.

    Source: Liu et al. 2024, arXiv:2404.19756, section 2.5.1; thresholds as in pykan.

    Example:
        >>> import torch
        >>> from edgewise.network import build
        >>> prune(build([2, 5, 1]), torch.rand(100, 2), node_threshold=0.2).model.width[0]
        2
    """
    _check_threshold("node_threshold", node_threshold)
    _check_threshold("edge_threshold", edge_threshold)
    if input_threshold is not None:
        _check_threshold("input_threshold", input_threshold)
    work = _Pruner(model, as_inputs(x, model, "prune"))
    work.drop_nodes(node_threshold, input_threshold)
    if work.merge(node_threshold):
        work.drop_nodes(0.0, None)
    # Cutting an edge can leave a node without input or without output: repeat until nothing changes.
    while work.cut_edges(edge_threshold):
        check_cancelled("prune")
        work.drop_nodes(0.0, None)
        emit("version", "prune", text=f"width {work.model.width}")
    return work.result(model)


def prune_edges(model: Model, x: Any, *, threshold: float = 3e-2) -> Pruned[Model]:
    """`prune` of edges only: nodes and inputs stay.

    Example:
        >>> import torch
        >>> from edgewise.network import build
        >>> prune_edges(build([2, 5, 1]), torch.rand(100, 2), threshold=0.2).model.width
        (2, 5, 1)
    """
    _check_threshold("threshold", threshold)
    work = _Pruner(model, as_inputs(x, model, "prune_edges"))
    work.cut_edges(threshold)
    return work.result(model)


def prune_inputs(model: Model, x: Any, *, threshold: float = 1e-2) -> Pruned[Model]:
    """`prune` of inputs only. The smaller network still takes all columns.

    Example:
        >>> import torch
        >>> from edgewise.network import build
        >>> prune_inputs(build([2, 5, 1]), torch.rand(100, 2), threshold=0.0).inputs
        ()
    """
    _check_threshold("threshold", threshold)
    work = _Pruner(model, as_inputs(x, model, "prune_inputs"))
    work.drop_nodes(-1.0, threshold)
    return work.result(model)


class _Pruner:
    """A network being pruned, whose nodes remember the numbers they had."""

    def __init__(self, model: Network, x: Tensor) -> None:
        self.model, self.x = copy.deepcopy(model), x
        self.labels = [list(range(model.layers[0].in_features))]
        self.labels += [list(range(layer.out_features)) for layer in model.layers]
        self.merges: list[Merge] = []
        self.seen: Trace | None = None
        _refuse_constant(self.scores())
        self.before = self._trace().outputs

    def scores(self) -> Scores:
        """Scores of the network as it is now; its trace is kept until it changes."""
        return scores_of(self.model, self._trace())

    def _trace(self) -> Trace:
        if self.seen is None:
            self.seen = trace(self.model, self.x, edges=False)
        return self.seen

    def drop_nodes(self, threshold: float, input_threshold: float | None) -> None:
        """Fold away and remove the hidden nodes, and inputs if asked, that score at most a threshold."""
        scores = self.scores()
        paths = _strongest_paths(self.model, scores.edges)
        limits = [input_threshold, *([threshold] * (self.model.depth - 1)), None]
        kept = []
        for level, (score, limit) in enumerate(zip(scores.nodes, limits, strict=True)):
            nodes = range(len(score))
            needed = {edge[1] for edge in paths if edge[0] == level}
            kept.append([n for n in nodes if limit is None or float(score[n]) > limit or n in needed])
        if all(len(chosen) == len(labels) for chosen, labels in zip(kept, self.labels, strict=True)):
            return
        gone = {(layer, i, j) for layer, i, j in self.model.active_edges() if i not in kept[layer]}
        self._fold_means(gone)
        _refuse_empty(kept)
        self.model = select_nodes(self.model, kept)
        self.labels = [[labels[n] for n in chosen] for labels, chosen in zip(self.labels, kept, strict=True)]

    def merge(self, tolerance: float) -> bool:
        """Merge the nodes that depend on another; say whether any went."""
        merged = merge_nodes(self.model, self.x, tolerance=tolerance)
        for level, labels in enumerate(self.labels):
            here = [merge for merge in merged.merges if merge.level == level]
            self.merges += [replace(m, node=labels[m.node], into=labels[m.into]) for m in here]
            gone = {merge.node for merge in here}
            self.labels[level] = [label for node, label in enumerate(labels) if node not in gone]
        if merged.merges:
            self.model, self.seen = merged.model, None
        return bool(merged.merges)

    def cut_edges(self, threshold: float) -> bool:
        """Mask the edges that score at most `threshold`; say whether any went."""
        scores = self.scores()
        paths = _strongest_paths(self.model, scores.edges)
        gone = {
            (layer, i, j)
            for layer, i, j in self.model.active_edges()
            if float(scores.edges[layer][i, j]) <= threshold and (layer, i, j) not in paths
        }
        if gone:
            self._fold_means(gone)
            self.model = mask_edges(self.model, gone)
        return bool(gone)

    def _fold_means(self, gone: set[Edge]) -> None:
        """Move the means of the edges that go into the biases above them; the network changes."""
        assert self.seen is not None
        means = {(l, i, j): float(self.seen.layers[l].edge_mean[i, j]) for l, i, j in gone}
        self.model = add_to_biases(self.model, means)
        self.seen = None

    def result(self, original: Model) -> Pruned[Model]:
        """The new network beside the old one's addresses of what went."""
        members = [
            [layer.nodes.members(node) for node in labels]
            for layer, labels in zip(original.layers, self.labels[1:], strict=True)
        ]
        left = set()
        for l, i, j in self.model.active_edges():
            subnodes = [member for group in members[l] for member in group]
            left.add((l, self.labels[l][i], subnodes[j]))
        nodes = tuple(
            (level, node)
            for level in range(1, original.depth)
            for node in range(original.layers[level - 1].out_features)
            if node not in self.labels[level]
        )
        inputs = tuple(name for n, name in enumerate(original.names) if n not in self.labels[0])
        edges = tuple(edge for edge in original.active_edges() if edge not in left)
        change = change_of_outputs(self.before, self._trace().outputs)
        pruned = Pruned(self.model, edges, nodes, inputs, tuple(self.merges), change)
        if change > _MUCH:
            emit("message", "prune", text=str(pruned))
        return pruned


def change_of_outputs(before: Tensor, after: Tensor) -> float:
    """Largest mean square change of an output, as a share of its variance; outputs that do not vary count for nothing.

    Args:
        before: Outputs, shape (batch, out).
        after: Those of another network on the same samples.

    Example:
        >>> before = torch.tensor([[1.0], [-1.0]])
        >>> change_of_outputs(before, 0.9 * before) < 0.011
        True
    """
    variance = before.var(0, correction=0)
    rounding = 8 * torch.finfo(before.dtype).eps * before.abs().amax(0)
    varies = variance > rounding.square()
    change = (after - before).square().mean(0)[varies] / variance[varies]
    return float(change.max()) if change.numel() else 0.0


def _refuse_empty(kept: list[list[int]]) -> None:
    for level, chosen in enumerate(kept):
        if not chosen:
            raise InputError(
                f"prune: every level must keep a node; level {level} would lose all, as no path of edges "
                f"leads through it. Switch edges on with mask_edges first."
            )


def _check_threshold(name: str, value: float) -> None:
    if isinstance(value, str) or not value >= 0:
        raise InputError(f"prune: {name} must be at least 0; got {value!r}. Scores are shares, about 0 to 1.")


def _strongest_paths(model: Network, edges: tuple[Tensor, ...]) -> set[Edge]:
    """For each output, the edges of the path from an input whose weakest edge is strongest."""
    live = set(model.active_edges())
    tables = [edge.tolist() for edge in edges]
    best: list[dict[int, tuple[float, set[Edge]]]] = [
        {n: (float("inf"), set()) for n in range(len(edges[0]))}
    ]
    for l, layer in enumerate(model.layers):
        level: dict[int, tuple[float, set[Edge]]] = {}
        for node in range(layer.out_features):
            found = [_best_into(tables[l], best[l], l, member, live) for member in layer.nodes.members(node)]
            paths = [path for path in found if path is not None]
            if paths:
                level[node] = (min(path[0] for path in paths), set().union(*(path[1] for path in paths)))
        best.append(level)
    return set().union(*(path for _, path in best[-1].values())) if best[-1] else set()


def _best_into(
    scores: list[list[float]],
    below: dict[int, tuple[float, set[Edge]]],
    layer: int,
    member: int,
    live: set[Edge],
) -> tuple[float, set[Edge]] | None:
    choices = [
        (min(strength, scores[i][member]), i)
        for i, (strength, _) in below.items()
        if (layer, i, member) in live
    ]
    if not choices:
        return None
    strength, i = max(choices, key=lambda choice: choice[0])
    return strength, below[i][1] | {(layer, i, member)}


def _refuse_constant(scores: Scores) -> None:
    if not float(scores.nodes[0].max()) > 0:
        raise InputError(
            "prune: the outputs must vary over x; got samples on which nothing does. Pass the training "
            "inputs, or train the network first."
        )
