"""Searches that go from what the user prescribes: a guess, a form."""

from __future__ import annotations

from collections.abc import Iterator

from .factors import Products
from .form_search import Searched, of_form
from .guess import beyond_guess, fitted_guess, from_guess
from .offset import constant_and_product
from .prescription import Prescription
from .problem import Problem
from .proposal import Proposal, Steps
from .relations import plain_variables, relations


def prescribed_steps(problem: Problem, prescription: Prescription, seed: int, searched: Searched) -> Steps:
    """Names and proposals of these searches.

    Args:
        problem: Samples in the columns.
        prescription: What was prescribed.
        seed: Of starts and networks.
        searched: Finds laws for one function of a form.
    """
    if prescription.guess is not None:
        fit = fitted_guess(problem, prescription.guess, seed)
        if fit is not None:
            yield "the guess", from_guess(problem, fit)
            yield "beyond the guess", beyond_guess(problem, fit, cheap_searches)
    if prescription.form is not None:
        yield "the form", of_form(problem, prescription.form, seed, searched)


def cheap_searches(problem: Problem) -> Iterator[Proposal]:
    """What is quick: power laws, products with one function, a constant and a product, polynomials and quotients."""
    if (problem.y != 0).all():
        products = Products(problem)
        yield from products.powers()
        yield from products.one_function(wide=False)
    yield from constant_and_product(problem)
    yield from relations(problem, plain_variables(problem))
