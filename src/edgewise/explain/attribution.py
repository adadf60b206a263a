"""How much each edge, node and input matters to the outputs.

Scores run from the outputs down. A node hands its score to the sub-nodes it is made of (each factor of a
product gets all of it); a sub-node hands its score to its edges in proportion to their standard
deviation over that of their sum; a node's score is the sum over the edges that leave it.

Source: Liu et al. 2024, "KAN 2.0", arXiv:2408.10205, section 4.1 (feature attributions).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..network import Network, Trace, as_inputs, trace


@dataclass(frozen=True)
class Scores:
    """Attribution scores; an output's own score is 1.

    Attributes:
        nodes: One vector a level, inputs first, the mean over the outputs.
        edges: One matrix (in, subnodes) a layer, the mean over the outputs.
        subnodes: One vector a layer, the mean over the outputs.
        nodes_by_output: As `nodes`, one row an output.
        names: Names of the inputs.
    """

    nodes: tuple[Tensor, ...]
    edges: tuple[Tensor, ...]
    subnodes: tuple[Tensor, ...]
    nodes_by_output: tuple[Tensor, ...]
    names: tuple[str, ...]

    @property
    def inputs(self) -> dict[str, float]:
        """Score of each input by name, highest first."""
        pairs = zip(self.names, self.nodes[0].tolist(), strict=True)
        return dict(sorted(pairs, key=lambda pair: -pair[1]))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}: {score:.3g}" for name, score in list(self.inputs.items())[:8])
        more = ", ..." if len(self.names) > 8 else ""
        return f"Scores(inputs={{{shown}{more}}}, edges={sum(edge.numel() for edge in self.edges)})"


def attribute(model: Network, x: Any) -> Scores:
    """Score edges, nodes and inputs by their share in the spread of the outputs.

    A node that does not vary over the samples hands nothing down, so one sample gives scores of 0 below
    the outputs, not NaN.

    Args:
        model: Left as it is.
        x: Samples, in any form `trace` takes.

    Returns:
        `Scores`.

    Cost: one forward pass; no (batch, in, out) tensor.

    Example:
        >>> from edgewise.network import build
        >>> attribute(build([2, 5, 1]), torch.rand(100, 2)).nodes[0].shape
        torch.Size([2])
    """
    return scores_of(model, trace(model, as_inputs(x, model, "attribute"), edges=False))


def scores_of(model: Network, seen: Trace) -> Scores:
    """As `attribute`, from a trace that was taken already.

    Example:
        >>> from edgewise.network import build
        >>> model = build([2, 5, 1])
        >>> len(scores_of(model, trace(model, torch.rand(9, 2))).edges)
        2
    """
    score = torch.eye(seen.outputs.shape[1], dtype=seen.outputs.dtype, device=seen.outputs.device)
    nodes, edges, subnodes = [score], [], []
    for layer, part in zip(reversed(model.layers), reversed(seen.layers), strict=True):
        owners = [node for node in range(layer.out_features) for _ in layer.nodes.members(node)]
        below = score[:, owners]
        share = part.edge_std * _safe_inverse(part.sums)
        edge = below[:, None, :] * share
        score = edge.sum(-1)
        edges.append(edge.mean(0))
        subnodes.append(below.mean(0))
        nodes.append(score)
    by_output = tuple(reversed(nodes))
    return Scores(
        nodes=tuple(level.mean(0) for level in by_output),
        edges=tuple(reversed(edges)),
        subnodes=tuple(reversed(subnodes)),
        nodes_by_output=by_output,
        names=model.names,
    )


def _safe_inverse(sums: Tensor) -> Tensor:
    """1 / standard deviation of each column; 0 where a column varies by no more than rounding."""
    deviation = sums.std(0, correction=0)
    rounding = 8 * torch.finfo(sums.dtype).eps * sums.abs().amax(0)
    varies = deviation > rounding
    return torch.where(varies, 1 / torch.where(varies, deviation, torch.ones_like(deviation)), 0.0)
