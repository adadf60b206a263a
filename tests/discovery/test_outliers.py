"""One wild target neither hides a law nor bends it, and is named."""

from dataclasses import replace

import numpy as np
import pytest

from edgewise.discovery import discover
from edgewise.discovery.outliers import outliers, outlying
from edgewise.discovery.relations import plain_variables, relations
from edgewise.discovery.search import Search


@pytest.fixture
def polynomials_alone(monkeypatch):
    """Of all searches the one that has the law: others take their time where it cannot be."""

    def steps(self, products, networks):
        yield "polynomials and quotients", relations(self._problem, plain_variables(self._problem))

    monkeypatch.setattr(Search, "_steps", steps)


@pytest.mark.parametrize("wild", [1e6, -4e3])
def test_a_law_is_found_beside_an_outlier(wild, polynomials_alone):
    x = np.random.default_rng(7).uniform(1, 3, (300, 2))
    y = x[:, 0] ** 2 + 3 * x[:, 1]
    y[17] = wild
    found = discover(x, y, names=["a", "b"], seconds=60)
    assert str(found.best.expression) == "a**2 + 3*b"
    assert found.best.verdict == "exact"
    assert found.notes[-1] == (
        f"Left out as an outlier: the sample with the target {wild:.6g}. With it no such law was found."
    )


def test_targets_over_decades_are_no_outliers_of_their_law():
    r = 10 ** np.random.default_rng(3).uniform(-3, 3, (300, 1))
    found = discover(r, 5 / r[:, 0] ** 2, names=["r"], seconds=20, networks=False)
    assert str(found.best.expression) == "5/r**2" and found.best.verdict == "exact"
    assert not found.notes


def test_long_tails_of_a_product_in_noise_are_no_outliers_of_its_law(polynomials_alone):
    random = np.random.default_rng(5)
    x = random.lognormal(size=(400, 2))
    y = x[:, 0] * x[:, 1] + 0.01 * random.standard_normal(400)
    found = discover(x, y, names=["a", "b"], noise=0.01, seconds=20, networks=False)
    assert str(found.best.expression) == "a*b"
    assert outlying(found.samples.all_y).any() and outliers(found) is None
    y = found.samples.y.copy()
    y[0] += 1e4
    wild = outliers(replace(found, samples=replace(found.samples, y=y)))
    assert wild is not None and wild.fitted[0]


@pytest.mark.parametrize("y", [np.linspace(0, 1, 50), np.r_[np.zeros(49), 1.0]])
def test_even_targets_have_no_outliers(y):
    assert outlying(y).sum() <= 1
