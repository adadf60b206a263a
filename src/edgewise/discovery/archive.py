"""Laws and samples as plain values, and back: what a file of a discovery holds. Nothing in it is run."""

from __future__ import annotations

import ast
import base64
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sympy
from sympy.core.parameters import distribute

from .._formula_text import FormulaReader
from ..errors import FileError
from ..network import load, save
from .law import Law
from .polish import Fit, constants_of
from .snapping import Constant
from .splines import SplineNetwork
from .split import Split
from .template import Template
from .text import printed

FORMAT = 2
_FUNCTIONS = {
    name: getattr(sympy, name)
    for name in (
        "sin", "cos", "tan", "sec", "csc", "cot", "asin", "acos", "atan", "acot", "atan2", "sinh", "cosh", "tanh", "coth",
        "asinh", "acosh", "atanh", "exp", "log", "sqrt", "Abs", "sign", "Max", "Min", "erf", "sinc", "Heaviside",
    )
}  # fmt: skip
_CONSTANTS = {"pi": sympy.pi, "E": sympy.E, "I": sympy.I}
_LARGEST = 10**4
_ERRORS = ("train_rmse", "test_rmse", "r2", "bits")
_ARRAYS = ("x", "y", "held_x", "held_y", "weights", "held_weights")


def law_values(law: Law, known: Sequence[str]) -> dict[str, Any]:
    """A law as plain values; columns and constants with names by their numbers.

    Args:
        law: Of a discovery.
        known: Names of constants.
    """
    short = short_names(law.symbols, known)
    return {
        "expression": law_text(law.expression, short),
        "named": None if law.named is None else law_text(law.named, short),
        "fit": None if law.fit is None else law_text(law.fit.form, short),
        "fit_values": None if law.fit is None else law.fit.values.tolist(),
        "fit_rmse": None if law.fit is None else law.fit.rmse,
        "fit_rounding": None if law.fit is None else law.fit.least_error,
        "constants": [
            {"fitted": c.fitted, "error": c.error, "value": printed(c.value)} for c in law.constants
        ],
        **{
            name: getattr(law, name)
            for name in ("train_rmse", "test_rmse", "r2", "bits", "verdict", "source")
        },
    }


def law_of(values: Mapping[str, Any], names: Sequence[str], samples: Split) -> Law:
    """A law from plain values; slopes of its fit are computed anew.

    Args:
        values: Of `law_values`.
        names: Of the columns.
        samples: What it was fitted to.

    Raises:
        SyntaxError: a text is no formula.
    """
    symbols = tuple(map(sympy.Symbol, names))
    back = {short.name: symbol for symbol, short in short_names(symbols, list(samples.known)).items()}

    def read(text: str | None) -> sympy.Expr | None:
        return None if text is None else read_law(text, back)

    fit = read(values["fit"])
    return Law(
        expression=read(values["expression"]),
        symbols=symbols,
        **{name: _number(values[name]) for name in ("train_rmse", "test_rmse", "r2", "bits")},
        constants=tuple(
            Constant(float(c["fitted"]), _number(c["error"], np.inf), read_law(c["value"], {}))
            for c in values["constants"]
        ),
        verdict=str(values["verdict"]),
        source=str(values["source"]),
        named=read(values["named"]),
        fit=None if fit is None else _fit(fit, values, symbols, samples),
    )


def _fit(form: sympy.Expr, values: Mapping[str, Any], symbols: Sequence[sympy.Symbol], samples: Split) -> Fit:
    template = Template(form, symbols, samples.known)
    counted = np.ones(len(samples.y), bool) if samples.weights is None else samples.weights > 0
    free = _free(template, values)
    rows = template.slopes(samples.x[counted])[:, free]
    if samples.weights is not None:
        kept = samples.weights[counted]
        rows = rows * np.sqrt(kept / kept.mean())[:, None]
    numbers = tuple(constants_of(form)[place] for place in free)
    places = tuple(sympy.Dummy(f"c{n}", real=True) for n in range(len(numbers)))
    return Fit(
        form,
        numbers,
        places,
        template.numbers[free],
        _number(values["fit_rmse"]),
        rows,
        _number(values["fit_rounding"]),
    )


def _free(template: Template, values: Mapping[str, Any]) -> list[int]:
    """Which floats of a form were fitted: others are values of named constants; all, where fitted ones were multiplied."""
    fitted = {float(value) for value in values["fit_values"]}
    numbers = template.numbers.tolist()
    same = [place for place, number in enumerate(numbers) if number in fitted]
    return same if len(same) == len(fitted) else list(range(len(numbers)))


def samples_values(samples: Split) -> dict[str, Any]:
    """Samples as plain values.

    Args:
        samples: Of a discovery.
    """
    arrays = {name: getattr(samples, name) for name in _ARRAYS}
    plain = {name: None if array is None else array.tolist() for name, array in arrays.items()}
    return {**plain, "known": dict(samples.known)}


def samples_of(values: Mapping[str, Any]) -> Split:
    """Samples from plain values.

    Args:
        values: Of `samples_values`.
    """
    x, y, held_x, held_y = (np.array(values[name], dtype=np.float64) for name in _ARRAYS[:4])
    weights, held_weights = (
        None if values[name] is None else np.array(values[name], dtype=np.float64) for name in _ARRAYS[4:]
    )
    known = {str(name): float(value) for name, value in values["known"].items()}
    return Split(x, y, held_x, held_y, weights, held_weights, known)


def splines_values(splines: SplineNetwork) -> dict[str, Any]:
    """A network of splines as plain values: its errors, and the file that `save` of a network writes, as text.

    Args:
        splines: Of a discovery.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        save(splines.model, path)
        content = base64.b64encode(path.read_bytes()).decode()
    errors = {name: getattr(splines, name) for name in _ERRORS}
    return {**errors, "names": [str(symbol) for symbol in splines.symbols], "model": content}


def splines_of(values: Mapping[str, Any]) -> SplineNetwork:
    """A network of splines from plain values.

    Args:
        values: Of `splines_values`.

    Raises:
        ValueError: it is no text of a file of a network, or does not take these columns.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        path.write_bytes(base64.b64decode(values["model"], validate=True))
        try:
            model = load(path)
        except FileError as error:
            raise ValueError("its network of splines is damaged") from error
    symbols = tuple(sympy.Symbol(str(name)) for name in values["names"])
    if model.n_columns != len(symbols):
        raise ValueError(f"a network of {model.n_columns} columns, where there are {len(symbols)}")
    return SplineNetwork(model, symbols, **{name: float(values[name]) for name in _ERRORS})


def law_text(law: sympy.Expr, short: Mapping[sympy.Symbol, sympy.Symbol]) -> str:
    """A formula as text for `read_law`, its form as it is.

    Args:
        law: Any expression.
        short: What stands for its symbols.

    Example:
        >>> a = sympy.Symbol("body mass")
        >>> law_text(2 * a**2, {a: sympy.Symbol("v0")})
        '2*v0**2'
    """
    with distribute(False):  # or 2.0*(u - v) would become 2.0*u - 2.0*v, another form with another fit
        return printed(law.xreplace(dict(short)))


def read_law(text: str, symbols: Mapping[str, sympy.Symbol]) -> sympy.Expr:
    """Read a formula that `printed` wrote.

    Args:
        text: Of the formula.
        symbols: What names stand for.

    Raises:
        SyntaxError: it is none, or holds powers of numbers that would not fit into memory.

    Example:
        >>> read_law("2*v0**2 + pi/3", {"v0": sympy.Symbol("a")})
        2*a**2 + pi/3
    """
    _refuse_huge(text)

    def name(word: str) -> sympy.Expr:
        found = symbols.get(word, _CONSTANTS.get(word))
        if found is None:
            raise SyntaxError(f"there is no {word}")
        return found

    def function(word: str) -> Any:
        if word not in _FUNCTIONS:
            raise SyntaxError(f"there is no function {word}")
        return _FUNCTIONS[word]

    with distribute(False):
        return sympy.sympify(FormulaReader(_literal, name, function).read(text))


def _literal(value: Any) -> sympy.Expr:
    return sympy.Integer(value) if isinstance(value, int) else sympy.Float(value)


def _refuse_huge(text: str) -> None:
    """Powers of numbers by more than a small number are not computed."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError("it is no formula") from error
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and not _has_names(node.right):
            numbers = [one.value for one in ast.walk(node.right) if isinstance(one, ast.Constant)]
            powers = [
                one
                for one in ast.walk(node.right)
                if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Pow)
            ]
            if powers or any(not isinstance(one, (int, float)) or abs(one) > _LARGEST for one in numbers):
                raise SyntaxError("its powers are too large")


def _has_names(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Name) for one in ast.walk(node))


def short_names(symbols: Iterable[sympy.Symbol], known: Iterable[str]) -> dict[sympy.Symbol, sympy.Symbol]:
    """Names that can be read in any formula: v0, v1, ... for columns, and k0, k1, ... for constants.

    Args:
        symbols: Of the columns.
        known: Names of constants.

    Example:
        >>> short_names(sympy.symbols("lambda E"), ["c"])
        {lambda: v0, E: v1, c: k0}
    """
    return {
        **{symbol: sympy.Symbol(f"v{n}") for n, symbol in enumerate(symbols)},
        **{sympy.Symbol(name): sympy.Symbol(f"k{n}") for n, name in enumerate(known)},
    }


def _number(value: Any, none: float = float("nan")) -> float:
    return none if value is None else float(value)
