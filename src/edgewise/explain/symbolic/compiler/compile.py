"""`compile`: a formula as a network that computes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import sympy
import torch
from torch import Tensor

from ...._tensors import even_places, to_tensor
from ....errors import InputError, ShapeError
from ....functions import Function
from ....layers import KANLayer
from ....network import Network, defined_rows, update_grid
from ..expression.formula import Formula
from .exact import exact_values
from .layout import Layout
from .parse import parse
from .plan import Plan
from .reading import Reader

_CLOSE = 1e-9
_COMPARED = 100


def compile(
    expression: Any,
    variables: Sequence[str | sympy.Symbol] | None = None,
    *,
    x: Any = None,
    functions: Iterable[Function] = (),
    grid: int = 3,
    k: int = 3,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str | None = None,
) -> Network:
    """Make a network whose edges are formulas and that computes an expression to rounding.

    Sums become nodes, products product nodes, and functions of one variable edges; equal parts are computed once.
    All other edges are splines of value 0 that are off: `mask_edges` turns some on, `widen` and `deepen` add more,
    and `fit` then learns what the formula misses.

    Powers that are not whole take positive bases, as `x**y` does. x^y with a variable y is exp(y log x).

    Args:
        expression: A formula as text, a sympy expression, a `Formula`, or several for as many outputs. Text may
            hold numbers, names, sums, products, quotients, powers (a caret), brackets, pi, and functions such as sin
            or log; it is never run as code.
        variables: The input columns in order, by name; others must not occur. All that occur, x_2 before x_10, if None.
        x: Samples (n, variables) or an array of their least and greatest values, for expressions whose variables are
            far from 1, such as masses of electrons: powers and logarithms are then computed at their size. The
            network is compared with the expression there.
        functions: Functions that you defined with `make_function` and that occur by their names.
        grid: Intervals of the splines that are off.
        k: Their degree.
        dtype: Data type; float64 unlike elsewhere, so that it equals the expression.
        device: Where it is made.

    Raises:
        InputError: the expression cannot be read, holds other variables or functions than are known, or is not
            defined at, or not computed exactly on, the samples.
        ShapeError: there are other columns than variables.

    Example:
        >>> model = compile("a*sin(pi*t) + t^2", ["a", "t"])
        >>> model.width
        (2, (1, (2,)), 1)
        >>> model(torch.tensor([[2.0, 0.5]]).double()).item()
        2.25

    Source:
        Liu et al. 2024, "KAN 2.0", arXiv:2408.10205, section 4.2 (kanpiler).
    """
    own = {function.name: function for function in functions}
    expressions, given = _expressions(expression, variables, own)
    symbols = _variables(expressions, variables, given)
    samples = _samples(x, len(symbols))
    plan = Plan(len(symbols), None if samples is None else samples.numpy())
    reader = Reader(plan, symbols, own)
    with np.errstate(all="ignore"):
        outputs = [plan.placed(reader.total(one)) for one in expressions]
    edges = partial(KANLayer, grid=grid, k=k, seed=0, dtype=dtype, device=device)
    model = Network(Layout(plan, outputs).layers(edges), input_names=[str(symbol) for symbol in symbols])
    if samples is not None:
        _compare(model, expressions, symbols, samples, own)
        update_grid(model, samples.to(model.device, model.dtype))
    return model


def kanpiler(input_variables: Sequence[Any], expr: Any, grid: int = 3, k: int = 3) -> Network:
    """`compile` in the order of pykan's arguments.

    Example:
        >>> a, b = sympy.symbols("a b")
        >>> kanpiler([a, b], a * b).width
        (2, (0, (2,)))
    """
    return compile(expr, input_variables, grid=grid, k=k)


def _expressions(
    given: Any, variables: Sequence[Any] | None, functions: Mapping[str, Function]
) -> tuple[list[sympy.Expr], Sequence[sympy.Symbol] | None]:
    """The expressions, and the variables in order where they come with them."""
    if isinstance(given, Formula):
        return list(given.expressions), given.symbols
    several = given if isinstance(given, (list, tuple)) else [given]
    names = {str(variable): sympy.Symbol(str(variable)) for variable in variables or ()}
    found = []
    for one in several:
        read = parse(one, names, functions) if isinstance(one, str) else one
        if isinstance(read, (int, float)):
            read = sympy.sympify(read)
        if not isinstance(read, sympy.Expr):
            raise InputError(
                f"compile: expression must be text, a sympy expression, a Formula, or a list of them; got "
                f"{type(one).__name__}."
            )
        # Assumptions make symbols of one name different ones.
        found.append(read.xreplace({symbol: sympy.Symbol(symbol.name) for symbol in read.free_symbols}))
    if not found:
        raise InputError("compile: expression must be at least one formula; got an empty list.")
    return found, None


def _variables(
    expressions: Sequence[sympy.Expr],
    variables: Sequence[Any] | None,
    of_formula: Sequence[sympy.Symbol] | None,
) -> list[sympy.Symbol]:
    used = {symbol.name for expression in expressions for symbol in expression.free_symbols}
    if variables is None:
        names = [s.name for s in of_formula] if of_formula is not None else sorted(used, key=_by_number)
    else:
        names = [str(variable) for variable in variables]
    unknown = sorted(used - set(names))
    if unknown or len(set(names)) != len(names) or not names:
        raise InputError(
            f"compile: variables must be the different names of all that occur, at least one; got {names} for "
            f"{sorted(used)}."
        )
    return [sympy.Symbol(name) for name in names]


def _by_number(name: str) -> list[tuple[int, str]]:
    """A key that puts x_2 before x_10."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]


def _samples(x: Any, columns: int) -> Tensor | None:
    if x is None:
        return None
    samples = to_tensor(x, "compile", "x").cpu().double()
    if samples.ndim != 2 or samples.shape[1] != columns or not len(samples):
        raise ShapeError(
            f"compile: x must have a column for each of {columns} variables, and a row; got shape "
            f"{tuple(samples.shape)}."
        )
    return samples


def _compare(
    model: Network,
    expressions: Sequence[sympy.Expr],
    symbols: Sequence[sympy.Symbol],
    samples: Tensor,
    functions: Mapping[str, Function],
) -> None:
    """Refuse a network that is not what it was made from."""
    if model.dtype != torch.float64:
        return
    x = samples[even_places(len(samples), _COMPARED)]
    expected = exact_values(expressions, symbols, x.numpy(), functions)
    with torch.no_grad():
        found = model(x.to(model.device)).cpu().numpy()
    fine = np.isfinite(expected).all(1) & defined_rows(model, x.to(model.device)).cpu().numpy()
    if not fine.all():
        raise InputError(
            f"compile: expression must be defined at all samples; it is not at {int((~fine).sum())} of {len(x)} that "
            f"were looked at. Leave such rows out of x."
        )
    off = np.abs(found - expected).max(0) > _CLOSE * np.abs(expected).max(0)
    if off.any():
        raise InputError(
            "compile: expression must be computed exactly at all samples; it is not, as a function's argument comes "
            "too near to a pole or a branch point there, or digits cancel. Leave such rows out of x, or write the "
            "expression in another way."
        )
