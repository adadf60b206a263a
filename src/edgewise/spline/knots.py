"""Knot vectors: build, pad, adapt to data, subdivide."""

from __future__ import annotations

import torch
from torch import Tensor

from ..errors import InputError, ShapeError

# The least share of the uniform grid in an adaptive one: no cell is narrower than this part of range / grid.
_LEAST_EPS = 0.01
# A cell must be at least this many rounding steps of the values it divides.
_LEAST_ULPS = 16


def inner_knots(knots: Tensor, degree: int) -> Tensor:
    """Drop the padding: the knots that bound the `grid` cells of the domain.

    Args:
        knots: Padded knots, shape (in, grid + 1 + 2 * degree).
        degree: Spline degree.

    Returns:
        The inner knots, a view of shape (in, grid + 1).

    Example:
        >>> inner_knots(torch.arange(8.0)[None], 2)
        tensor([[2., 3., 4., 5.]])
    """
    return knots[..., degree : knots.shape[-1] - degree]


def pad_knots(inner: Tensor, degree: int) -> Tensor:
    """Add `degree` knots on each side, at the mean spacing of the row.

    Args:
        inner: Strictly increasing knots, shape (in, grid + 1).
        degree: Spline degree, 0 or more.

    Returns:
        Padded knots, shape (in, grid + 1 + 2 * degree), strictly increasing. Half-precision knots come back
        as float32, since half precision cannot hold a fine grid.

    Raises:
        ShapeError: If `inner` is not (in, 2 or more).
        InputError: If a row is not strictly increasing, or `degree` is negative.

    Example:
        >>> pad_knots(torch.tensor([[0.0, 1.0, 4.0]]), 1)
        tensor([[-2.,  0.,  1.,  4.,  6.]])
    """
    _check_degree("pad_knots", degree)
    if inner.ndim != 2 or inner.shape[1] < 2:
        raise ShapeError(
            f"pad_knots: inner must have shape (in, grid + 1) with grid >= 1; got {tuple(inner.shape)}. "
            "Pass one row of knots for each input."
        )
    inner = _working(inner)
    rising = (inner.diff(dim=1) > 0).all(dim=1)
    if not bool(rising.all()):
        row = int((~rising).nonzero()[0])
        raise InputError(
            f"pad_knots: inner must be strictly increasing in every row; row {row} is not. "
            "Use fewer cells, a wider range, or float64."
        )
    low, high = inner[:, :1], inner[:, -1:]
    spacing = (high - low) / (inner.shape[1] - 1)
    spacing = spacing.maximum(4 * torch.finfo(inner.dtype).eps * low.abs().maximum(high.abs()))
    steps = torch.arange(1, degree + 1, dtype=inner.dtype, device=inner.device)
    return torch.cat([low - spacing * steps.flip(0), inner, high + spacing * steps], dim=1)


def uniform_knots(low: Tensor, high: Tensor, grid: int, degree: int) -> Tensor:
    """Divide each interval [low, high] into `grid` equal cells and pad.

    Args:
        low: Lower ends, shape (in,).
        high: Upper ends, shape (in,).
        grid: Number of cells, 1 or more.
        degree: Spline degree.

    Returns:
        Padded knots, shape (in, grid + 1 + 2 * degree), in the dtype of `low` (float32 for half precision).
        The ends are `low` and `high` to the last bit.

    Raises:
        ShapeError: If `low` and `high` are not of one shape (in,).
        InputError: If an interval is empty, not finite, or too narrow for its dtype.

    Example:
        >>> uniform_knots(torch.tensor([-1.0]), torch.tensor([1.0]), 4, 1)
        tensor([[-1.5000, -1.0000, -0.5000,  0.0000,  0.5000,  1.0000,  1.5000]])
    """
    _check_grid("uniform_knots", grid)
    if low.ndim != 1 or low.shape != high.shape:
        raise ShapeError(
            "uniform_knots: low and high must have one shape (in,); "
            f"got {tuple(low.shape)} and {tuple(high.shape)}. Pass one interval for each input."
        )
    low, high = _working(low), _working(high)
    resolved = high - low >= grid * _resolution(low, high)
    if not bool((resolved & (high - low).isfinite()).all()):
        row = int((~(resolved & (high - low).isfinite())).nonzero()[0])
        raise InputError(
            f"uniform_knots: high must exceed low by enough for {grid} cells, both finite; got "
            f"[{float(low[row])!r}, {float(high[row])!r}] for input {row}. "
            "Pass a wider interval or use float64."
        )
    return pad_knots(_equal_steps(low, high, grid), degree)


def adaptive_knots(
    x: Tensor, grid: int, degree: int, *, grid_eps: float = 0.02, previous: Tensor | None = None
) -> Tensor:
    """Place knots by the data: quantiles of each column, blended with equal steps.

    The inner knots are `grid_eps * uniform + (1 - grid_eps) * quantiles` and span [min, max] of the column.
    No cell is narrower than 1 % of range / grid, however few or repeated the values. A column without spread
    (one value, or a range that its dtype cannot divide into `grid` cells) keeps its row of `previous`,
    subdivided where the number of cells differs; without `previous` it gets an interval of width 1 about its
    value.

    Args:
        x: Samples, shape (batch, in).
        grid: Number of cells, 1 or more.
        degree: Spline degree.
        grid_eps: Share of the uniform grid, from 0 (quantiles) to 1 (equal steps).
        previous: Padded knots of the same degree to keep for columns without spread, shape (in, any).

    Returns:
        Padded knots, shape (in, grid + 1 + 2 * degree), in the dtype of `x` (float32 for half precision).

    Raises:
        ShapeError: If `x` is not (batch, in), or `previous` has another number of inputs.
        InputError: If a column holds NaN or infinity, if there is no sample and no `previous`, or if
            `grid_eps` is outside [0, 1].

    Example:
        >>> x = torch.tensor([[0.0, 7.0], [1.0, 7.0], [4.0, 7.0]])
        >>> adaptive_knots(x, 2, 0, grid_eps=0.5)
        tensor([[0.0000, 1.5000, 4.0000],
                [6.5000, 7.0000, 7.5000]])

    Source:
        Liu et al., KAN: Kolmogorov-Arnold Networks, arXiv:2404.19756, section 2.2 (grids updated from
        inputs).
    """
    _check_grid("adaptive_knots", grid)
    _check_degree("adaptive_knots", degree)
    _check_adaptive(x, grid_eps, previous)
    if x.shape[0] == 0 and previous is not None:
        return subdivided_knots(previous.to(x.device), degree, grid).to(_working(x).dtype)
    ordered = _working(x.detach()).sort(dim=0).values
    low, high = ordered[0], ordered[-1]
    _check_span(high - low)
    spread = high - low
    least = grid * _resolution(low, high)
    still = spread < least
    share = (least / spread.where(~still, 1)).clamp(min=max(grid_eps, _LEAST_EPS), max=1)[:, None]
    inner = torch.lerp(_quantiles(ordered, grid), _equal_steps(low, high, grid), share)
    # Blending two equal end points may round: set the ends to the data's own.
    inner = torch.cat([low[:, None], inner[:, 1:-1], high[:, None]], dim=1)
    kept = _standing_still(low, least, grid, degree, previous)
    # pad_knots refuses rows that do not rise, so the rows without spread are replaced before and after.
    knots = pad_knots(torch.where(still[:, None], inner_knots(kept, degree), inner), degree)
    return torch.where(still[:, None], kept, knots)


def subdivided_knots(knots: Tensor, degree: int, grid: int) -> Tensor:
    """Make `grid` cells at equal steps of the old knots' index.

    Each old cell is divided into equal parts when `grid` is a multiple of the old number of cells; the old
    inner knots are then among the new ones to the last bit, so that `insert_knots` is exact.

    Args:
        knots: Padded knots, shape (in, old grid + 1 + 2 * degree).
        degree: Spline degree.
        grid: New number of cells; may be smaller than the old one.

    Returns:
        Padded knots, shape (in, grid + 1 + 2 * degree), over the same domain. The old knots themselves,
        padding included, when `grid` is unchanged.

    Raises:
        InputError: If the dtype cannot hold cells so narrow.

    Example:
        >>> subdivided_knots(torch.tensor([[0.0, 1.0, 4.0]]), 0, 4)
        tensor([[0.0000, 0.5000, 1.0000, 2.5000, 4.0000]])
    """
    _check_grid("subdivided_knots", grid)
    inner = _working(inner_knots(knots, degree))
    cells = inner.shape[1] - 1
    if cells == grid:
        return _working(knots).clone()
    place = torch.arange(grid + 1, device=inner.device) * cells
    cell = place // grid
    part = (place % grid).to(inner.dtype) / grid
    new = torch.lerp(inner[:, cell], inner[:, (cell + 1).clamp(max=cells)], part)
    if not bool((new.diff(dim=1) > 0).all()):
        raise InputError(
            f"subdivided_knots: grid must leave cells that {new.dtype} can tell apart; "
            f"got {grid} for {cells} cells. Use fewer cells or float64."
        )
    return pad_knots(new, degree)


def _working(values: Tensor) -> Tensor:
    """Half precision and integers as float32, the rest as it is."""
    return values if values.dtype in (torch.float32, torch.float64) else values.float()


def _resolution(low: Tensor, high: Tensor) -> Tensor:
    """The narrowest cell that the dtype can hold between these values."""
    info = torch.finfo(low.dtype)
    return _LEAST_ULPS * (info.eps * low.abs().maximum(high.abs())).clamp(min=info.tiny)


def _equal_steps(low: Tensor, high: Tensor, grid: int) -> Tensor:
    part = torch.arange(grid + 1, dtype=low.dtype, device=low.device) / grid
    return torch.lerp(low[:, None], high[:, None], part)


def _quantiles(ordered: Tensor, grid: int) -> Tensor:
    """The quantiles 0, 1/grid, ..., 1 of sorted columns (batch, in), as (in, grid + 1)."""
    # Whole numbers keep the ranks exact for any batch.
    place = torch.arange(grid + 1, device=ordered.device) * (ordered.shape[0] - 1)
    rank = place // grid
    part = ((place % grid).to(ordered.dtype) / grid)[:, None]
    above = (rank + 1).clamp(max=ordered.shape[0] - 1)
    return torch.lerp(ordered[rank], ordered[above], part).T


def _standing_still(low: Tensor, least: Tensor, grid: int, degree: int, previous: Tensor | None) -> Tensor:
    """The knots for columns without spread: the previous ones, or width 1 about the value."""
    if previous is not None:
        return subdivided_knots(previous.to(low.device), degree, grid).to(low.dtype)
    half = (2 * least).clamp(min=0.5)
    return pad_knots(_equal_steps(low - half, low + half, grid), degree)


def _check_degree(where: str, degree: int) -> None:
    if degree < 0:
        raise InputError(f"{where}: degree must be 0 or more; got {degree}. The usual degree is 3.")


def _check_grid(where: str, grid: int) -> None:
    if grid < 1:
        raise InputError(f"{where}: grid must be 1 or more; got {grid}. Pass the number of cells.")


def _check_adaptive(x: Tensor, grid_eps: float, previous: Tensor | None) -> None:
    if x.ndim != 2:
        raise ShapeError(
            f"adaptive_knots: x must have shape (batch, in); got {tuple(x.shape)}. "
            "Flatten leading dimensions."
        )
    if previous is not None and previous.shape[0] != x.shape[1]:
        raise ShapeError(
            f"adaptive_knots: previous must have {x.shape[1]} rows, one to a column of x; "
            f"got {previous.shape[0]}. Pass the knots of the layer that x goes into."
        )
    if previous is None and x.shape[0] == 0:
        raise InputError(
            "adaptive_knots: x must have at least one row; got none. Pass samples or `previous`."
        )
    if not 0 <= grid_eps <= 1:
        raise InputError(
            f"adaptive_knots: grid_eps must be from 0 to 1; got {grid_eps}. The default is 0.02."
        )


def _check_span(spread: Tensor) -> None:
    """Refuse NaN and infinity: sorting puts them at the ends, so the range shows them."""
    if not bool(spread.isfinite().all()):
        column = int((~spread.isfinite()).nonzero()[0])
        raise InputError(
            f"adaptive_knots: x must be finite, and so must its range; column {column} is not. "
            "Remove or fill in such rows, or scale the column."
        )
