"""Export of a network as an ONNX graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from .._optional import optional
from .._version import __version__
from ..edges import BASES
from ..network import Network, PlainLayer, PlainNetwork, Splines
from .arithmetic import Limits, Value, Writer, call_exp
from .safe_functions import safe_function
from .text import checked_name
from .validate import validated

_OPSET, _IR = 17, 8
_OPERATIONS = {
    "add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div", "negate": "Neg",
    "less": "Less", "where": "Where", "power": "Pow",
}  # fmt: skip
_BOTH = {
    "abs": "Abs", "exp": "Exp", "log": "Log", "sqrt": "Sqrt", "sin": "Sin", "tanh": "Tanh", "sigmoid": "Sigmoid",
}  # fmt: skip
# Many runtimes have these in single precision only.
_SINGLE = {
    "cos": "Cos", "arcsin": "Asin", "arccos": "Acos", "arctan": "Atan", "sinh": "Sinh", "cosh": "Cosh",
    "arctanh": "Atanh", "erf": "Erf",
}  # fmt: skip


class _Graph(Writer):
    """Nodes and constants, each under a name of its own."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = np.dtype(dtype)
        self._functions = _BOTH | (_SINGLE if self.dtype == np.float32 else {})
        self.native = frozenset(self._functions)
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}
        self._numbers: dict[float, str] = {}
        self._helper = optional("onnx.helper", "onnx", "export to ONNX")

    def constant(self, values: Any, dtype: Any = None) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = np.array(values, self.dtype if dtype is None else dtype)
        return name

    def node(self, operation: str, *inputs: str, name: str | None = None, **attributes: Any) -> str:
        output = name or f"v{len(self.nodes)}"
        self.nodes.append(self._helper.make_node(operation, list(inputs), [output], **attributes))
        return output

    def used_constants(self) -> list[tuple[str, Any]]:
        used = {name for node in self.nodes for name in node.input}
        return [(name, values) for name, values in self.constants.items() if name in used]

    def write(self, operation: str, *operands: Any) -> str:
        names = [part if isinstance(part, str) else self._number(part) for part in operands]
        return self.node(_OPERATIONS.get(operation) or self._functions[operation], *names)

    def _number(self, value: float) -> str:
        if value not in self._numbers:
            self._numbers[value] = self.constant(value)
        return self._numbers[value]

    def columns(self, x: str, columns: Any) -> str:
        return self.node("Gather", x, self.constant(list(columns), np.int64), axis=1)

    def affine(self, x: str, scale: Any, shift: Any) -> str:
        return self.node("Add", self.node("Mul", x, self.constant(scale)), self.constant(shift))


def onnx_model(model: Network, *, name: str = "model") -> Any:
    """The network as an ONNX model with one input "x" (n, columns) and one output "y" (n, outputs).

    Args:
        model: Not modified.
        name: Of the graph.

    Returns:
        An `onnx.ModelProto` of operator set 17 and the network's data type. What would be refused under
        extrapolation "error" gives NaN, as a graph cannot raise.

    Raises:
        InputError: an edge has a base or a function defined by the user.
        MissingExtra: the package onnx is not installed.
    """
    plan = validated(model, "onnx", bytes_per_number=30)
    checked_name(name, "onnx")
    onnx = optional("onnx", "onnx", "export to ONNX")
    graph = _Graph(np.float32 if plan.dtype == torch.float32 else np.float64)
    _write(graph, plan)
    helper = onnx.helper
    kind = helper.np_dtype_to_tensor_dtype(graph.dtype)
    body = helper.make_graph(
        graph.nodes,
        name,
        [helper.make_tensor_value_info("x", kind, ["n", plan.n_columns])],
        [helper.make_tensor_value_info("y", kind, ["n", plan.outputs])],
        [onnx.numpy_helper.from_array(values, label) for label, values in graph.used_constants()],
    )
    made = helper.make_model(
        body,
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR,
        producer_name="edgewise",
        producer_version=__version__,
    )
    onnx.checker.check_model(made)
    return made


def _write(graph: _Graph, plan: PlainNetwork) -> None:
    h = "x"
    if plan.columns != tuple(range(plan.n_columns)):
        h = graph.columns(h, plan.columns)
    if plan.input_scaler is not None:
        shift, scale = map(graph.constant, plan.input_scaler)
        h = graph.node("Div", graph.node("Sub", h, shift), scale)
    for layer in plan.layers:
        h = _layer(graph, layer, h, Limits(plan.dtype))
    if plan.output_scaler is not None:
        h = graph.affine(h, plan.output_scaler[1], plan.output_scaler[0])
    graph.node("Identity", h, name="y")


def _layer(graph: _Graph, layer: PlainLayer, x: str, limits: Limits) -> str:
    total = _splines(graph, layer.splines, x) if layer.splines.needed else _zeros(graph, layer, x)
    groups: dict[str, list[Any]] = {}
    for edge in layer.formulas:
        groups.setdefault(edge.function.name, []).append(edge)
    for function, edges in groups.items():
        a, b, c, d = np.array([edge.affine for edge in edges]).T
        inner = graph.affine(graph.columns(x, [edge.i for edge in edges]), a, b)
        safe = safe_function(function)
        assert safe is not None, function  # validate has refused others
        outer = graph.affine(safe(Value(graph, inner), limits).of, c, d)
        where = np.zeros((len(edges), layer.subnodes))
        where[range(len(edges)), [edge.j for edge in edges]] = 1
        total = graph.node("Add", total, graph.node("MatMul", outer, graph.constant(where)))
    shifted = graph.affine(total, layer.subnode_scale, layer.subnode_bias)
    return graph.affine(_products(graph, layer, shifted), layer.node_scale, layer.node_bias)


def _zeros(graph: _Graph, layer: PlainLayer, x: str) -> str:
    rows = _filled(graph, x, 0.0)
    return graph.node("Mul", rows, graph.constant(np.zeros((1, layer.subnodes))))


def _filled(graph: _Graph, x: str, value: float) -> str:
    """A column (n, 1) of a constant, whatever stands in `x`."""
    constant = graph.constant(value)
    return graph.node("Where", graph.node("IsNaN", graph.columns(x, [0])), constant, constant)


def _products(graph: _Graph, layer: PlainLayer, u: str) -> str:
    most = max(len(members) for members in layer.members)
    if most == 1:
        return u
    # A column of ones stands for the factors that shorter products lack.
    padded = graph.node("Concat", u, _filled(graph, u, 1.0), axis=1)
    last = layer.subnodes
    result = None
    for place in range(most):
        chosen = [members[place] if place < len(members) else last for members in layer.members]
        factor = graph.columns(padded, chosen)
        result = factor if result is None else graph.node("Mul", result, factor)
    return str(result)


def _splines(graph: _Graph, splines: Splines, x: str) -> str:
    low, high = graph.constant(splines.low), graph.constant(splines.high)
    below, above = graph.node("Less", x, low), graph.node("Greater", x, high)
    outside = graph.node("Or", below, above)
    if splines.rule == "periodic":
        period = graph.constant(splines.high - splines.low)
        rest = graph.node("Mod", graph.node("Sub", x, low), period, fmod=1)
        wrapped = graph.node("Add", rest, period)
        negative = graph.node("Less", rest, graph.constant(0.0))
        point = graph.node("Add", low, graph.node("Where", negative, wrapped, rest))
    else:
        point = graph.node("Where", below, low, graph.node("Where", above, high, x))
    if splines.rule == "error":
        point = graph.node("Where", outside, graph.constant(np.nan), point)
    inputs, size, outputs = splines.coef.shape
    values = _basis(graph, splines, graph.node("Unsqueeze", point, graph.constant([2], np.int64)))
    if splines.rule == "decay":
        beyond = graph.node("Unsqueeze", outside, graph.constant([2], np.int64))
        values = graph.node("Where", beyond, graph.constant(0.0), values)
    flat = graph.node("Reshape", values, graph.constant([-1, inputs * size], np.int64))
    total = graph.node("MatMul", flat, graph.constant(splines.coef.reshape(inputs * size, outputs)))
    zero = graph.constant(0.0)
    if splines.rule == "linear":
        for side, end, slopes in ((below, low, splines.left_slopes), (above, high, splines.right_slopes)):
            excess = graph.node("Where", side, graph.node("Sub", x, end), zero)
            total = graph.node("Add", total, graph.node("MatMul", excess, graph.constant(slopes)))
    formula = BASES[splines.base].formula if splines.base in BASES else None
    if formula is not None:
        base = formula(Value(graph, x), call_exp).of
        total = graph.node("Add", total, graph.node("MatMul", base, graph.constant(splines.base_weights)))
    return total


def _basis(graph: _Graph, splines: Splines, x: str) -> str:
    """All basis functions at points (n, in, 1) within the domain, shape (n, in, size): de Boor and Cox."""
    knots, degree, size = splines.knots.astype(np.float64), splines.degree, splines.coef.shape[1]
    lower, upper = knots[:, :-1].copy(), knots[:, 1:].copy()
    lower[:, :degree] = lower[:, size:] = np.inf  # points lie within the domain, its upper end included
    for row, ends in zip(upper, knots, strict=True):
        last = max(n for n in range(degree, size) if ends[n] < ends[n + 1])
        row[last] = np.inf
    from_, to = graph.constant(lower), graph.constant(upper)
    inside = graph.node("And", graph.node("GreaterOrEqual", x, from_), graph.node("Less", x, to))
    unknown = graph.node("Where", graph.node("IsNaN", x), x, graph.constant(0.0))
    values = graph.node("Where", inside, graph.constant(1.0), unknown)
    for level in range(1, degree + 1):
        count = knots.shape[1] - 1 - level
        width = knots[:, level : level + count + 1] - knots[:, : count + 1]
        share = np.divide(1.0, width, out=np.zeros_like(width), where=width > 0)
        first, second = (_slice(graph, values, at, count) for at in (0, 1))
        left = graph.node(
            "Mul", graph.node("Sub", x, graph.constant(knots[:, :count])), graph.constant(share[:, :count])
        )
        right = graph.node(
            "Mul", graph.node("Sub", graph.constant(knots[:, level + 1 :]), x), graph.constant(share[:, 1:])
        )
        values = graph.node("Add", graph.node("Mul", left, first), graph.node("Mul", right, second))
    return values


def _slice(graph: _Graph, values: str, start: int, count: int) -> str:
    ends = (graph.constant([number], np.int64) for number in (start, start + count, 2))
    return graph.node("Slice", values, *ends)
