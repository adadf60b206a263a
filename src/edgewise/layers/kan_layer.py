"""A layer of learnable one-dimensional functions, one on each edge.

phi_ij(x) = mask_ij (scale_base_ij b(x) + sum_m coef_imj B_im(x)),  y_j = sum_i phi_ij(x_i).

The sums are one operation, `edges.edge_sums`, with compiled kernels where available. The features of an edge are
[b(x_i), B_i1(x_i), ...]; whatever depends only on them is in `edge_layer`.

Source: Liu et al. 2024, arXiv:2404.19756, equations 2.10 to 2.12.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from .._memory import refuse_beyond_memory
from ..edges import BASES, EdgeSpec, EdgeWeights, edge_sums, edge_variances, feature_covariance
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
from .init import Draws, Initialisation, LayerShape, Start, find_initialisation
from .layer_state import check_settings, pack_settings
from .structure import fill_


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
        options: dict[str, Any] = {
            "dtype": dtype or torch.get_default_dtype(),
            "device": torch.device(device or torch.get_default_device()),
        }
        if options["device"].type != "meta":
            refuse_beyond_memory(
                "KANLayer", _bytes_of(**sizes), f"a layer of {in_features} x {out_features} edges"
            )
        inputs, size, outputs = sizes["in_features"], settings.grid + settings.k, sizes["out_features"]
        super().__init__(torch.empty(inputs, size, outputs, **options))
        self.k, self.grid_eps, self.extrapolation = settings.k, settings.grid_eps, settings.extrapolation
        self.base_name, self.base = find_base(base)
        self.grid_range, self.init = settings.grid_range, settings.init
        self._draws = Draws(seed)
        self.scale_base = nn.Parameter(
            torch.empty(inputs, outputs, **options), requires_grad=self.base_name != "zero"
        )
        knots = torch.empty(
            inputs, size + settings.k + 1, dtype=_knot_dtype(options["dtype"]), device=options["device"]
        )
        self.register_buffer("knots", knots)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the start values anew and put the knots on the first range, in place; edges that are off stay off.

        With a seed they are those of the construction, else others, drawn from torch's global generator as
        `nn.Linear.reset_parameters` draws them. A layer that was made on the meta device, or emptied by
        `to_empty`, is a working layer afterwards; one that is still on the meta device stays as it is.
        """
        if self.coef.is_meta:
            return
        shape = LayerShape(self.in_features, self.out_features, self.grid, self.k, self.base)
        low, high = self.grid_range
        with torch.device("cpu"):  # where the generator is, whatever torch's default device
            start = _checked_start(find_initialisation(self.init)(shape, self._draws.generator()), shape)
            ends = torch.ones(shape.in_features, dtype=torch.float64)
            knots = uniform_knots(low * ends, high * ends, shape.grid, shape.k)
        fill_(self.coef, start.coef)
        fill_(self.scale_base, start.scale_base)
        fill_(self.knots, knots)
        self.restore_structure()

    kind = "spline"
    edge_tensors = ("coef", "scale_base", "mask")
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
        """Weights of the features, including the mask, shape (in, 1 + size, out)."""
        return torch.cat([self.scale_base.unsqueeze(1), self.coef], dim=1) * self.mask.unsqueeze(1)

    def scaled_coef(self) -> Tensor:
        """Effective coefficients of the splines, including the mask."""
        return self.coef * self.mask.unsqueeze(1)

    def gradients_of(self, grad: Tensor) -> dict[str, Tensor]:
        """Map gradients of the weights (batch, in, 1 + size, out) to those of each trained parameter."""
        grad, found = masked(grad, self.mask), {}
        if self.coef.requires_grad:
            found["coef"] = grad[:, :, 1:]
        if self.scale_base.requires_grad:
            found["scale_base"] = grad[:, :, 0]
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
        settings = {**self.describe(), "base": self.base, "grid_range": self.grid_range, "init": self.init}
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
        weights = EdgeWeights(self.coef, self.mask * self.scale_base, self.mask)
        total = edge_sums(x, weights, self.knots, spec)
        return total if known else total + self.base(x) @ weights.base

    def sums_with_variances(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The sums (batch, out), and every edge's variance over the batch, shape (in, out).

        Args:
            x: Inputs, shape (batch, in).

        Cost: little more than a forward pass, where compiled code makes the covariances of the features.
        """
        if self.base_name not in BASES or self.extrapolation == "error":
            return super().sums_with_variances(x)
        sums = self(x)
        spec = EdgeSpec(self.k, self.base_name, self.extrapolation)
        return sums, edge_variances(
            self.coef, self.scale_base, self.mask, feature_covariance(x, self.knots, spec)
        )

    def with_tensors(self, **tensors: Tensor) -> KANLayer:
        """A new, independent layer with some of its parameters and buffers replaced.

        Args:
            tensors: New values by name (`coef`, `scale_base`, `mask`, `knots`); shapes may
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
        low, high = self.grid_range
        if not self.knots.is_meta:
            ends = domain(self.knots, self.k)
            low, high = float(ends[0].min()), float(ends[1].max())
        return (
            f"{self.in_features}, {self.out_features}, grid={self.grid}, k={self.k}, "
            f"base={self.base_name!r}, range=[{low:.3g}, {high:.3g}]{edges_off(self.mask)}"
        )

    # State: the settings travel with the numbers

    def get_extra_state(self) -> Tensor:
        """The base's name and the extrapolation rule, as JSON in a uint8 tensor."""
        return pack_settings({"base": self.base_name, "extrapolation": self.extrapolation})

    def set_extra_state(self, state: Tensor) -> None:
        """Refuse the state of a layer of other settings.

        Raises:
            InputError: the other layer had another base or extrapolation rule.
            FileError: the state cannot be read.
        """
        settings = {"base": self.base_name, "extrapolation": self.extrapolation}
        check_settings(state, settings, type(self).__name__)

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        metadata: Any,
        strict: bool,
        missing: list[str],
        *rest: Any,
    ) -> None:
        # Looked at before a number is taken over. States of older layers have none, and a scale of their own.
        if f"{prefix}_extra_state" in state_dict:
            self.set_extra_state(state_dict[f"{prefix}_extra_state"])
        scale, coef = state_dict.pop(f"{prefix}scale_spline", None), state_dict.get(f"{prefix}coef")
        if scale is not None and coef is not None:
            state_dict[f"{prefix}coef"] = coef * scale.unsqueeze(1)
        super()._load_from_state_dict(state_dict, prefix, metadata, strict, missing, *rest)
        if f"{prefix}_extra_state" in missing:
            missing.remove(f"{prefix}_extra_state")


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
