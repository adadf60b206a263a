"""One wild target neither hides a law nor bends it, and is named."""

from dataclasses import replace

import numpy as np
import pytest
import sympy

from edgewise.discovery import discover
from edgewise.discovery.outliers import outliers, outlying
from edgewise.discovery.relations import plain_variables, relations
from edgewise.discovery.search import Search
from edgewise.discovery.sums import sums, terms


@pytest.fixture
def polynomials_alone(monkeypatch):
    """Of all searches the one that has the law: others take their time where it cannot be."""

    def steps(self, products, networks):
        yield "polynomials and quotients", relations(self._problem, plain_variables(self._problem))

    monkeypatch.setattr(Search, "_steps", steps)


@pytest.fixture
def power_laws_and_sums_alone(monkeypatch):
    """Of all searches those that have the law in noise."""

    def steps(self, products, networks):
        yield "power laws", products.powers()
        level, near = self._so_far()
        yield "sums of few terms", sums(self._problem, terms(self._problem), level, near)

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
    assert outlying(found.samples.all_y).any() and outliers(found, found.samples) is None
    y = found.samples.y.copy()
    y[0] += 1e4
    wild = outliers(found, replace(found.samples, y=y))
    assert wild is not None and wild.fitted[0]


@pytest.mark.parametrize("y", [np.linspace(0, 1, 50), np.r_[np.zeros(49), 1.0]])
def test_even_targets_have_no_outliers(y):
    assert outlying(y).sum() <= 1


@pytest.mark.parametrize("kind", ["long tails", "wrong values"])
def test_a_law_is_found_beside_many_outliers(kind, power_laws_and_sums_alone):
    random = np.random.default_rng(1)
    x = random.uniform(1, 3, (300, 2))
    y = x[:, 0] ** 2 + 3 * x[:, 1]
    wrong = random.random(300) < 0.06
    if kind == "long tails":
        y += 0.02 * random.standard_cauchy(300)
    else:
        y = y + 0.01 * random.standard_normal(300)
        y[wrong] = random.uniform(-20, 40, wrong.sum())
    found = discover(x, y, names=["a", "b"], seconds=60, networks=False)
    assert found.best.expression == sympy.sympify("a**2 + 3*b")
    assert found.best.verdict == "within noise"
    assert found.notes[-1].startswith("Left out as outliers: ")


def test_a_region_with_another_law_is_not_left_out(power_laws_and_sums_alone):
    random = np.random.default_rng(1)
    x = random.uniform(1, 3, (300, 2))
    y = x[:, 0] ** 2 + 3 * x[:, 1] + 0.01 * random.standard_normal(300)
    y[x[:, 0] > 2.9] += 8
    found = discover(x, y, names=["a", "b"], seconds=60, networks=False)
    assert found.best is None or found.best.verdict == "approximation"
    assert not any("outlier" in note for note in found.notes)
