"""Initialisation of spline layers in closed form: no solver, so the same seed gives the same bits.

Letters: `G` intervals, `k` degree, `in` and `out` the layer's features, `b` the residual base.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .._checks import as_generator
from ..errors import unknown_name
from ..spline import basis, uniform_knots


@dataclass(frozen=True)
class LayerShape:
    """The properties of a layer that an initialisation may depend on.

    Attributes:
        in_features: Inputs.
        out_features: Outputs.
        grid: Number of intervals G per edge.
        k: Degree of the splines.
        base: The residual base function b, elementwise.
    """

    in_features: int
    out_features: int
    grid: int
    k: int
    base: Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Start:
    """Initial values: `coef` (in, G + k, out), `scale_base` (in, out), in float64."""

    coef: Tensor
    scale_base: Tensor


Initialisation = Callable[[LayerShape, torch.Generator], Start]


def _start(shape: LayerShape, generator: torch.Generator, coef_std: float, base_std: float) -> Start:
    size = (shape.in_features, shape.grid + shape.k, shape.out_features)
    coef = torch.randn(size, generator=generator, dtype=torch.float64)
    base = torch.randn(size[0], size[2], generator=generator, dtype=torch.float64)
    return Start(coef_std * coef, base_std * base)


def paper(shape: LayerShape, generator: torch.Generator) -> Start:
    """Small noise on the splines, Xavier weights on the base.

    Source: Liu et al. 2024, arXiv:2404.19756, section 2.2: c ~ N(0, 0.1^2), w_b Xavier.

    Example:
        >>> shape = LayerShape(2, 5, 3, 3, torch.nn.functional.silu)
        >>> paper(shape, torch.Generator().manual_seed(0)).coef.shape
        torch.Size([2, 6, 5])
    """
    return _start(shape, generator, 0.1, math.sqrt(2 / (shape.in_features + shape.out_features)))


def power(
    shape: LayerShape, generator: torch.Generator, *, basis_power: float = 1.75, base_power: float = 0.25
) -> Start:
    """Standard deviations that fall as powers of the number of terms and inputs.

    Splines: ((G + k + 1) in)^-basis_power; base: ((G + k + 1) in)^-base_power.

    Source: Rigas et al. 2025, "Initialization schemes for Kolmogorov-Arnold networks", power law.

    Example:
        >>> shape = LayerShape(2, 5, 3, 3, torch.nn.functional.silu)
        >>> power(shape, torch.Generator().manual_seed(0)).scale_base.shape
        torch.Size([2, 5])
    """
    terms = (shape.grid + shape.k + 1) * shape.in_features
    return _start(shape, generator, terms**-basis_power, terms**-base_power)


def glorot(shape: LayerShape, generator: torch.Generator) -> Start:
    """Keep the variance of values and of gradients alike, over uniform inputs on [-1, 1].

    For each kind of term t (basis or base), var = gain^2 * 2 / ((G + k + 1)(in E[t^2] + out E[t'^2])).

    Source: Rigas et al. 2025, Glorot-like scheme.

    Example:
        >>> shape = LayerShape(2, 5, 3, 3, torch.nn.functional.silu)
        >>> glorot(shape, torch.Generator().manual_seed(0)).coef.shape
        torch.Size([2, 6, 5])
    """
    x = torch.linspace(-1, 1, 1001, dtype=torch.float64)[:, None]
    ends = torch.ones(1, dtype=torch.float64)
    knots = uniform_knots(-ends, ends, shape.grid, shape.k)
    values = basis(x, knots, shape.k).square().mean()
    slopes = basis(x, knots, shape.k, order=1).square().mean()
    coef_std = _glorot_std(shape, float(values), float(slopes))
    base_std = _glorot_std(shape, *_base_squares(shape, x))
    return _start(shape, generator, coef_std, base_std)


def _base_squares(shape: LayerShape, x: Tensor) -> tuple[float, float]:
    """Mean squares of the base and of its slope over `x`."""
    probe = x.clone().requires_grad_()
    with torch.enable_grad():
        base = shape.base(probe)
        if not base.requires_grad:  # a constant
            return float(base.square().mean()), 0.0
        (slope,) = torch.autograd.grad(base.sum(), probe)
    return float(base.detach().square().mean()), float(slope.square().mean())


def _glorot_std(shape: LayerShape, square: float, slope_square: float) -> float:
    terms = shape.grid + shape.k + 1
    spread = terms * (shape.in_features * square + shape.out_features * slope_square)
    gain_square = 1 / 3  # variance of uniform inputs on [-1, 1]
    return math.sqrt(2 * gain_square / spread) if spread > 0 else 0.0


INITIALISATIONS: dict[str, Initialisation] = {"paper": paper, "power": power, "glorot": glorot}


class Draws:
    """Where the start values of a layer come from, so that the same can be drawn again.

    Args:
        seed: A number; a generator, which is drawn from once and then from where it stood that time; None for
            torch's global generator, wherever it stands.

    Example:
        >>> draws = Draws(torch.Generator().manual_seed(0))
        >>> torch.equal(torch.rand(2, generator=draws.generator()), torch.rand(2, generator=draws.generator()))
        True
    """

    def __init__(self, seed: int | torch.Generator | None) -> None:
        # An unsuitable seed is refused when it is given, not when it is first used.
        self._source = seed if seed is None or isinstance(seed, torch.Generator) else as_generator(seed)
        self._state: Tensor | None = None

    def generator(self) -> torch.Generator:
        """A generator that stands where it stood the first time."""
        if self._state is not None:
            found = torch.Generator()
            found.set_state(self._state)
            return found
        source = self._source
        if source is None:
            return torch.default_generator
        self._source, self._state = None, source.get_state()
        return source


def find_initialisation(init: str | Initialisation) -> Initialisation:
    """Give the initialisation of that name, or `init` itself when it is a function.

    Raises:
        UnknownName: no initialisation has that name.

    Example:
        >>> find_initialisation("power") is power
        True
    """
    if callable(init):
        return init
    if not isinstance(init, str) or init not in INITIALISATIONS:
        raise unknown_name("KANLayer", "init", init, INITIALISATIONS)
    return INITIALISATIONS[init]
