import numpy as np
import pytest
import sympy

from edgewise import discover
from edgewise.discovery.law import Law
from edgewise.discovery.relative import line_on_relative_errors, values_with_relative_errors, weighed_by
from edgewise.discovery.split import Split

A = sympy.Symbol("a")
NAN = float("nan")


def law(expression):
    return Law(expression, (A,), NAN, NAN, 0.99, NAN, (), "approximation", "test")


def samples(relative=0.01, even=0.0, low=-2.0):
    random = np.random.default_rng(0)
    x = 10 ** random.uniform(low, 2, (500, 1))
    y = 5 / x[:, 0] ** 2
    y = y * (1 + relative * random.standard_normal(500)) + even * random.standard_normal(500)
    return Split(x[:400], y[:400], x[400:], y[400:])


def test_relative_errors_are_noticed_beside_the_law():
    values = values_with_relative_errors([law(sympy.Float(4.8) / A ** sympy.Float(2.01))], samples())
    assert values == pytest.approx(5 / samples().all_x[:, 0] ** 2, rel=0.01)


@pytest.mark.parametrize(
    ("expression", "of"),
    [
        (5.0 / A**2, {"relative": 0.0, "even": 1.0}),  # even errors
        (4.0 / A, {}),  # another law
        (5.0 / A**2, {"low": 1.9}),  # no span
    ],
    ids=["even", "wrong", "narrow"],
)
def test_other_errors_are_not(expression, of):
    assert values_with_relative_errors([law(expression)], samples(**of)) is None


def test_weights_are_one_over_squares_and_one_in_the_mean():
    values = 5 / samples().all_x[:, 0] ** 2
    weights = weighed_by(samples(), values).all_weights
    assert weights.mean() == pytest.approx(1)
    assert weights * values**2 == pytest.approx(weights[0] * values[0] ** 2)


def test_discover_weighs_and_says_so():
    of = samples()
    found = discover(of.all_x, of.all_y, names=["a"], networks=False)
    assert sympy.simplify(found.best.shown - 5 / A**2) == 0
    assert found.best.verdict == "within noise"
    assert "Errors are about 0.9" in found.notes[-1] or "Errors are about 1 %" in found.notes[-1]


def test_the_note_where_there_is_no_law():
    assert line_on_relative_errors(None, samples()).endswith("squares.")
