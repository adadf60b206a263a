"""The forward pass layer by layer: read the inputs of each layer, or evaluate layers in another way."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torch import Tensor

from .layer import Layer
from .network import Network

LayerRun = Callable[[int, Layer, Tensor], Tensor]
"""From a layer's index, the layer and its inputs (..., in) to its node values (..., out)."""


def walk(model: Network, x: Tensor) -> Iterator[tuple[int, Layer, Tensor]]:
    """Yield each layer with its inputs, from the first to the last.

    A layer runs when the next one is requested, so changes made to it in place until then take effect.
    The last layer is not run.

    Args:
        model: Not modified.
        x: Samples, shape (..., n_columns).

    Yields:
        Index, layer, and the layer's inputs, shape (..., in).

    Example:
        >>> import torch
        >>> from edgewise.network import build
        >>> [tuple(h.shape) for l, layer, h in walk(build([2, 5, 1]), torch.zeros(10, 2))]
        [(10, 2), (10, 5)]
    """
    h = model.prepare_inputs(x)
    below = None
    for l, layer in enumerate(model.layers):
        if below is not None:
            h = below(h)
        yield l, layer, h
        below = layer


def forward_with(model: Network, inputs: Tensor, run: LayerRun, *, finish: bool = True) -> Tensor:
    """Compute the network's outputs with each layer evaluated by `run`.

    Args:
        model: Not modified.
        inputs: Inputs of the first layer, from `model.prepare_inputs`.
        run: Called for each layer in turn.
        finish: Whether the output scaler comes last.

    Returns:
        Outputs, shape (..., outputs), in the units of the targets.

    Example:
        >>> import torch
        >>> from edgewise.network import build
        >>> model, x = build([2, 5, 1]), torch.zeros(10, 2)
        >>> torch.equal(forward_with(model, x, lambda l, layer, h: layer(h)), model(x))
        True
    """
    h = inputs
    for l, layer in enumerate(model.layers):
        h = run(l, layer, h)
    return model.finish_outputs(h) if finish else h
