from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import sympy

from edgewise.discovery.clock import Clock
from edgewise.discovery.splines import spline_network
from edgewise.discovery.split import Split
from edgewise.errors import ShapeError

A, B = sympy.symbols("a b")


def samples(law, columns=2, count=300, noise=0.0, size=1.0):
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, (count, columns))
    y = law(*x.T)
    y = size * (y + noise * y.std() * random.standard_normal(count))
    held = np.arange(count) % 5 == 0
    return Split(size * x[~held], y[~held], size * x[held], y[held])


@pytest.fixture(scope="module")
def product():
    return spline_network(samples(lambda a, b: np.sin(3 * a) * b), (A, B), clock=Clock(60))


def test_what_is_no_sum_has_a_hidden_layer(product):
    assert len(product.width) == 3 and product.r2 > 0.999
    assert product.numbers == sum(part.numel() for part in product.model.parameters() if part.requires_grad)


def test_errors_are_those_of_predict(product):
    split = samples(lambda a, b: np.sin(3 * a) * b)
    assert split.errors(product.predict) == pytest.approx((product.train_rmse, product.test_rmse))
    frame = pd.DataFrame(split.held_x[:, ::-1], columns=["b", "a"])
    assert (product.predict(frame) == product.predict(split.held_x)).all()
    with pytest.raises(ShapeError, match="a column for each of a, b"):
        product.predict(split.x[:, :1])


def test_a_sum_needs_no_hidden_layer_and_noise_is_not_followed():
    noisy = samples(lambda a, b: np.sin(3 * a) + b**2, noise=0.1)
    found = spline_network(noisy, (A, B), clock=Clock(60))
    assert found.test_rmse < 0.15 * noisy.held_y.std()


@pytest.mark.parametrize("size", [1e-30, 1e12])
def test_units_do_not_matter(size):
    found = spline_network(samples(lambda a: np.sin(3 * a), 1, count=80, size=size), (A,), clock=Clock(60))
    assert found.r2 > 0.999


def test_it_comes_out_the_same_and_weights_count():
    split = samples(lambda a: np.abs(a), 1, count=60)
    first, again = (spline_network(split, (A,), clock=Clock(60)) for _ in range(2))
    assert first.test_rmse == again.test_rmse
    weights = np.where(split.x[:, 0] > 0, 2.0, 0.0)
    wrong = replace(split, y=np.where(split.x[:, 0] > 0, split.y, 9.0), weights=weights)
    held = np.where(split.held_x[:, 0] > 0, 2.0, 0.0)
    found = spline_network(replace(wrong, held_weights=held), (A,), clock=Clock(60))
    assert found.test_rmse < 0.1


def test_there_is_none_without_time():
    assert spline_network(samples(lambda a: a, 1), (A,), clock=Clock(0.0)) is None


def test_few_samples_and_columns_that_do_not_vary():
    few = samples(lambda a, b: a + 0 * b, count=10)
    flat = replace(few, x=few.x * [1.0, 0.0], held_x=few.held_x * [1.0, 0.0])
    found = spline_network(flat, (A, B), clock=Clock(60))
    assert found.width == (2, 1) and np.isfinite(found.predict(flat.held_x)).all()
