"""Checks of subclasses of `LinearEdgeLayer`: what every function of the library relies on."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection

import torch

from ..layers import FormulaLayer, LinearEdgeLayer, NodeLayer
from ..network import Layer, Network, deepen, widen
from .compare import state_bits
from .layers import LAWS, check_layer
from .require import require, require_close

_ORDERS = (1, 2)


def check_edge_layer(
    factory: Callable[[], LinearEdgeLayer],
    *,
    span: tuple[float, float] = (-0.9, 0.9),
    skip: Collection[str] = (),
) -> None:
    """A layer of edges keeps what `check_layer` asks of any layer, and the protocol of `LinearEdgeLayer`.

    Its laws, by name: "features" (their shape, derivatives as autograd has them, nothing in them that is trained),
    "interval" (a range of every input), "settings" (plain values that rebuild the layer with its tensors), "select"
    (chosen edges are the same functions), "gradients_of" (derivatives in the weights to those in parameters),
    "surgery" (a network of it can be widened and deepened without a change of what it computes).

    Args:
        factory: Makes the layer, the same each time.
        span: Range of the samples, in the units of the layer's input.
        skip: Names of laws to leave out, those of `check_layer` included.

    Raises:
        AssertionError: a law is broken; the message starts with its name.

    Example:
        >>> from edgewise.layers import KANLayer
        >>> check_edge_layer(lambda: KANLayer(2, 3, grid=4, seed=0), skip=["export"])
    """
    unknown = set(skip) - {*LAWS, *EDGE_LAWS}
    require(not unknown, f"skip must name laws; got {', '.join(sorted(unknown))}")
    check_layer(factory, span=span, skip=[name for name in skip if name in LAWS])
    for name, law in EDGE_LAWS.items():
        if name in skip:
            continue
        layer = factory().double()
        share = torch.rand(30, layer.in_features, generator=torch.Generator().manual_seed(0)).double()
        try:
            law(layer, span[0] + (span[1] - span[0]) * share)
        except Exception as error:
            raise AssertionError(f"{name}: {error}") from error


def _features(layer: LinearEdgeLayer, x: torch.Tensor) -> None:
    x = x.requires_grad_()
    values = layer.features(x)
    count = layer.weights().shape[1]
    require(
        values.shape == (*x.shape, count), f"features must have shape (..., in, {count}); got {values.shape}"
    )
    with torch.no_grad():
        require_close(layer.sums(layer.features(x)), layer(x), 1e-12, "sums of features and weights")
    require(
        not layer.features(x.detach()).requires_grad, "features must have no trained parameters; some have"
    )
    for order in _ORDERS:
        below, got = layer.features(x, order - 1), layer.features(x, order).detach()
        for at in range(count):
            slope = torch.zeros_like(x)
            if below.requires_grad:
                found = torch.autograd.grad(below[..., at].sum(), x, retain_graph=True, allow_unused=True)[0]
                slope = slope if found is None else found
            require_close(got[..., at], slope, 1e-9, f"derivative of order {order} of feature {at}")


def _interval(layer: LinearEdgeLayer, x: torch.Tensor) -> None:
    low, high = layer.interval()
    require(
        low.shape == high.shape == (layer.in_features,),
        f"interval must give two of shape (in,); got {low.shape}",
    )
    require(bool((low < high).all()), "interval must rise; it does not")
    middle = ((low + high) / 2)[None].to(x)
    require(bool((layer.out_of_range(middle) == 0).all()), "the middle of the interval must be in range")


def _settings(layer: LinearEdgeLayer, x: torch.Tensor) -> None:
    settings = json.loads(json.dumps(layer.describe()))
    require(set(layer.settings_shown) <= set(settings), "settings_shown must be among those of describe")
    require(layer.is_sound(), "is_sound must be true of a fresh layer")
    held = {name: getattr(layer, name) for name in (*layer.edge_tensors, *layer.input_tensors)}
    state = {name for name in layer.state_dict() if name != "_extra_state"}
    require(
        state == set(held), f"edge_tensors and input_tensors must name {sorted(state)}; got {sorted(held)}"
    )
    again = type(layer).from_description(1, 1, settings, seed=1, dtype=x.dtype).with_tensors(**held)
    require(state_bits(again) == state_bits(layer), "describe and the tensors must rebuild the layer")
    require_close(again(x), layer(x), 0, "a layer rebuilt")


def _select(layer: LinearEdgeLayer, x: torch.Tensor) -> None:
    inputs = list(range(layer.in_features))[::-1]
    part = layer.select(inputs, [layer.out_features - 1])
    require_close(part.edges(x[:, inputs]), layer.edges(x)[:, inputs][..., -1:], 1e-13, "edges selected")


def _gradients_of(layer: LinearEdgeLayer, x: torch.Tensor) -> None:
    trained = {name: value for name, value in layer.named_parameters() if value.requires_grad}
    grad = torch.autograd.grad(layer(x).sum(), list(trained.values()))
    with torch.no_grad():
        got = layer.gradients_of(layer.features(x).sum(0)[None, ..., None].expand(1, *layer.weights().shape))
    require(set(got) == set(trained), f"gradients_of must give {sorted(trained)}; got {sorted(got)}")
    for (name, _), want in zip(trained.items(), grad, strict=True):
        require_close(got[name][0], want, 1e-11, f"gradient of {name}")


def _surgery(layer: LinearEdgeLayer, x: torch.Tensor) -> None:
    second = layer.resized(layer.out_features, 1, 1)
    network = Network([_as_layer(layer), _as_layer(second)])
    with torch.no_grad():
        require_close(widen(network, 1, 2)(x), network(x), 1e-12, "a network widened")
        require_close(deepen(network)(x), network(x), 1e-12, "a network deepened")


def _as_layer(basis: LinearEdgeLayer) -> Layer:
    formula = FormulaLayer(basis.in_features, basis.out_features, dtype=basis.dtype)
    return Layer(basis, formula, NodeLayer(basis.out_features, dtype=basis.dtype))


EDGE_LAWS: dict[str, Callable[[LinearEdgeLayer, torch.Tensor], None]] = {
    "features": _features,
    "interval": _interval,
    "settings": _settings,
    "select": _select,
    "gradients_of": _gradients_of,
    "surgery": _surgery,
}
