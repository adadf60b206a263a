"""What is tried on parts of a problem, the cheap searches first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from .enumeration import enumerated
from .factors import Products
from .offset import constant_and_product
from .outer_functions import TOTAL, outer_functions
from .parts import by_parts
from .problem import Problem
from .proposal import Proposal
from .relations import plain_variables, relations, variables_and_waves
from .simpler import by_simpler, laws

_MOST_NONZERO = 0.5
_UNDERFLOW = 1e-200
_FEW_COLUMNS = 3
_TURNS = (1.0, 2.0, 0.5, 4.0)


def products_of(problem: Problem) -> Products | None:
    """The search for products on the samples whose targets are not 0; None where half of them are."""
    sizes = np.abs(problem.y)  # targets may underflow, or be 0 where a factor is
    nonzero = sizes > _UNDERFLOW * sizes.max()
    return Products(problem.rows(nonzero)) if nonzero.mean() > _MOST_NONZERO else None


def simple_searches(problem: Problem) -> Iterator[Iterable[Proposal]]:
    """Power laws, one function of a simple argument, polynomials and quotients, with a wave too."""
    products = products_of(problem)
    if products is not None:
        yield products.powers()
        yield products.one_function(wide=False)
    yield relations(problem, plain_variables(problem))
    few = len(problem.names) <= _FEW_COLUMNS
    yield relations(problem, variables_and_waves(problem, _TURNS if few else (1.0,)))


def costly_searches(problem: Problem, left: Callable[[], bool]) -> Iterator[Iterable[Proposal]]:
    """One function of any argument, two functions, and enumeration, where there are few columns."""
    if len(problem.names) > _FEW_COLUMNS:
        return
    products = products_of(problem)
    if products is not None:
        yield products.one_function(wide=True)
        yield products.next_function()
        yield products.two_functions()
    yield enumerated(problem, 2 * problem.noise * problem.spread, None, left)


def of_one_column(problem: Problem) -> Iterator[Proposal]:
    """Formulas of the one column there is."""
    for form in outer_functions(problem.x[:, 0], problem, problem.noise):
        yield Proposal(form.xreplace({TOTAL: problem.symbols[0]}), problem.noise, "one column")


def laws_of_part(left: Callable[[], bool], *, costly: bool = True) -> Callable[[Problem], Iterator[Proposal]]:
    """What finds the laws of a part: a constant and a product, the simple searches, simpler problems, and the costly ones.

    Args:
        left: Whether there is time.
        costly: Whether parts of the part, and searches that take seconds, are tried too.
    """

    def all_searches(problem: Problem) -> Iterator[Iterable[Proposal]]:
        products = products_of(problem)
        if products is not None:
            yield products.powers()
        yield constant_and_product(problem)
        if len(problem.names) == 1:
            yield of_one_column(problem)
        quickly = laws_of_part(left, costly=False)
        yield by_parts(problem, quickly, None, left)
        yield from simple_searches(problem)
        yield by_simpler(problem, simple_searches, left)
        if costly:
            yield by_parts(problem, quickly, laws_of_part(left), left)
            yield from costly_searches(problem, left)

    return lambda problem: laws(problem, all_searches, left)
