"""Enumeration: sums and products of two or three short expressions, whose constants are then fitted together.

The targets, or a change of them, are met by least squares with 1, two expressions u and v, and their product u v: for
millions of pairs at once, as all that is needed are matrix products. The best of each shape get free constants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from .._tensors import even_places
from .atoms import Atoms, atoms
from .judge import data_bits
from .operations import Op
from .problem import Array, Problem
from .proposal import Proposal
from .subsets import best_subsets
from .transforms import Changed
from .trees import FittedTree, Tree, add, fitted_trees, number, size, times

_ROWS, _NOISY_ROWS = 200, 300
_BLOCK, _WIDE, _SHORT, _IN_SUMS = 400, 1400, 100, 800
_IN_TRIPLES = 320
_LARGEST_SUM, _KEPT = 3, 20
_PAIRS, _LOOKED_AT, _PROPOSED, _BESIDE = 60, 20_000, 4, 2
_TELLING = 40  # samples' worth of what constants of a grid leave
_ALIKE = 1e-8
_LEAST = 1e-14
_RIGHT = 1e-11
_PART, _CONSTANT = 3.0, 12.0  # bits


def enumerated(
    problem: Problem, level: float, near: Array | None, left: Callable[[], bool]
) -> Iterator[Proposal]:
    """The best of each change of the targets, and those beside another one; their constants are fitted.

    Args:
        problem: Samples.
        level: Deviation of the noise, or more than it, in units of the targets, weighted as they are; 0 for none.
        near: What the targets may be without noise (n,), where something is known of that.
        left: Whether there is time.
    """
    rows = even_places(len(problem.y), _NOISY_ROWS if level else _ROWS).numpy()
    some = problem.rows(rows)
    every = atoms(some, left)
    if not len(every.costs):
        return
    first: list[FittedTree] = []
    for changed in Changed.all(some, level, None if near is None else near[rows]):
        if not left():
            return
        fits = _fits(some, _trees(some, every, changed, level > 0, left))
        yield from (_proposed(fit, some) for fit in fits[:_PROPOSED])
        if fits and fits[0].rmse < _RIGHT * some.spread:
            return
        first = first or fits
    for fit in first[:_BESIDE]:
        if not left():
            return
        rest = Changed.plain(replace(some, y=some.y - fit.values(some.x)))
        trees = (add(fit.fitted, tree) for tree in _trees(some, every, rest, level > 0, left))
        fits = _fits(some, trees)
        yield from (_proposed(one, some) for one in fits[:_PROPOSED])
        if fits and fits[0].rmse < _RIGHT * some.spread:
            return


def _fits(problem: Problem, trees: Iterable[Tree]) -> list[FittedTree]:
    """The best of all: those that are right, or all, by their bits."""
    found = [fit for fit in fitted_trees(list(trees), problem) if np.isfinite(fit.rmse)]
    right = [fit for fit in found if fit.rmse < _RIGHT * problem.spread]
    count, noise, spread = len(problem.y), problem.noise, problem.spread

    def bits(fit: FittedTree) -> float:
        own = _PART * size(fit.tree) + _CONSTANT * len(fit.constants)
        return own + data_bits(fit.rmse, spread, count, noise)

    return sorted(right or found, key=bits)


def _proposed(fit: FittedTree, problem: Problem) -> Proposal:
    return Proposal(fit.form(problem.symbols), fit.rmse / problem.spread, "enumeration")


@dataclass(frozen=True)
class _Bank:
    """Expressions at the samples of changed targets; a grid's constants being off, costs count as among few samples."""

    of: Atoms
    values: Array
    costs: Array


def _trees(
    problem: Problem, of: Atoms, changed: Changed, weighed: bool, left: Callable[[], bool]
) -> Iterator[Tree]:
    """Sums of up to three expressions, and products of two."""
    weights = changed.weights / np.abs(changed.weights).max() if weighed else problem.roots[changed.rows]
    bank = _Bank(of, of.values[changed.rows], of.costs * (1.0 if weighed else len(weights) / _TELLING))
    back = _BACK[changed.by.name](problem)
    for places, numbers in _sums(bank, changed.targets, weights):
        terms = (times(k, of.trees[p]) for p, k in zip(places, numbers[1:], strict=True))
        yield back(add(numbers[0], *terms))
    for pair in _pairs(bank, changed.targets, weights, left):
        for tree in _product(bank, pair, changed.targets, weights):
            yield back(tree)


def _rooted(tree: Callable[[Tree], Tree]) -> Callable[[Problem], Callable[[Tree], Tree]]:
    """Of the sign of the targets."""
    return lambda problem: lambda t: times(number(float(np.sign(problem.y.mean()))), tree(t))


def _turned(op: Op) -> Callable[[Problem], Callable[[Tree], Tree]]:
    return lambda problem: lambda t: (Op.DIV, (op, t), number(problem.y_scale))


def _plain(tree: Callable[[Tree], Tree]) -> Callable[[Problem], Callable[[Tree], Tree]]:
    return lambda _: tree


_ONE = number(1.0)
_BACK: Mapping[str, Callable[[Problem], Callable[[Tree], Tree]]] = {
    "y": _plain(lambda t: t),
    "1/y": _plain(lambda t: (Op.DIV, _ONE, t)),
    "y^2": _rooted(lambda t: (Op.SQRT, t)),
    "1/y^2": _rooted(lambda t: (Op.DIV, _ONE, (Op.SQRT, t))),
    "sqrt(y)": _plain(lambda t: (Op.SQUARE, t)),
    "log(y)": _plain(lambda t: (Op.EXP, t)),
    "sin(y)": _turned(Op.ASIN),
    "cos(y)": _turned(Op.ACOS),
    "tan(y)": _turned(Op.ATAN),
    "exp(y)": _turned(Op.LOG),
}


def _sums(bank: _Bank, targets: Array, weights: Array) -> Iterator[tuple[list[int], list[float]]]:
    """Places of the best sums of each shape, and their numbers, that of 1 first."""
    square = (weights / np.linalg.norm(weights)) ** 2
    root, values = np.sqrt(square), bank.values[:, :_IN_SUMS]
    columns = _standardised(values, square) * root[:, None]
    target = (targets - square @ targets) * root
    fine = np.flatnonzero(np.isfinite(columns).all(0) & (columns != 0).any(0))
    columns, costs = columns[:, fine], bank.costs[fine] + _CONSTANT
    found = [one.places for one in best_subsets(columns, costs, target, _LARGEST_SUM, _KEPT)]
    found += triples(columns[:, :_IN_TRIPLES], costs[:_IN_TRIPLES], target, _KEPT)
    seen = set()
    for one in found:
        places = sorted(fine[list(one)].tolist())
        kind = tuple(sorted(bank.of.kinds[places].tolist()))
        if kind not in seen:
            seen.add(kind)
            design = np.column_stack([np.ones(len(values)), values[:, places]]) * root[:, None]
            numbers = np.linalg.lstsq(design, targets * root, rcond=None)[0]
            yield places, numbers.tolist()


def triples(columns: Array, costs: Array, target: Array, most: int) -> list[tuple[int, ...]]:
    """The best of all sums of three columns, whatever one or two of them tell.

    Args:
        columns: Shape (n, m), of length 1.
        costs: Bits of each, (m,).
        target: Shape (n,).
        most: How many are wanted.

    Example:
        >>> columns = np.linalg.qr(np.random.default_rng(0).standard_normal((50, 9)))[0]
        >>> triples(columns, np.zeros(9), columns[:, 2] - columns[:, 5] + columns[:, 7], 1)
        [(2, 5, 7)]
    """
    gram, along, whole = columns.T @ columns, columns.T @ target, float(target @ target)
    found: list[tuple[float, tuple[int, ...]]] = []
    for first in range(len(costs) - 2):
        rest = slice(first + 1, None)
        beside = gram[first, rest]
        own = along[rest] - along[first] * beside
        inner = gram[rest, rest] - beside[:, None] * beside
        size = np.maximum(np.diag(inner), _ALIKE)
        own, inner = own / np.sqrt(size), inner / np.sqrt(size[:, None] * size)
        told = own[:, None] ** 2 + own**2 - 2 * own[:, None] * own * inner
        with np.errstate(all="ignore"):
            told = np.where(inner**2 < 1 - _ALIKE, told / (1 - inner**2), 0.0)
        left = np.clip((whole - along[first] ** 2 - told) / whole, _LEAST, None)
        bits = 0.5 * len(target) * np.log2(left) + costs[rest, None] + costs[rest] + costs[first]
        bits[np.tril_indices(len(bits))] = np.inf
        flat = bits.ravel()
        best = np.argpartition(flat, min(most, len(flat)) - 1)[:most]
        pairs = [(float(flat[p]), divmod(int(p), len(bits))) for p in best if np.isfinite(flat[p])]
        found += [(cost, (first, first + 1 + i, first + 1 + j)) for cost, (i, j) in pairs]
    return [places for _, places in sorted(found)[:most]]


def _pairs(bank: _Bank, targets: Array, weights: Array, left: Callable[[], bool]) -> list[tuple[int, int]]:
    """Pairs of expressions u and v for which 1, u, v and u v leave least, the best of each shape.

    Long expressions are paired with the shortest ones alone.
    """
    square = (weights / np.linalg.norm(weights)) ** 2
    unit = _standardised(bank.values, square)
    target = _standardised(targets[:, None], square)[:, 0]
    found: list[tuple[float, int, int]] = []
    for start in range(0, min(_WIDE, unit.shape[1]), _BLOCK):
        if not left():
            break
        rows = slice(start, min(start + _BLOCK, _WIDE))
        until = unit.shape[1] if start == 0 else _WIDE
        missed = _missed(unit[:, rows], unit[:, :until], target, square)
        missed[_SHORT:, _WIDE:] = np.inf
        missed[np.arange(len(missed))[:, None] + start > np.arange(missed.shape[1])] = np.inf
        bits = 0.5 * len(targets) * np.log2(np.maximum(missed, _LEAST))
        bits += bank.costs[rows, None] + bank.costs[:until]
        found += _lowest(bits, start)
    best: dict[tuple[int, int], tuple[int, int]] = {}
    for _, i, j in sorted(found):
        best.setdefault((int(bank.of.kinds[i]), int(bank.of.kinds[j])), (i, j))
        if len(best) == _PAIRS:
            break
    return list(best.values())


def _standardised(values: Array, square: Array) -> Array:
    """Of mean 0 and size 1, by weights whose sum is 1."""
    rest = values - square @ values
    with np.errstate(all="ignore"):
        found: Array = np.nan_to_num(rest / np.sqrt(square @ rest**2))
    return found


def _lowest(bits: Array, start: int) -> list[tuple[float, int, int]]:
    flat = bits.ravel()
    most = min(_LOOKED_AT, len(flat)) - 1
    places = np.argpartition(flat, most)[: most + 1]
    ordered = places[np.argsort(flat[places], kind="stable")][: 20 * _PAIRS]
    return [
        (float(flat[p]), start + int(p) // bits.shape[1], int(p) % bits.shape[1])
        for p in ordered
        if np.isfinite(flat[p])
    ]


def _missed(some: Array, every: Array, target: Array, square: Array) -> Array:
    """Share of the targets' square that 1, u, v and u v leave, for u of some and v of all expressions of mean 0 and size 1.

    The product's part beyond 1, u and v is what counts; all that is needed of it are sums over the samples.
    """
    weighed = square[:, None] * some
    between = weighed.T @ every  # of u v
    told_uv = weighed.T @ (every * target[:, None])
    along_u, along_v = (weighed.T @ target)[:, None], (square * target) @ every
    u_uv, v_uv = (weighed * some).T @ every, weighed.T @ every**2
    size = (weighed * some).T @ every**2
    room = np.maximum(1 - between**2, _ALIKE)
    inner = (along_u**2 + along_v**2 - 2 * along_u * along_v * between) / room
    # Least squares of u v, and of the targets, by u and v.
    one = (u_uv - between * v_uv) / room
    other = (v_uv - between * u_uv) / room
    free = size - between**2 - one * u_uv - other * v_uv
    beyond = told_uv - one * along_u - other * along_v
    with np.errstate(all="ignore"):
        told = np.where(free > _ALIKE * size, beyond**2 / free, 0.0)
    return np.where(np.isfinite(told), np.clip(1 - inner - told, 0.0, 1.0), 1.0)


def _product(bank: _Bank, pair: tuple[int, int], targets: Array, weights: Array) -> Iterator[Tree]:
    """C u v + D, and C (u + s) (v + t) + D."""
    u, v = (bank.of.trees[place] for place in pair)
    one, other = (bank.values[:, place] for place in pair)
    for design in ((one * other,), (one * other, one, other)):
        table = np.column_stack([np.ones(len(one)), *design]) * weights[:, None]
        numbers = np.linalg.lstsq(table, targets * weights, rcond=None)[0].tolist()
        c = numbers[1] or 1.0
        if len(design) == 1:
            yield add(numbers[0], times(c, u, v))
        else:
            s, t = numbers[3] / c, numbers[2] / c
            yield add(numbers[0] - c * s * t, times(c, add(u, s), add(v, t)))
