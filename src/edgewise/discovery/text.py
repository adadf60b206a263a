"""Laws as text: as sympy reads them back, as a NumPy module, and as a C99 file."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence

import numpy as np
import sympy
from sympy.core.parameters import distribute
from sympy.printing.c import C99CodePrinter
from sympy.printing.latex import greek_letters_set
from sympy.printing.numpy import NumPyPrinter
from sympy.printing.str import StrPrinter

from .._version import __version__
from ..errors import InputError
from .compiled import accurate

_LONGEST = 200
_C_WORDS = [
    "auto",
    "break",
    "case",
    "char",
    "const",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "extern",
    "float",
    "for",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "register",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "struct",
    "switch",
    "typedef",
    "union",
    "unsigned",
    "void",
    "volatile",
    "while",
    "count",
    "row",
    "main",
    "NAN",
    "INFINITY",
]


class _AllDigits(StrPrinter):
    def _print_Symbol(self, expr: sympy.Symbol) -> str:
        return plain_name(expr.name)

    def _print_Float(self, expr: sympy.Float) -> str:
        plain = repr(float(expr))
        return min(plain, np.format_float_scientific(float(expr), trim="-", exp_digits=1), key=len)


class _Numpy(NumPyPrinter):
    def _print_Float(self, expr: sympy.Float) -> str:
        return repr(float(expr))

    def _print_erf(self, expr: sympy.Expr) -> str:
        return f"_erf({self._print(expr.args[0])})"


class _C(C99CodePrinter):
    def _print_Float(self, expr: sympy.Float) -> str:
        return repr(float(expr))

    def _print_NumberSymbol(self, expr: sympy.Expr) -> str:
        return repr(float(expr))

    _print_Pi = _print_Exp1 = _print_NumberSymbol

    def _print_Rational(self, expr: sympy.Rational) -> str:
        return f"({int(expr.p)}.0/{int(expr.q)}.0)"

    def _print_Integer(self, expr: sympy.Integer) -> str:
        return f"{int(expr)}.0" if abs(int(expr)) > 2**31 - 1 else str(int(expr))

    def _print_Pow(self, expr: sympy.Pow) -> str:
        if expr.exp in (sympy.Rational(1, 3), sympy.Rational(-1, 3)):  # cbrt is real where the law is not
            return f"pow({self._print(expr.base)}, {self._print(expr.exp)})"
        return str(super()._print_Pow(expr))


def printed(expression: sympy.Expr, digits: int | None = None) -> str:
    """An expression as text that `guess` takes, with numbers of so many digits, or of all they have.

    Names that are no plain words stand in backquotes: `x^2` may be the name of a column.

    Args:
        expression: Any.
        digits: Significant ones of floats; None for as many as they have.

    Example:
        >>> printed(sympy.Float(0.1) * sympy.Symbol("x") + sympy.pi), printed(sympy.Float(1 / 3), 3)
        ('0.1*x + pi', '0.333')
    """
    if digits is not None:
        new = {
            number: sympy.Float(f"{float(number):.{digits - 1}e}") for number in expression.atoms(sympy.Float)
        }
        with distribute(False):
            expression = expression.xreplace(new)
    return str(_AllDigits().doprint(expression))


def plain_name(name: str) -> str:
    """A name as it stands in a formula: in backquotes if it is no plain word.

    Args:
        name: Of a column.

    Example:
        >>> plain_name("mass"), plain_name("body mass")
        ('mass', '`body mass`')
    """
    return name if name.isidentifier() else f"`{name}`"


def latex_name(name: str) -> str:
    """LaTeX of a name: letters with or without an index as mathematics, words upright.

    Args:
        name: Of a column.

    Example:
        >>> print(latex_name("body mass"), latex_name("v_max"), latex_name("theta_0"))
        \\mathrm{body\\ mass} v_{max} \\theta_{0}
    """
    head = re.fullmatch(r"([A-Za-z]+)\d*(?:_\w+)?", name)
    if head and (len(head[1]) == 1 or head[1].lower() in greek_letters_set):
        return str(sympy.latex(sympy.Symbol(name)))
    plain = re.sub(r"([#$%&_{}])", r"\\\1", re.sub(r"[\\^~]", " ", name))
    return "\\mathrm{" + plain.replace(" ", "\\ ") + "}"


def numpy_text(expression: sympy.Expr, symbols: Sequence[sympy.Symbol], title: str) -> str:
    """The text of a Python module that computes an expression.

    Args:
        expression: Of the symbols.
        symbols: One a column.
        title: What is said of it in the first line.

    Example:
        >>> x = sympy.Symbol("x")
        >>> names = {}
        >>> exec(numpy_text(2 * x, [x], "2*x"), names)
        >>> names["predict"]([[3.0]]).tolist()
        [6.0]
    """
    names = identifiers(symbols, [*keyword.kwlist, "np", "numpy", "functools", "math", "rows", "predict"])
    lines, value = _steps(expression, symbols, names, _Numpy({"strict": False}))
    body = [
        line.replace("numpy.", "np.")
        for line in (*lines, f"return np.broadcast_to({value}, len(rows)).copy()")
    ]
    needs_erf = any("_erf(" in line for line in body)
    text = [
        f'"""y = {_comment(title)}: written by edgewise {__version__}. It needs numpy alone."""',
        "",
        *(["import functools"] if any("functools." in line for line in body) else []),
        *(["import math"] if needs_erf else []),
        "import numpy as np",
        "",
        *(["_erf = np.vectorize(math.erf, otypes=[float])", ""] if needs_erf else []),
        "",
        "def predict(rows):",
        f'    """Values (n,) at inputs (n, {len(symbols)}): {_comment(", ".join(map(str, symbols)))}."""',
        "    rows = np.asarray(rows, dtype=np.float64)",
        f"    if rows.ndim != 2 or rows.shape[1] != {len(symbols)}:",
        f'        raise ValueError("rows must have shape (n, {len(symbols)})")',
        f"    {', '.join(names)}{',' if len(names) == 1 else ''} = rows.T",
        '    with np.errstate(all="ignore"):',
        *(f"        {line}" for line in body),
    ]
    return "\n".join(text) + "\n"


def c_text(expression: sympy.Expr, symbols: Sequence[sympy.Symbol], title: str, name: str = "law") -> str:
    """The text of a C99 file that computes an expression.

    Args:
        expression: Of the symbols.
        symbols: One a column.
        title: What is said of it in the first line.
        name: Of the function.

    Raises:
        InputError: `name` is no name.

    Example:
        >>> x = sympy.Symbol("x")
        >>> print(c_text(2 * x, [x], "2*x").splitlines()[7])
        double law(double x)
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or name in _C_WORDS:
        raise InputError(
            f"c: name must be letters, digits and underscores, beginning with a letter; got {name!r}. Use 'law'."
        )
    names = identifiers(symbols, [*_C_WORDS, *_C_FUNCTIONS, name, f"{name}_predict"])
    lines, value = _steps(expression, symbols, names, _C({"contract": False, "strict": False}))
    given = ", ".join(f"double {one}" for one in names)
    unused = [
        one for one, symbol in zip(names, symbols, strict=True) if symbol not in expression.free_symbols
    ]
    row = ", ".join(f"row[{n}]" for n in range(len(names)))
    return "\n".join(
        [
            f"/* y = {_comment(title)}",
            f" * Written by edgewise {__version__}. Columns: {_comment(', '.join(map(str, symbols)))}.",
            " * Build with: cc -std=c99 -O2 ... -lm. Not with -ffast-math, which has no NaN. */",
            "#include <math.h>",
            "#include <stddef.h>",
            "",
            f"double {name}({given});",
            f"double {name}({given})",
            "{",
            *(f"    (void){one};" for one in unused),
            *(f"    const double {line};" for line in lines),
            f"    return {value};",
            "}",
            "",
            f"/* x: count rows of {len(names)} columns; y: count values. */",
            f"void {name}_predict(const double *x, double *y, size_t count);",
            f"void {name}_predict(const double *x, double *y, size_t count)",
            "{",
            "    size_t n;",
            "    for (n = 0; n < count; n++) {",
            f"        const double *row = x + n * {len(names)};",
            f"        y[n] = {name}({row});",
            "    }",
            "}",
            "",
        ]
    )


_C_FUNCTIONS = [
    "acos",
    "asin",
    "atan",
    "cos",
    "sin",
    "tan",
    "cosh",
    "sinh",
    "tanh",
    "acosh",
    "asinh",
    "atanh",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log10",
    "log2",
    "log1p",
    "pow",
    "sqrt",
    "cbrt",
    "hypot",
    "fabs",
    "floor",
    "ceil",
    "erf",
    "erfc",
    "tgamma",
    "lgamma",
    "fmin",
    "fmax",
    "fmod",
    "fma",
]


def _steps(
    expression: sympy.Expr,
    symbols: Sequence[sympy.Symbol],
    names: Sequence[str],
    printer: sympy.printing.codeprinter.CodePrinter,
) -> tuple[list[str], str]:
    """Assignments of what occurs more than once, and the value."""
    if expression.has(sympy.I):
        raise InputError(
            "export: the law must have real parts alone; got the imaginary unit. Choose another law."
        )
    plain = {symbol: sympy.Symbol(name) for symbol, name in zip(symbols, names, strict=True)}
    parts, (value,) = sympy.cse(
        [accurate(expression).xreplace(plain)],
        symbols=(sympy.Symbol(f"part_{n}") for n in range(10**6)),
        list=True,
    )
    lines = [f"{symbol} = {printer.doprint(part)}" for symbol, part in parts]
    result = str(printer.doprint(value))
    if printer._not_supported or "Not supported" in result + "".join(lines):
        raise InputError(
            f"export: the law must be made of functions that the language has; got {expression}."
        )
    return lines, result


def identifiers(symbols: Sequence[sympy.Symbol], taken: Sequence[str]) -> list[str]:
    """Names of columns as names of variables in programs, all different.

    Args:
        symbols: One a column.
        taken: Names that are not free.

    Example:
        >>> identifiers(sympy.symbols("m lambda"), ["lambda"]), identifiers([sympy.Symbol("body mass")], [])
        (['m', 'lambda_'], ['body_mass'])
    """
    found: list[str] = []
    for symbol in symbols:
        word = re.sub(r"[^A-Za-z0-9_]", "_", str(symbol)).strip("_") or "v"
        word = f"v_{word}" if word[0].isdigit() or word.startswith("part_") else word
        while word in taken or word in found:
            word += "_"
        found.append(word)
    return found


def _comment(text: str) -> str:
    """A text that is safe in any comment: plain characters, no end of a comment, one line."""
    plain = "".join(sign if sign.isascii() and sign.isprintable() else "?" for sign in text)
    plain = plain.replace("*/", "*_").replace("/*", "_*").replace("\\", "_").replace('"', "'")
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 4]} ..."
