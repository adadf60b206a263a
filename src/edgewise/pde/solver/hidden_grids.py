"""Grids of hidden layers brought to the range that their inputs have, with room on both sides."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ...layers import KANLayer
from ...network import Network, refine
from ...spline import inner_knots, pad_knots, project

_ROOM = 0.25
_USED = 0.6  # share of the room that may be used before the grid is moved


@torch.no_grad()
def fit_hidden_grids(network: Network, x: Tensor, *, loose: float = 0.3, always: bool = False) -> bool:
    """Move the knots of hidden layers, in place, where their inputs leave the grid or fill too little of it.

    The cells are even over the range of the inputs, and the two at the ends reach a quarter of it beyond:
    a spline has no break where inputs leave their range a little, as they do at every step. The splines on
    the new knots are the best approximations of the old ones.

    Args:
        network: Its first layer is left alone: its grid is the domain of the equation.
        x: Points, shape (batch, n_columns).
        loose: Share of the grid that may be empty before it is moved.
        always: Whether every grid is moved.

    Returns:
        Whether anything was moved.

    Example:
        >>> from edgewise.network import build
        >>> network = build([1, 1, 1], grid=4)
        >>> fit_hidden_grids(network, torch.linspace(-1, 1, 9)[:, None])
        True
    """
    moved = False
    h = network.prepare_inputs(x)
    for at, layer in enumerate(network.layers):
        spline = layer.basis
        if at:
            wrong = _misplaced(spline, h, loose) | always
            if bool(wrong.any()):
                fresh = _with_room(h.amin(0), h.amax(0), spline.grid, spline.k)
                _carry(spline, spline, torch.where(wrong[:, None], fresh, spline.knots), h)
                moved = True
        h = layer(h)
    return moved


@torch.no_grad()
def refine_grids(network: Network, grids: Sequence[int], x: Tensor) -> Network:
    """The network on finer grids: the same function where each grid is a multiple of the old one.

    Args:
        network: Left as it is.
        grids: Intervals of each layer.
        x: Points that tell where hidden inputs are, shape (batch, n_columns).

    Example:
        >>> from edgewise.network import build
        >>> refine_grids(build([1, 1, 1], grid=4), [8, 8], torch.linspace(-1, 1, 9)[:, None]).grid
        (8, 8)
    """
    finer = refine(network, tuple(grids))[0]
    h = network.prepare_inputs(x)
    for at, (old, new) in enumerate(zip(network.layers, finer.layers, strict=True)):
        if at:
            wrong = _misplaced(old.basis, h, 1.0)[:, None]
            low, high, _ = _core(old.basis)
            ends = inner_knots(old.basis.knots, old.basis.k)[:, [0, -1]]
            nested = _stretched(low, high, ends[:, 0], ends[:, 1], new.basis.grid, new.basis.k)
            fresh = _with_room(h.amin(0), h.amax(0), new.basis.grid, new.basis.k)
            _carry(old.basis, new.basis, torch.where(wrong, fresh, nested), h)
        h = old(h)
    return finer


def _carry(old: KANLayer, new: KANLayer, knots: Tensor, h: Tensor) -> None:
    refit = project(old.coef, old.knots, knots, old.k, h, extrapolation=old.extrapolation)
    new.knots.copy_(knots)
    new.coef.copy_(refit.coef)


def _core(spline: KANLayer) -> tuple[Tensor, Tensor, Tensor]:
    """Ends of the even part of each grid, and the room beyond it."""
    inner = inner_knots(spline.knots, spline.k)
    low, high = inner[:, 0], inner[:, -1]
    if spline.grid < 3:
        return low, high, torch.zeros_like(low)
    cell = inner[:, 2] - inner[:, 1]
    core_low, core_high = inner[:, 1] - cell, inner[:, -2] + cell
    return core_low, core_high, torch.minimum(core_low - low, high - core_high).clamp_min(0.0)


def _misplaced(spline: KANLayer, h: Tensor, loose: float) -> Tensor:
    low, high = h.amin(0), h.amax(0)
    core_low, core_high, room = _core(spline)
    left = (low < core_low - _USED * room) | (high > core_high + _USED * room)
    return left | ((high - low) < (1 - loose) * (core_high - core_low))


def _with_room(low: Tensor, high: Tensor, grid: int, k: int) -> Tensor:
    room = _ROOM * (high - low).clamp_min(1e-6)
    return _stretched(low, high, low - room, high + room, grid, k)


def _stretched(low: Tensor, high: Tensor, first: Tensor, last: Tensor, grid: int, k: int) -> Tensor:
    """Padded knots: even from low to high, the first moved out to `first`, the last to `last`."""
    share = torch.linspace(0, 1, grid + 1, dtype=low.dtype)
    inner = torch.lerp(low[:, None], high[:, None], share)
    inner[:, 0], inner[:, -1] = first, last
    return pad_knots(inner, k)
