"""Sparsity of spline edges, as in the KAN paper, from the covariance of each layer's features.

A layer's edges get magnitudes V_ij; the penalty is lamb (l1 sum V + entropy H(V / sum V) + terms of the
coefficients), summed over layers. H is the entropy of the edges' shares of their layer.

Source: Liu et al. 2024, arXiv:2404.19756, equations 2.17 to 2.20.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from torch import Tensor, nn

from ..._checks import is_number
from ...errors import InputError, unknown_name
from ...layers import LinearEdgeLayer
from ...network import Layer, Network, forward_with
from .feature_cache import FeatureCache

Magnitude = Callable[[Tensor, Tensor, Tensor], Tensor]
"""From edge variances (in, out), input variances (in,) and sum variances (out,) to magnitudes (in, out)."""

_SMOOTH = 1e-4
_LEAST_INPUT = 0.1
_LEAST_TOTAL = 1e-12
_LEAST_SHARE = 1e-4


def _deviation(variance: Tensor) -> Tensor:
    """Standard deviation whose slope is finite at zero, and which is zero there."""
    return (variance + _SMOOTH**2).sqrt() - _SMOOTH


def edge_deviation(edges: Tensor, inputs: Tensor, sums: Tensor) -> Tensor:
    """Standard deviation of each edge's output, in the units of its sum.

    Example:
        >>> import torch
        >>> edge_deviation(torch.ones(1, 1), torch.ones(1), torch.ones(1)).round(decimals=3)
        tensor([[1.]])
    """
    return _deviation(edges)


def edge_gain(edges: Tensor, inputs: Tensor, sums: Tensor) -> Tensor:
    """Deviation of each edge's output for that of its input (plus 0.1): pykan's default.

    Example:
        >>> import torch
        >>> edge_gain(torch.ones(1, 1), torch.ones(1), torch.ones(1)).round(decimals=3)
        tensor([[0.9090]])
    """
    return _deviation(edges) / (_deviation(inputs)[:, None] + _LEAST_INPUT)


def edge_share(edges: Tensor, inputs: Tensor, sums: Tensor) -> Tensor:
    """Deviation of each edge's output for that of the sum it runs into: free of units.

    Example:
        >>> import torch
        >>> edge_share(torch.ones(1, 1), torch.ones(1), torch.ones(1)).round(decimals=3)
        tensor([[1.]])
    """
    return _deviation(edges) / (sums + _SMOOTH**2).sqrt()


MAGNITUDES: Mapping[str, Magnitude] = MappingProxyType(
    {"deviation": edge_deviation, "gain": edge_gain, "share": edge_share}
)


@dataclass(frozen=True)
class Penalty:
    """Weights of the sparsity penalty.

    Args:
        lamb: Weight of the whole.
        l1: Weight of the sum of the magnitudes.
        entropy: Weight of the entropy of the magnitudes' shares.
        coef: Weight of the size of the spline coefficients.
        coefdiff: Weight of the difference of neighbouring coefficients.
        magnitude: "deviation", "gain", "share" or a callable; see those functions.

    Raises:
        InputError: a weight is negative or not finite.

    Example:
        >>> Penalty(lamb=1e-3).entropy
        2.0
    """

    lamb: float = 0.0
    l1: float = 1.0
    entropy: float = 2.0
    coef: float = 0.0
    coefdiff: float = 0.0
    magnitude: str | Magnitude = "gain"

    def __post_init__(self) -> None:
        """Check the weights."""
        for name in ("lamb", "l1", "entropy", "coef", "coefdiff"):
            value = getattr(self, name)
            if not (is_number(value) and 0 <= value < float("inf")):
                raise InputError(
                    f"{'fit' if name == 'lamb' else 'Penalty'}: {name} must be a finite number of at least 0; got {value!r}. Use 0 to switch it off."
                )
        if isinstance(self.magnitude, str) and self.magnitude not in MAGNITUDES:
            raise unknown_name("Penalty", "magnitude", self.magnitude, MAGNITUDES)

    def layer(self, layer: LinearEdgeLayer, edges: Tensor, inputs: Tensor, sums: Tensor) -> Tensor:
        """Penalty of one layer, without `lamb`.

        Args:
            layer: Whose coefficients count.
            edges: Variances of its edges, shape (in, out).
            inputs: Its inputs, shape (batch, in).
            sums: Its sums, shape (batch, out).
        """
        magnitude = MAGNITUDES[self.magnitude] if isinstance(self.magnitude, str) else self.magnitude
        if magnitude is edge_deviation:
            sizes = _deviation(edges)
        else:
            sizes = magnitude(edges, inputs.var(0, correction=0), sums.var(0, correction=0))
        total = self.l1 * sizes.sum()
        if self.entropy:
            total = total + self.entropy * share_entropy(sizes)
        if self.coef or self.coefdiff:
            coef = layer.scaled_coef()
            total = total + self.coef * coef.abs().mean(2).sum()
            total = total + self.coefdiff * coef.diff(dim=1).abs().mean(2).sum()
        return total


def share_entropy(sizes: Tensor) -> Tensor:
    """Entropy of the shares of non-negative sizes, in nats; 0 log 0 = 0, finite slope at zero.

    Args:
        sizes: Any shape; all zero is allowed and gives the entropy of no preference, with zero slope kept
            finite.

    Returns:
        A scalar between 0 and log(number of sizes).

    Example:
        >>> import torch
        >>> share_entropy(torch.tensor([1.0, 0.0, 0.0])).abs() < 1e-2
        tensor(True)
    """
    shares = sizes / (sizes.sum() + _LEAST_TOTAL)
    return -(shares * (shares + _LEAST_SHARE).log()).sum()


def forward_with_penalty(
    model: nn.Module,
    x: Tensor,
    penalty: Penalty,
    fixed: FeatureCache | None = None,
    *,
    finish: bool = True,
) -> tuple[Tensor, Tensor]:
    """Run the model once and give its outputs and its penalty (without `lamb`).

    Args:
        model: A `Network`, or any module that holds layers of edges.
        x: Inputs, shape (batch, in).
        penalty: What to count.
        fixed: What is known of `x` already, if anything.
        finish: Whether a network's output scaler comes last.

    Returns:
        Outputs (batch, out) and a scalar.

    Raises:
        InputError: the model holds no layer of edges.

    Cost: a forward pass and one product of features with themselves a layer; no (batch, in, out) tensor.
    """
    if isinstance(model, Network):
        return _network_with_penalty(model, x, penalty, fixed, finish)
    return _module_with_penalty(model, x, penalty)


def _network_with_penalty(
    model: Network, x: Tensor, penalty: Penalty, fixed: FeatureCache | None, finish: bool
) -> tuple[Tensor, Tensor]:
    inputs = model.prepare_inputs(x) if fixed is None else fixed.inputs
    total = inputs.new_zeros(())

    def run(l: int, layer: Layer, h: Tensor) -> Tensor:
        nonlocal total
        if fixed is not None and l == 0:
            sums, edges = fixed.sums_with_variances()
        else:
            sums, _, edges = layer.basis.forward_with_moments(h)
            sums = layer.with_formulas(sums, h)
        total = total + penalty.layer(layer.basis, edges, h, sums)
        return layer.nodes(sums)

    outputs = forward_with(model, inputs, run, finish=finish)
    return outputs, total


def _module_with_penalty(model: nn.Module, x: Tensor, penalty: Penalty) -> tuple[Tensor, Tensor]:
    seen: list[tuple[LinearEdgeLayer, Tensor]] = []
    layers = [module for module in model.modules() if isinstance(module, LinearEdgeLayer)]
    if not layers:
        raise InputError(
            f"fit: lamb must be 0 for a model without a KANLayer or another layer of edges; got a {type(model).__name__}. "
            f"Use weight_decay of the optimiser instead."
        )
    hooks = [
        layer.register_forward_pre_hook(lambda layer, args: seen.append((layer, args[0]))) for layer in layers
    ]
    try:
        output = model(x)
    finally:
        for hook in hooks:
            hook.remove()
    total = output.new_zeros(())
    for layer, inputs in seen:
        flat = inputs.flatten(0, -2)
        sums, _, edges = layer.forward_with_moments(flat)
        total = total + penalty.layer(layer, edges, flat, sums)
    return output, total
