"""How much each edge matters in a picture: the number its opacity follows from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ..errors import ShapeError, unknown_name
from ..explain import Scores, scores_of
from ..network import Edge, Network, Trace

METRICS = ("attribution", "std")


def edge_scores(
    model: Network, seen: Trace, metric: str, given: Any = None, where: str = "plot"
) -> dict[Edge, float]:
    """Score the live edges.

    Attribution counts here towards the output an edge matters most to, as the mean over many outputs would
    leave every edge pale. A layer in which nothing varies (one sample, say) gets scores of 1: there is
    nothing to tell its edges apart.

    Args:
        model: Left as it is.
        seen: Its trace.
        metric: "attribution", or "std": standard deviations over the largest of the layer.
        given: Scores to use in their place: a `Scores`, or one (in, subnodes) matrix a layer.
        where: Name of the function the user called, for messages.

    Returns:
        One score, at least 0, for each live edge.

    Raises:
        UnknownName: no metric has that name.
        ShapeError: `given` does not fit the model.

    Example:
        >>> from edgewise.network import build, trace
        >>> model = build([2, 1])
        >>> sorted(edge_scores(model, trace(model, torch.rand(9, 2)), "std").values())[-1]
        1.0
    """
    if metric not in METRICS:
        raise unknown_name(where, "metric", metric, METRICS)
    if given is not None and not isinstance(given, Scores):
        matrices = [torch.as_tensor(matrix) for matrix in given]
    elif metric == "std" and given is None:
        matrices = [part.edge_std / part.edge_std.max().clamp_min(1e-30) for part in seen.layers]
    else:
        matrices = _for_best_output(model, given or scores_of(model, seen))
    _check_shapes(model, matrices, where)
    matrices = [torch.nan_to_num(matrix.detach().double()).abs() for matrix in matrices]
    rows = [(matrix if bool(matrix.any()) else torch.ones_like(matrix)).tolist() for matrix in matrices]
    return {(layer, i, j): rows[layer][i][j] for layer, i, j in model.active_edges()}


def _for_best_output(model: Network, scores: Scores) -> list[Tensor]:
    """An edge's score is a share of its sub-node's, the same for each output; give it the highest."""
    matrices = []
    for l, (layer, edge) in enumerate(zip(model.layers, scores.edges, strict=False)):
        owners = [node for node in range(layer.out_features) for _ in layer.nodes.members(node)]
        best = scores.nodes_by_output[l + 1][:, owners].amax(0)
        mean = scores.subnodes[l]
        matrices.append(edge * torch.where(mean > 0, best / mean.clamp_min(1e-30), 0.0))
    return matrices


def _check_shapes(model: Network, matrices: Sequence[Tensor], where: str) -> None:
    shapes = [(layer.in_features, layer.subnodes) for layer in model.layers]
    got = [tuple(matrix.shape) for matrix in matrices]
    if got != shapes:
        raise ShapeError(
            f"{where}: scores must be one matrix a layer, of shapes {shapes}; got {got}. "
            f"Pass what attribute gives for this model."
        )
