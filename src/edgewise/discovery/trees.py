"""Expressions as nested tuples: made, fitted and thrown away by the thousand, where sympy's would take too long.

A tree is a column's number (int), a constant to be fitted (float), or an operation and its arguments (tuple); a number
that stays is the operation None and itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import sympy

from .curve import ProgramCurve
from .operations import FUNCTIONS, Op
from .polish import fitted_programs
from .problem import Array, Problem
from .program import Program, Step

Tree: TypeAlias = "int | float | tuple[Any, ...]"
"""See the module."""

_FORMS: Mapping[Op, Callable[..., sympy.Expr]] = {
    Op.ADD: lambda a, b: a + b,
    Op.MUL: lambda a, b: a * b,
    Op.DIV: lambda a, b: a / b,
    Op.SQUARE: lambda a: a**2,
    Op.CUBE: lambda a: a**3,
    Op.SQRT: sympy.sqrt,
    **{op: form for form, op in FUNCTIONS.items()},
}


@dataclass(frozen=True)
class FittedTree:
    """A tree with fitted constants.

    Attributes:
        tree: As it was.
        constants: In the order of its floats.
        rmse: Root mean square error, weighted.
    """

    tree: Tree
    constants: Array
    rmse: float

    @property
    def fitted(self) -> Tree:
        """The tree with these constants."""
        return with_constants(self.tree, iter(self.constants.tolist()))

    def values(self, x: Array) -> Array:
        """Values at samples (n, columns)."""
        program, _ = program_of_tree(self.tree, x.shape[1])
        with np.errstate(all="ignore"):
            return ProgramCurve(program, x).values(self.constants)

    def form(self, symbols: Sequence[sympy.Symbol]) -> sympy.Expr:
        """The expression of these symbols."""
        return form_of(self.tree, symbols, iter(self.constants.tolist()))


def number(value: float) -> Tree:
    """A number that stays what it is."""
    return (None, value)


def add(*parts: Tree) -> Tree:
    """The sum of some trees.

    Example:
        >>> add(0, 1, 2.5) == (Op.ADD, (Op.ADD, 0, 1), 2.5)
        True
    """
    return _chained(Op.ADD, parts)


def times(*parts: Tree) -> Tree:
    """The product of some trees."""
    return _chained(Op.MUL, parts)


def _chained(op: Op, parts: Sequence[Tree]) -> Tree:
    first, *others = parts
    for other in others:
        first = (op, first, other)
    return first


def size(tree: Tree) -> int:
    """How many parts it has.

    Example:
        >>> size(add(0, times(2.0, 1)))
        5
    """
    return 1 if isinstance(tree, (int, float)) or tree[0] is None else 1 + sum(map(size, tree[1:]))


def with_constants(tree: Tree, constants: Iterator[float]) -> Tree:
    """The same with other constants, in the order of its own."""
    if isinstance(tree, float):
        return next(constants)
    if isinstance(tree, int) or tree[0] is None:
        return tree
    return (tree[0], *(with_constants(part, constants) for part in tree[1:]))


def form_of(
    tree: Tree, symbols: Sequence[sympy.Symbol], constants: Iterator[float] | None = None
) -> sympy.Expr:
    """A tree as sympy expression.

    Args:
        tree: The tree.
        symbols: Of the columns.
        constants: In place of its own.

    Example:
        >>> x = sympy.Symbol("x")
        >>> form_of((Op.EXP, (Op.MUL, 2.0, 0)), [x])
        exp(2.0*x)
    """
    if isinstance(tree, float):
        return sympy.Float(tree if constants is None else next(constants))
    if isinstance(tree, int):
        return symbols[tree]
    if tree[0] is None:
        return sympy.nsimplify(tree[1])
    return _FORMS[tree[0]](*(form_of(part, symbols, constants) for part in tree[1:]))


def program_of_tree(tree: Tree, columns: int) -> tuple[Program, list[float]]:
    """A tree's program, and its constants."""
    constants: list[float] = []
    numbers: dict[float, int] = {}
    _read(tree, constants, numbers)
    first = len(constants) + columns
    place = {value: first + at for at, value in enumerate(numbers)}
    steps: dict[Step, int] = {}
    varying = [True] * len(constants) + [False] * (columns + len(numbers))
    at_constant = iter(range(len(constants)))

    def written(part: Tree) -> int:
        if isinstance(part, float):
            return next(at_constant)
        if isinstance(part, int):
            return len(constants) + part
        if part[0] is None:
            return place[part[1]]
        step = (part[0], tuple(written(one) for one in part[1:]))
        if step not in steps:
            steps[step] = len(varying)
            varying.append(any(varying[at] for at in step[1]))
        return steps[step]

    result = written(tree)
    return Program(len(constants), columns, tuple(numbers), tuple(steps), tuple(varying), result), constants


def _read(tree: Tree, constants: list[float], numbers: dict[float, int]) -> None:
    if isinstance(tree, float):
        constants.append(tree)
    elif isinstance(tree, tuple):
        if tree[0] is None:
            numbers.setdefault(tree[1], 0)
        else:
            for part in tree[1:]:
                _read(part, constants, numbers)


def fitted_trees(trees: Sequence[Tree], problem: Problem) -> list[FittedTree]:
    """Trees with fitted constants, those that have a value at all samples.

    Example:
        >>> x = np.linspace(0.6, 1.6, 30)[:, None]
        >>> problem = Problem.of(x, np.exp(0.7 * x[:, 0]) / 4, ["x"])
        >>> fit = fitted_trees([(Op.MUL, 1.0, (Op.EXP, (Op.MUL, 1.0, 0)))], problem)[0]
        >>> round(float(fit.constants[1]), 6), fit.rmse < 1e-12
        (0.7, True)
    """
    made = [program_of_tree(tree, problem.x.shape[1]) for tree in trees]
    starts = [np.array([start]) for _, start in made]
    found = fitted_programs([program for program, _ in made], starts, (problem.x, problem.y, problem.roots))
    every = zip(trees, found, strict=True)
    return [FittedTree(tree, one.constants, one.rmse) for tree, one in every if one is not None]
