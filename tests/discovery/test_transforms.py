from __future__ import annotations

import numpy as np
import sympy

from edgewise.discovery.problem import Problem
from edgewise.discovery.transforms import Changed, transforms


def test_transforms_come_back():
    y = np.linspace(0.5, 1.5, 20)
    problem = Problem.of(y[:, None], y, "a")
    e = sympy.Symbol("e")
    for change in transforms(problem):
        back = sympy.lambdify(e, change.back(e))
        np.testing.assert_allclose(back(change.there(problem.y)), problem.y, rtol=1e-12)
        np.testing.assert_allclose(change.undo(change.there(problem.y)), problem.y, rtol=1e-12)
        step = 1e-6
        slope = (change.there(problem.y + step) - change.there(problem.y - step)) / (2 * step)
        np.testing.assert_allclose(change.slope(problem.y), slope, rtol=1e-6)


def test_transforms_that_are_not_defined_are_left_out():
    names = [one.name for one in transforms(Problem.of(np.ones((3, 1)), np.array([-1.0, 5.0, 9.0]), "a"))]
    assert "log(y)" not in names
    assert "sin(y)" not in names


def test_noise_of_changed_targets_is_even_and_without_a_shift():
    random = np.random.default_rng(0)
    x = np.exp(random.uniform(0, 3, (20000, 1)))
    truth, noise = 1 / x[:, 0], 0.02 * random.standard_normal(20000)
    problem = Problem.of(x, truth + noise, "a")
    near = truth / problem.y_scale
    for changed in Changed.all(problem, 0.02 / problem.y_scale, near):
        rest = changed.weights * (changed.targets - changed.by.there(near[changed.rows]))
        assert abs(rest.std() * problem.y_scale / 0.02 - 1) < 0.05
        assert abs(rest.mean() * problem.y_scale) < 5 * 0.02 / len(rest) ** 0.5


def test_noise_that_puts_a_few_targets_below_0_forbids_no_logarithm():
    y = np.linspace(-0.001, 3, 200)
    names = [one.by.name for one in Changed.all(Problem.of(y[:, None], y, "a"), 0.01)]
    assert "log(y)" in names
