"""Which of the constants a, b, c, d of a formula edge are held: a row of their values, and their names."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from ..errors import InputError

FREE = math.inf
"""Stands in a row of held values where a constant is free."""

_NAMES = ("a", "b", "c", "d")


def names_of_held(held: Iterable[str] | bool | Tensor) -> tuple[str, ...]:
    """The names of held constants in order.

    Args:
        held: Names; "all" or True for all four, False for none; or a row (4,) of held values.

    Raises:
        InputError: there is no constant of a name.

    Example:
        >>> names_of_held(["c", "a"]), names_of_held("all"), names_of_held(torch.tensor([FREE, 0, FREE, 1]))
        (('a', 'c'), ('a', 'b', 'c', 'd'), ('b', 'd'))
    """
    if isinstance(held, Tensor):
        return tuple(name for name, is_held in zip(_NAMES, held.isfinite().tolist(), strict=True) if is_held)
    if held is True or held == "all":
        return _NAMES
    given = () if held is False else tuple(held)
    wrong = [name for name in given if name not in _NAMES]
    if wrong:
        raise InputError(
            f"hold: constants must be of a, b, c, d; got {wrong[0]!r}. Name some, as hold=('a', 'b'), or hold='all'."
        )
    return tuple(name for name in _NAMES if name in given)


def held_row(affine: Tensor, names: Iterable[str]) -> Tensor:
    """Held values (4,) among the constants (4,) of an edge.

    Example:
        >>> held_row(torch.tensor([1.0, 2.0, 3.0, 4.0]), ("b", "c"))
        tensor([inf, 2., 3., inf])
    """
    held = tuple(names)
    chosen = torch.tensor([name in held for name in _NAMES], device=affine.device)
    return torch.where(chosen, affine.detach(), FREE)
