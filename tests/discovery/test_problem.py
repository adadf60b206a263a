from __future__ import annotations

import numpy as np
import sympy

from edgewise.discovery.problem import Problem

RANDOM = np.random.default_rng(0)


def test_columns_are_scaled_by_powers_of_two_and_expressions_back():
    x = np.stack([RANDOM.uniform(1e-30, 3e-30, 50), RANDOM.uniform(1e8, 5e8, 50)], 1)
    y = 2.5 * x[:, 0] * x[:, 1] ** 2
    problem = Problem.of(x, y, ["m", "c"])
    assert (np.abs(np.log2(np.abs(problem.x)).mean(0)) < 1).all()
    assert all(float(scale).hex().split("p")[0] == "0x1.0000000000000" for scale in problem.x_scale)
    m, c = problem.symbols
    law = problem.in_units(
        sympy.Float(2.5 * problem.x_scale[0] * problem.x_scale[1] ** 2 / problem.y_scale) * m * c**2
    )
    np.testing.assert_allclose(sympy.lambdify([m, c], law)(*x.T), y, rtol=1e-14)


def test_zeros_and_signs_are_noticed():
    problem = Problem.of(np.array([[0.0, -1.0, 2.0], [1.0, 3.0, 4.0]]), np.ones(2), "abc")
    assert problem.nonzero == (False, True, True)
    assert problem.positive == (False, False, True)
    assert Problem.of(np.zeros((2, 1)), np.zeros(2), "a").x_scale.tolist() == [1.0]


def test_a_search_looks_at_few_samples_first():
    x = RANDOM.uniform(size=(5000, 1))
    assert len(Problem.of(x, x[:, 0], "a").some.y) == 400


def test_weights_and_the_deviation_go_along_with_rows():
    x, y = RANDOM.uniform(1, 2, (1000, 1)), RANDOM.uniform(1, 2, 1000)
    weights = RANDOM.uniform(0, 10, 1000)
    problem = Problem.of(x, y, "a", weights=weights)
    assert np.isclose(problem.weights.mean(), 1)
    assert np.isclose(problem.spread * problem.y_scale, y.std())
    some = problem.some
    assert np.isclose(some.weights.mean(), 1)
    rest = RANDOM.standard_normal(1000)
    kept = rest * problem.roots
    places = np.flatnonzero(np.isin(problem.x[:, 0], some.x[:, 0]))
    shares = [
        np.sqrt(np.mean((some.roots * rest[places]) ** 2)) / some.spread,
        np.sqrt(np.mean(kept[places] ** 2)) / problem.spread,
    ]
    assert np.isclose(*shares)
