from dataclasses import replace

import numpy as np
import sympy

from edgewise.discovery.atoms import atoms
from edgewise.discovery.problem import Problem
from edgewise.discovery.trees import form_of


def problem(columns=2, functions=None):
    x = np.random.default_rng(0).uniform(0.5, 3, (60, columns))
    return replace(Problem.of(x, x[:, 0], [f"x_{n + 1}" for n in range(columns)]), functions=functions)


def test_forms_have_the_values_of_their_atoms():
    of = problem()
    found = atoms(of)
    for place in range(0, len(found.costs), 97):
        values = sympy.lambdify(of.symbols, form_of(found.trees[place], of.symbols), "numpy")(*of.x.T)
        np.testing.assert_allclose(values, found.values[:, place], rtol=1e-10, atol=1e-12)


def test_no_two_are_a_line_in_each_other():
    found = atoms(problem())
    rest = found.values[:, :300] - found.values[:, :300].mean(0)
    rest /= np.linalg.norm(rest, axis=0)
    between = np.abs(rest.T @ rest) - np.eye(rest.shape[1])
    assert between.max() < 1 - 1e-14


def test_only_allowed_functions():
    found = atoms(problem(functions=frozenset({"sin"})))
    some = [form_of(tree, sympy.symbols("x_1 x_2")) for tree in found.trees[::23]]
    functions = set().union(*(form.atoms(sympy.Function) for form in some))
    assert functions
    assert all(one.func is sympy.sin for one in functions)


def test_columns_come_first_and_the_number_is_bounded():
    found = atoms(problem(6))
    assert found.trees[:6] == (0, 1, 2, 3, 4, 5)
    assert len(found.costs) <= 3000


def test_the_same_every_time():
    one, other = atoms(problem()), atoms(problem())
    assert np.array_equal(one.values, other.values)
    assert one.trees == other.trees
