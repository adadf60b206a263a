"""The network that a model's formulas replaced: kept beside the model, as what its formulas are judged by."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import TypeVar

from .network import Edge, Kept, Network

Model = TypeVar("Model", bound=Network)


def stand_for(model: Model, network: Network | None) -> Model:
    """A copy of a model whose formulas stand for a network: what `replaced` says from then on.

    Args:
        model: Not modified.
        network: What it replaced; copied, so that nothing can change it. None for nothing.

    Example:
        >>> from edgewise.network import build
        >>> stand_for(build([2, 1]), build([2, 5, 1])).replaced.width
        (2, 5, 1)
    """
    new = copy.deepcopy(model)
    keep_replaced(new, network)
    return new


def keep_replaced(model: Network, network: Network | None) -> None:
    """As `stand_for`, in place: for a model that was just made.

    Example:
        >>> from edgewise.network import build
        >>> model = build([2, 1])
        >>> keep_replaced(model, None)
        >>> model.replaced is None
        True
    """
    model._kept = None if network is None else Kept(_frozen(network))


def note_training(model: Network) -> None:
    """Remember that the learnable edges of a network have learnt something, so that formulas can replace them.

    Example:
        >>> from edgewise.network import build, set_formula
        >>> model = build([1, 1])
        >>> note_training(model)
        >>> set_formula(model, (0, 0, 0), "sin").replaced is None
        False
    """
    model._trained = True


def keep_what_is_replaced(new: Network, model: Network, edges: Iterable[Edge]) -> None:
    """Keep the model from which `new` was made, if formulas on these edges replace something that was trained.

    Args:
        new: Changed.
        model: Not modified.
        edges: Addresses of the edges that become formulas.

    Example:
        >>> from edgewise.network import build
        >>> new, model = build([1, 1]), build([1, 1])
        >>> keep_what_is_replaced(new, model, [(0, 0, 0)])
        >>> new.replaced is None
        True
    """
    learnable = any(bool(model.layers[l].basis.mask[i, j] != 0) for l, i, j in edges)
    if learnable and model._trained and model.replaced is None:
        keep_replaced(new, model)


def forget_if_undone(model: Network) -> None:
    """Forget what formulas replaced, in place, once none is left.

    Example:
        >>> from edgewise.network import build
        >>> model = stand_for(build([2, 1]), build([2, 1]))
        >>> forget_if_undone(model)
        >>> model.replaced is None
        True
    """
    if not any(layer.formula.functions for layer in model.layers):
        model._kept = None


def _frozen(model: Network) -> Network:
    """A plain network of the same numbers, that takes no gradients and remembers nothing itself."""
    layers = [copy.deepcopy(layer) for layer in model.layers]
    new = Network(layers, input_scaler=model.input_scaler, output_scaler=model.output_scaler)
    new.n_columns, new.input_names = model.n_columns, model.input_names
    new.select_columns(model.columns.clone())
    return new.requires_grad_(False).eval()
