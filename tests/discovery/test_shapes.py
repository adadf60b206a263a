from __future__ import annotations

import numpy as np
import pytest

from edgewise.discovery.polish import fitted
from edgewise.discovery.problem import Problem
from edgewise.discovery.shapes import one_shape, shapes
from edgewise.discovery.sums import sums


def least(law, columns, noise):
    """What the best proposal misses of the law without noise, after its constants were fitted to that."""
    random = np.random.default_rng(0)
    x = random.uniform(0.5, 3, (300, columns))
    y = law(*x.T)
    problem = Problem.of(x, y + noise * y.std() * random.standard_normal(300), "abcd"[:columns])
    missed = np.inf
    found = shapes(problem)
    level = noise * problem.spread
    for proposal in [*one_shape(problem, found), *sums(problem, found, level, largest=3, changes=("y",))]:
        fit = fitted(proposal.form, problem.symbols, problem.x, y / problem.y_scale)
        missed = min(missed, np.inf if fit is None else fit.rmse / problem.spread)
    return missed


@pytest.mark.parametrize(
    ("law", "columns"),
    [
        (lambda a: 0.5 + 3 * np.exp(-((a - 1.3) ** 2) / 0.18), 1),
        (lambda a: 2 + np.tanh((a - 1.1) / 0.3), 1),
        (lambda a, b: a + 2 * np.sin(2.2 * b), 2),
        (lambda a, b: b * np.exp(-1.7 * a) + 0.3 * b**2, 2),
        (lambda a, b, c: a * b + np.log(c + 0.7), 3),
    ],
)
def test_sums_with_constants_inside_of_functions(law, columns):
    assert least(law, columns, 0.01) < 1e-5


def test_columns_that_do_not_vary_have_no_shapes():
    x = np.stack([np.linspace(0, 1, 50), np.ones(50)], 1)
    problem = Problem.of(x, x[:, 0], "ab")
    found = shapes(problem)
    assert np.isfinite(found.values).all()
    assert found.values.shape[1] == len(found.costs)


@pytest.mark.parametrize("far", [2_459_000.5, -1.7e9])
def test_columns_far_from_0_have_shapes_of_finite_values(far):
    x = far + np.linspace(0, 12, 200)[:, None]
    problem = Problem.of(x, np.sin(2 * x[:, 0]), "a")
    found = shapes(problem)
    assert np.isfinite(found.values).all()
    assert all(np.isfinite(one.missed) for one in one_shape(problem, found))
