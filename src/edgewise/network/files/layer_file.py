"""Read one layer from a file; nothing is allocated beyond what the file's own tensors account for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ...errors import FileError, UnknownName
from ...functions import LIBRARY, Function, get_function
from ...layers import BASES, EDGE_LAYERS, FormulaLayer, LinearEdgeLayer, NodeLayer
from ..layer import Layer

_DTYPES = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
_LARGEST_SETTING = 2**16
_NODES = ("subnode_scale", "subnode_bias", "node_scale", "node_bias")
_NAMES = {
    *(f"nodes.{name}" for name in _NODES),
    "formula.edge_index",
    "formula.affine",
    "formula.held",
}


def describe_layer(layer: Layer) -> dict[str, Any]:
    """What a file says of a layer beside its tensors."""
    basis, nodes = layer.basis, layer.nodes
    return {
        "kind": basis.kind,
        "settings": basis.describe(),
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
    kind = _find_kind(entry["kind"])
    held = (*kind.edge_tensors, *kind.input_tensors)
    names = {f"basis.{name}" for name in held} | _NAMES
    part = _as_written_now(part)
    if set(part) != names:
        raise FileError(f"load: a layer must have the tensors {sorted(names)}; got {sorted(part)}.")
    basis = _basis(kind, entry["settings"], {name: part[f"basis.{name}"] for name in held}, bases)
    inputs, outputs = basis.in_features, basis.out_features
    options: dict[str, Any] = {"dtype": basis.dtype, "device": basis.device}
    _check_rest(part, outputs, basis.dtype)
    nodes = _nodes(entry, part, outputs, options)
    layer = Layer(basis, _formula_layer(entry, part, functions, (inputs, outputs), options), nodes)
    trained = [text(name, "trained") for name in listed(entry["trained"], "trained")]
    for name, value in layer.named_parameters():
        value.requires_grad_(name in trained)
    return layer


def _as_written_now(part: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of an older file: a scale of the splines lies in the coefficients, and no constants are held."""
    part = dict(part)
    if "formula.affine" in part:
        part.setdefault("formula.held", part["formula.affine"].new_empty(0, 4))
    scale, coef = part.pop("basis.scale_spline", None), part.get("basis.coef")
    if scale is not None and coef is not None:
        part["basis.coef"] = coef * scale.unsqueeze(1)
    return part


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


def _basis(
    kind: type[LinearEdgeLayer],
    settings: Mapping[str, Any],
    tensors: Mapping[str, Tensor],
    bases: Mapping[str, Callable[[Tensor], Tensor]],
) -> LinearEdgeLayer:
    """The layer of learnable edges, checked against one that is made from the settings alone."""
    coef, settings = tensors["coef"], dict(settings)
    if coef.ndim != 3 or min(coef.shape) < 1 or coef.dtype not in _DTYPES:
        raise FileError(
            f"load: coef must have shape (in, size, out) of a floating type; got {tuple(coef.shape)} of "
            f"{coef.dtype}. The file is damaged."
        )
    most = max(coef.numel(), _LARGEST_SETTING)
    if any(isinstance(value, int) and value > most for value in settings.values()):
        raise FileError(f"load: settings must fit coefficients of shape {tuple(coef.shape)}; got {settings}.")
    if "base" in settings:
        settings["base"] = _find_base(settings["base"], bases)
    like = kind.from_description(1, 1, settings, seed=0, dtype=coef.dtype, device=coef.device)
    inputs, _, outputs = coef.shape
    for name, got in tensors.items():
        want = getattr(like, name)
        ends = (
            (inputs, *want.shape[1:-1], outputs) if name in kind.edge_tensors else (inputs, *want.shape[1:])
        )
        _check(name, got, ends, want.dtype)
    basis = like.with_tensors(**tensors)
    if not basis.is_sound():
        raise FileError("load: knots must be finite and rise, and masks be finite; the file is damaged.")
    return basis


def _check_rest(part: Mapping[str, Tensor], outputs: int, dtype: torch.dtype) -> None:
    for name in _NODES:
        got = part[f"nodes.{name}"]
        _check(name, got, got.shape[:1] if name.startswith("node") else (outputs,), dtype)
    affine = part["formula.affine"]
    _check("affine", affine, (*affine.shape[:1], 4), dtype)
    _check("edge_index", part["formula.edge_index"], (len(affine), 2), torch.int64)
    held = part["formula.held"]
    _check("held", held, (len(affine) if len(held) else 0, 4), dtype)
    if bool((held.isnan() | (held == -torch.inf)).any()):
        raise FileError(
            "load: held constants must be numbers, or inf where they are free; the file is damaged."
        )


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
    layer.held = part["formula.held"].clone()
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


def _find_kind(name: object) -> type[LinearEdgeLayer]:
    name = text(name, "kind")
    if name not in EDGE_LAYERS:
        raise FileError(
            f"load: the model has edges of the kind {name!r}, which is none of {', '.join(sorted(EDGE_LAYERS))}. "
            f"Import the module that defines them; its class must be registered with layers.register_kind."
        )
    return EDGE_LAYERS[name]


def _find_base(name: object, bases: Mapping[str, Callable[[Tensor], Tensor]]) -> Any:
    name = text(name, "base")
    if name in bases:
        return bases[name]
    if name not in BASES:
        raise FileError(
            f"load: the model uses the base {name!r} of your own. Pass bases={{{name!r}: function}}."
        )
    return name
