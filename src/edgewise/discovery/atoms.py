"""Short expressions in the order of their size, with constants inside at many values: what enumeration puts together.

Level 1 are columns, level 2 powers of one and products, quotients and sums of two, level 3 functions of these, level 4
functions of sums of two of level 3. Of expressions that are equal at all samples, to a factor and a shift, the
shortest is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

from .allowed_functions import is_allowed
from .operations import Op
from .problem import Array, Problem
from .trees import Tree, add, form_of, number, times

_PART, _CONSTANT = 3.0, 12.0  # bits
_DIGITS = 8
_MOST = 3000
_FEW, _SOME = 4, 7
_RATIOS = (1.0, 2.0, 0.5, 3.0, 1 / 3)
_FLAT = 1e-9
_LARGEST = 1e12

Numbers = Callable[[Array], Array]


def _of(op: Op, shift: float = 0.0, inner: Op | None = None) -> Callable[[Tree], Tree]:
    """op(shift + inner(v))."""

    def tree(v: Tree) -> Tree:
        v = v if inner is None else (inner, v)
        return (op, add(number(shift), v) if shift else v)

    return tree


def _over(op: Op | None = None, shift: float = 0.0) -> Callable[[Tree], Tree]:
    """1 / (shift + op(v))."""

    def tree(v: Tree) -> Tree:
        v = v if op is None else (op, v)
        return (Op.DIV, number(1.0), add(number(shift), v) if shift else v)

    return tree


def _bell(v: Tree) -> Tree:
    return (Op.EXP, times(number(-1.0), (Op.SQUARE, v)))


def _hasty(v: Tree) -> Tree:
    return (Op.EXP, (Op.DIV, number(-1.0), v))


@dataclass(frozen=True)
class Atom:
    """An expression with its values at the samples.

    Attributes:
        values: Shape (n,).
        tree: The expression.
        kind: Its shape: the same for those that differ in constants alone.
        cost: Bits of it.
    """

    values: Array
    tree: Tree
    kind: str
    cost: float


@dataclass(frozen=True)
class Curve:
    """A function f(k (v - s)).

    Attributes:
        name: For kinds.
        value: f of an array.
        tree: f of a tree.
        rates: k times the width of v's range, in the order of need; none for k = 1, which is no constant.
        shifts: s as shares of that range; none for s = 0.
        own: k to be tried in the columns' own units.
    """

    name: str
    value: Numbers
    tree: Callable[[Tree], Tree]
    rates: tuple[float, ...] = ()
    shifts: tuple[float, ...] = ()
    own: tuple[float, ...] = ()


def _turns(most: float) -> tuple[float, ...]:
    return tuple(np.arange(1.5, most, 1.5).tolist())


_PLAIN = (
    Curve("log of", np.log, _of(Op.LOG)),
    Curve("root of", np.sqrt, _of(Op.SQRT)),
    Curve("square", np.square, _of(Op.SQUARE)),
    Curve("one over", np.reciprocal, _over()),
)
_SMOOTH = (
    Curve("decay", np.exp, _of(Op.EXP), (-1.0, -3.0, -9.0)),
    Curve("exp", np.exp, _of(Op.EXP), (1.0, 3.0, 9.0)),
    Curve("log", lambda v: np.log(1 + v), _of(Op.LOG, 1.0), (1.0, 5.0, -0.8)),
    Curve("sqrt", lambda v: np.sqrt(1 + v), _of(Op.SQRT, 1.0), (1.0, 6.0, -0.8)),
    Curve("inverse", lambda v: 1 / (1 + v), _over(shift=1.0), (1.0, 6.0, -0.8)),
    Curve("bell", lambda v: np.exp(-(v**2)), _bell, (1.0, 2.5, 6.0)),
    Curve("tanh", np.tanh, _of(Op.TANH), (2.0, 6.0)),
    Curve("atan", np.arctan, _of(Op.ATAN), (2.0, 6.0)),
    Curve("softplus", lambda v: np.logaddexp(0, v), _of(Op.LOG, 1.0, Op.EXP), (3.0, -3.0, 9.0)),
    Curve("logistic", lambda v: 1 / (1 + np.exp(v)), _over(Op.EXP, 1.0), (3.0, 9.0)),
    Curve("cosh", np.cosh, _of(Op.COSH), (2.0, 5.0)),
)
_WAVES = (
    Curve("sin", np.sin, _of(Op.SIN), _turns(24.0), own=(1.0, 2.0)),
    Curve("cos", np.cos, _of(Op.COS), _turns(24.0), own=(1.0, 2.0)),
)
_FEW_WAVES = (
    Curve("sin", np.sin, _of(Op.SIN), _turns(12.0)),
    Curve("cos", np.cos, _of(Op.COS), _turns(12.0)),
)
_BENT = (
    Curve("abs", np.abs, _of(Op.ABS), (), (0.2, 0.35, 0.5, 0.65, 0.8)),
    Curve("peak", lambda v: np.exp(-(v**2)), _bell, (3.0, 8.0), (0.2, 0.5, 0.8)),
    Curve("step", np.tanh, _of(Op.TANH), (4.0, 12.0), (0.2, 0.5, 0.8)),
    Curve("pole", np.reciprocal, _over(), (), (-0.1, -0.5, 1.1, 1.5)),
    Curve("shifted log", np.log, _of(Op.LOG), (), (-0.1, -0.5)),
    Curve("shifted root", np.sqrt, _of(Op.SQRT), (), (-0.1, -0.5)),
    Curve("hasty", lambda v: np.exp(-1 / v), _hasty, (0.5, 2.0), (-0.05, -0.3)),
)
_OUTER = (
    Curve("exp", np.exp, _of(Op.EXP), (-2.0, 2.0)),
    Curve("log", lambda v: np.log(1 + v), _of(Op.LOG, 1.0), (2.0,)),
    Curve("sqrt", lambda v: np.sqrt(1 + v), _of(Op.SQRT, 1.0), (2.0,)),
    Curve("inverse", lambda v: 1 / (1 + v), _over(shift=1.0), (2.0,)),
    Curve("tanh", np.tanh, _of(Op.TANH), (3.0, 8.0)),
    Curve("sin", np.sin, _of(Op.SIN), (2.0, 5.0)),
    Curve("cos", np.cos, _of(Op.COS), (2.0, 5.0)),
)


@dataclass(frozen=True)
class Atoms:
    """Expressions, the simple ones first.

    Attributes:
        values: Shape (n, atoms).
        costs: Bits of each, (atoms,).
        trees: They themselves.
        kinds: A number for each, (atoms,): the same for those that differ in constants alone.
    """

    values: Array
    costs: Array
    trees: tuple[Tree, ...]
    kinds: npt.NDArray[np.int64]


def atoms(problem: Problem, left: Callable[[], bool] = lambda: True) -> Atoms:
    """All of them, the simple ones first, at most 3,000.

    Args:
        problem: Samples.
        left: Whether there is time.
    """
    found = _merged(_in_order(problem), left)
    names: dict[str, int] = {}
    kinds = np.array([names.setdefault(one.kind, len(names)) for one in found], dtype=np.int64)
    values = np.stack([one.values for one in found], 1) if found else np.empty((len(problem.y), 0))
    costs = np.array([one.cost for one in found])
    return Atoms(values, costs, tuple(one.tree for one in found), kinds)


def _merged(every: Iterable[Atom], left: Callable[[], bool]) -> list[Atom]:
    """Those with values at all samples that are not a line in those of one before."""
    found: dict[tuple[float, ...], Atom] = {}
    probe: Array | None = None
    for one in every:
        if len(found) >= _MOST or not left():
            break
        with np.errstate(all="ignore"):
            rest = one.values - one.values.mean()
            size = float(np.linalg.norm(rest))
        if not np.isfinite(size) or size <= _FLAT * float(np.linalg.norm(one.values)) or size > _LARGEST:
            continue
        if probe is None:
            probe = np.random.default_rng(0).standard_normal((len(rest), 3))
        seen = (rest / size) @ probe
        key = tuple(np.round(seen * (np.sign(seen[0]) or 1.0), _DIGITS).tolist())
        found.setdefault(key, one)
    return list(found.values())


def _in_order(problem: Problem) -> Iterator[Atom]:
    columns = [
        Atom(values, place, name, _PART)
        for place, (values, name) in enumerate(zip(problem.x.T, problem.names, strict=True))
    ]
    few, allowed = len(columns) <= _FEW, problem.functions
    powers = [one for column in columns for one in _powers(column, problem)]
    both = list(combinations(range(len(columns)), 2))
    pairs = [one for at in both for one in _pairs(problem, columns, *at)]
    sums = [[one for at in both for one in _sums(problem, columns, *at, ratio)] for ratio in _RATIOS]
    smooth, waves = _allowed(_SMOOTH, allowed), _allowed(_WAVES, allowed)
    units = problem.x_scale.tolist()
    functions = [
        list(_functions(column, [*smooth, *waves], unit)) for column, unit in zip(columns, units, strict=True)
    ]
    yield from columns
    yield from powers
    yield from pairs
    yield from _each(pairs, _allowed(_PLAIN, allowed))
    for group in functions:
        yield from (one for one in group if not one.kind.startswith(("sin", "cos")))
    yield from sums[0]
    yield from _each(sums[0], _allowed(_PLAIN[:2], allowed))
    for group in functions:
        yield from group
    yield from _each(columns, _allowed(_BENT, allowed))
    yield from _each(sums[0], _allowed(_PLAIN[2:], allowed))
    for of in sums[1:] if few else ():
        yield from of
        yield from _each(of, _allowed(_PLAIN, allowed))
    yield from _each(powers, _allowed(_SMOOTH[:4], allowed))
    inner = _allowed((*_SMOOTH, *_FEW_WAVES) if few else (*_SMOOTH[:5], *_FEW_WAVES[:1]), allowed)
    if len(columns) <= _SOME:
        yield from _each([*sums[0], *pairs], inner)
    yield from _nested(functions, columns, powers, _allowed(_OUTER, allowed))


def _each(of: Iterable[Atom], curves: Sequence[Curve]) -> Iterator[Atom]:
    for one in of:
        yield from _functions(one, curves)


def _allowed(curves: Sequence[Curve], allowed: frozenset[str] | None) -> list[Curve]:
    return [one for one in curves if _is_allowed(one.tree, allowed)]


def _is_allowed(function: Callable[[Tree], Tree], allowed: frozenset[str] | None) -> bool:
    return is_allowed(lambda v: form_of(function(0), [v]), allowed)  # type: ignore[list-item]


def _powers(column: Atom, problem: Problem) -> Iterator[Atom]:
    """Squares, cubes, inverses and roots of a column."""
    x = column.values
    tried: list[tuple[str, Callable[[Tree], Tree], bool, Numbers]] = [
        ("2", _of(Op.SQUARE), True, np.square),
        ("3", _of(Op.CUBE), True, lambda v: v**3),
        ("-1", _over(), bool((x != 0).all()), np.reciprocal),
        ("0.5", _of(Op.SQRT), bool((x > 0).all()), np.sqrt),
    ]
    for name, tree, defined, value in tried:
        if defined and _is_allowed(tree, problem.functions):
            yield Atom(value(x), tree(column.tree), f"{column.kind}^{name}", 3 * _PART)


def _pairs(problem: Problem, columns: Sequence[Atom], i: int, j: int) -> Iterator[Atom]:
    """Products and quotients of two columns."""
    one, other = columns[i], columns[j]
    x, y, u, v = one.values, other.values, one.tree, other.tree
    name = f"{one.kind},{other.kind}"
    yield Atom(x * y, times(u, v), f"{name} *", 3 * _PART)
    if (y != 0).all():
        yield Atom(x / y, (Op.DIV, u, v), f"{name} /", 4 * _PART)
    if (x != 0).all():
        yield Atom(y / x, (Op.DIV, v, u), f"{name} \\", 4 * _PART)


def _sums(problem: Problem, columns: Sequence[Atom], i: int, j: int, ratio: float) -> Iterator[Atom]:
    """Sums and differences of two columns and of their squares, with a ratio that is fitted.

    Args:
        problem: Samples.
        columns: Them.
        i: Number of one.
        j: Number of the other.
        ratio: Of the second to the first, in the columns' own units.
    """
    one, other = columns[i], columns[j]
    x, y, u, v = one.values, other.values, one.tree, other.tree
    own, cost = ratio * float(problem.x_scale[j] / problem.x_scale[i]), 3 * _PART + _CONSTANT
    for sign in (1.0, -1.0):
        for p, q in ((1, 1), (2, 2), (2, 1), (1, 2)):
            k = sign * own * float(problem.x_scale[j]) ** (q - 1) / float(problem.x_scale[i]) ** (p - 1)
            kind = f"{one.kind}^{p} {'+' if sign > 0 else '-'} {other.kind}^{q}"
            first, second = (u if p == 1 else (Op.SQUARE, u)), (v if q == 1 else (Op.SQUARE, v))
            yield Atom(x**p + k * y**q, add(first, times(k, second)), kind, cost)


def _functions(of: Atom, curves: Sequence[Curve], unit: float = 0.0) -> Iterator[Atom]:
    """Functions of an expression.

    Args:
        of: The expression.
        curves: The functions.
        unit: k for which k v is v in the columns' own units; 0 to leave these out.
    """
    low, high = float(of.values.min()), float(of.values.max())
    width = high - low
    if not (np.isfinite(width) and width > 0):
        return
    for curve in curves:
        rates = [*(unit * one for one in curve.own if unit), *(rate / width for rate in curve.rates)]
        for k, shift in product(rates or (None,), curve.shifts or (None,)):
            centre = None if shift is None else low + shift * width
            with np.errstate(all="ignore"):
                values = curve.value((1.0 if k is None else k) * (of.values - (centre or 0.0)))
            if np.isfinite(values).all():
                constants = (k is not None) + (centre is not None)
                cost = of.cost + _PART * (1 + 2 * constants) + _CONSTANT * constants
                inner = of.tree if centre is None else add(of.tree, -centre)
                tree = curve.tree(inner if k is None else times(k, inner))
                yield Atom(values, tree, f"{curve.name}({of.kind})", cost)


def _nested(
    functions: Sequence[Sequence[Atom]],
    columns: Sequence[Atom],
    powers: Sequence[Atom],
    outer: Sequence[Curve],
) -> Iterator[Atom]:
    """Functions of a function of one column, and of the sum of two of different columns."""
    plain = [
        [columns[n], *(p for p in powers if p.kind.startswith(f"{columns[n].kind}^"))]
        for n in range(len(columns))
    ]
    short = [[*plain[n], *_one_of_each(functions[n])] for n in range(len(columns))]
    for own in functions:
        for one in _one_of_each(own):
            yield from _functions(one, outer)
    if len(columns) > _FEW:
        return
    for i, j in combinations(range(len(columns)), 2):
        for one in short[i]:
            for other in short[j]:
                for sign in (1.0, -1.0):
                    yield from _functions(_sum(one, other, sign), outer)


def _one_of_each(functions: Sequence[Atom]) -> list[Atom]:
    """The first of each kind: a rate from which a fit finds others; of waves two."""
    found: dict[str, Atom] = {}
    for one in functions:
        found.setdefault(one.kind, one)
    return list(found.values())


def _sum(one: Atom, other: Atom, sign: float) -> Atom:
    ratio = sign * float(np.ptp(one.values) / np.ptp(other.values))
    return Atom(
        one.values + ratio * other.values,
        add(one.tree, times(ratio, other.tree)),
        f"{one.kind}{'+' if sign > 0 else '-'}{other.kind}",
        one.cost + other.cost + _PART + _CONSTANT,
    )
