from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
import sympy
import torch

from edgewise.discovery import Constant, Discovery, Law, discover
from edgewise.discovery.split import Split
from edgewise.errors import InputError, ShapeError

A = sympy.Symbol("a")
X = np.linspace(1, 2, 20)[:, None]
SAMPLES = Split(X, 2 * X[:, 0] ** 2, X, 2 * X[:, 0] ** 2)


def found(best=True, noise=0.1):
    constants = (Constant(1.98, 0.01, sympy.Integer(2)), Constant(0.5, np.inf, sympy.Integer(1)))
    laws = (
        Law(A, (A,), 0.5, 0.5, 0.6, 90.0, (), "approximation", "products"),
        Law(2 * A**2, (A,), 0.1, 0.1, 0.99, 10.0, constants, "within noise", "products"),
    )
    return Discovery(laws, laws[1] if best else None, "Because.", noise, 1.0, "exact", SAMPLES)


@pytest.fixture(scope="module")
def noisy():
    """A damped wave's amplitude: 1.7 exp(-0.31 t), with noise that hides the third digit."""
    random = np.random.default_rng(3)
    t = random.uniform(0, 4, 300)
    y = 1.7 * np.exp(-0.31 * t) + 0.02 * random.standard_normal(300)
    return discover(pd.DataFrame({"t": t}), y, noise=0.02, networks=False)


def test_the_table_marks_the_chosen_law():
    lines = found().table().splitlines()
    assert [line[0] for line in lines] == [" ", " ", "*"]
    assert "2*a**2" in lines[2]


def test_constants_are_told_but_of_exact_laws():
    text = str(found())
    assert "2: fitted 1.980 +- 0.010, 2.0 standard errors away" in text
    assert "1: not decided by these samples" in text
    exact = discover(X, 2 * X[:, 0] ** 2)
    assert exact.best.verdict == "exact" and "+-" not in str(exact)


def test_the_chosen_law_is_a_network_and_a_formula():
    one = found()
    assert np.allclose(one.network()(torch.from_numpy(X)).detach().numpy()[:, 0], 2 * X[:, 0] ** 2)
    assert one.formula().verdict in ("exact", "within noise")
    assert one.latex() == "2 a^{2}"


def test_any_law_of_the_front_is_at_hand():
    one = found()
    assert one.sympy(0) == one.sympy(one.laws[0]) == one.sympy(-2) == A
    assert one.predict(X, law=0).tolist() == X[:, 0].tolist()
    assert one.network(0)(torch.from_numpy(X)).shape == (20, 1)
    assert "a" in one.latex(0) and "def predict" in one.numpy(0) and "double f(double a)" in one.c(0, "f")
    with pytest.raises(InputError, match="from 0 to 1; got 2"):
        one.latex(2)


def test_without_a_law_there_is_a_sentence():
    none = found(best=False)
    with pytest.raises(InputError, match="Because"):
        none.latex()
    assert none._repr_latex_() == "" and "Because" in none._repr_html_()
    assert none.rivals == () and str(none).endswith("Because.")
    empty = discover(X, np.ones(20))
    assert empty.table() == "" and empty.rows() == [] and "constant" in str(empty)


def test_printed_numbers_have_the_digits_their_errors_bear(noisy):
    shown = noisy.shown()
    for number, error in zip(noisy.numbers(shown).values, noisy.numbers().errors, strict=True):
        assert round(number, 2 + int(np.ceil(-np.log10(error)))) == number
    assert noisy.latex() == shown.latex() and shown.text() in noisy.table()


def test_the_printed_error_is_that_of_what_is_printed(noisy):
    held = noisy.samples
    for row, law in zip(noisy.rows(), noisy.laws, strict=True):
        values = sympy.lambdify(sympy.Symbol("t"), sympy.sympify(row["law"]))(held.held_x[:, 0])
        rmse = np.sqrt(np.mean((held.held_y - values) ** 2))
        assert row["test_rmse"] == pytest.approx(rmse, rel=1e-9)
        assert row["test_rmse"] <= 1.0011 * law.test_rmse


def test_pages_show_the_table(noisy):
    page = noisy._repr_html_()
    assert page.count("<tr") == len(noisy.laws) + 1 and "font-weight:bold" in page
    assert noisy._repr_latex_().startswith("$\\displaystyle")
    assert len(pd.DataFrame(noisy.rows())) == len(noisy.laws)


def test_frames_are_read_by_name(noisy):
    frame = pd.DataFrame({"other": [5.0, 6.0], "t": [1.0, 2.0]})
    assert np.array_equal(noisy.predict(frame), noisy.predict([[1.0], [2.0]]))
    with pytest.raises(InputError, match="column 't'"):
        noisy.predict(frame[["other"]])
    with pytest.raises(ShapeError, match="for each of t"):
        noisy.predict([[1.0, 2.0]])


def test_discoveries_travel(noisy):
    str(noisy)
    again = pickle.loads(pickle.dumps(noisy))
    assert str(again) == str(noisy) and np.array_equal(again.predict(X), noisy.predict(X))
