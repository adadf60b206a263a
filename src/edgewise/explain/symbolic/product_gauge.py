"""Networks with products in the simplest of the forms that compute the same.

The factors of a product node, the curve that leads out of it and the sums beside it are known up to a gauge only: on
positive factors f g is the p-th root of f^p g^p, and where sums of f and of g stand beside it, f g is as good as
(f + c)(g + d). A straight line may be any curve and then the one that undoes it. Training ends at any of these, and
only in one of them the edges are curves that have a name. So a straight line is tried for each curve that leads out of
a product, and for those that lead into a node alone and out of it together; and every edge is left out for once, with
all the others refitted: what the targets do not miss goes.
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch

from ..._tensors import even_places
from ...events import check_cancelled, emit
from ...network import Edge, Network, add_to_biases, duplicate, has_jacobian, mask_edges, trace
from ..attribution import attribute
from ..edge_fit import fit_edge_
from ..edge_moves import affine_fit
from .bar import Bar, Sample
from .curves import edge_curves
from .network_views import count_constants, reachable_edges
from .noise import estimate_noise
from .spline_refit import refit_splines

_MOST_NUMBERS = 300  # of a network that is worth the time: each edge is tried at least once
_MOST_ROWS = 5000
_POINTS = 200


def in_simplest_gauge(model: Network, bar: Bar) -> tuple[Network, Bar]:
    """A network whose products are written as simply as the targets allow, and what its formulas must reach.

    Args:
        model: A float64 network; it stays as it is.
        bar: What it is judged by.

    Returns:
        The network, or one with fewer edges and straight curves out of products that passes the bar; and the bar,
        raised where the new network is nearer to the targets.
    """
    if not any(layer.nodes.arities for layer in model.layers) or not has_jacobian(model):
        return model, bar
    if count_constants(model) > _MOST_NUMBERS:
        return model, bar
    work, edges = _Simplifier(model, bar), reachable_edges(model)
    scores = attribute(model, bar.train.x).edges
    order = sorted(edges, key=lambda edge: (-edge[0], float(scores[edge[0]][edge[1], edge[2]])))
    changed = True
    while changed:  # what could not be before may be after
        straightened = [work.straighten(edge) for edge in order]
        dropped = [work.drop(edge) for edge in order]
        changed = any(straightened + dropped)
    return work.model, work.bar


class _Simplifier:
    """A network that is being simplified, and the bar that goes up with it."""

    def __init__(self, model: Network, bar: Bar) -> None:
        self.model, self.bar = model, bar
        rows = even_places(len(bar.train.x), _MOST_ROWS)
        self.sample = Sample(bar.train.x[rows], bar.train.y[rows])
        self.lines: list[Edge] = []
        self.failed: set[tuple[str, Edge]] = set()  # of the network as it is now

    def straighten(self, edge: Edge) -> bool:
        """Make curves lines that could be others, if the rest can take over what they were; say whether they became so."""
        edges = (
            [] if edge in self.lines or not self._is_open("is straight", edge) else self._in_one_gauge(edge)
        )
        if not edges:
            return False
        new, numbers = duplicate(self.model), 0
        inputs, outputs = edge_curves(self.model, edges, self.bar.train.x)
        for (l, i, j), h, values in zip(edges, inputs.T, outputs.T, strict=True):
            scale, shift, _ = affine_fit(values, h)
            basis = new.layers[l].basis
            low, high = basis.interval()
            at = torch.linspace(float(low[i]), float(high[i]), _POINTS, dtype=torch.float64)
            fit_edge_(basis, i, j, at[:, None], scale * at + shift)
            numbers += basis.size - 1
        lines = [*self.lines, *edges]
        taken = self._taken(new, lines, numbers, ("is straight", edge))
        self.lines = lines if taken else self.lines
        return taken

    def _in_one_gauge(self, edge: Edge) -> list[Edge]:
        """An edge that leads out of a product, or one that leads into a sum alone, with those that lead on."""
        l, i, j = edge
        if l > 0 and i >= self.model.layers[l - 1].nodes.sums:
            return [edge]
        if l + 1 == self.model.depth or j >= self.model.layers[l].nodes.sums or not self._is_only(edge):
            return []
        return [edge, *(other for other in reachable_edges(self.model) if other[:2] == (l + 1, j))]

    def drop(self, edge: Edge) -> bool:
        """Leave an edge out, if the others can take over what it did; say whether it went."""
        if self._is_only(edge) or not self._is_open("is left out", edge):
            return False
        l, i, j = edge
        mean = float(trace(self.model, self.bar.train.x, edges=False).layers[l].edge_mean[i, j])
        new = mask_edges(add_to_biases(self.model, {edge: mean}), [edge])
        elsewhere = [other for other in reachable_edges(new) if other[0] != l or other[2] != j]
        new = refit_splines(new, elsewhere, self.sample, steps=10)
        return self._taken(new, self.lines, new.layers[l].basis.size, ("is left out", edge))

    def _is_open(self, what: str, edge: Edge) -> bool:
        """Whether an edge is there and it has not failed yet."""
        return (what, edge) not in self.failed and edge in reachable_edges(self.model)

    def _is_only(self, edge: Edge) -> bool:
        """Whether it is the only one that leads to its sub-node."""
        return int((self.model.layers[edge[0]].basis.mask[:, edge[2]] != 0).sum()) < 2

    def _is_shorter(self, new: Network, numbers: int) -> bool:
        """Whether what splines of this grid miss more is little for so many numbers less: the Bayesian criterion."""
        samples = self.bar.train.y.numel()
        ratio = self.bar.unexplained(new) / max(self.bar.unexplained(self.bar.splines), 1e-300)
        return samples * math.log(max(ratio, 1.0)) < numbers * math.log(samples) and self.bar.holds(new)

    def _taken(self, new: Network, lines: list[Edge], numbers: int, what: tuple[str, Edge]) -> bool:
        check_cancelled("symbolify")
        new = refit_splines(new, lines, self.sample)
        if not (self.bar.passes(new) or self._is_shorter(new, numbers)):
            self.failed.add(what)
            return False
        if self.bar.unexplained(new) <= self.bar.unexplained(self.bar.splines):
            self.bar = _raised(self.bar, new)
        self.model, self.failed = new, set()
        emit("message", "symbolify", text=f"edge {what[1]} {what[0]}")
        return True


def _raised(bar: Bar, model: Network) -> Bar:
    """The bar by a better network, of which less is noise."""
    if not bar.targets:
        return replace(bar, splines=model)
    test = () if bar.test is None else (bar.test.x, bar.test.y)
    noise = estimate_noise(model, bar.train.x, bar.train.y, *test)
    return replace(bar, splines=model, noise=torch.minimum(bar.noise, noise))
