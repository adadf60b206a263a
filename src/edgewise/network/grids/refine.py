"""Grid refinement: exact if the old grid nests in the new one, else the best approximation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic

import torch
from torch import Tensor

from ..._checks import as_int
from ..._memory import refuse_beyond_memory
from ...errors import InputError, unknown_name
from ...layers import KANLayer, LinearEdgeLayer, capability
from ...spline import domain, equidistributed_knots, project, subdivided_knots
from ..inputs import as_inputs
from ..layer import Layer
from ..surgery import Model, with_layers
from .apply import spline_weight


@dataclass(frozen=True)
class Refined(Generic[Model]):
    """A refined network and its residuals.

    Attributes:
        model: The new network.
        residuals: RMS change of each edge by layer, shape (in, out); 0 where it was exact.
    """

    model: Model = field(repr=False)
    residuals: tuple[Tensor, ...]

    @property
    def max_residual(self) -> float:
        """Largest RMS change of any edge."""
        return max((float(residual.max()) for residual in self.residuals), default=0.0)

    def __str__(self) -> str:
        change = f"edges changed by {self.max_residual:.2g} at most" if self.max_residual else "exactly"
        return f"refined to grid {self.model.grid}, {change}"


@capability("have a grid that can be refined", "Build the model anew with more functions on its edges.")
def refine_layer(
    layer: LinearEdgeLayer, intervals: int, h: Tensor | None, knots: str
) -> tuple[LinearEdgeLayer, Tensor]:
    """The layer on a grid of other intervals, good on `h`, and the RMS change of each edge, shape (in, out)."""
    raise NotImplementedError


@torch.no_grad()
def refine(
    model: Model, grid: int | Sequence[int], x: Any = None, *, knots: str = "nested"
) -> Refined[Model]:
    """Change the number of intervals of every spline.

    If the old grid nests in the new one (a multiple of it), knots are inserted and no value changes;
    otherwise each spline is replaced by its best approximation, and the residual is reported.

    Args:
        model: Not modified.
        grid: New number of intervals, one for all layers or one per layer.
        x: Samples on which an approximation has to be good, in any form `trace` takes; the grid's own
            domain if None. Not needed for nested grids. A sample further outside a grid than the grid is
            wide counts as one at that distance.
        knots: "nested" subdivides the existing intervals; "equidistributed" makes them narrow where the splines'
            next derivative is large, so that each makes about the same error (de Boor's `newknt`): for steps,
            kinks and peaks, once a coarse grid has seen them.

    Returns:
        The new network and its residuals.

    Raises:
        InputError: `grid` is not a positive number, or not one for each layer.
        UnknownName: `knots` is neither.

    Source: knot insertion: Ramshaw 1989, "Blossoms are polar forms"; grid extension: Liu et al. 2024,
        arXiv:2404.19756, section 2.4; equidistribution: de Boor 1978, A Practical Guide to Splines, chapter XII.

    Example:
        >>> from edgewise.network import build
        >>> print(refine(build([2, 5, 1], grid=3), 6))
        refined to grid (6, 6), exactly
    """
    if knots not in ("nested", "equidistributed"):
        raise unknown_name("refine", "knots", knots, ["nested", "equidistributed"])
    refine_layer.require("refine", [layer.basis for layer in model.layers])
    grids = _checked_grids(grid, model.depth)
    h = None if x is None else model.prepare_inputs(as_inputs(x, model, "refine"))
    layers, residuals = [], []
    for layer, intervals in zip(model.layers, grids, strict=True):
        finer, residual = refine_layer(layer.basis, intervals, h, knots)
        layers.append(Layer(finer, layer.formula, layer.nodes))
        residuals.append(residual)
        h = None if h is None else layer(h)
    return Refined(with_layers(model, layers), tuple(residuals))


@refine_layer.register(KANLayer)
def _refined(spline: KANLayer, intervals: int, h: Tensor | None, knots: str) -> tuple[KANLayer, Tensor]:
    numbers = spline.in_features * spline.out_features * (intervals + spline.k)
    refuse_beyond_memory("refine", 16 * numbers, f"splines of {numbers:,} coefficients")
    placed = _placed(spline, intervals, knots)
    near = None if h is None else _near(spline, h)
    refit = project(spline.coef, spline.knots, placed, spline.k, near, extrapolation=spline.extrapolation)
    return spline.with_tensors(coef=refit.coef, knots=placed), refit.residual * spline_weight(spline)


def _placed(spline: KANLayer, intervals: int, knots: str) -> Tensor:
    if knots == "nested":
        return subdivided_knots(spline.knots, spline.k, intervals)
    return equidistributed_knots(spline.coef, spline.knots, spline.k, intervals, weight=spline_weight(spline))


def _near(spline: KANLayer, h: Tensor) -> Tensor:
    """Samples brought to within one width of the grid: float64 cannot hold equations for all of the line."""
    low, high = domain(spline.knots, spline.k)
    return h.clamp(low - (high - low), high + (high - low))


def _checked_grids(grid: int | Sequence[int], depth: int) -> list[int]:
    rule = (
        f"refine: grid must be a whole number of at least 1, or one for each of {depth} layers; got {grid!r}"
    )
    grid = grid.tolist() if hasattr(grid, "tolist") else grid
    grids = list(grid) if isinstance(grid, (list, tuple)) else [grid] * depth
    if len(grids) != depth:
        raise InputError(f"{rule}. Give {depth} numbers, or one.")
    try:
        return [as_int(value, 1) for value in grids]
    except ValueError:
        raise InputError(f"{rule}. For example refine(model, 10).") from None
