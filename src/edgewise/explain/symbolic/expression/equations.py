"""Any network as exact equations: splines as piecewise polynomials, node by node."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import sympy
import torch

from ....edges import BASES
from ....errors import InputError
from ....network import Array, FormulaEdge, Network, PlainLayer, Splines, plain_arrays
from ....spline import basis
from .forms import is_undefined, sympy_form
from .printing import equations_text, latex


@dataclass(frozen=True)
class Equations:
    """Equations that compute a network, each from the symbols before it.

    Attributes:
        symbols: The input variables, one to a column in use.
        steps: Pairs (symbol, expression) in order; node n of level l is h_l_n.
        outputs: One expression to an output.
    """

    symbols: tuple[sympy.Symbol, ...]
    steps: tuple[tuple[sympy.Symbol, sympy.Expr], ...]
    outputs: tuple[sympy.Expr, ...]

    @property
    def expressions(self) -> tuple[sympy.Expr, ...]:
        """The outputs in the inputs alone; for two layers of splines and more they grow long."""
        known: dict[sympy.Symbol, sympy.Expr] = {}
        for symbol, expression in self.steps:
            known[symbol] = expression.xreplace(known)
        return tuple(output.xreplace(known) for output in self.outputs)

    def _rows(self) -> list[tuple[sympy.Symbol, sympy.Expr]]:
        one = len(self.outputs) == 1
        names = ["y"] if one else [f"y_{n + 1}" for n in range(len(self.outputs))]
        return [*self.steps, *zip(map(sympy.Symbol, names), self.outputs, strict=True)]

    def text(self) -> str:
        """One line an equation, with all digits of its numbers."""
        return equations_text(self._rows())

    def latex(self) -> str:
        """The equations in LaTeX."""
        rows = [f"{latex(symbol)} &= {latex(expression)}" for symbol, expression in self._rows()]
        return "\\begin{aligned} " + " \\\\ ".join(rows) + " \\end{aligned}"


def equations(model: Network, *, names: Sequence[str] | None = None) -> Equations:
    """Write any network as exact equations.

    Spline edges become piecewise polynomials, with the pieces that hold outside the grid; formula edges
    their functions, which may be undefined where the network's safe versions go on.

    Args:
        model: Left as it is.
        names: Names of the variables; the model's input names if None.

    Returns:
        The equations; their size is that of the network, not its power.

    Raises:
        InputError: an edge has a base or a function that sympy does not know.

    Example:
        >>> from edgewise.network import build
        >>> found = equations(build([1, 2, 1], grid=2, k=1, base="zero"))
        >>> [str(symbol) for symbol, _ in found.steps]
        ['h_1_1', 'h_1_2']
    """
    plan = plain_arrays(model, "equations")
    labels = plan.names if names is None else tuple(names)
    if len(set(labels)) != len(plan.columns):
        raise InputError(
            f"equations: names must be {len(plan.columns)} different names; got {list(labels)}. Name every input."
        )
    symbols = tuple(sympy.Symbol(label, real=True) for label in labels)
    values: list[sympy.Expr] = list(symbols)
    if plan.input_scaler is not None:
        shift, scale = plan.input_scaler
        values = [(x - _f(m)) / _f(s) for x, m, s in zip(values, shift, scale, strict=True)]
    steps: list[tuple[sympy.Symbol, sympy.Expr]] = []
    for level, layer in enumerate(plan.layers, start=1):
        values = _nodes(layer, _sums(layer, values))
        if level < len(plan.layers):
            named = [sympy.Symbol(f"h_{level}_{n + 1}", real=True) for n in range(len(values))]
            steps += zip(named, values, strict=True)
            values = list(named)
    if plan.output_scaler is not None:
        shift, scale = plan.output_scaler
        values = [_f(m) + y * _f(s) for y, m, s in zip(values, shift, scale, strict=True)]
    return Equations(symbols, tuple(steps), tuple(values))


def _f(value: object) -> sympy.Expr:
    number = float(value)  # type: ignore[arg-type]
    return sympy.Integer(int(number)) if number.is_integer() and abs(number) < 2**31 else sympy.Float(number)


def _sums(layer: PlainLayer, inputs: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    terms: list[list[sympy.Expr]] = [[] for _ in range(layer.subnodes)]
    if layer.splines.needed:
        for i, x in enumerate(inputs):
            for j, term in _spline_terms(layer.splines, i, x):
                terms[j].append(term)
    for edge in layer.formulas:
        terms[edge.j].append(_formula(edge, inputs[edge.i]))
    return [sympy.Add(*part) for part in terms]


def _nodes(layer: PlainLayer, sums: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    inner = zip(sums, layer.subnode_scale, layer.subnode_bias, strict=True)
    shifted = [_f(scale) * value + _f(bias) for value, scale, bias in inner]
    outer = zip(layer.members, layer.node_scale, layer.node_bias, strict=True)
    return [_f(s) * sympy.Mul(*(shifted[m] for m in members)) + _f(b) for members, s, b in outer]


def _formula(edge: FormulaEdge, x: sympy.Expr) -> sympy.Expr:
    if is_undefined(edge.function):
        raise InputError(
            f"equations: every function must have a sympy form; got {edge.function.name!r}, which has none. "
            f"Give one: make_function(..., sympy=...)."
        )
    a, b, c, d = map(_f, edge.affine)
    return c * sympy_form(edge.function)(a * x + b) + d


def _spline_terms(splines: Splines, i: int, x: sympy.Expr) -> list[tuple[int, sympy.Expr]]:
    """The spline and base of every edge from one input that is on, by sub-node."""
    found = []
    taylor = _taylor(splines, i)
    formula = BASES[splines.base].formula if splines.base in BASES else None
    for j in range(splines.coef.shape[2]):
        weight = splines.base_weights[i, j]
        if splines.base not in BASES and weight:
            raise InputError(
                f"equations: base must be one of {', '.join(BASES)}; got {splines.base!r} of your own, which has "
                f"no sympy form. Turn its edges into formulas first."
            )
        if weight and formula is not None:
            found.append((j, _f(weight) * formula(x, sympy.exp)))
        if splines.coef[i, :, j].any() or splines.rule == "error":
            found.append((j, _pieces(splines, i, j, x, taylor)))
    return found


def _starts(splines: Splines, i: int) -> list[int]:
    """Numbers of the knots at which a piece begins."""
    knots, size = splines.knots[i], splines.coef.shape[1]
    return [n for n in range(splines.degree, size) if knots[n] < knots[n + 1]]


def _taylor(splines: Splines, i: int) -> Array:
    """Taylor coefficients at the beginning of each piece, shape (pieces, degree + 1, out)."""
    knots = torch.as_tensor(splines.knots[i : i + 1]).double()
    at = knots[0, _starts(splines, i), None]
    coef = torch.as_tensor(splines.coef[i]).double()
    orders = range(splines.degree + 1)
    parts = [basis(at, knots, splines.degree, order=r)[:, 0] @ coef / math.factorial(r) for r in orders]
    return torch.stack(parts, dim=1).numpy()


def _pieces(splines: Splines, i: int, j: int, x: sympy.Expr, taylor: Array) -> sympy.Expr:
    knots, starts = splines.knots[i], _starts(splines, i)
    low, high = _f(splines.low[i]), _f(splines.high[i])
    if splines.rule == "periodic":
        x = low + sympy.Mod(x - low, high - low)
    polynomials = [
        sympy.Add(*(_f(c) * (x - _f(knots[start])) ** r for r, c in enumerate(taylor[piece, :, j]) if c))
        for piece, start in enumerate(starts)
    ]
    below, above = _outside(splines, i, j, x, polynomials)
    branches = [] if below is None else [(below, x < low)]
    branches += [(p, x < _f(knots[starts[n + 1]])) for n, p in enumerate(polynomials[:-1])]
    branches += [(polynomials[-1], True)] if above is None else [(polynomials[-1], x <= high), (above, True)]
    return sympy.Piecewise(*branches)


def _outside(
    splines: Splines, i: int, j: int, x: sympy.Expr, polynomials: list[sympy.Expr]
) -> tuple[sympy.Expr | None, sympy.Expr | None]:
    if splines.rule == "periodic":
        return None, None
    if splines.rule in ("decay", "error"):
        value = sympy.Integer(0) if splines.rule == "decay" else sympy.nan
        return value, value
    coef, degree = torch.as_tensor(splines.coef[i, :, j]).double(), splines.degree
    knots = torch.as_tensor(splines.knots[i : i + 1]).double()
    ends = knots[0, [degree, splines.coef.shape[1]], None]
    left, right = (basis(ends, knots, degree)[:, 0] @ coef).tolist()
    if splines.rule == "constant":
        return _f(left), _f(right)
    low, high = _f(splines.low[i]), _f(splines.high[i])
    return (
        _f(left) + _f(splines.left_slopes[i, j]) * (x - low),
        _f(right) + _f(splines.right_slopes[i, j]) * (x - high),
    )
