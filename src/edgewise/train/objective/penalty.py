"""Sparsity of spline edges, as in the KAN paper, from the covariance of each layer's features.

A layer's edges get magnitudes V_ij; the penalty is lamb (l1 sum V + entropy H(V / sum V) + terms of the
coefficients), summed over layers. H is the entropy of the edges' shares of their layer.

Source: Liu et al. 2024, arXiv:2404.19756, equations 2.17 to 2.20.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from ..._checks import is_number
from ...errors import InputError, unknown_name
from ...layers import LinearEdgeLayer
from ...network import Network, PenaltyNumbers, fast_forward_with_penalty
from .feature_cache import FeatureCache

Magnitude = Callable[[Tensor, Tensor, Tensor], Tensor]
"""From edge variances (in, out), input variances (in,) and sum variances (out,) to magnitudes (in, out)."""

_SMOOTH = 1e-4
_LEAST_INPUT = 0.1
_LEAST_TOTAL = 1e-12
_LEAST_SHARE = 1e-4


def _variance(values: Tensor) -> Tensor:
    """Of each column, divided by the number of rows; several times as fast as torch's own along rows."""
    return (values - values.mean(0)).square().mean(0)


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
        elif magnitude is edge_gain:
            sizes = edge_gain(edges, _variance(inputs), sums)
        elif magnitude is edge_share:
            sizes = edge_share(edges, inputs, _variance(sums))
        else:
            sizes = magnitude(edges, _variance(inputs), _variance(sums))
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
    found: Tensor = _ShareEntropy.apply(sizes)[0]
    return found


def _plain_entropy(sizes: Tensor) -> Tensor:
    shares = sizes / (sizes.sum() + _LEAST_TOTAL)
    return -(shares * (shares + _LEAST_SHARE).log()).sum()


class _ShareEntropy(torch.autograd.Function):
    """The entropy with its slope, which cost less at once than one after the other."""

    generate_vmap_rule = True

    @staticmethod
    def forward(sizes: Tensor) -> tuple[Tensor, Tensor]:
        total = sizes.sum() + _LEAST_TOTAL
        shares = sizes / total
        above = shares + _LEAST_SHARE
        logarithm = above.log()
        slope = (logarithm + shares / above).neg_()
        return -(shares * logarithm).sum(), (slope - (shares * slope).sum()) / total

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        ctx.save_for_backward(inputs[0], output[1])
        ctx.mark_non_differentiable(output[1])

    @staticmethod
    def backward(ctx: Any, grad: Tensor, _: Tensor) -> Tensor:
        sizes, slope = ctx.saved_tensors
        if not torch.is_grad_enabled():
            return grad * slope
        (again,) = torch.autograd.grad(_plain_entropy(sizes), sizes, grad, create_graph=True)
        return again


def forward_with_penalty(model: nn.Module, x: Tensor, penalty: Penalty) -> tuple[Tensor, Tensor]:
    """Run the model once and give its outputs and its penalty, to be added to the loss in a training loop of your own.

    Args:
        model: A `Network`, or any module that holds layers of edges.
        x: Inputs, shape (batch, in).
        penalty: What counts, and how much: the value is multiplied by its `lamb`. (`fit` multiplies it by the mean
            square of an output scaler's scale besides, as its losses are in the units of the targets.)

    Returns:
        Outputs (batch, out), and a scalar; both can be differentiated.

    Raises:
        InputError: the model holds no layer of edges, or `lamb` is 0, which would penalise nothing.

    Cost: a training step takes at most twice one without it, on the CPU and for a `Network` of `KANLayer` layers whose nodes
    are sums (small ones: of any nodes); several times for other modules. No (batch, in, out) tensor.

    Example:
        >>> import torch
        >>> from edgewise import KAN
        >>> model, x = KAN([2, 5, 1]), torch.rand(10, 2)
        >>> outputs, value = forward_with_penalty(model, x, Penalty(lamb=1e-3))
        >>> loss = outputs.square().mean() + value
    """
    if not penalty.lamb:
        raise InputError(
            "forward_with_penalty: lamb must be above 0, or nothing is penalised; got 0. Pass Penalty(lamb=1e-3)."
        )
    outputs, value = outputs_and_penalty(model, x, penalty)
    return outputs, penalty.lamb * value


def outputs_and_penalty(
    model: nn.Module,
    x: Tensor,
    penalty: Penalty,
    fixed: FeatureCache | None = None,
    *,
    finish: bool = True,
) -> tuple[Tensor, Tensor]:
    """As `forward_with_penalty`, without the weight `lamb`.

    Args:
        model: A `Network`, or any module that holds layers of edges.
        x: Inputs, shape (batch, in).
        penalty: What to count.
        fixed: What is known of `x` already, if anything.
        finish: Whether a network's output scaler comes last.

    Raises:
        InputError: the model holds no layer of edges.

    Example:
        >>> import torch
        >>> from edgewise.network import build
        >>> outputs_and_penalty(build([2, 5, 1]), torch.rand(10, 2), Penalty())[1].shape
        torch.Size([])
    """
    if isinstance(model, Network):
        return _network_with_penalty(model, x, penalty, fixed, finish)
    return _module_with_penalty(model, x, penalty)


def _network_with_penalty(
    model: Network, x: Tensor, penalty: Penalty, fixed: FeatureCache | None, finish: bool
) -> tuple[Tensor, Tensor]:
    inputs, numbers = model.prepare_inputs(x) if fixed is None else fixed.inputs, penalty_numbers(penalty)

    def by_modules(h: Tensor) -> tuple[Tensor, Tensor]:
        total = h.new_zeros(())
        for l, layer in enumerate(model.layers):
            if fixed is not None and l == 0:
                sums, edges = fixed.sums_with_variances()
            else:
                sums, edges = layer.basis.sums_with_variances(h)
                sums = layer.with_formulas(sums, h)
            total = total + penalty.layer(layer.basis, edges, h, sums)
            h = layer.nodes(sums)
        return h, total

    found = None if numbers is None else fast_forward_with_penalty(model.layers, inputs, numbers, by_modules)
    outputs, total = found or by_modules(inputs)
    return model.finish_outputs(outputs) if finish else outputs, total


def penalty_numbers(penalty: Penalty) -> PenaltyNumbers | None:
    """A penalty as compiled code is told of it; None for magnitudes of the user's.

    Example:
        >>> penalty_numbers(Penalty(coef=0.5))
        PenaltyNumbers(l1=1.0, entropy=2.0, coef=0.5, coefdiff=0.0, magnitude=1)
    """
    for number, (name, function) in enumerate(MAGNITUDES.items()):
        if penalty.magnitude in (name, function):
            l1, entropy = float(penalty.l1), float(penalty.entropy)
            return PenaltyNumbers(l1, entropy, float(penalty.coef), float(penalty.coefdiff), number)
    return None


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
        sums, edges = layer.sums_with_variances(flat)
        total = total + penalty.layer(layer, edges, flat, sums)
    return output, total
