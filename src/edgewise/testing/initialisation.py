"""Checks of initialisations."""

from __future__ import annotations

from functools import partial

import torch

from ..layers import Initialisation, LayerShape, Start
from .compare import tensor_bits
from .require import require
from .side_effects import check_quiet

_SIZES = ((1, 1, 1, 0), (3, 5, 5, 3), (2, 1, 1, 3), (40, 2, 20, 2), (2, 40, 3, 5))
_BASES = (torch.nn.functional.silu, torch.zeros_like, torch.tanh, torch.ones_like)


def check_initialisation(init: Initialisation) -> None:
    """Start values have the right shapes, are finite, and come from the generator alone.

    Args:
        init: The initialisation: takes a `LayerShape` and a generator, gives a `Start`.

    Raises:
        AssertionError: a shape is wrong, a value not finite, the same seed gives other bits, another seed the
            same ones, or global random state was touched.

    Example:
        >>> from edgewise.layers import paper
        >>> check_initialisation(paper)
    """
    for size in _SIZES:
        for base in _BASES:
            _check_one(init, LayerShape(*size, base))


def _check_one(init: Initialisation, shape: LayerShape) -> None:
    first, again, other = (check_quiet(partial(_drawn, init, shape, seed)) for seed in (0, 0, 1))
    want = (shape.in_features, shape.grid + shape.k, shape.out_features)
    got = tuple(first.coef.shape)
    require(got == want, f"coef must have shape {want}; got {got}, for {shape}")
    got = tuple(first.scale_base.shape)
    require(
        got == (want[0], want[2]), f"scale_base must have shape {(want[0], want[2])}; got {got}, for {shape}"
    )
    for name in ("coef", "scale_base"):
        require(getattr(first, name).isfinite(), f"{name} must be finite; it is not, for {shape}")
    require(_bits(first) == _bits(again), f"the same seed must give the same bits; it does not, for {shape}")
    require(_bits(first) != _bits(other), f"another seed must give other values; it does not, for {shape}")


def _drawn(init: Initialisation, shape: LayerShape, seed: int) -> Start:
    return init(shape, torch.Generator().manual_seed(seed))


def _bits(start: Start) -> tuple[bytes, bytes]:
    return tensor_bits(start.coef), tensor_bits(start.scale_base)
