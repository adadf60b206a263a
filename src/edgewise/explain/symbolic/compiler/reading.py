"""From sympy expressions to a plan of nodes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import sympy

from ....errors import InputError
from ....functions import LIBRARY, Function, get_function, power
from .cancellation import without_cancellation
from .plan import IDENTITY, Plan, Term, Total

_BY_CLASS: Mapping[type[sympy.Basic], str] = {
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.tan: "tan",
    sympy.asin: "arcsin",
    sympy.acos: "arccos",
    sympy.atan: "arctan",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.tanh: "tanh",
    sympy.atanh: "arctanh",
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.Abs: "abs",
    sympy.sign: "sgn",
    sympy.erf: "erf",
    sympy.sinc: "sinc",
}

_HALF = sympy.Rational(1, 2)


def _larger(a: sympy.Expr, *rest: sympy.Expr) -> sympy.Expr:
    return (a + (b := _all(_larger, rest)) + sympy.Abs(a - b)) / 2


def _smaller(a: sympy.Expr, *rest: sympy.Expr) -> sympy.Expr:
    return (a + (b := _all(_smaller, rest)) - sympy.Abs(a - b)) / 2


def _all(rule: Callable[..., sympy.Expr], rest: Sequence[sympy.Expr]) -> sympy.Expr:
    return rest[0] if len(rest) == 1 else rule(*rest)


_REWRITTEN: Mapping[type[sympy.Basic], Callable[..., sympy.Expr]] = {
    sympy.sec: lambda x: 1 / sympy.cos(x),
    sympy.csc: lambda x: 1 / sympy.sin(x),
    sympy.cot: lambda x: sympy.cos(x) / sympy.sin(x),
    sympy.acot: lambda x: sympy.atan(1 / x),
    sympy.sech: lambda x: 1 / sympy.cosh(x),
    sympy.csch: lambda x: 1 / sympy.sinh(x),
    sympy.coth: lambda x: 1 / sympy.tanh(x),
    sympy.asinh: lambda x: sympy.log(x + sympy.sqrt(x**2 + 1)),
    sympy.acosh: lambda x: sympy.log(x + sympy.sqrt(x - 1) * sympy.sqrt(x + 1)),
    sympy.erfc: lambda x: 1 - sympy.erf(x),
    sympy.Heaviside: lambda x, at_zero=_HALF: (1 + sympy.sign(x)) / 2,
    sympy.Max: _larger,
    sympy.Min: _smaller,
    sympy.atan2: lambda y, x: 2 * sympy.atan(y / (sympy.sqrt(x**2 + y**2) + x)),
}
"""What is no function of the library, by those that are."""


class Reader:
    """Turns expressions into totals of a plan; equal parts are read once.

    Args:
        plan: Takes the nodes.
        symbols: The variables, an input each.
        functions: Functions of the user's own by name.
    """

    def __init__(
        self, plan: Plan, symbols: Sequence[sympy.Symbol], functions: Mapping[str, Function]
    ) -> None:
        self._plan, self._functions = plan, functions
        self._known = {symbol: Total(0.0, (Term(n, IDENTITY),)) for n, symbol in enumerate(symbols)}

    def total(self, expression: sympy.Expr) -> Total:
        """Read an expression.

        Raises:
            InputError: part of it is no real number or no known function.
        """
        if expression not in self._known:
            self._known[expression] = self._read(expression)
        return self._known[expression]

    def _read(self, expression: sympy.Expr) -> Total:
        if not expression.free_symbols:
            return Total(_number(expression))
        if isinstance(expression, sympy.Add):
            return self._sum(expression)
        if isinstance(expression, sympy.Mul):
            return self._product(expression.args)
        if isinstance(expression, sympy.Pow):
            return self._power(*expression.as_base_exp())
        if isinstance(expression, sympy.exp):
            return self._applied(LIBRARY["exp"], expression.args[0])
        rule = _REWRITTEN.get(expression.func)
        if rule is not None:
            return self.total(rule(*expression.args))
        return self._applied(self._function(expression), expression.args[0])

    def _function(self, expression: sympy.Expr) -> Function:
        name = _BY_CLASS.get(expression.func, str(expression.func))
        known = {**self._functions, **LIBRARY}
        if len(expression.args) != 1 or (name not in known and name not in self._functions):
            raise InputError(
                f"compile: expression must consist of sums, products, powers and functions of the library; got "
                f"{str(expression)[:100]}. Write it by those, or give your own in functions."
            )
        return known[name]

    def _sum(self, expression: sympy.Add) -> Total:
        totals = [self.total(part) for part in expression.args]
        terms = [term for total in totals for term in total.terms]
        found = Total.of(math.fsum(total.constant for total in totals), terms)
        exact = without_cancellation(expression) if self._plan.cancels(found) else None
        return found if exact is None else self.total(exact)

    def _product(self, parts: Sequence[sympy.Expr]) -> Total:
        weight = _number(sympy.Mul(*(part for part in parts if not part.free_symbols)))
        factors = []
        for part in parts:
            total = self.total(part) if part.free_symbols else Total(1.0)
            if not total.terms:
                weight *= total.constant
            elif len(total.terms) == 1 and total.constant == 0:
                weight *= total.terms[0].c
                factors.append(total.scaled(1 / total.terms[0].c))
            else:
                factors.append(total)
        return self._multiplied(factors).scaled(weight)

    def _multiplied(self, factors: Sequence[Total]) -> Total:
        if not factors:
            return Total(1.0)
        if len(factors) == 1:
            return factors[0]
        return Total(0.0, (Term(self._plan.node(*factors), IDENTITY),))

    def _power(self, base: sympy.Expr, exponent: sympy.Expr) -> Total:
        if not base.free_symbols:
            number = _number(base)
            if number <= 0:
                raise InputError(
                    f"compile: the base of a power with a variable exponent must be positive; got {base}."
                )
            return self.total(sympy.exp(sympy.log(base) * exponent))
        if exponent.free_symbols:
            return self.total(sympy.exp(exponent * sympy.log(base)))
        p = _number(exponent)
        if not p.is_integer():
            return self._applied(power(p), base)
        if -5 <= p <= 6:
            return self._applied(_whole_power(int(p)), base)
        largest = 6 if p > 0 else -5
        times, rest = divmod(int(p), largest)
        parts = [*[base**largest] * times, *([base**rest] if rest else [])]
        return self._multiplied([self.total(part) for part in parts])

    def _applied(self, function: Function, argument: sympy.Expr) -> Total:
        total = self.total(argument)
        if function == IDENTITY:
            return total
        source, a, b = total.affine or (self._plan.node(total), 1.0, 0.0)
        return self._plan.term(function, source, a, b)


def _whole_power(p: int) -> Function:
    return get_function("x" if p == 1 else f"x^{p}" if p > 0 else "1/x" if p == -1 else f"1/x^{-p}")


def _number(expression: sympy.Expr) -> float:
    try:
        value = complex(expression.evalf(30))
    except (TypeError, ValueError) as error:
        raise InputError(
            f"compile: expression must hold real numbers only; got {expression} ({error})."
        ) from error
    if value.imag != 0 or not math.isfinite(value.real):
        raise InputError(f"compile: expression must hold finite real numbers only; got {expression}.")
    return value.real
