"""From a width to a network: the arguments users know, checked once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from .._memory import refuse_beyond_memory
from ..errors import InputError
from ..layers import FormulaLayer, KANLayer, NodeLayer, generator_of, whole_number
from .constructor_arguments import KNOWN, refuse_unknown
from .layer import Layer
from .network import Network

Level = tuple[int, tuple[int, ...]]
"""Sums and the arities of the products of one level."""


def build(width: Sequence[Any], **settings: Any) -> Network:
    """Make a network; the arguments are those of `KAN`.

    Example:
        >>> build([2, (5, 2), 1], seed=0).width
        (2, (5, (2, 2)), 1)
    """
    scalers = {name: settings.pop(name, None) for name in ("input_names", "input_scaler", "output_scaler")}
    return Network(build_layers(width, **settings), **scalers)


def build_layers(
    width: Sequence[Any],
    *,
    grid: int | Sequence[int] = 3,
    k: int = 3,
    mult_arity: int | Sequence[Sequence[int]] = 2,
    seed: int = 0,
    affine_trainable: bool = False,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
    **layer_settings: Any,
) -> list[Layer]:
    """Make the layers of a network from its width.

    Args:
        width: Entries are node counts, or (sums, products), or (sums, [arity, arity, ...]).
        grid: Intervals, one for all layers or one a layer.
        k: Degree of the splines.
        mult_arity: Factors of each product where `width` gives a count only; or, as in pykan, a list a
            level of lists of arities.
        seed: Seed of all start values.
        affine_trainable: Whether node and sub-node affine maps are trained.
        dtype: Data type of the parameters.
        device: Where they live.
        **layer_settings: Further arguments of `KANLayer`.

    Raises:
        InputError: the width or another argument is not of the form above.

    Example:
        >>> len(build_layers([2, 5, 1]))
        2
    """
    refuse_unknown(layer_settings, KNOWN)
    levels = read_width(width, mult_arity)
    grids = _one_a_layer(grid, len(levels) - 1)
    _refuse_too_many(levels, grids, k)
    generator = generator_of(seed)
    options: dict[str, Any] = {"dtype": dtype, "device": device}
    layers = []
    for below, (sums, arities), intervals in zip(levels, levels[1:], grids, strict=False):
        inputs, subnodes = below[0] + len(below[1]), sums + sum(arities)
        layers.append(
            Layer(
                KANLayer(inputs, subnodes, intervals, k, seed=generator, **options, **layer_settings),
                FormulaLayer(inputs, subnodes, **options),
                NodeLayer(sums, arities, affine_trainable=affine_trainable, **options),
            )
        )
    return layers


def read_width(width: Sequence[Any], mult_arity: int | Sequence[Sequence[int]] = 2) -> list[Level]:
    """Read a width into sums and arities of each level; the caller's list is left as it was.

    Raises:
        InputError: it is not a list of at least two levels of the form `build_layers` takes.

    Example:
        >>> read_width([2, (1, 2), 1], mult_arity=3)
        [(2, ()), (1, (3, 3)), (1, ())]
    """
    width = width.tolist() if hasattr(width, "tolist") else width
    if not isinstance(width, (list, tuple)) or len(width) < 2:
        raise InputError(
            f"KAN: width must list at least inputs and outputs; got {width!r}. For example width=[2, 5, 1]."
        )
    levels = []
    for level, entry in enumerate(width):
        sums, products = (entry, 0) if not isinstance(entry, (list, tuple)) else _pair(entry)
        arities = _arities(products, mult_arity, level)
        levels.append((_count(sums, width), tuple(_count(arity, width) for arity in arities)))
    if levels[0][1]:
        raise InputError(
            f"KAN: width must start with a count of inputs; got {width[0]!r}. Inputs have no products."
        )
    return levels


def _refuse_too_many(levels: Sequence[Level], grids: Sequence[Any], k: Any) -> None:
    """Refuse a network whose parameters alone would not fit into memory, before the first is made."""
    edges, numbers = 0, 0
    for below, above, grid in zip(levels, levels[1:], grids, strict=False):
        count = (below[0] + len(below[1])) * (above[0] + sum(above[1]))
        size = grid + k if isinstance(grid, int) and isinstance(k, int) else 1
        edges, numbers = edges + count, numbers + count * (max(size, 1) + 3)
    refuse_beyond_memory("KAN", 8 * numbers, f"{edges:,} edges of {numbers:,} numbers")


def _pair(entry: Sequence[Any]) -> tuple[Any, Any]:
    if len(entry) != 2:
        raise InputError(f"KAN: an entry of width must be a count or (sums, products); got {entry!r}.")
    return entry[0], entry[1]


def _arities(products: Any, mult_arity: Any, level: int) -> Sequence[Any]:
    if isinstance(products, (list, tuple)):
        return products
    if products == 0:
        return ()
    if isinstance(mult_arity, (list, tuple)):
        if level >= len(mult_arity) or len(mult_arity[level]) != products:
            raise InputError(
                f"KAN: mult_arity must list {products} arities for level {level}; got {mult_arity!r}. "
                f"Give one list a level, inputs included."
            )
        return mult_arity[level]
    count = _count(products, products)
    refuse_beyond_memory("KAN", 64 * count, f"{count:,} products")
    return (mult_arity,) * count


def _count(value: Any, width: Any) -> int:
    try:
        return whole_number(value, 0)
    except ValueError:
        raise InputError(
            f"KAN: counts in width must be whole numbers of at least 0; got {value!r} in {width!r}. "
            f"For example width=[2, 5, 1]."
        ) from None


def _one_a_layer(grid: Any, depth: int) -> list[int]:
    grid = grid.tolist() if hasattr(grid, "tolist") else grid
    grids = list(grid) if isinstance(grid, (list, tuple)) else [grid] * depth
    if len(grids) != depth:
        raise InputError(f"KAN: grid must be one number, or one for each of {depth} layers; got {grid!r}.")
    return grids
