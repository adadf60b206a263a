"""`build`: a network from its width, with arguments checked once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch

from .._checks import as_generator, as_int
from .._memory import refuse_beyond_memory
from .._unknown_arguments import refusing_unknown
from ..errors import InputError
from ..layers import (
    DEFAULTS,
    Base,
    BaseName,
    EdgeSettings,
    ExtrapolationName,
    FormulaLayer,
    Initialisation,
    InitialisationName,
    KANLayer,
    NodeLayer,
    ProductStart,
)
from .layer import Layer
from .network import Network
from .scaler import Scaler

Level = tuple[int, tuple[int, ...]]
"""Sums and the arities of the products of one level."""

OF_PYKAN = {
    "noise_scale": "init, which makes the start values",
    "scale_base_mu": "init, which makes the start values",
    "scale_base_sigma": "init, which makes the start values",
    "base_fun": "base",
    "symbolic_enabled": "nothing: formulas cost nothing where there are none",
    "sb_trainable": "requires_grad_ on layer.basis.scale_base",
    "sp_trainable": "nothing: the coefficients take up any scale of a spline",
    "sparse_init": "prune after a fit with lamb, or mask_edges",
    "save_act": "trace(x), which gives what every edge produced",
    "auto_save": "save(path), where and when you wish",
    "first_init": "nothing: a model is made once",
    "ckpt_path": "save(path), where and when you wish",
    "state_id": "nothing: no history is written",
    "round": "nothing: no history is written",
}
"""What there is in place of arguments of pykan's networks."""


@refusing_unknown("KAN", OF_PYKAN)
def build(
    width: Sequence[Any],
    grid: int | Sequence[int] = DEFAULTS.grid,
    k: int = DEFAULTS.k,
    *,
    mult_arity: int | Sequence[Sequence[int]] = 2,
    base: BaseName | Base = DEFAULTS.base,
    grid_range: tuple[float, float] = DEFAULTS.grid_range,
    extrapolation: ExtrapolationName = DEFAULTS.extrapolation,
    grid_eps: float = DEFAULTS.grid_eps,
    init: InitialisationName | Initialisation = DEFAULTS.init,
    affine_trainable: bool = False,
    seed: int = 0,
    input_names: Sequence[str] | None = None,
    input_scaler: Scaler | None = None,
    output_scaler: Scaler | None = None,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> Network:
    """Build a network; see `KAN` for the arguments.

    Raises:
        InputError: an argument is out of bounds, or an unknown name.

    Example:
        >>> build([2, (5, 2), 1], seed=0).width
        (2, (5, (2, 2)), 1)
    """
    levels = read_width(width, mult_arity)
    edges = [
        EdgeSettings(intervals, k, base, grid_range, extrapolation, grid_eps, init)
        for intervals in _one_a_layer(grid, len(levels) - 1)
    ]
    if torch.device(device or torch.get_default_device()).type != "meta":
        _refuse_too_many(levels, edges)
    layers = _layers(
        levels, edges, seed=as_generator(seed), affine_trainable=affine_trainable, dtype=dtype, device=device
    )
    return Network(layers, input_names=input_names, input_scaler=input_scaler, output_scaler=output_scaler)


def _layers(
    levels: Sequence[Level],
    edges: Sequence[EdgeSettings],
    *,
    seed: torch.Generator,
    affine_trainable: bool,
    **options: Any,
) -> Iterator[Layer]:
    """A layer between each level and the next, all drawn from one generator."""
    for below, (sums, arities), settings in zip(levels, levels[1:], edges, strict=False):
        nodes = NodeLayer(sums, arities, affine_trainable=affine_trainable, **options)
        init = ProductStart.of(nodes, settings.init)
        inputs, subnodes = below[0] + len(below[1]), nodes.subnodes
        yield Layer(
            KANLayer(inputs, subnodes, **{**vars(settings), "init": init}, seed=seed, **options),
            FormulaLayer(inputs, subnodes, **options),
            nodes,
        )


def read_width(width: Sequence[Any], mult_arity: int | Sequence[Sequence[int]] = 2) -> list[Level]:
    """Read a width into sums and arities of each level; the caller's list is left as it was.

    Raises:
        InputError: it is not a list of at least two levels of the form `KAN` takes.

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


def _refuse_too_many(levels: Sequence[Level], edges: Sequence[EdgeSettings]) -> None:
    """Refuse a network whose parameters alone would not fit into memory, before the first is made."""
    count, numbers = 0, 0
    for below, above, settings in zip(levels, levels[1:], edges, strict=False):
        here = (below[0] + len(below[1])) * (above[0] + sum(above[1]))
        count, numbers = count + here, numbers + here * (settings.grid + settings.k + 3)
    refuse_beyond_memory("KAN", 8 * numbers, f"{count:,} edges of {numbers:,} numbers")


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
        return as_int(value, 0)
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
