"""A layer of learnable one-dimensional functions, one on each edge.

phi_ij(x) = mask_ij (scale_base_ij b(x) + scale_spline_ij sum_m coef_imj B_im(x)),  y_j = sum_i phi_ij(x_i).

The sums are one operation, `edges.edge_sums`, with compiled kernels where available. The features of an edge are
[b(x_i), B_i1(x_i), ...]; whatever depends only on them is in `edge_layer`.

Source: Liu et al. 2024, arXiv:2404.19756, equations 2.10 to 2.12.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from .._checks import as_generator
from .._memory import refuse_beyond_memory
from ..edges import BASES, EdgeSpec, EdgeWeights, edge_sums
from ..errors import ShapeError
from ..spline import basis, domain, refuse_out_of_range, uniform_knots
from .base import Base, base_derivative, find_base
from .edge_layer import LinearEdgeLayer, edges_off, masked, register_kind
from .edge_settings import (
    DEFAULTS,
    BaseName,
    EdgeSettings,
    ExtrapolationName,
    InitialisationName,
    checked_size,
)
from .init import Initialisation, LayerShape, Start, find_initialisation


@register_kind
class KANLayer(LinearEdgeLayer):
    """Spline layer, a drop-in replacement for `nn.Linear`: (..., in_features) to (..., out_features).

    Args:
        in_features: Inputs, at least 1.
        out_features: Outputs, at least 1.
        grid: Number of intervals G of each spline, at least 1.
        k: Degree of the splines, at least 0.
        base: Residual base function: "silu", "identity", "zero", or any elementwise callable.
        grid_range: Ends of the initial grid, in the units of the input.
        extrapolation: Values outside the grid: "linear", "constant", "decay", "periodic" or "error".
        grid_eps: When the grid follows the data: 1 keeps it uniform, 0 puts knots at quantiles.
        init: "power", "glorot", "paper", or a function of `layers.init`'s form.
        seed: Seed of the start values, or a generator to draw them from; layers of one shape and one seed are
            initialised alike. None draws from torch's global generator, as `nn.Linear` does, so layers
            differ and `torch.manual_seed` reproduces them.
        dtype: Data type of the parameters; torch's default if None.
        device: Device of the parameters.

    Attributes:
        coef: Spline coefficients, shape (in, G + k, out).
        scale_base: Weight of the base on each edge, shape (in, out).
        scale_spline: Weight of the spline on each edge, shape (in, out); 1 and frozen at the start, as
            it can be absorbed in `coef`.
        mask: 1 where an edge is on, 0 where off, shape (in, out); a buffer.
        knots: Padded knots, shape (in, G + 2k + 1); a buffer.

    Raises:
        InputError: a size, the degree or the range is out of bounds, or memory would not hold the layer.
        ShapeError: `init` gave values of another shape.

    Example:
        >>> layer = KANLayer(3, 2, grid=5, k=3, seed=0)
        >>> layer(torch.zeros(7, 4, 3)).shape
        torch.Size([7, 4, 2])
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        grid: int = 5,
        k: int = DEFAULTS.k,
        *,
        base: BaseName | Base = DEFAULTS.base,
        grid_range: tuple[float, float] = DEFAULTS.grid_range,
        extrapolation: ExtrapolationName = DEFAULTS.extrapolation,
        grid_eps: float = DEFAULTS.grid_eps,
        init: InitialisationName | Initialisation = DEFAULTS.init,
        seed: int | torch.Generator | None = None,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        sizes = {
            "in_features": checked_size("in_features", in_features, 1),
            "out_features": checked_size("out_features", out_features, 1),
        }
        settings = EdgeSettings(grid, k, base, grid_range, extrapolation, grid_eps, init)
        sizes |= {"grid": settings.grid, "k": settings.k}
        refuse_beyond_memory(
            "KANLayer", _bytes_of(**sizes), f"a layer of {in_features} x {out_features} edges"
        )
        low, high = settings.grid_range
        base_name, base = find_base(base)
        shape = LayerShape(**sizes, base=base)
        generator = torch.default_generator if seed is None else as_generator(seed)
        options: dict[str, Any] = {
            "dtype": dtype or torch.get_default_dtype(),
            "device": device or torch.get_default_device(),
        }
        with torch.device("cpu"):  # where the generator is, whatever torch's default device
            start = _checked_start(find_initialisation(init)(shape, generator), shape)
            ends = torch.ones(shape.in_features, dtype=torch.float64)
            knots = uniform_knots(low * ends, high * ends, shape.grid, shape.k)
        ones = torch.ones(shape.in_features, shape.out_features, **options)
        super().__init__(start.coef.to(**options))
        self.k, self.grid_eps, self.extrapolation = shape.k, settings.grid_eps, settings.extrapolation
        self.base_name, self.base = base_name, base
        self.scale_base = nn.Parameter(start.scale_base.to(**options), requires_grad=self.base_name != "zero")
        self.scale_spline = nn.Parameter(ones, requires_grad=False)
        self.register_buffer("knots", knots.to(options["device"], _knot_dtype(options["dtype"])))

    kind = "spline"
    edge_tensors = ("coef", "scale_base", "scale_spline", "mask")
    input_tensors = ("knots",)
    settings_shown = ("grid", "k")

    knots: Tensor

    @property
    def grid(self) -> int:
        """Number of intervals G per edge."""
        return self.size - self.k

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> KANLayer:
        # Half precision would make close knots coincide: they stay in single precision.
        exact = self.knots
        super()._apply(fn, recurse)
        if self.knots.dtype.itemsize < 4:
            self.knots = exact.to(self.knots.device, _knot_dtype(self.knots.dtype))
        return self

    def features(self, x: Tensor, order: int = 0) -> Tensor:
        """Base and basis functions at `x`, or their derivatives, shape (..., in, 1 + size)."""
        self.check_input(x)
        values = basis(x, self.knots, self.k, order=order, extrapolation=self.extrapolation)
        base = base_derivative(self.base, x, order) if order else self.base(x)
        return torch.cat([base.unsqueeze(-1), values], dim=-1)

    def weights(self) -> Tensor:
        """Weights of the features, including scales and mask, shape (in, 1 + size, out)."""
        spline = self.scale_spline.unsqueeze(1) * self.coef
        return torch.cat([self.scale_base.unsqueeze(1), spline], dim=1) * self.mask.unsqueeze(1)

    def scaled_coef(self) -> Tensor:
        """Effective coefficients of the splines, including scales and mask."""
        return self.coef * (self.scale_spline * self.mask).unsqueeze(1)

    def gradients_of(self, grad: Tensor) -> dict[str, Tensor]:
        """Map gradients of the weights (batch, in, 1 + size, out) to those of each trained parameter."""
        grad, found = masked(grad, self.mask), {}
        splines = grad[:, :, 1:]
        if self.coef.requires_grad:
            plain = not self.scale_spline.requires_grad and bool((self.scale_spline == 1).all())
            found["coef"] = splines if plain else splines * self.scale_spline[:, None]
        if self.scale_base.requires_grad:
            found["scale_base"] = grad[:, :, 0]
        if self.scale_spline.requires_grad:
            found["scale_spline"] = (splines * self.coef).sum(2)
        return found

    def interval(self) -> tuple[Tensor, Tensor]:
        """Ends of the grid, (in,) each."""
        return domain(self.knots, self.k)

    def describe(self) -> dict[str, Any]:
        """The settings as plain values; a base defined by the user goes by its name."""
        return {
            "grid": self.grid,
            "k": self.k,
            "base": self.base_name,
            "extrapolation": self.extrapolation,
            "grid_eps": self.grid_eps,
        }

    def is_sound(self) -> bool:
        """Whether the mask is finite and the knots are valid: finite, non-decreasing, with a domain."""
        low, high = self.interval()
        rising = (self.knots[:, 1:] >= self.knots[:, :-1]).all() & (low < high).all()
        return bool(rising) and super().is_sound()

    def resized(self, in_features: int, out_features: int, seed: int | torch.Generator) -> KANLayer:
        """A new layer of other sizes with the same settings, data type and device."""
        settings = {**self.describe(), "base": self.base}
        return KANLayer(
            in_features, out_features, **settings, seed=seed, dtype=self.dtype, device=self.device
        )

    @torch.no_grad()
    def silence_(self) -> KANLayer:
        """Set coefficients and the base's weights to zero, in place."""
        self.scale_base.zero_()
        return super().silence_()

    def forward(self, x: Tensor) -> Tensor:
        """Sum of the edges into each output, shape (..., out).

        Raises:
            ShapeError: `x` has another number of columns.
            InputError: `x` is no tensor of the layer's data type.
        """
        self.check_input(x)
        known, extrapolation = self.base_name in BASES, self.extrapolation
        if extrapolation == "error":
            refuse_out_of_range(x, self.knots, self.k)
            extrapolation = "linear"
        spec = EdgeSpec(self.k, self.base_name if known else "zero", extrapolation)
        weights = EdgeWeights(self.coef, self.mask * self.scale_base, self.mask * self.scale_spline)
        total = edge_sums(x, weights, self.knots, spec)
        return total if known else total + self.base(x) @ weights.base

    def with_tensors(self, **tensors: Tensor) -> KANLayer:
        """A new, independent layer with some of its parameters and buffers replaced.

        Args:
            tensors: New values by name (`coef`, `scale_base`, `scale_spline`, `mask`, `knots`); shapes may
                differ from the old, as all sizes are read off `coef`.
        """
        new = super().with_tensors(**tensors)
        if new.knots.shape[1] != new.size + new.k + 1:
            raise ShapeError(
                f"KANLayer: knots must have {new.size + new.k + 1} columns for {new.size} coefficients of "
                f"degree {new.k}; got {new.knots.shape[1]}. Replace knots and coef together."
            )
        return new

    def extra_repr(self) -> str:
        """Sizes and settings, for `repr`."""
        low, high = domain(self.knots, self.k)
        return (
            f"{self.in_features}, {self.out_features}, grid={self.grid}, k={self.k}, "
            f"base={self.base_name!r}, range=[{float(low.min()):.3g}, {float(high.max()):.3g}]"
            f"{edges_off(self.mask)}"
        )


def _bytes_of(in_features: int, out_features: int, grid: int, k: int) -> int:
    """About what a layer takes while it is made: start values in float64, then its own."""
    return 16 * in_features * (out_features * (grid + k + 3) + grid + 2 * k + 1)


def _checked_start(start: Start, shape: LayerShape) -> Start:
    coef = (shape.in_features, shape.grid + shape.k, shape.out_features)
    got = (tuple(start.coef.shape), tuple(start.scale_base.shape))
    if got != (coef, (coef[0], coef[2])):
        raise ShapeError(
            f"KANLayer: init must give coef of shape {coef} and scale_base of shape {(coef[0], coef[2])}; "
            f"got {got[0]} and {got[1]}. Take the sizes from the LayerShape it is given."
        )
    return start


def _knot_dtype(dtype: torch.dtype) -> torch.dtype:
    return dtype if dtype.itemsize >= 4 else torch.float32
