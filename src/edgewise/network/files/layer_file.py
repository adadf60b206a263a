"""One layer from what a file says of it: nothing is made that the file's own tensors do not account for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import torch
from torch import Tensor

from ...errors import FileError, UnknownName
from ...functions import LIBRARY, Function, get_function
from ...layers import BASES, ExtrapolationName, FormulaLayer, KANLayer, NodeLayer
from ...spline import domain
from ..layer import Layer

_DTYPES = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
_SPLINE = ("coef", "scale_base", "scale_spline", "mask", "knots")
_NODES = ("subnode_scale", "subnode_bias", "node_scale", "node_bias")
_NAMES = {
    *(f"basis.{name}" for name in _SPLINE),
    *(f"nodes.{name}" for name in _NODES),
    "formula.edge_index",
    "formula.affine",
}


def describe_layer(layer: Layer) -> dict[str, Any]:
    """What a file says of a layer beside its tensors."""
    spline, nodes = layer.basis, layer.nodes
    return {
        "k": spline.k,
        "grid_eps": spline.grid_eps,
        "extrapolation": spline.extrapolation,
        "base": spline.base_name,
        "trained": [name for name, value in layer.named_parameters() if value.requires_grad],
        "formulas": list(layer.formula.names),
        "sums": nodes.sums,
        "arities": list(nodes.arities),
    }


def read_layer(
    entry: Mapping[str, Any],
    part: Mapping[str, Tensor],
    functions: Mapping[str, Function],
    bases: Mapping[str, Callable[[Tensor], Tensor]],
) -> Layer:
    """Make a layer from its description and its tensors.

    Args:
        entry: What `describe_layer` gave.
        part: The layer's tensors by their names within it.
        functions: The user's own symbolic functions by name.
        bases: The user's own bases by name.

    Raises:
        FileError: the two do not fit together, or a function or base was not given.
    """
    if set(part) != _NAMES:
        raise FileError(f"load: a layer must have the tensors {sorted(_NAMES)}; got {sorted(part)}.")
    coef = part["basis.coef"]
    k = whole(entry["k"], "k")
    _check_tensors(part, k)
    inputs, _, outputs = coef.shape
    options: dict[str, Any] = {"dtype": coef.dtype, "device": coef.device}
    extrapolation = cast("ExtrapolationName", text(entry["extrapolation"], "extrapolation"))
    like = KANLayer(
        1, 1, 1, k, base=_find_base(entry["base"], bases), extrapolation=extrapolation,
        grid_eps=entry["grid_eps"], seed=0, **options,
    )  # fmt: skip
    spline = like.with_tensors(**{name: part[f"basis.{name}"] for name in _SPLINE})
    nodes = _nodes(entry, part, outputs, options)
    layer = Layer(spline, _formula_layer(entry, part, functions, (inputs, outputs), options), nodes)
    trained = [text(name, "trained") for name in listed(entry["trained"], "trained")]
    for name, value in layer.named_parameters():
        value.requires_grad_(name in trained)
    return layer


def whole(value: object, name: str, least: int = 0, most: int = 2**31) -> int:
    """A whole number from a file.

    Raises:
        FileError: it is another thing, or out of bounds.

    Example:
        >>> whole(3, "k")
        3
    """
    if type(value) is not int or not least <= value <= most:
        raise FileError(f"load: {name} must be a whole number from {least} to {most}; got {value!r:.50}.")
    return value


def text(value: object, name: str) -> str:
    """A word from a file.

    Raises:
        FileError: it is another thing.

    Example:
        >>> text("silu", "base")
        'silu'
    """
    if not isinstance(value, str):
        raise FileError(f"load: {name} must be a word; got {value!r:.50}. The file is damaged.")
    return value


def listed(value: object, name: str) -> list[Any]:
    """A list from a file.

    Raises:
        FileError: it is another thing.

    Example:
        >>> listed([1], "arities")
        [1]
    """
    if not isinstance(value, list):
        raise FileError(f"load: {name} must be a list; got {value!r:.50}. The file is damaged.")
    return value


def _check_tensors(part: Mapping[str, Tensor], k: int) -> None:
    coef = part["basis.coef"]
    if coef.ndim != 3 or min(coef.shape) < 1 or coef.dtype not in _DTYPES or coef.shape[1] <= k:
        raise FileError(
            f"load: coef must have shape (in, G + k, out) of a floating type; got {tuple(coef.shape)} of "
            f"{coef.dtype} with k={k}. The file is damaged."
        )
    inputs, size, outputs = coef.shape
    edges = (inputs, outputs)
    shapes = {"scale_base": edges, "scale_spline": edges, "mask": edges, "knots": (inputs, size + k + 1)}
    for name, shape in shapes.items():
        got = part[f"basis.{name}"]
        dtype = torch.float32 if name == "knots" and coef.dtype.itemsize < 4 else coef.dtype
        _check(name, got, shape, dtype)
    for name in _NODES:
        got = part[f"nodes.{name}"]
        _check(name, got, got.shape[:1] if name.startswith("node") else (outputs,), coef.dtype)
    affine = part["formula.affine"]
    _check("affine", affine, (*affine.shape[:1], 4), coef.dtype)
    _check("edge_index", part["formula.edge_index"], (len(affine), 2), torch.int64)
    if not (knots_rise(part["basis.knots"], k) and bool(part["basis.mask"].isfinite().all())):
        raise FileError("load: knots must be finite and rise, and masks be finite; the file is damaged.")


def knots_rise(knots: Tensor, k: int) -> bool:
    """Whether rows of knots make splines: finite, rising, with a domain.

    Example:
        >>> knots_rise(torch.arange(8.0)[None], 3), knots_rise(torch.zeros(1, 8), 3)
        (True, False)
    """
    low, high = domain(knots, k)
    rising = (knots[:, 1:] >= knots[:, :-1]).all() & (low < high).all()
    return bool(rising & knots.isfinite().all())


def _check(name: str, got: Tensor, shape: Sequence[int], dtype: torch.dtype) -> None:
    if tuple(got.shape) != tuple(shape) or got.dtype != dtype:
        raise FileError(
            f"load: {name} must have shape {tuple(shape)} and be of {dtype}; got {tuple(got.shape)} of {got.dtype}. "
            f"The file is damaged."
        )


def _nodes(
    entry: Mapping[str, Any], part: Mapping[str, Tensor], outputs: int, options: Mapping[str, Any]
) -> NodeLayer:
    sums = whole(entry["sums"], "sums")
    arities = [whole(arity, "arities", 2) for arity in listed(entry["arities"], "arities")]
    count = sums + len(arities)
    if sums + sum(arities) != outputs or len(part["nodes.node_scale"]) != count != 0:
        raise FileError(f"load: nodes must fit the {outputs} sub-nodes of their layer; the file is damaged.")
    nodes = NodeLayer(sums, arities, **options)
    nodes.load_state_dict({name: part[f"nodes.{name}"] for name in _NODES})
    return nodes


def _formula_layer(
    entry: Mapping[str, Any],
    part: Mapping[str, Tensor],
    functions: Mapping[str, Function],
    shape: tuple[int, int],
    options: Mapping[str, Any],
) -> FormulaLayer:
    layer = FormulaLayer(*shape, **options)
    index, affine = part["formula.edge_index"].tolist(), part["formula.affine"]
    names = [text(name, "formulas") for name in listed(entry["formulas"], "formulas")]
    if not len(index) == len(set(map(tuple, index))) == len(names):
        raise FileError("load: formulas, their edges and constants must be as many; the file is damaged.")
    layer = layer.with_edges(
        (i, j, _find_function(name, functions), constants)
        for (i, j), name, constants in zip(index, names, affine.tolist(), strict=True)
    )
    with torch.no_grad():
        layer.affine.copy_(affine)
    return layer


def _find_function(name: str, functions: Mapping[str, Function]) -> Function:
    if name in functions:
        return functions[name]
    try:
        return get_function(name)
    except UnknownName:
        raise FileError(
            f"load: the model uses the function {name!r}, which is none of the {len(LIBRARY)} in the "
            f"library. Pass functions={{{name!r}: make_function(...)}}."
        ) from None


def _find_base(name: object, bases: Mapping[str, Callable[[Tensor], Tensor]]) -> Any:
    name = text(name, "base")
    if name in bases:
        return bases[name]
    if name not in BASES:
        raise FileError(
            f"load: the model uses the base {name!r} of your own. Pass bases={{{name!r}: function}}."
        )
    return name
