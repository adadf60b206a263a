"""Exact knot insertion: the same spline on a finer knot vector."""

from __future__ import annotations

import torch
from torch import Tensor

from ..errors import InputError, ShapeError
from .knots import inner_knots

# Knots this many rounding steps apart count as one knot.
_SAME_ULPS = 8


def is_nested(knots: Tensor, new_knots: Tensor, degree: int) -> bool:
    """Tell whether every inner knot is among the new ones and the domain is the same.

    Inner knots are compared to within a few rounding steps of the coarser dtype; a repeated knot must be
    repeated as often. Padding knots do not matter.

    Args:
        knots: Padded knots, shape (in, grid + 1 + 2 * degree).
        new_knots: Padded knots, shape (in, new grid + 1 + 2 * degree).
        degree: Spline degree.

    Returns:
        True if `insert_knots` can represent every spline on `knots` exactly on `new_knots`.

    Raises:
        ShapeError: If the two have different numbers of inputs.

    Example:
        >>> is_nested(torch.tensor([[0.0, 1.0, 2.0]]), torch.tensor([[0.0, 0.5, 1.0, 2.0]]), 0)
        True
        >>> is_nested(torch.tensor([[0.0, 1.0, 2.0]]), torch.tensor([[0.0, 0.5, 1.5, 2.0]]), 0)
        False
    """
    if knots.ndim != 2 or new_knots.ndim != 2 or knots.shape[0] != new_knots.shape[0]:
        raise ShapeError(
            "is_nested: knots and new_knots must be (in, n) with as many rows each; "
            f"got {tuple(knots.shape)} and {tuple(new_knots.shape)}. Pass one row for each input."
        )
    coarse = max(torch.finfo(knots.dtype).eps, torch.finfo(new_knots.dtype).eps)
    old = inner_knots(knots, degree).double().contiguous()
    new = inner_knots(new_knots, degree).double().contiguous()
    near = _SAME_ULPS * coarse * old.abs().amax(dim=1, keepdim=True)
    if bool(((new[:, [0, -1]] - old[:, [0, -1]]).abs() > near).any()):
        return False
    times_old, times_new = (
        torch.searchsorted(row, old + near, right=True) - torch.searchsorted(row, old - near)
        for row in (old, new)
    )
    return bool((times_new >= times_old).all())


def insert_knots(coef: Tensor, knots: Tensor, new_knots: Tensor, degree: int) -> Tensor:
    """Write a spline on a knot vector that holds its own: no value changes on the domain.

    Coefficient m of a spline is the blossom (polar form) of any of its polynomial pieces inside the support
    of basis function m, at the knots m + 1 ... m + degree. So each new coefficient is a blossom of one old
    piece, whatever the padding. Values and slopes at the ends stay, hence linear extrapolation too.

    Args:
        coef: Coefficients, shape (in, grid + degree, out).
        knots: Padded knots, shape (in, grid + 1 + 2 * degree).
        new_knots: Padded knots whose inner knots hold those of `knots`.
        degree: Spline degree.

    Returns:
        Coefficients on `new_knots`, shape (in, new grid + degree, out), in the dtype of `coef`; computed in
        float64.

    Raises:
        ShapeError: If the shapes do not go together.
        InputError: If the old inner knots are not among the new ones.

    Example:
        >>> coef = torch.tensor([[[1.0], [3.0]]])
        >>> knots, new_knots = torch.tensor([[0.0, 1.0, 2.0]]), torch.tensor([[0.0, 0.5, 1.0, 2.0]])
        >>> insert_knots(coef, knots, new_knots, 0).flatten()
        tensor([1., 1., 3.])

    Source:
        Ramshaw, Blossoms are polar forms, Computer Aided Geometric Design 6 (1989); Goldman, Blossoming and
        knot insertion algorithms for B-spline curves, Computer Aided Geometric Design 7 (1990).

    Cost:
        (degree + 1) * in * new grid * out multiply-adds.
    """
    size = knots.shape[-1] - degree - 1
    if coef.ndim != 3 or coef.shape[:2] != (knots.shape[0], size):
        raise ShapeError(
            f"insert_knots: coef must have shape ({knots.shape[0]}, {size}, out), by the knots and "
            f"degree {degree}; got {tuple(coef.shape)}. Pass the coefficients that belong to `knots`."
        )
    if knots.shape == new_knots.shape and torch.equal(knots, new_knots):
        return coef.clone()
    if not is_nested(knots, new_knots, degree):
        raise InputError(
            "insert_knots: new_knots must hold every inner knot of knots and span the same domain; "
            "they do not. Use project, which approximates."
        )
    old, new = knots.double(), new_knots.double()
    piece = _pieces(old, new, degree)
    weights = _blossom_weights(old, new, piece, degree)
    wide = coef.double()
    total = wide.new_zeros(wide.shape[0], piece.shape[1], wide.shape[2])
    for step in range(degree + 1):
        index = (piece - degree + step)[..., None].expand(-1, -1, wide.shape[2])
        total = total + weights[..., step, None] * wide.gather(1, index)
    return total.to(coef.dtype)


def _pieces(old: Tensor, new: Tensor, degree: int) -> Tensor:
    """For each new basis function the old interval, by index of its left knot, whose polynomial gives it."""
    size = new.shape[1] - degree - 1
    offsets = torch.arange(degree + 1, device=new.device)
    interval = torch.arange(size, device=new.device)[:, None] + offsets
    inside = (interval >= degree) & (interval < size)
    left, right = new[:, interval], new[:, interval + 1]
    middle = (left + right) / 2
    centre = (new[:, :size] + new[:, degree + 1 :])[..., None] / 2
    far = (middle - centre).abs().masked_fill(~inside | (left >= right), torch.inf)
    chosen = middle.gather(2, far.argmin(dim=2, keepdim=True)).squeeze(2)
    index = torch.searchsorted(old.contiguous(), chosen.contiguous(), right=True) - 1
    return index.clamp(degree, old.shape[1] - degree - 2)


def _blossom_weights(old: Tensor, new: Tensor, piece: Tensor, degree: int) -> Tensor:
    """Weights (in, new size, degree + 1) of the old coefficients piece - degree ... piece in each new one."""
    device = old.device
    around = piece[..., None] + torch.arange(1 - degree, degree + 1, device=device)
    local = old.gather(1, around.flatten(1)).view(around.shape)
    points = torch.arange(piece.shape[1], device=device)[:, None] + torch.arange(1, degree + 1, device=device)
    arguments = new[:, points]
    # A blossom does not mind the order of its arguments, rounding does: far ones go to the wide early levels.
    middle = (old.gather(1, piece) + old.gather(1, piece + 1)) / 2
    order = (arguments - middle[..., None]).abs().argsort(dim=-1, descending=True)
    arguments = arguments.gather(-1, order)
    weights = torch.eye(degree + 1, dtype=old.dtype, device=device).expand(*piece.shape, -1, -1)
    for level in range(1, degree + 1):
        left, right = local[..., level - 1 : degree], local[..., degree : 2 * degree - level + 1]
        part = ((arguments[..., level - 1, None] - left) / (right - left))[..., None]
        weights = (1 - part) * weights[..., :-1, :] + part * weights[..., 1:, :]
    return weights[..., 0, :]
