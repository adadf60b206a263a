"""Export of a network as one C99 file that needs only the standard library."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from .._version import __version__
from ..edges import BASES
from ..network import Network, PlainLayer, PlainNetwork
from .arithmetic import Limits
from .text import TextWriter, base_texts, checked_name, comment, function_lines, identifier, used_functions
from .validate import validated

_NATIVE = {
    "abs": "fabs", "exp": "exp", "log": "log", "log1p": "log1p", "sqrt": "sqrt", "sin": "sin",
    "cos": "cos", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "sinh": "sinh",
    "cosh": "cosh", "tanh": "tanh", "arctanh": "atanh", "erf": "erf", "power": "pow",
}  # fmt: skip

_SPLINES = """
enum rule { LINEAR, CONSTANT, DECAY, PERIODIC, ERROR };
enum base { %(names)s };

struct splines {
    int inputs, outputs, size, degree;
    enum rule rule;
    enum base base;
    const real *knots, *coef, *base_weights, *left, *right;
};

/* The degree + 1 basis functions that are not zero at x; gives the first one's number. */
static int basis(const real *knots, int size, int degree, real x, real *values)
{
    int at = degree, level, n;
    while (at + 1 < size && knots[at + 1] <= x && knots[at + 1] < knots[size]) {
        at++;
    }
    values[0] = isnan(x) ? x : (real)1;
    for (level = 1; level <= degree; level++) {
        real up = 0;
        for (n = 0; n < level; n++) {
            const real left = knots[at + 1 - level + n] - x, right = knots[at + 1 + n] - x;
            const real share = values[n] / (right - left);
            values[n] = up + share * right;
            up = -share * left;
        }
        values[level] = up;
    }
    return at - degree;
}

static real base_value(enum base base, real x)
{
    switch (base) {
%(cases)s
    default:
        return 0;
    }
}

/* Adds the spline edges of one input; 0, or 1 where x is outside the grid and must not be. */
static int add_splines(const struct splines *s, int i, real x, real *sums)
{
    const real *knots = s->knots + (size_t)i * (size_t)(s->size + s->degree + 1);
    const real low = knots[s->degree], high = knots[s->size];
    const size_t row = (size_t)i * (size_t)s->outputs;
    real values[DEGREE + 1], point = x < low ? low : x > high ? high : x;
    int first, n, j;
    if (s->rule == ERROR && (x < low || x > high)) {
        return 1;
    }
    if (s->rule == PERIODIC) {
        const real rest = FUNCTION(fmod)(x - low, high - low);
        point = low + (rest < 0 ? rest + (high - low) : rest);
    }
    first = basis(knots, s->size, s->degree, point, values);
    if (s->rule != DECAY || !(x < low || x > high)) {
        for (n = 0; n <= s->degree; n++) {
            const real *coef = s->coef + ((size_t)i * (size_t)s->size + (size_t)(first + n)) * (size_t)s->outputs;
            for (j = 0; j < s->outputs; j++) {
                sums[j] += values[n] * coef[j];
            }
        }
    }
    if (s->rule == LINEAR && (x < low || x > high)) {
        const real *slopes = (x < low ? s->left : s->right) + row, beyond = x - point;
        for (j = 0; j < s->outputs; j++) {
            sums[j] += beyond * slopes[j];
        }
    }
    if (s->base != ZERO) {
        const real value = base_value(s->base, x);
        for (j = 0; j < s->outputs; j++) {
            sums[j] += value * s->base_weights[row + (size_t)j];
        }
    }
    return 0;
}
"""


def c99(model: Network, *, name: str = "model") -> str:
    """The network as the text of one C file with one public function, `<name>_predict`.

    Args:
        model: Not modified.
        name: Beginning of the public names.

    Returns:
        Text that compiles with `-std=c99 -Wall -Wextra -Werror`, keeps no state (so that threads may share
        it), takes no memory from the heap, and computes in the network's data type.

    Raises:
        InputError: an edge has a base or a function defined by the user, or `name` is no name.

    Example:
        >>> from edgewise.network import build
        >>> print(c99(build([2, 1])).splitlines()[-2].strip())
        return 0;
    """
    plan = validated(model, "c99", bytes_per_number=300)
    checked_name(name, "c99")
    single = plan.dtype == torch.float32
    text = [*_head(plan, name, single)]
    for function in used_functions(plan):
        text += _function(function, Limits(plan.dtype), single)
    if any(layer.splines.needed for layer in plan.layers):
        text.append(_splines())
    for number, layer in enumerate(plan.layers):
        text += _layer(number, layer, single)
    return "\n".join([*text, *_predict(plan, name, single)]) + "\n"


def _head(plan: PlainNetwork, name: str, single: bool) -> Iterable[str]:
    real = "float" if single else "double"
    yield f"/* {name}: a Kolmogorov-Arnold network, written by edgewise {__version__}."
    yield " *"
    yield f" *   int {name}_predict(const {real} *x, {real} *y, size_t count);"
    yield " *"
    yield f" * x: count rows of {plan.n_columns} inputs; y: count rows of {plan.outputs} outputs."
    yield " * Gives 0, or 1 where an edge refuses an input outside its grid; y is not whole then."
    yield f" * Inputs in use: {comment(', '.join(plan.names))}."
    yield " * Build with: cc -std=c99 -O2 ... -lm. Not with -ffast-math, which has no NaN. */"
    yield "#include <math.h>"
    yield "#include <stddef.h>"
    yield ""
    yield f"typedef {real} real;"
    yield f"#define FUNCTION(name) name{'##f' if single else ''}"
    yield f"#define DEGREE {max(1, *(layer.splines.degree for layer in plan.layers))}"


def _splines() -> str:
    cases = [
        f"    case {name.upper()}:\n        return {text};"
        for name, text in base_texts("x", "FUNCTION(exp)").items()
    ]
    return _SPLINES % {"names": ", ".join(name.upper() for name in BASES), "cases": "\n".join(cases)}


def _number(value: float, single: bool) -> str:
    if not math.isfinite(value):
        return "NAN" if math.isnan(value) else ("INFINITY" if value > 0 else "-INFINITY")
    return repr(float(np.float32(value)) if single else float(value)) + ("f" if single else "")


def _function(name: str, limits: Limits, single: bool) -> Iterable[str]:
    suffix = "f" if single else ""
    writer = TextWriter(
        {ours: theirs + suffix for ours, theirs in _NATIVE.items()},
        lambda value: _number(value, single),
        lambda left, right, condition: f"    const {'int' if condition else 'real'} {left} = {right};",
        lambda c, a, b: f"{c} ? {a} : {b}",
    )
    lines, result = function_lines(name, writer, limits)
    return ["", f"static real {identifier(name)}(real x)", "{", *lines, f"    return {result};", "}"]


def _array(name: str, values: Any, single: bool) -> str:
    flat = [_number(value, single) for value in np.asarray(values).ravel().tolist()]
    rows = [", ".join(flat[at : at + 5]) for at in range(0, len(flat), 5)]
    return f"static const real {name}[{len(flat)}] = {{\n    " + ",\n    ".join(rows) + "\n};"


def _layer(number: int, layer: PlainLayer, single: bool) -> Iterable[str]:
    splines = layer.splines
    parts = ("knots", "coef", "base_weights", "left_slopes", "right_slopes")
    yield ""
    if splines.needed:
        yield from (_array(f"{part}_{number}", getattr(splines, part), single) for part in parts)
        arrays = ", ".join(f"{part}_{number}" for part in parts)
        yield f"static const struct splines splines_{number} = {{"
        yield f"    {layer.inputs}, {layer.subnodes}, {splines.coef.shape[1]}, {splines.degree},"
        base = splines.base if splines.base in BASES else "zero"
        yield f"    {splines.rule.upper()}, {base.upper()}, {arrays}"
        yield "};"
    yield f"\nstatic int layer_{number}(const real *x, real *y)\n{{"
    yield f"    real z[{layer.subnodes}] = {{0}};"
    if splines.needed:
        yield "    int i;"
        yield f"    for (i = 0; i < {layer.inputs}; i++) {{"
        yield f"        if (add_splines(&splines_{number}, i, x[i], z)) {{\n            return 1;\n        }}"
        yield "    }"
    elif not layer.formulas:
        yield "    (void)x;"
    for edge in layer.formulas:
        a, b, c, d = (_number(value, single) for value in edge.affine)
        yield f"    z[{edge.j}] += {c} * {identifier(edge.function.name)}({a} * x[{edge.i}] + {b}) + {d};"
    for node, members in enumerate(layer.members):
        factors = [
            f"(z[{m}] * {_number(layer.subnode_scale[m], single)} + {_number(layer.subnode_bias[m], single)})"
            for m in members
        ]
        scale, bias = _number(layer.node_scale[node], single), _number(layer.node_bias[node], single)
        yield f"    y[{node}] = {' * '.join(factors)} * {scale} + {bias};"
    yield "    return 0;\n}"


def _predict(plan: PlainNetwork, name: str, single: bool) -> Iterable[str]:
    widest = max([len(plan.columns), *(layer.nodes for layer in plan.layers)])
    yield f"\nint {name}_predict(const real *x, real *y, size_t count);\n"
    yield f"int {name}_predict(const real *x, real *y, size_t count)\n{{"
    yield f"    real one[{widest}], two[{widest}];\n    size_t n;"
    yield "    for (n = 0; n < count; n++) {"
    yield f"        const real *row = x + n * {plan.n_columns};"
    yield f"        real *result = y + n * {plan.outputs};"
    for place, column in enumerate(plan.columns):
        value = f"row[{column}]"
        if plan.input_scaler is not None:
            shift, scale = (_number(part[place], single) for part in plan.input_scaler)
            value = f"({value} - {shift}) / {scale}"
        yield f"        one[{place}] = {value};"
    there, back = "one", "two"
    calls = []
    for number in range(len(plan.layers)):
        calls.append(f"layer_{number}({there}, {back})")
        there, back = back, there
    yield "        if (" + " || ".join(calls) + ") {\n            return 1;\n        }"
    for place in range(plan.outputs):
        value = f"{there}[{place}]"
        if plan.output_scaler is not None:
            shift, scale = (_number(part[place], single) for part in plan.output_scaler)
            value = f"{shift} + {value} * {scale}"
        yield f"        result[{place}] = {value};"
    yield "    }\n    return 0;\n}"
