import numpy as np
import pytest
import sympy

from edgewise.discovery import compiled_fits
from edgewise.discovery.operations import Op
from edgewise.discovery.problem import Problem
from edgewise.discovery.trees import add, fitted_trees, form_of, number, program_of_tree, size, times

TREE = add(1.5, times(2.0, (Op.EXP, times(-0.5, 0)), add(1, number(1.0))))


def test_a_tree_as_an_expression():
    a, b = sympy.symbols("a b")
    assert form_of(TREE, [a, b]) == 1.5 + 2.0 * sympy.exp(-0.5 * a) * (b + 1)
    assert form_of(TREE, [a, b], iter([1.0, 2.0, 3.0])) == 1.0 + 2.0 * sympy.exp(3.0 * a) * (b + 1)


def test_equal_constants_are_fitted_each():
    x = np.random.default_rng(0).uniform(1, 2, (40, 2))
    problem = Problem.of(x, 3 * x[:, 0] + 5 * x[:, 1], ["a", "b"])
    fit = fitted_trees([add(times(1.0, 0), times(1.0, 1))], problem)[0]
    assert fit.rmse < 1e-12
    assert fit.constants[0] != fit.constants[1]


def test_what_has_no_value_is_left_out():
    problem = Problem.of(np.linspace(-1, 1, 20)[:, None], np.ones(20), ["a"])
    assert fitted_trees([(Op.LOG, times(1.0, 0))], problem) == []


def test_equal_parts_are_computed_once():
    square = (Op.SQUARE, 0)
    program, constants = program_of_tree(add(square, square), 1)
    assert len(program.steps) == 2
    assert constants == []
    assert size(TREE) == 12


def test_values_and_the_fitted_tree():
    x = np.random.default_rng(0).uniform(0.6, 1.6, (50, 2))
    problem = Problem.of(x, 0.3 + 4 * np.exp(-0.8 * x[:, 0]) * (x[:, 1] + 1), ["a", "b"])
    fit = fitted_trees([TREE], problem)[0]
    np.testing.assert_allclose(fit.values(problem.x), problem.y, atol=1e-9)
    again = fitted_trees([fit.fitted], problem)[0]
    np.testing.assert_allclose(again.constants, fit.constants, rtol=1e-6)


def test_without_compiled_code(monkeypatch):
    x = np.random.default_rng(0).uniform(0.6, 1.6, (50, 2))
    problem = Problem.of(x, 0.3 + 4 * np.exp(-0.8 * x[:, 0]) * (x[:, 1] + 1), ["a", "b"])
    quick = fitted_trees([TREE], problem)[0]
    monkeypatch.setattr(compiled_fits, "AVAILABLE", False)
    assert fitted_trees([TREE], problem)[0].constants == pytest.approx(quick.constants, rel=1e-6)
