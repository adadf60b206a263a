"""A layer of learnable one-dimensional functions, one on each edge.

phi_ij(x) = mask_ij (scale_base_ij b(x) + scale_spline_ij sum_m coef_imj B_im(x)),  y_j = sum_i phi_ij(x_i).

The sums are one operation, `edges.edge_sums`, of compiled kernels where there are any. An edge is linear in
its weights, so its mean and variance over a batch follow from those of the features [b(x_i), B_i1(x_i), ...]:
mu_i . v and v . S_i v. No (batch, in, out) tensor is ever built in training.

Source: Liu et al. 2024, arXiv:2404.19756, equations 2.10 to 2.12.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from .._memory import refuse_beyond_memory
from ..edges import EdgeSpec, EdgeWeights, edge_sums
from ..errors import InputError, ShapeError, unknown_name
from ..spline import EXTRAPOLATIONS, basis, domain, out_of_range, refuse_out_of_range, uniform_knots
from .base import BASES, Base, find_base
from .init import Initialisation, LayerShape, Start, find_initialisation, generator_of, whole_number


class KANLayer(nn.Module):
    """Spline layer that drops in for `nn.Linear`: (..., in_features) to (..., out_features).

    Args:
        in_features: Inputs, at least 1.
        out_features: Outputs, at least 1.
        grid: Number of intervals G of each spline, at least 1.
        k: Degree of the splines, at least 0.
        base: Residual base function: "silu", "identity", "zero", or any elementwise callable.
        grid_range: Ends of the start grid, in the units of the input.
        extrapolation: What holds outside the grid: "linear", "constant", "decay", "periodic" or "error".
        grid_eps: When the grid follows the data: 1 keeps it uniform, 0 puts knots at quantiles.
        init: "power", "glorot", "paper", or a function of `layers.init`'s form.
        seed: Seed of the start values, or a generator to draw them from; layers of one shape and one seed start
            alike. None draws from torch's own generator, as `nn.Linear` does: no two layers start alike, and
            `torch.manual_seed` repeats them.
        dtype: Data type of the parameters; torch's default if None.
        device: Where the parameters live.

    Attributes:
        coef: Spline coefficients, shape (in, G + k, out).
        scale_base: Weight of the base on each edge, shape (in, out).
        scale_spline: Weight of the spline on each edge, shape (in, out); 1 and frozen at the start, as
            it can be absorbed in `coef`.
        mask: 1 where an edge is on, 0 where off, shape (in, out); a buffer.
        knots: Padded knots, shape (in, G + 2k + 1); a buffer.

    Raises:
        InputError: a size, the degree or the range is out of its bounds, or memory would not hold the layer.
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
        k: int = 3,
        *,
        base: str | Base = "silu",
        grid_range: tuple[float, float] = (-1.0, 1.0),
        extrapolation: str = "linear",
        grid_eps: float = 0.02,
        init: str | Initialisation = "power",
        seed: int | torch.Generator | None = None,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        sizes = _checked_sizes(in_features=in_features, out_features=out_features, grid=grid, k=k)
        low, high = _checked_range(grid_range)
        refuse_beyond_memory(
            "KANLayer", _bytes_of(**sizes), f"a layer of {in_features} x {out_features} edges"
        )
        if extrapolation not in EXTRAPOLATIONS:
            raise unknown_name("KANLayer", "extrapolation", extrapolation, EXTRAPOLATIONS)
        self.k = sizes["k"]
        self.grid_eps = _checked_share(grid_eps)
        self.extrapolation = extrapolation
        self.base_name, self.base = find_base(base)
        shape = LayerShape(**sizes, base=self.base)
        generator = torch.default_generator if seed is None else generator_of(seed)
        options: dict[str, Any] = {
            "dtype": dtype or torch.get_default_dtype(),
            "device": device or torch.get_default_device(),
        }
        with torch.device("cpu"):  # where the generator is, whatever torch's default device
            start = _checked_start(find_initialisation(init)(shape, generator), shape)
            ends = torch.ones(shape.in_features, dtype=torch.float64)
            knots = uniform_knots(low * ends, high * ends, shape.grid, self.k)
        ones = torch.ones(shape.in_features, shape.out_features, **options)
        self.coef = nn.Parameter(start.coef.to(**options))
        self.scale_base = nn.Parameter(start.scale_base.to(**options), requires_grad=self.base_name != "zero")
        self.scale_spline = nn.Parameter(ones, requires_grad=False)
        self.register_buffer("mask", ones.clone())
        self.register_buffer("knots", knots.to(options["device"], _knot_dtype(options["dtype"])))

    mask: Tensor
    knots: Tensor

    @property
    def in_features(self) -> int:
        """Number of inputs."""
        return self.coef.shape[0]

    @property
    def out_features(self) -> int:
        """Number of outputs."""
        return self.coef.shape[2]

    @property
    def size(self) -> int:
        """Basis functions to an edge, G + k."""
        return self.coef.shape[1]

    @property
    def grid(self) -> int:
        """Intervals G to an edge."""
        return self.size - self.k

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> KANLayer:
        # Half precision would make close knots coincide: they stay in single precision.
        exact = self.knots
        super()._apply(fn, recurse)
        if self.knots.dtype.itemsize < 4:
            self.knots = exact.to(self.knots.device, _knot_dtype(self.knots.dtype))
        return self

    def features(self, x: Tensor) -> Tensor:
        """Base and basis functions at `x`, shape (..., in, 1 + size)."""
        _check_input(x, self.coef)
        values = basis(x, self.knots, self.k, extrapolation=self.extrapolation)
        return torch.cat([self.base(x).unsqueeze(-1), values], dim=-1)

    def weights(self) -> Tensor:
        """What the features are multiplied with, scales and mask included, shape (in, 1 + size, out)."""
        spline = self.scale_spline.unsqueeze(1) * self.coef
        return torch.cat([self.scale_base.unsqueeze(1), spline], dim=1) * self.mask.unsqueeze(1)

    def forward(self, x: Tensor) -> Tensor:
        """Sum of the edges into each output, shape (..., out).

        Raises:
            ShapeError: `x` has another number of columns.
            InputError: `x` is no tensor of the layer's data type.
        """
        _check_input(x, self.coef)
        known, extrapolation = self.base_name in BASES, self.extrapolation
        if extrapolation == "error":
            refuse_out_of_range(x, self.knots, self.k)
            extrapolation = "linear"
        spec = EdgeSpec(self.k, self.base_name if known else "zero", extrapolation)
        weights = EdgeWeights(self.coef, self.mask * self.scale_base, self.mask * self.scale_spline)
        total = edge_sums(x, weights, self.knots, spec)
        return total if known else total + self.base(x) @ weights.base

    def sums(self, features: Tensor) -> Tensor:
        """Sums from features that were computed before, (..., in, 1 + size) to (..., out)."""
        return features.flatten(-2) @ self.weights().flatten(0, 1)

    def edges(self, x: Tensor) -> Tensor:
        """Output of every edge by itself, shape (..., in, out); for looking inside."""
        return torch.einsum("...ip,ipo->...io", self.features(x), self.weights())

    def forward_with_moments(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The sums, and every edge's mean and variance over the batch, without per-edge activations.

        Args:
            x: Inputs, shape (batch, in).

        Returns:
            Sums (batch, out); means and variances (in, out), the latter divided by the batch size.
        """
        return self.sums_with_moments(self.features(x))

    def sums_with_moments(
        self, features: Tensor, statistics: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """As `forward_with_moments`, from features that were computed before.

        Args:
            features: What `features` gave, shape (batch, in, 1 + size).
            statistics: What `feature_statistics` gave for them, if that is known too.
        """
        mean, covariance = statistics or feature_statistics(features)
        weights = self.weights()
        return (
            features.flatten(-2) @ weights.flatten(0, 1),
            torch.einsum("ip,ipo->io", mean, weights),
            (weights * (covariance @ weights)).sum(1).clamp_min(0),
        )

    def out_of_range(self, x: Tensor) -> Tensor:
        """Share of samples outside the grid, for each input, shape (in,)."""
        return out_of_range(x, self.knots, self.k)

    def select(self, inputs: list[int], outputs: list[int]) -> KANLayer:
        """A new layer with these inputs and outputs only, in the order given."""
        rows = torch.as_tensor(inputs, dtype=torch.long, device=self.coef.device)
        columns = torch.as_tensor(outputs, dtype=torch.long, device=self.coef.device)

        def cut(matrix: Tensor) -> Tensor:
            return matrix[rows][:, columns]

        return self.with_tensors(
            coef=self.coef[rows][:, :, columns],
            scale_base=cut(self.scale_base),
            scale_spline=cut(self.scale_spline),
            mask=cut(self.mask),
            knots=self.knots[rows],
        )

    def with_tensors(self, **tensors: Tensor) -> KANLayer:
        """A new, independent layer with some of its parameters and buffers replaced.

        Args:
            tensors: New values by name (`coef`, `scale_base`, `scale_spline`, `mask`, `knots`); shapes may
                differ from the old, as all sizes are read off `coef`.
        """
        new = copy.deepcopy(self)
        for name, value in tensors.items():
            old = getattr(new, name)
            fresh = value.detach().clone().to(old)
            if isinstance(old, nn.Parameter):
                setattr(new, name, nn.Parameter(fresh, requires_grad=old.requires_grad))
            else:
                new.register_buffer(name, fresh)
        if new.knots.shape[1] != new.size + new.k + 1:
            raise ShapeError(
                f"KANLayer: knots must have {new.size + new.k + 1} columns for {new.size} coefficients of "
                f"degree {new.k}; got {new.knots.shape[1]}. Replace knots and coef together."
            )
        return new

    def extra_repr(self) -> str:
        """Sizes and settings in one line."""
        low, high = domain(self.knots, self.k)
        off = int((self.mask == 0).sum())
        return (
            f"{self.in_features}, {self.out_features}, grid={self.grid}, k={self.k}, "
            f"base={self.base_name!r}, range=[{float(low.min()):.3g}, {float(high.max()):.3g}]"
            + (f", edges_off={off}" if off else "")
        )


def feature_statistics(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (in, p) and covariance (in, p, p) over the batch of features (batch, in, p).

    Example:
        >>> mean, covariance = feature_statistics(torch.tensor([[[1.0]], [[3.0]]]))
        >>> mean.item(), covariance.item()
        (2.0, 1.0)
    """
    mean = features.mean(0)
    centred = (features - mean).transpose(0, 1)
    return mean, centred.transpose(1, 2) @ centred / max(len(features), 1)


def _checked_sizes(**sizes: Any) -> dict[str, int]:
    checked = {}
    for name, value in sizes.items():
        least = 0 if name == "k" else 1
        try:
            checked[name] = whole_number(value, least)
        except ValueError:
            raise InputError(
                f"KANLayer: {name} must be a whole number of at least {least}; got {value!r}. Give one."
            ) from None
    return checked


def _checked_share(grid_eps: Any) -> float:
    try:
        share = float(grid_eps)
    except (TypeError, ValueError):
        share = math.nan
    if not 0 <= share <= 1:
        raise InputError(f"KANLayer: grid_eps must be from 0 to 1; got {grid_eps!r}. The default is 0.02.")
    return share


def _bytes_of(in_features: int, out_features: int, grid: int, k: int) -> int:
    """About what a layer takes while it is made: start values in float64, then its own."""
    return 16 * in_features * (out_features * (grid + k + 3) + grid + 2 * k + 1)


def _checked_range(grid_range: Any) -> tuple[float, float]:
    try:
        low, high = (float(end) for end in grid_range)
    except (TypeError, ValueError):
        low = high = 0.0
    if not -math.inf < low < high < math.inf:
        raise InputError(
            f"KANLayer: grid_range must be two rising numbers; got {grid_range!r}. Give (low, high)."
        )
    return low, high


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


def _check_input(x: Tensor, like: Tensor) -> None:
    if not isinstance(x, Tensor):
        raise InputError(f"KANLayer: x must be a tensor; got {type(x).__name__}. Use torch.as_tensor.")
    if x.ndim == 0 or x.shape[-1] != like.shape[0]:
        raise ShapeError(
            f"KANLayer: x must have {like.shape[0]} columns; got shape {tuple(x.shape)}. "
            f"Pass the inputs the layer was built for, as (..., in)."
        )
    if x.dtype != like.dtype and not torch.is_autocast_enabled(x.device.type):
        raise InputError(
            f"KANLayer: x must have the layer's dtype {like.dtype}; got {x.dtype}. "
            f"Use x.to({like.dtype}), or bring the layer to another dtype."
        )
