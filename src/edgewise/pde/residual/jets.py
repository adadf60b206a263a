"""Values and derivatives of a network in its inputs, and the exact Jacobian of anything made of them.

One pass through the layers carries every derivative that was asked for; the pass back turns the slopes of a
residual in those derivatives into its rows of the Jacobian in all trained parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from ...errors import ShapeError
from ...layers import LinearEdgeLayer
from ...network import Network
from .edge_jets import EdgeJets, NodeJets
from .multi_index import Index, closure


class NetworkJets:
    """A network at one batch of points.

    Args:
        network: Any network; its parameters are read, not changed.
        x: Points, shape (batch, n_columns), in the network's data type.
        indices: Derivatives in the input columns; completed downwards.
        features: `first_features` of an earlier pass at the same points, to spare computing them anew.
        slopes: Whether `jacobian` is going to be called.

    Attributes:
        indices: All derivatives that were computed.
        values: Shape (derivatives, batch, outputs).

    Raises:
        ShapeError: `x` is not a batch of points of the network's width.

    Example:
        >>> from edgewise.network import build
        >>> jets = NetworkJets(build([2, 3, 1], k=5), torch.zeros(4, 2), [(0, 0), (1, 1)])
        >>> jets.indices
        ((), (0,), (1,), (0, 0), (1, 1))
        >>> jets.values.shape
        torch.Size([5, 4, 1])
    """

    def __init__(
        self,
        network: Network,
        x: Tensor,
        indices: Iterable[Index],
        *,
        features: Tensor | None = None,
        slopes: bool = True,
    ) -> None:
        if x.ndim != 2:
            raise ShapeError(
                f"NetworkJets: x must be (batch, {network.n_columns}); got shape {tuple(x.shape)}."
            )
        self.indices = closure(indices)
        self._network = network
        self._layers: list[tuple[EdgeJets, NodeJets]] = []
        with torch.no_grad():
            jet = _seed(network, x, self.indices)
            for at, layer in enumerate(network.layers):
                edges = EdgeJets(
                    layer, jet, self.indices, None if at else features, adjoint=bool(at) and slopes
                )
                nodes = NodeJets(layer.nodes, edges.sums(), self.indices)
                self._layers.append((edges, nodes))
                jet = nodes.jet()
            self.values = _scaled_back(network, jet)

    @property
    def first_features(self) -> Tensor:
        """What depends on the points alone."""
        return self._layers[0][0].features

    @torch.no_grad()
    def jacobian(self, slopes: Tensor, out: Tensor | None = None) -> Tensor:
        """Rows of the Jacobian of one number a sample.

        Args:
            slopes: Derivative of that number in `values`, shape (derivatives, batch, outputs).
            out: Where to write, shape (batch, parameters).

        Returns:
            Derivatives in all parameters that require gradients, in their order, flattened, shape
            (batch, parameters).
        """
        network = self._network
        grad = slopes if network.output_scaler is None else slopes * network.output_scaler.scale
        rows: dict[int, Tensor] = {}
        for at in reversed(range(len(self._layers))):
            edges, nodes = self._layers[at]
            grad, affine = nodes.below(grad)
            pulled = edges.pull(grad)
            _collect(edges, nodes, affine, pulled, rows)
            if at:
                grad = edges.below(grad, pulled)
        wanted = [parameter for parameter in network.parameters() if parameter.requires_grad]
        batch = slopes.shape[1]
        if out is None:
            out = slopes.new_empty(batch, sum(parameter.numel() for parameter in wanted))
        start = 0
        for parameter in wanted:
            stop = start + parameter.numel()
            row = rows.get(id(parameter))
            out[:, start:stop] = 0.0 if row is None else row.reshape(batch, parameter.numel())
            start = stop
        return out


def _seed(network: Network, x: Tensor, indices: Sequence[Index]) -> Tensor:
    """Jet of what the first layer sees: the coordinates themselves, scaled."""
    h = network.prepare_inputs(x)
    jet = h.new_zeros(len(indices), *h.shape)
    jet[0] = h
    columns = network.columns.tolist()
    for at, index in enumerate(indices):
        if len(index) == 1 and index[0] in columns:
            column = columns.index(index[0])
            scaler = network.input_scaler
            jet[at, :, column] = 1.0 if scaler is None else 1 / scaler.scale[column]
    return jet


def _scaled_back(network: Network, jet: Tensor) -> Tensor:
    if network.output_scaler is None:
        return jet
    jet = jet * network.output_scaler.scale
    jet[0] += network.output_scaler.shift
    return jet


def _collect(
    edges: EdgeJets, nodes: NodeJets, affine: dict[str, Tensor], pulled: Tensor, rows: dict[int, Tensor]
) -> None:
    """Rows of one layer's trained parameters, by the parameter's identity."""
    basis: LinearEdgeLayer = edges.layer.basis
    for name, row in basis.gradients_of(edges.weight_rows(pulled)).items():
        rows[id(getattr(basis, name))] = row
    formula = edges.layer.formula
    if formula.affine.requires_grad and len(formula.edge_index):
        rows[id(formula.affine)] = edges.formula_rows(pulled)
    for name, row in affine.items():
        parameter = getattr(nodes.nodes, name)
        if parameter.requires_grad:
            rows[id(parameter)] = row
