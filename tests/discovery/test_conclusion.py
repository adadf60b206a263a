from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise import discover
from edgewise.discovery import Law, SplineNetwork
from edgewise.discovery.conclusion import concluded, with_splines
from edgewise.discovery.split import Split
from edgewise.errors import InputError
from edgewise.network import build

A = sympy.Symbol("a")
X = np.linspace(1, 2, 20)[:, None]
SAMPLES = Split(X, X[:, 0] ** 2, X, X[:, 0] ** 2)


def law(expression, rmse, bits, r2=0.9, verdict="approximation"):
    return Law(expression, (A,), rmse, rmse, r2, bits, (), verdict, "products")


LAWS = [
    law(A**2 + A, 0.1, 20.0, verdict="within noise"),
    law(A, 0.5, 90.0),
    law(sympy.sin(A) + A**3 + 1, 0.3, 70.0),
    law(2 * A, 0.6, 99.0),
]


def test_the_front_is_what_no_simpler_law_reaches():
    found = concluded(LAWS, SAMPLES, noise=0.1, stopped="all searched")
    assert [one.expression for one in found.laws] == [A, A**2 + A]
    assert {one.expression for one in found.others} == {2 * A, sympy.sin(A) + A**3 + 1}
    assert found.best is found.laws[1]
    assert found.why.startswith("Within the noise")


def test_few_samples_do_not_tell_noise_and_that_is_said():
    x = np.linspace(1, 2, 8)[:, None]
    few = concluded([law(A, 0.5, 90.0)], Split(x, x[:, 0] ** 2, x, x[:, 0] ** 2), stopped="time")
    assert few.why.endswith("give `noise`, the deviation of the targets' errors, if it is known.")
    assert "give `noise`" not in concluded([law(A, 0.5, 90.0)], SAMPLES, stopped="time").why


def test_of_laws_of_one_size_the_shortest_description_is_chosen():
    alike = [law(A**2 + A, 0.1, 30.0), law(A**3 + A, 0.102, 20.0), law(A, 0.5, 90.0)]
    found = concluded(alike, SAMPLES, stopped="all searched")
    assert found.best.expression == A**3 + A
    assert [one.expression for one in found.laws] == [A, A**3 + A]
    assert [one.expression for one in found.others] == [A**2 + A]


def test_no_law_is_an_answer():
    found = concluded([law(A, 1.0, 5.0, r2=0.1)], SAMPLES, stopped="time")
    assert found.best is None and "No formula earns its place" in found.why
    assert "No formula" in concluded([], SAMPLES, stopped="time").why


def test_constant_targets_are_said():
    flat = Split(X, np.ones(20), X, np.ones(20))
    assert "constant" in concluded([], flat, stopped="all searched").why


def splines(rmse, r2):
    return SplineNetwork(build([1, 1], seed=0), (A,), rmse, rmse, r2, 50.0)


def beside(law_r2, law_rmse, network_r2, network_rmse):
    found = concluded([law(A, law_rmse, 5.0, r2=law_r2)], SAMPLES, stopped="time")
    return with_splines(found, splines(network_rmse, network_r2))


def test_no_formula_earns_its_place_beside_splines_that_are_far_better():
    far = beside(0.9, 0.3, 0.99, 0.09)
    assert far.best is None and far.splines is not None and len(far.laws) == 1
    assert "No formula earns its place here" in far.why and "`splines`" in far.why
    with pytest.raises(InputError, match="`splines`"):
        far.predict(X)
    assert "no law" in far.table().splitlines()[-1] and "no law" in far._repr_html_()


def test_a_law_stays_where_it_explains_nearly_all_or_splines_are_hardly_better():
    good, near = beside(0.96, 0.2, 0.9999, 0.01), beside(0.9, 0.3, 0.95, 0.2)
    assert good.best is not None and "20 times less" in good.why
    assert near.best is not None and "1.5 times less" in near.why
    assert "no less" in beside(0.9, 0.3, 0.85, 0.4).why


def test_splines_that_explain_nothing_are_not_kept():
    nothing = beside(0.1, 1.0, 0.15, 0.9)
    assert nothing.best is None and nothing.splines is None and "Nor does a network" in nothing.why
    some = beside(0.1, 1.0, 0.5, 0.7)
    assert some.best is None and some.splines is not None and "`splines`" in some.why


def test_targets_of_no_more_than_the_noise_are_a_constant():
    random = np.random.default_rng(0)
    x, y = random.uniform(1, 3, (200, 2)), 5 + 0.01 * random.standard_normal(200)
    found = discover(x, y, noise=0.01, networks=False)
    assert found.best.verdict == "within noise"
    assert not found.best.expression.free_symbols
    assert abs(float(found.best.expression) - 5) < 0.01
    assert discover(x, y, networks=False, seconds=1).best is None
