from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import sympy

from edgewise.discovery import discover
from edgewise.discovery.given import Given, Weighted
from edgewise.errors import InputError, ShapeError

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(1, 3, (300, 2))


def test_errors_of_single_samples_weigh_them():
    errors = np.where(np.arange(300) % 2, 0.01, 2.0)
    y = 1.7 * X[:, 0] * X[:, 1] + errors * RANDOM.standard_normal(300)
    found = discover(X, y, names="ab", noise=errors, networks=False, seconds=20)
    constant = float(found.best.expression.as_coeff_Mul()[0])
    assert abs(constant - 1.7) < 1e-3
    assert found.best.verdict == "within noise"
    assert found.best.expression.free_symbols == set(sympy.symbols("a b"))


def test_weights_are_one_in_the_mean_and_the_noise_fits_them():
    errors = RANDOM.uniform(0.1, 3, 5000)
    x = RANDOM.uniform(1, 3, (5000, 1))
    given = Given.of(x, errors * RANDOM.standard_normal(5000), None, errors, None)
    assert np.isclose(given.weights.mean(), 1)
    assert abs(np.sqrt(np.mean(given.weights[:, 0] * given.y[:, 0] ** 2)) / given.noise[0] - 1) < 0.05


def test_names_of_outputs():
    frame = pd.DataFrame(X, columns=["u", "v"])
    of = lambda y, units=None: Given.of(X, y, ["a", "b"], None, units).outputs
    assert of(frame) == ("u", "v")
    assert of(frame["u"]) == ("u",)
    assert of(X) == ("y_1", "y_2")
    assert of(X[:, 0]) == ("y",)
    assert of(X[:, 0], {"a": "m", "E": "J", "b": "1"}) == ("E",)


@pytest.mark.parametrize(
    ("noise", "error"),
    [("0.1", InputError), (True, InputError), (-1, InputError), (np.ones(3), ShapeError), (np.zeros(300), InputError),
     (np.full(300, np.nan), InputError), (float("inf"), InputError)],
)  # fmt: skip
def test_noise_that_is_none_is_refused(noise, error):
    with pytest.raises(error, match="discover: noise"):
        discover(X, X[:, 0], noise=noise)


def test_weights_multiply_those_of_errors():
    x, y = np.arange(20.0)[:, None], np.arange(20.0)
    weights, deviations = np.arange(20.0), np.repeat([1.0, 2.0], 10)
    given = Given.of(x, y, None, Weighted(weights, deviations), None)
    np.testing.assert_allclose(given.weights[:, 0], (w := weights / deviations**2) / w.mean())
    assert Given.of(x, y, None, Weighted(weights, 0.5), None).noise.tolist() == [0.5]
    with pytest.raises(ShapeError, match="weights must have shape"):
        Given.of(x, y, None, Weighted(weights[:5]), None)
    for wrong in (-weights, np.zeros(20)):
        with pytest.raises(InputError, match="weights must be 0 or more"):
            Given.of(x, y, None, Weighted(wrong), None)


@pytest.mark.parametrize("size", [1e200, 1e-200, 1e300])
def test_sizes_whose_squares_are_no_numbers_are_refused(size):
    y = X[:, 0] * X[:, 1]
    for x, values in ((X * size, y), (X, y * size)):
        with pytest.raises(InputError, match="another unit"):
            discover(x, values)


@pytest.mark.parametrize("size", [1e140, 1e-140])
def test_sizes_below_that_do_not_matter(size):
    found = discover(X * size, 3 * X[:, 0] * X[:, 1] * size, names="ab", networks=False).best
    assert found.verdict == "exact" and found.complexity == 4
