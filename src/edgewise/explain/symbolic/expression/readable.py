"""Expressions as a reader would write them: quotients for constants less reciprocals, powers for tanh of logarithms.

Every rule is an identity of real numbers. Floats count as related where they are so to the tolerance; whoever
uses the result compares its values with those before.
"""

from __future__ import annotations

import sympy


def readable(expression: sympy.Expr, tolerance: float) -> sympy.Expr:
    """The expression rewritten from its leaves upwards.

    - tanh(w log z + b), sinh and cosh of it, become powers of z.
    - 1/(b + k z^-q) becomes z^q/(b z^q + k).
    - o + w/(g + b) with o b = -w becomes o g/(g + b): Michaelis and Menten's and Hill's forms.
    - a sin(t)^2 + a cos(t)^2 becomes a; log(k exp(t)) becomes log(k) + t.

    Args:
        expression: Of real symbols.
        tolerance: Relative difference of floats that count as equal.

    Example:
        >>> x = sympy.Symbol("x", real=True)
        >>> readable(sympy.sympify("6 - 6*tanh(1 - log(x)/2)").subs("x", x), 1e-12)
        12*x/(x + exp(2))
        >>> readable(3 - 6 / (x**2 + 2), 1e-12)
        3*x**2/(x**2 + 2)
    """
    if not expression.args:
        return expression
    parts = [readable(part, tolerance) for part in expression.args]
    new = expression if tuple(parts) == expression.args else expression.func(*parts)
    if isinstance(new, (sympy.tanh, sympy.sinh, sympy.cosh)):
        return _of_logarithm(new, tolerance)
    if isinstance(new, sympy.log):
        return _logarithm(new)
    if isinstance(new, sympy.Pow) and new.exp == -1:
        return _reciprocal(new)
    if isinstance(new, sympy.Add):
        return _quotient(_squares(new, tolerance), tolerance)
    return new


def _of_logarithm(term: sympy.Expr, tolerance: float) -> sympy.Expr:
    """A hyperbolic function of w log z + b as powers of z."""
    argument = term.args[0]
    offset, rest = argument.as_independent(*argument.free_symbols, as_Add=True)
    weight, inner = rest.as_independent(*rest.free_symbols, as_Add=False)
    if not isinstance(inner, sympy.log):
        return term
    if isinstance(term, sympy.tanh):
        power = inner.args[0] ** _whole(2 * abs(weight), tolerance)
        scale = sympy.exp(-2 * offset if weight > 0 else 2 * offset)
        return (1 - 2 * scale / (power + scale)) * (1 if weight > 0 else -1)
    factor, power = sympy.exp(offset), inner.args[0] ** _whole(weight, tolerance)
    sign = 1 if isinstance(term, sympy.cosh) else -1
    return factor * power / 2 + sign / (2 * factor * power)


def _whole(number: sympy.Expr, tolerance: float) -> sympy.Expr:
    """The whole number that an exponent is to the tolerance, or itself."""
    near = sympy.Integer(round(float(number)))
    return near if abs(float(number) - float(near)) <= tolerance * abs(float(number)) else number


def _logarithm(term: sympy.Expr) -> sympy.Expr:
    """log(k exp(t)) as log(k) + t."""
    factor, rest = term.args[0].as_coeff_Mul()
    if isinstance(rest, sympy.exp) and factor.is_positive:
        return sympy.log(factor) + rest.args[0]
    return term


def _reciprocal(term: sympy.Expr) -> sympy.Expr:
    """1/(b + k z^-q) as z^q/(b z^q + k)."""
    constant, rest = term.base.as_independent(*term.base.free_symbols, as_Add=True)
    if constant == 0 or rest.is_Add:
        return term
    factor, power = rest.as_independent(*rest.free_symbols, as_Add=False)
    if not power.is_Pow or not power.exp.is_number or not power.exp.is_negative:
        return term
    raised = 1 / power
    return (raised / constant) / (raised + factor / constant)


def _squares(total: sympy.Expr, tolerance: float) -> sympy.Expr:
    """a sin(t)^2 + a cos(t)^2 as a."""
    weights: dict[sympy.Expr, sympy.Expr] = {}
    for part in sympy.Add.make_args(total):
        factor, rest = part.as_coeff_Mul()
        weights[rest] = weights.get(rest, sympy.Integer(0)) + factor
    for rest in list(weights):
        if rest.is_Pow and rest.exp == 2 and isinstance(rest.base, sympy.sin):
            other = sympy.cos(rest.base.args[0]) ** 2
            if other in weights and _equal(weights[rest], weights[other], tolerance):
                total += weights[rest] - weights[rest] * rest - weights[other] * other
    return total


def _quotient(total: sympy.Expr, tolerance: float) -> sympy.Expr:
    """o + w/(g + b) + more, with o b = -w, as o g/(g + b) + more."""
    if not total.is_Add:
        return total
    offset, rest = total.as_independent(*total.free_symbols, as_Add=True)
    if offset == 0:
        return total
    for part in sympy.Add.make_args(rest):
        weight, inverse = part.as_independent(*part.free_symbols, as_Add=False)
        if not (inverse.is_Pow and inverse.exp == -1 and inverse.base.is_Add):
            continue
        constant, growing = inverse.base.as_independent(*inverse.base.free_symbols, as_Add=True)
        if constant != 0 and _equal(offset * constant, -weight, tolerance):
            lead, growing = growing.as_independent(*growing.free_symbols, as_Add=False)
            return rest - part + offset * growing / (growing + constant / lead)
    return total


def _equal(first: sympy.Expr, second: sympy.Expr, tolerance: float) -> bool:
    return bool(abs(float(first) - float(second)) <= tolerance * abs(float(second)))
