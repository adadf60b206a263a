"""The form of a law: what is left of it without its numbers."""

from __future__ import annotations

import sympy

_ANY = sympy.Symbol("number")


def form_of(law: sympy.Expr) -> sympy.Expr:
    """A law without the factors of its parts, and one name in place of other numbers; exact exponents stay.

    Args:
        law: Any expression.

    Example:
        >>> x = sympy.Symbol("x")
        >>> form_of(2.5 * x**2 + 3 - sympy.pi * x), form_of(x * sympy.exp(-x / 3))
        (number + x**2 + x, x*exp(x))
    """
    if law.is_number:
        return _ANY
    if isinstance(law, sympy.Pow) and not isinstance(law, sympy.exp):
        exponent = law.exp if law.exp.is_Rational else form_of(law.exp)
        return sympy.Pow(form_of(law.base), exponent, evaluate=False)
    if isinstance(law, (sympy.Mul, sympy.Add)):
        numbers, parts = law.as_independent(*law.free_symbols, as_Add=isinstance(law, sympy.Add))
        forms = [form_of(part) for part in type(law).make_args(parts)]
        forms += [_ANY] if isinstance(law, sympy.Add) and numbers != 0 else []
        return type(law)(*sorted(forms, key=sympy.default_sort_key), evaluate=False)
    return law.func(*map(form_of, law.args), evaluate=False) if law.args else law
