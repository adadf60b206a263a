"""Export of a network as a Python module that needs only NumPy."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from .._version import __version__
from ..network import Network, PlainLayer, PlainNetwork
from .arithmetic import Limits
from .text import TextWriter, base_texts, checked_name, comment, function_lines, identifier, used_functions
from .validate import validated

_NATIVE = {
    "abs": "np.abs", "exp": "np.exp", "log": "np.log", "log1p": "np.log1p", "sqrt": "np.sqrt",
    "sin": "np.sin", "cos": "np.cos", "arcsin": "np.arcsin", "arccos": "np.arccos",
    "arctan": "np.arctan", "sinh": "np.sinh", "cosh": "np.cosh", "tanh": "np.tanh",
    "arctanh": "np.arctanh", "power": "np.power",
}  # fmt: skip

_SPLINES = '''
def _basis(x, knots, degree, size):
    """Values of all basis functions (n, size) at points that lie within the domain."""
    inner = knots[degree + 1 : size]
    inner = inner[inner < knots[size]]
    index = np.searchsorted(inner, x, side="right") + degree
    values = [np.where(np.isnan(x), x, x.dtype.type(1))]
    around = [knots[index + 1 - degree + n] - x for n in range(2 * degree)]
    for level in range(1, degree + 1):
        left, right = around[degree - level : degree], around[degree : degree + level]
        share = [v / (b - a) for v, a, b in zip(values, left, right)]
        down = [s * b for s, b in zip(share, right)] + [0]
        up = [0] + [-s * a for s, a in zip(share, left)]
        values = [a + b for a, b in zip(down, up)]
    dense = np.zeros((len(x), size), x.dtype)
    rows = np.arange(len(x))
    for n, value in enumerate(values):
        dense[rows, index - degree + n] = value
    return dense


def _spline_sums(x, rule, base, degree, knots, coef, base_weights, left, right):
    """Sums over the spline edges of a layer, (n, inputs) to (n, sub-nodes)."""
    size = coef.shape[1]
    total = np.zeros((len(x), coef.shape[2]), x.dtype)
    for i in range(x.shape[1]):
        column, low, high = x[:, i], knots[i, degree], knots[i, size]
        below, above = column < low, column > high
        if rule == "error" and (below | above).any():
            raise ValueError(f"input {i} of a layer must lie in [{low}, {high}]")
        if rule == "periodic":
            rest = np.fmod(column - low, high - low)
            point = low + np.where(rest < 0, rest + (high - low), rest)
        else:
            point = np.where(below, low, np.where(above, high, column))
        values = _basis(point, knots[i], degree, size)
        if rule == "decay":
            values[below | above] = 0
        total += values @ coef[i]
        if rule == "linear":
            total += np.where(below, column - low, 0).astype(x.dtype)[:, None] * left[i]
            total += np.where(above, column - high, 0).astype(x.dtype)[:, None] * right[i]
        if base in _BASES:
            total += _BASES[base](column)[:, None] * base_weights[i]
    return total

'''


def numpy_module(model: Network, *, name: str = "model") -> str:
    """The network as the text of a Python module with one public function, `predict`.

    Args:
        model: Not modified.
        name: What the module's first line calls it.

    Returns:
        Text that imports numpy and nothing else, and computes in the network's data type.

    Raises:
        InputError: an edge has a base or a function defined by the user.

    Example:
        >>> from edgewise.network import build
        >>> names = {}
        >>> exec(numpy_module(build([2, 1])), names)
        >>> names["predict"]([[0.0, 1.0]]).shape
        (1, 1)
    """
    plan = validated(model, "numpy", bytes_per_number=300)
    checked_name(name, "numpy")
    limits = Limits(plan.dtype)
    text = [
        f'"""{name}: a Kolmogorov-Arnold network, written by edgewise {__version__}. It needs numpy alone.',
        "",
        f"Inputs: {comment(', '.join(plan.names))}.",
        '"""',
        "",
        "import numpy as np",
        "",
        f"DTYPE = np.{'float32' if plan.dtype == torch.float32 else 'float64'}",
        "",
    ]
    for function in used_functions(plan):
        text += [*_function(function, limits), ""]
    if any(layer.splines.needed for layer in plan.layers):
        text += [_bases(), _SPLINES]
    for number, layer in enumerate(plan.layers):
        text += [*_layer(number, layer), ""]
    return "\n".join([*text, *_predict(plan)]) + "\n"


def _bases() -> str:
    texts = base_texts("x", "np.exp")
    return "\n".join(
        ["_BASES = {", *(f'    "{name}": lambda x: {text},' for name, text in texts.items()), "}"]
    )


def _function(name: str, limits: Limits) -> list[str]:
    writer = TextWriter(
        _NATIVE,
        _number,
        lambda left, right, _: f"    {left} = {right}",
        lambda c, a, b: f"np.where({c}, {a}, {b})",
    )
    lines, result = function_lines(name, writer, limits)
    return ["", f"def {identifier(name)}(x):", *lines, f"    return {result}"]


def _number(value: float) -> str:
    return repr(float(value)) if math.isfinite(value) else f'float("{value}")'


def _array(name: str, values: Any) -> str:
    """An assignment of an array, with all digits."""
    flat = [_number(value) for value in np.asarray(values).ravel().tolist()]
    rows = [", ".join(flat[at : at + 5]) for at in range(0, len(flat), 5)]
    body = ",\n    ".join(rows)
    shape = ", ".join(map(str, np.shape(values)))
    return f"{name} = np.array([\n    {body}\n], DTYPE).reshape({shape})"


def _layer(number: int, layer: PlainLayer) -> Iterable[str]:
    splines = layer.splines
    parts = ("knots", "coef", "base_weights", "left_slopes", "right_slopes")
    if splines.needed:
        yield from (_array(f"_{part.upper()}_{number}", getattr(splines, part)) for part in parts)
    for part in ("subnode_scale", "subnode_bias", "node_scale", "node_bias"):
        yield _array(f"_{part.upper()}_{number}", getattr(layer, part))
    yield from ("", "", f"def _layer_{number}(x):")
    if splines.needed:
        arrays = ", ".join(f"_{part.upper()}_{number}" for part in parts)
        yield f"    z = _spline_sums(x, {splines.rule!r}, {splines.base!r}, {splines.degree}, {arrays})"
    else:
        yield f"    z = np.zeros((len(x), {layer.subnodes}), DTYPE)"
    for edge in layer.formulas:
        a, b, c, d = map(_number, edge.affine)
        yield f"    z[:, {edge.j}] += {c} * {identifier(edge.function.name)}({a} * x[:, {edge.i}] + {b}) + {d}"
    yield f"    u = z * _SUBNODE_SCALE_{number} + _SUBNODE_BIAS_{number}"
    if any(len(members) > 1 for members in layer.members):
        nodes = ", ".join(" * ".join(f"u[:, {m}]" for m in members) for members in layer.members)
        yield f"    u = np.stack([{nodes}], axis=1)"
    yield f"    return u * _NODE_SCALE_{number} + _NODE_BIAS_{number}"


def _predict(plan: PlainNetwork) -> Iterable[str]:
    for side, scaler in (("IN", plan.input_scaler), ("OUT", plan.output_scaler)):
        if scaler is not None:
            yield from (
                _array(f"_{side}_{part}", value)
                for part, value in zip(("SHIFT", "SCALE"), scaler, strict=True)
            )
    yield "\n\ndef predict(x):"
    yield f'    """Outputs (n, {plan.outputs}) at inputs (n, {plan.n_columns})."""'
    yield "    x = np.asarray(x, DTYPE)"
    yield f"    if x.ndim != 2 or x.shape[1] != {plan.n_columns}:"
    yield f'        raise ValueError("x must have shape (n, {plan.n_columns})")'
    yield '    with np.errstate(all="ignore"):'
    if plan.columns != tuple(range(plan.n_columns)):
        yield f"        x = x[:, {list(plan.columns)}]"
    if plan.input_scaler is not None:
        yield "        x = (x - _IN_SHIFT) / _IN_SCALE"
    for number in range(len(plan.layers)):
        yield f"        x = _layer_{number}(x)"
    yield "        return " + ("x" if plan.output_scaler is None else "_OUT_SHIFT + x * _OUT_SCALE")
