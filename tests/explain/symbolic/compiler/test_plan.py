from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.explain.symbolic.compiler.plan import IDENTITY, Plan, Term, Total
from edgewise.functions import LIBRARY, power

SQUARE = LIBRARY["x^2"]


def test_like_terms_are_collected_and_those_of_weight_0_leave():
    terms = [Term(0, IDENTITY, c=2.0), Term(1, SQUARE), Term(0, IDENTITY, c=-2.0), Term(1, SQUARE, c=3.0)]
    assert Total.of(1.0, terms) == Total(1.0, (Term(1, SQUARE, c=4.0),))


def test_equal_nodes_are_one():
    plan = Plan(2)
    one = Total(0.0, (Term(0, SQUARE),))
    assert plan.node(one) == plan.node(Total(0.0, (Term(0, SQUARE),))) == 2
    assert plan.node(one, one) == 3
    assert plan.heights == [0, 0, 1, 1]


def test_an_edge_holds_one_function_of_a_source():
    plan = Plan(1)
    total = plan.placed(Total(0.0, (Term(0, IDENTITY), Term(0, SQUARE, c=3.0))))
    assert [(term.source, term.function.name, term.c) for term in total.terms] == [
        (0, "x", 1.0),
        (1, "x", 3.0),
    ]
    assert plan.factors[1] == (Total(0.0, (Term(0, SQUARE),)),)


@pytest.mark.parametrize("size", [1e-30, 1e-12, 1e12, 1e25])
@pytest.mark.parametrize("function", [LIBRARY["1/x"], LIBRARY["sqrt"], LIBRARY["log"], SQUARE, power(0.6)])
def test_arguments_of_another_size_are_scaled_to_the_same_value(function, size):
    x = size * np.linspace(1, 3, 5)
    total = Plan(1, x[:, None]).term(function, 0, 2.0, 0.0)
    (term,) = total.terms
    assert 0.01 < term.a * x[0] < 100
    found = term.c * function.fn(torch.from_numpy(term.a * x)).numpy() + total.constant
    np.testing.assert_allclose(found, function.fn(torch.from_numpy(2 * x)).numpy(), rtol=1e-13)


def test_functions_without_a_degree_and_usual_sizes_stay():
    assert Plan(1, np.array([[1e-30]])).term(LIBRARY["exp"], 0, 1.0, 0.0).terms[0].a == 1
    assert Plan(1, np.array([[0.01], [9.0]])).term(SQUARE, 0, 1.0, 0.0).terms[0].a == 1
    assert Plan(1).term(SQUARE, 0, 1.0, 0.0).terms[0].a == 1


def test_cancelling_is_seen_on_samples_only():
    total = Total(-1.0, (Term(0, LIBRARY["exp"]),))
    assert Plan(1, np.array([[1e-9]])).cancels(total)
    assert not Plan(1, np.array([[1.0]])).cancels(total)
    assert not Plan(1).cancels(total)
