"""Which derivatives there are, and how those of a composed function and of a product are made of others.

A derivative is named by the sorted tuple of the coordinates it is taken in: () is the value, (0, 0, 1) two
derivatives in coordinate 0 and one in 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import combinations
from typing import NamedTuple

from ...errors import InputError

Index = tuple[int, ...]

MOST = 4
"""Highest order of a derivative."""


class Term(NamedTuple):
    """times * f^(order) * the product of the inner function's derivatives in `blocks`."""

    times: int
    order: int
    blocks: tuple[Index, ...]


def closure(wanted: Iterable[Index]) -> tuple[Index, ...]:
    """All derivatives that are needed to compute those wanted, the value first, lower orders before higher.

    Raises:
        InputError: a derivative has an order above 4.

    Example:
        >>> closure([(0, 0)])
        ((), (0,), (0, 0))
    """
    found: set[Index] = {()}
    for index in wanted:
        if len(index) > MOST:
            raise InputError(
                f"derivatives must have an order of at most {MOST}; got {len(index)}. "
                f"Write the equation as a system of lower order."
            )
        ordered = tuple(sorted(index))
        for size in range(1, len(ordered) + 1):
            found.update(combinations(ordered, size))
    return tuple(sorted(found, key=lambda index: (len(index), index)))


@cache
def chain_terms(index: Index) -> tuple[Term, ...]:
    """Terms of the derivative of f(h) in the coordinates of `index`, by the formula of Faa di Bruno.

    Example:
        >>> [tuple(term) for term in chain_terms((0, 0))]
        [(1, 1, ((0, 0),)), (1, 2, ((0,), (0,)))]
    """
    if not index:
        return (Term(1, 0, ()),)
    counts: Counter[tuple[Index, ...]] = Counter()
    for blocks in _partitions(tuple(range(len(index)))):
        counts[tuple(sorted(tuple(index[place] for place in block) for block in blocks))] += 1
    ordered = sorted(counts.items(), key=lambda item: (len(item[0]), item[0]))
    return tuple(Term(count, len(blocks), blocks) for blocks, count in ordered)


@cache
def product_terms(index: Index) -> tuple[tuple[int, Index, Index], ...]:
    """Terms (count, derivative of a, derivative of b) of the derivative of a b, by Leibniz' rule.

    Example:
        >>> product_terms((0, 0))
        ((1, (), (0, 0)), (1, (0, 0), ()), (2, (0,), (0,)))
    """
    counts: Counter[tuple[Index, Index]] = Counter()
    places = range(len(index))
    for size in range(len(index) + 1):
        for chosen in combinations(places, size):
            left = tuple(index[place] for place in chosen)
            counts[left, tuple(index[place] for place in places if place not in chosen)] += 1
    return tuple(sorted((count, left, right) for (left, right), count in counts.items()))


def _partitions(places: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Every way to part the places into blocks."""
    if not places:
        yield ()
        return
    first, rest = places[0], places[1:]
    for size in range(len(rest) + 1):
        for others in combinations(rest, size):
            left = tuple(place for place in rest if place not in others)
            for blocks in _partitions(left):
                yield ((first, *others), *blocks)
