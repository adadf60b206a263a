"""Value, gradient and Hessian of any differentiable function at samples, in float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from ..._tensors import even_places, to_tensor
from ...errors import InputError, ShapeError
from ...network import Network, as_inputs, duplicate

_ROWS = 1000
_FEWEST = 10
_CLIPPED = 0.95
_STEPS = (0.25, 0.05, 0.01)
_KINKED = 0.5
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Derivatives:
    """A function at samples, its derivatives for inputs in units of their own deviation.

    Attributes:
        x: Samples (n, inputs) in their own units.
        values: Shape (n,).
        gradient: Shape (n, inputs).
        hessian: Shape (n, inputs, inputs).
        spread: Deviation of each input.
        names: Of the inputs.
    """

    x: Tensor
    values: Tensor
    gradient: Tensor
    hessian: Tensor
    spread: Tensor
    names: tuple[str, ...]

    @cached_property
    def scale(self) -> float:
        """How far values are from their median, typically."""
        return typical(self.values - self.values.median()) or 1.0

    @cached_property
    def effects(self) -> Tensor:
        """How much each input matters: the typical slope, as a share of the values' scale."""
        return torch.tensor([typical(column) for column in self.gradient.T], dtype=torch.float64) / self.scale

    def places(self, inputs: Sequence[str | int], where: str) -> tuple[int, ...]:
        """Numbers of inputs that are given by name or number.

        Raises:
            InputError: there is no such input, or one is there twice.
        """
        known: dict[str | int, int] = dict(enumerate(range(len(self.names))))
        known |= {name: place for place, name in enumerate(self.names)}
        unknown = [one for one in inputs if one not in known]
        places = tuple(known[one] for one in inputs if one in known)
        if unknown or len(set(places)) != len(places):
            raise InputError(
                f"{where}: inputs must be different ones of {list(self.names)}, by name or number from 0; "
                f"got {list(inputs)}."
            )
        return places


def typical(values: Tensor) -> float:
    """Mean size, sizes above their 95 % quantile counted as that: a few singular samples decide nothing."""
    sizes = values.abs()
    return float(sizes.clamp(max=sizes.quantile(_CLIPPED)).mean())


def derivatives_of(
    f: Any, x: Any, *, output: int = 0, names: Sequence[str] | None = None, where: str = "derivatives_of"
) -> Derivatives:
    """Differentiate twice, exactly, at no more than 1,000 of the samples.

    Args:
        f: A network, any module, or a function of a tensor (n, inputs) that gives (n,), (n, 1) or (n, outputs); each
            row may depend on its own sample only.
        x: Samples (n, inputs), in any form.
        output: Of several outputs, which.
        names: Of the inputs; those of a network or frame, or x_1, x_2, ..., if None.
        where: Name of the function the user called, for messages.

    Raises:
        InputError: fewer than 10 samples, a function that is not finite at half of them, or one whose slope changes
            where its second derivatives are 0: the tests would call all of it separable.
        ShapeError: the function gives another shape.

    Example:
        >>> at = derivatives_of(lambda x: x[:, 0] * x[:, 1], torch.rand(50, 2))
        >>> at.hessian.shape
        torch.Size([50, 2, 2])
    """
    curve, samples, labels = smooth_function(f, x, names, output, where)
    values, gradient, hessian = _twice(curve, samples)
    finite = values.isfinite() & gradient.isfinite().all(1) & hessian.isfinite().flatten(1).all(1)
    if int(finite.sum()) < max(_FEWEST, len(samples) // 2):
        raise InputError(
            f"{where}: f must be finite with its first two derivatives; got {int(finite.sum())} of {len(samples)} samples. "
            f"Leave out the samples where it is not."
        )
    samples, values, gradient, hessian = (part[finite] for part in (samples, values, gradient, hessian))
    spread = samples.std(0, correction=0)
    spread = torch.where(spread > 0, spread, torch.ones_like(spread))
    _refuse_kinks(curve, samples, spread, gradient, hessian, where)
    return Derivatives(samples, values, gradient * spread, hessian * spread[:, None] * spread, spread, labels)


def smooth_function(
    f: Any, x: Any, names: Sequence[str] | None, output: int, where: str
) -> tuple[Callable[[Tensor], Tensor], Tensor, tuple[str, ...]]:
    """One output of a function as a function of a tensor, at most 1,000 samples for it, and names of the inputs.

    Example:
        >>> curve, x, names = smooth_function(lambda x: x[:, :1], torch.rand(20, 2), None, 0, "f")
        >>> curve(x).shape, names
        (torch.Size([20]), ('x_1', 'x_2'))
    """
    network = isinstance(f, Network)
    samples = as_inputs(x, f, where) if network else to_tensor(x, where, "x")
    if samples.ndim != 2 or len(samples) < _FEWEST or samples.shape[1] == 0:
        raise ShapeError(
            f"{where}: x must have shape (n, inputs), n at least {_FEWEST}; got shape {tuple(samples.shape)}."
        )
    if names is None:
        columns = f.input_names if network else getattr(x, "columns", None)
        names = columns if columns is not None and len(columns) == samples.shape[1] else None
    labels = tuple(map(str, names if names is not None else (f"x_{n + 1}" for n in range(samples.shape[1]))))
    if len(labels) != samples.shape[1] or len(set(labels)) != len(labels):
        raise InputError(
            f"{where}: names must be different, one for each of {samples.shape[1]} inputs; got {list(labels)}."
        )
    kind = torch.float64
    if network:
        f = duplicate(f).double()
    elif isinstance(f, nn.Module):
        kind = next((part.dtype for part in f.parameters()), torch.float64)
    samples = samples.to(kind)[even_places(len(samples), _ROWS)]

    def curve(at: Tensor) -> Tensor:
        return _column(f(at), at, output, where)

    curve(samples)
    return curve, samples, labels


def _column(values: Any, x: Tensor, output: int, where: str) -> Tensor:
    values = values[:, None] if isinstance(values, Tensor) and values.ndim == 1 else values
    if not isinstance(values, Tensor) or values.ndim != 2 or len(values) != len(x):
        shape = tuple(values.shape) if isinstance(values, Tensor) else type(values).__name__
        raise ShapeError(f"{where}: f must give a tensor (n,) or (n, outputs) for (n, inputs); got {shape}.")
    if not 0 <= output < values.shape[1]:
        raise InputError(f"{where}: output must be from 0 to {values.shape[1] - 1}; got {output}.")
    return values[:, output]


def _slopes(values: Tensor, x: Tensor, more: bool) -> Tensor:
    """Gradient of each value in its own sample; 0 where there is no dependence."""
    if not values.requires_grad:
        return torch.zeros_like(x)
    found = torch.autograd.grad(values.sum(), x, create_graph=more, retain_graph=True, allow_unused=True)[0]
    return torch.zeros_like(x) if found is None else found


def _twice(f: Callable[[Tensor], Tensor], x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    x = x.detach().clone().requires_grad_()
    values = f(x)
    gradient = _slopes(values, x, more=True)
    hessian = torch.stack([_slopes(column, x, more=False) for column in gradient.unbind(1)], 1)
    return values.detach().double(), gradient.detach().double(), hessian.detach().double()


def _refuse_kinks(
    f: Callable[[Tensor], Tensor], x: Tensor, spread: Tensor, gradient: Tensor, hessian: Tensor, where: str
) -> None:
    """Compare how the gradient changes along random steps with what the Hessians at both ends say of it.

    It is enough that they agree for steps of one length: long ones miss fast waves, short ones miss kinks.
    """
    generator = torch.Generator().manual_seed(0)
    least = _ROUNDING * typical(gradient * spread)
    away = torch.randn(x.shape, generator=generator, dtype=torch.float64) * spread
    worst = 0.0
    for length in _STEPS:
        _, there, bend = _twice(f, (x.double() + length * away).to(x.dtype))
        told = torch.einsum("nij,nj->ni", hessian + bend, length * away / 2)
        change, missed = ((one * spread).abs().sum(1) for one in (there - gradient, told - there + gradient))
        fine = change.isfinite() & missed.isfinite()
        if not bool(fine.any()):
            continue
        most = float(change[fine].quantile(0.99))
        turned, missed_by = (float(one[fine].clamp(max=most).mean()) for one in (change, missed))
        if turned > least:
            if missed_by < _KINKED * turned:
                return
            worst = max(worst, missed_by / turned)
    if worst:
        raise InputError(
            f"{where}: f must be twice differentiable; its second derivatives miss {worst:.0%} of how its slopes "
            f"change. Use smooth activations, and splines with k of at least 3."
        )
