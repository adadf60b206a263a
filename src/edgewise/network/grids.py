"""Moving and refining the grids of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .._memory import refuse_beyond_memory
from ..errors import InputError, unknown_name
from ..layers import KANLayer, LinearEdgeLayer, capability, whole_number
from ..spline import adaptive_knots, domain, equidistributed_knots, project, subdivided_knots
from .layer import Layer
from .network import Network
from .surgery import Model, replaced
from .trace import samples


@dataclass(frozen=True)
class Refined:
    """What a refinement cost: RMS change of each edge by layer, shape (in, out); 0 where it was exact."""

    residuals: tuple[Tensor, ...]

    @property
    def worst(self) -> float:
        """Largest RMS change of any edge."""
        return max((float(residual.max()) for residual in self.residuals), default=0.0)


@capability("have knots that can be moved", "Leave the grids where they are: fit(..., update_grid=False).")
def refit_knots(layer: LinearEdgeLayer, h: Tensor) -> tuple[LinearEdgeLayer, Tensor]:
    """The layer on knots that lie where its inputs `h` do, and the RMS change of each edge, shape (in, out)."""
    raise NotImplementedError


@capability("have a grid that can be refined", "Build the model anew with more functions on its edges.")
def refine_layer(
    layer: LinearEdgeLayer, intervals: int, h: Tensor | None, knots: str
) -> tuple[LinearEdgeLayer, Tensor]:
    """The layer on a grid of other intervals, good on `h`, and the RMS change of each edge, shape (in, out)."""
    raise NotImplementedError


@torch.no_grad()
def update_grid(model: Network, x: Tensor) -> float:
    """Move every layer's knots to where its inputs lie, in place, keeping the outputs.

    Coefficients are refit layer by layer, each on what the layers below now give. A column without
    spread keeps its knots.

    Args:
        model: Changed in place: knots and coefficients.
        x: Samples, shape (batch, n_columns), finite.

    Returns:
        Largest RMS change of any edge's spline on the samples.

    Raises:
        InputError: `x` holds no sample or a value that is not finite.

    Source: Liu et al. 2024, arXiv:2404.19756, section 2.2 (update of spline grids).

    Example:
        >>> from edgewise.network import build
        >>> update_grid(build([2, 5, 1]), torch.linspace(-2, 2, 100).reshape(50, 2)) < 1e-2
        True
    """
    refit_knots.require("update_grid", [layer.basis for layer in model.layers])
    h = samples("update_grid", model, x)
    moved, worst = [], 0.0
    for layer in model.layers:
        new, residual = refit_knots(layer.basis, h)
        moved.append(new)
        worst = max(worst, float(residual.max()))
        h = Layer(new, layer.formula, layer.nodes)(h)
    # All or nothing: a layer that cannot be moved must not leave those below it moved.
    for layer, new in zip(model.layers, moved, strict=True):
        for name in ("coef", *new.input_tensors):
            getattr(layer.basis, name).copy_(getattr(new, name))
    return worst


@torch.no_grad()
def refine(
    model: Model, grid: int | Sequence[int], x: Tensor | None = None, *, knots: str = "nested"
) -> tuple[Model, Refined]:
    """Give every spline another number of intervals.

    Where the new grid nests in the old (a multiple of it), knots are inserted and no value changes;
    otherwise each spline becomes the best approximation of itself, and the residual is reported.

    Args:
        model: Left as it is.
        grid: New number of intervals, one for all layers or one a layer.
        x: Samples on which an approximation has to be good, shape (batch, n_columns); the grid's own
            domain if None. Not needed for nested grids. A sample further outside a grid than the grid is
            wide counts as one at that distance.
        knots: "nested" divides the intervals there are; "error" makes them narrow where the splines bend most,
            so that each makes about the same error: for steps, kinks and peaks, once a coarse grid has seen them.

    Returns:
        The new network and what it cost.

    Raises:
        InputError: `grid` is not a positive number, or not one for each layer.
        UnknownName: `knots` is neither.

    Source: knot insertion: Ramshaw 1989, "Blossoms are polar forms"; grid extension: Liu et al. 2024,
        arXiv:2404.19756, section 2.4.

    Example:
        >>> from edgewise.network import build
        >>> finer, cost = refine(build([2, 5, 1], grid=3), 6)
        >>> finer.grid, cost.worst
        ((6, 6), 0.0)
    """
    if knots not in ("nested", "error"):
        raise unknown_name("refine", "knots", knots, ["nested", "error"])
    refine_layer.require("refine", [layer.basis for layer in model.layers])
    grids = _checked_grids(grid, model.depth)
    h = None if x is None else samples("refine", model, x)
    layers, residuals = [], []
    for layer, intervals in zip(model.layers, grids, strict=True):
        finer, residual = refine_layer(layer.basis, intervals, h, knots)
        layers.append(Layer(finer, layer.formula, layer.nodes))
        residuals.append(residual)
        h = None if h is None else layer(h)
    return replaced(model, layers), Refined(tuple(residuals))


@refine_layer.register(KANLayer)
def _refined(spline: KANLayer, intervals: int, h: Tensor | None, knots: str) -> tuple[KANLayer, Tensor]:
    numbers = spline.in_features * spline.out_features * (intervals + spline.k)
    refuse_beyond_memory("refine", 16 * numbers, f"splines of {numbers:,} coefficients")
    placed = _placed(spline, intervals, knots)
    near = None if h is None else _near(spline, h)
    refit = project(spline.coef, spline.knots, placed, spline.k, near, extrapolation=spline.extrapolation)
    return spline.with_tensors(coef=refit.coef, knots=placed), refit.residual * _weight(spline)


def _placed(spline: KANLayer, intervals: int, knots: str) -> Tensor:
    if knots == "nested":
        return subdivided_knots(spline.knots, spline.k, intervals)
    return equidistributed_knots(spline.coef, spline.knots, spline.k, intervals, weight=_weight(spline))


@refit_knots.register(KANLayer)
def _moved(spline: KANLayer, h: Tensor) -> tuple[KANLayer, Tensor]:
    """The layer on knots among `h`, as near as can be there; what keeps its knots stays."""
    knots = adaptive_knots(h, spline.grid, spline.k, grid_eps=spline.grid_eps, previous=spline.knots)
    rows = (knots != spline.knots).any(1)
    coef, residual = spline.coef.clone(), torch.zeros_like(spline.scale_spline)
    if bool(rows.any()):
        refit = project(
            coef[rows],
            spline.knots[rows],
            knots[rows],
            spline.k,
            h[:, rows],
            extrapolation=spline.extrapolation,
        )
        coef[rows], residual[rows] = refit.coef, refit.residual
    return spline.with_tensors(coef=coef, knots=knots), residual * _weight(spline)


def _near(spline: KANLayer, h: Tensor) -> Tensor:
    """Samples brought to within one width of the grid: float64 cannot hold equations for all of the line."""
    low, high = domain(spline.knots, spline.k)
    return h.clamp(low - (high - low), high + (high - low))


def _weight(spline: KANLayer) -> Tensor:
    """What an edge's spline is multiplied with, without its sign, shape (in, out)."""
    return (spline.scale_spline * spline.mask).abs()


def _checked_grids(grid: int | Sequence[int], depth: int) -> list[int]:
    rule = (
        f"refine: grid must be a whole number of at least 1, or one for each of {depth} layers; got {grid!r}"
    )
    grid = grid.tolist() if hasattr(grid, "tolist") else grid
    grids = list(grid) if isinstance(grid, (list, tuple)) else [grid] * depth
    if len(grids) != depth:
        raise InputError(f"{rule}. Give {depth} numbers, or one.")
    try:
        return [whole_number(value, 1) for value in grids]
    except ValueError:
        raise InputError(f"{rule}. For example refine(model, 10).") from None
