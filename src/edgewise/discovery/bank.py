"""A bank of functions of simple arguments, and which two of them explain targets best beside powers of columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import sympy

from .arguments import Arguments
from .factor import Factor, Found
from .left import Left
from .problem import Array
from .subsets import explained_by_both

SCALE_BITS = 12.0
_SCALES, _LARGEST = 4, 1000
_CANDIDATES = 4000
_PLAIN, _HALVES, _OTHERS = 0, 1, 2
_NOT_ALIKE = 1 - 1e-6
_DIGITS = 7
_KEPT = 192

_Ranked = tuple[int, int, Found]  # how far from simple, and the place of the argument


def bank(left: Left, of: Arguments, factors: Sequence[Factor]) -> list[Found]:
    """Functions of arguments at a few scales: the simplest ones, and those that alone leave least.

    Simple is an argument of few operations, and a scale of 1, or else 1/2 or 2, in the columns' own units. What powers of
    the columns explain is left out. Of those that are alike beside such powers, as 1 + u/v and 1 + v/u are, the simplest
    is kept.
    """
    ops = [int(sympy.count_ops(form)) for form in of.forms]
    found = []
    for factor in factors:
        for rank, scale in _scales(factor, of):
            with np.errstate(all="ignore"):
                missed = left.missed_with(factor.curve(of.values, scale), factor.largest)
            own = rank != _OTHERS and bool(factor.own)
            found += [
                (ops[p] + rank, int(p), Found(float(missed[p]), factor, int(p), float(scale[p]), own))
                for p in np.flatnonzero(np.isfinite(missed))
            ]
    simple = sorted(found, key=lambda one: one[:2])[:_CANDIDATES]
    best = sorted(found, key=lambda one: (one[2].missed, *one[:2]))[:_CANDIDATES]
    chosen = [*_distinct(left, of, simple)[:_LARGEST], *_distinct(left, of, best)[:_LARGEST]]
    return [one[2] for one in _distinct(left, of, sorted(chosen, key=lambda one: one[:2]))]


def _scales(factor: Factor, of: Arguments) -> Iterator[tuple[int, Array]]:
    """Scales for each argument, and how far they are from plain."""
    for scale in factor.own:
        yield (_PLAIN if abs(scale) == 1 else _HALVES), scale * of.units
    if not factor.has_scale and factor.own:
        return
    sizes = np.sqrt(np.mean(of.values**2, 0))
    for scale in factor.scales[:: max(1, len(factor.scales) // _SCALES)]:
        yield (_OTHERS if factor.has_scale else _PLAIN), scale / sizes


def _distinct(left: Left, of: Arguments, found: list[_Ranked]) -> list[_Ranked]:
    """The first of those whose curves powers of the columns make the same, told by their products with two vectors."""
    if not found:
        return []
    with np.errstate(all="ignore"):
        curves = [one.factor.curve(of.values[:, one.place], one.scale) for *_, one in found]
    rest = left.beyond(np.stack(curves, 1))
    marks = np.random.default_rng(0).standard_normal((2, len(rest))) @ (rest / np.linalg.norm(rest, axis=0))
    marks *= np.sign(marks[0])
    firsts = np.unique(np.round(marks, _DIGITS), axis=1, return_index=True)[1]
    return [found[place] for place in sorted(firsts.tolist())]


def best_pairs(left: Left, columns: Sequence[Array], costs: Array) -> list[tuple[float, int, int]]:
    """What two columns at once leave, the best pairs first; those that cost bits as if they left so much more."""
    if len(columns) < 2:
        return []
    rest = left.beyond(np.stack(columns, 1))
    rest = rest / np.linalg.norm(rest, axis=0)
    target = left.rest / np.linalg.norm(left.rest)
    along, between = rest.T @ target, rest.T @ rest
    explained = np.where(between**2 < _NOT_ALIKE, explained_by_both(along, along, between), -np.inf)
    least = np.sqrt(np.maximum(0.0, 1 - explained)) * left.missed
    least *= 2 ** ((costs[:, None] + costs[None]) / len(target))
    least[np.tril_indices(len(columns))] = np.inf
    best = np.argsort(least, axis=None)[:_KEPT]
    pairs = [divmod(int(place), len(columns)) for place in best]
    return [(float(least[pair]), *pair) for pair in pairs if np.isfinite(least[pair])]
