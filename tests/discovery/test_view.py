from __future__ import annotations

import numpy as np
import sympy

from edgewise.discovery.view import View

RANDOM = np.random.default_rng(0)


def test_errors_of_the_targets_over_a_factor_count_as_those_of_the_targets():
    x = np.exp(RANDOM.uniform(-5, 5, (500, 2)))
    y = 3 * x[:, 0] ** 2 * np.cos(x[:, 0] / x[:, 1])
    view = View(((1.0, -1.0),), (2.0, 0.0))
    weights = RANDOM.uniform(0.5, 1.5, 500)
    weights /= weights.mean()
    for own in (None, weights):
        problem = view.problem(x, y, ["a", "b"], 0.01, own)
        rest = RANDOM.standard_normal(500)
        there = rest / x[:, 0] ** 2 / problem.y_scale
        share = np.sqrt(np.mean((problem.roots * there) ** 2)) / problem.spread
        expected = np.sqrt(np.mean(rest**2 * (1 if own is None else own))) / y.std()
        assert np.isclose(share, expected)


def test_forms_come_back_in_columns():
    view = View(((1.0, -1.0), (0.0, 1.0)), (2.0, 0.0))
    assert view.names(["a", "b"]) == ("group_1", "b")
    form = sympy.Symbol("group_1") ** 2 + sympy.Symbol("b")
    assert view.back(form, ["a", "b"]) == sympy.sympify("a**2*(a**2/b**2 + b)")


def test_names_of_groups_are_no_columns():
    assert View(((1.0, -1.0),), (0.0, 0.0)).names(["group_1", "b"]) == ("group_1_",)


def test_columns_may_be_left_out():
    view = View.of_columns(3, [2, 0])
    assert view.names("abc") == ("c", "a")
    x = RANDOM.uniform(1, 2, (20, 3))
    np.testing.assert_array_equal(view.coordinates(x), x[:, [2, 0]])
