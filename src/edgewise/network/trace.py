"""`trace`: the outputs of every edge and node of a network on given inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .._memory import refuse_beyond_memory
from .inputs import as_inputs
from .layer import Layer
from .network import Network
from .walk import forward_with


@dataclass(frozen=True)
class LayerTrace:
    """The activations of one layer.

    Attributes:
        inputs: Inputs of the layer, shape (batch, in).
        edges: Output of each edge, shape (batch, in, subnodes); None if not requested.
        edge_mean: Mean of each edge's output over the batch, shape (in, subnodes).
        edge_std: Its standard deviation (divided by the batch size), shape (in, subnodes).
        sums: Sums at the sub-nodes, shape (batch, subnodes).
        outputs: Node values, shape (batch, out).
    """

    inputs: Tensor
    edges: Tensor | None
    edge_mean: Tensor
    edge_std: Tensor
    sums: Tensor
    outputs: Tensor


@dataclass(frozen=True)
class Trace:
    """The activations of a network, layer by layer; all tensors are detached.

    Attributes:
        layers: One `LayerTrace` per layer.
        inputs: Inputs of the first layer (after column selection and input scaling), shape (batch, in).
        outputs: Outputs of the last layer (before the output scaler), shape (batch, out).
    """

    layers: tuple[LayerTrace, ...]

    @property
    def inputs(self) -> Tensor:
        """What the first layer saw."""
        return self.layers[0].inputs

    @property
    def outputs(self) -> Tensor:
        """What the last layer gave."""
        return self.layers[-1].outputs


def trace(model: Network, x: Any, *, edges: bool = True) -> Trace:
    """Run a network on `x` and return the outputs of every edge and node.

    Args:
        model: Not modified.
        x: Samples: a tensor, array, list, frame or series of numbers of any dtype, shape (batch, n_columns) (other
            leading dimensions are flattened; a frame's columns are taken by the model's names); a pair (x, y),
            a dict with "train_input", or a `Data`, whose inputs are used.
        edges: Whether to keep the output of each edge; without them no (batch, in, out) tensor is built.

    Returns:
        A `Trace` of detached tensors.

    Raises:
        InputError: `x` holds no sample, or a value that is not finite, or memory would not hold the trace.

    Cost: one forward pass, and batch * edges numbers if `edges` is true.

    Example:
        >>> from edgewise.network import build
        >>> seen = trace(build([2, 5, 1]), torch.zeros(10, 2))
        >>> seen.layers[0].edges.shape
        torch.Size([10, 2, 5])
    """
    with torch.no_grad():
        h = model.prepare_inputs(as_inputs(x, model, "trace"))
        count = sum(layer.in_features * layer.subnodes for layer in model.layers) if edges else 0
        refuse_beyond_memory(
            "trace", len(h) * count * h.itemsize, f"values of {count:,} edges at {len(h):,} samples"
        )
        layers = list[LayerTrace]()

        def run(l: int, layer: Layer, h: Tensor) -> Tensor:
            layers.append(_trace_layer(layer, h, edges))
            return layers[-1].outputs

        forward_with(model, h, run)
    return Trace(tuple(layers))


def _trace_layer(layer: Layer, h: Tensor, edges: bool) -> LayerTrace:
    sums, mean, variance = layer.basis.forward_with_moments(h)
    values = layer.edges(h) if edges else None
    sums = layer.with_formulas(sums, h)
    if len(layer.formula.edge_index):
        mean, variance = _with_formulas(layer, h, mean, variance)
    deviation = torch.where(_varies(h)[:, None], variance.sqrt(), 0.0)
    return LayerTrace(h, values, mean, deviation, sums, layer.nodes(sums))


def _varies(h: Tensor) -> Tensor:
    """Which columns vary by more than rounding; the others' edges do not vary at all, shape (in,)."""
    rounding = 8 * torch.finfo(h.dtype).eps * h.abs().amax(0)
    return h.amax(0) - h.amin(0) > rounding


def _with_formulas(layer: Layer, h: Tensor, mean: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
    rows, columns = layer.formula.edge_index.T
    values = layer.formula.edges(h)[:, rows, columns]
    mean, variance = mean.clone(), variance.clone()
    mean[rows, columns] = values.mean(0)
    variance[rows, columns] = values.var(0, correction=0)
    return mean, variance
