"""Few different values do not make a law certain, and columns that tell nothing stay out of it."""

import numpy as np
import pytest
import sympy

from edgewise.discovery import discover
from edgewise.discovery.relations import plain_variables, relations
from edgewise.discovery.resolution import (
    distinct_values,
    line_on_columns,
    line_on_rare_values,
    telling_columns,
    undetermined,
)
from edgewise.discovery.search import Search

A, B = sympy.symbols("a b")


@pytest.mark.parametrize(
    ("law", "values", "known"),
    [
        (3 * A + B, (2, 2), True),
        (3 * A + B, (1, 9), False),
        (A**2, (3, 1), True),
        (0.3 * A**3 + 1.2 * A**2 + 0.7 * A, (4, 9), False),
        (0.3 * A**3 + 1.2 * A**2 + 0.7 * A, (7, 9), True),
        (A * B, (2, 2), True),
        (2 * sympy.sin(0.3 * A + 1.5), (3, 9), False),
        (0.3 * A**3 + 1.2 * A**2 + 0.7 * A, (400, 400), True),
    ],
)
def test_a_curve_of_as_many_numbers_as_values_is_not_determined(law, values, known):
    x = np.random.default_rng(0).integers(0, values, (2000, 2)).astype(float)
    assert (undetermined(law, [A, B], values, x) is None) == known


@pytest.mark.parametrize(("rows", "columns"), [(4, 2), (5, 3), (6, 3)])
def test_a_law_through_few_samples_many_times_is_not_certified(rows, columns):
    random = np.random.default_rng(rows)
    x, y = random.uniform(1, 3, (rows, columns)), random.uniform(1, 3, rows)
    again = random.integers(0, rows, 300)
    found = discover(x[again], y[again], seconds=4, networks=False)
    assert all(law.verdict == "approximation" for law in found.laws)


def test_a_step_between_samples_is_not_certified():
    x = np.random.default_rng(5).uniform(0, 4, (400, 2))
    found = discover(x, (x[:, 0] * x[:, 1] > 3) * 1.0, seconds=5, networks=False)
    assert all(law.verdict == "approximation" for law in found.laws)


def test_a_column_of_one_value_but_for_a_few_samples_is_named():
    x = np.random.default_rng(0).uniform(1, 3, (200, 2))
    x[:, 1] = 5.0
    x[[3, 70], 1] = 6.0
    found = discover(x, x[:, 0] * x[:, 1], names=["a", "b"], networks=False)
    assert any("b is 5 in all samples but 2" in note for note in found.notes)
    assert line_on_rare_values(np.eye(4), "abcd") == []


def test_two_levels_of_each_column_determine_what_is_not_saturated():
    x = np.random.default_rng(0).integers(0, 2, (300, 2)).astype(float)
    assert undetermined(A + B - 2 * A * B, [A, B], (2, 2), x) is None
    saturated = 1.5 * A + 0.7 * B - 2.3 * A * B + 0.4
    assert undetermined(saturated, [A, B], (2, 2), x) == "4 different samples do not determine 4 numbers"


def test_columns_that_vary_and_are_new_tell_something():
    x = np.column_stack([np.arange(6.0), np.ones(6), np.arange(6.0), np.arange(6.0) ** 2])
    assert telling_columns(x) == [0, 3]
    assert distinct_values(x) == (6, 1, 6, 6)
    assert line_on_columns(x, "abcd") == [
        "Left out, for they do not vary or are the same as another column: b, c."
    ]


def test_a_cubic_through_four_values_is_not_called_exact(monkeypatch):
    def polynomials_alone(self, products, networks):
        yield "polynomials and quotients", relations(self._problem, plain_variables(self._problem))

    monkeypatch.setattr(Search, "_steps", polynomials_alone)
    random = np.random.default_rng(0)
    x = random.integers(0, 4, (300, 2)).astype(float)
    y = random.normal(size=4)[x[:, 0].astype(int)] + x[:, 1]
    found = discover(x, y, seconds=60)
    assert found.best is None or found.best.verdict != "exact"
    if found.best is not None and found.best.r2 > 1 - 1e-12:
        assert any("do not determine" in note for note in found.notes)


def test_constant_and_repeated_columns_are_left_out_and_named():
    random = np.random.default_rng(0)
    x = random.uniform(1, 3, (200, 2))
    table = np.column_stack([x, np.full(200, 3.0), x[:, 0]])
    found = discover(table, x[:, 0] ** 2 + 3 * x[:, 1], names=["a", "b", "same", "again"])
    assert found.best.expression == A**2 + 3 * B and found.best.verdict == "exact"
    assert "Left out, for they do not vary or are the same as another column: same, again." in found.notes
