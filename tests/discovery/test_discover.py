from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
import sympy
import torch

from edgewise.discovery import discover
from edgewise.errors import InputError, ShapeError
from edgewise.events import listen

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(1, 3, (300, 3))


@pytest.mark.parametrize(
    ("law", "text"),
    [
        (lambda a, b, c: a * b / c**2, "a*b/c**2"),
        (lambda a, b, c: a / np.sqrt(1 - b**2 / 16) + 0 * c, "4*a/sqrt(16 - b**2)"),
        (lambda a, b, c: a * np.sin(b) + 0 * c, "a*sin(b)"),
        (lambda a, b, c: (a + b) / (1 + a * b / c**2), None),
        (lambda a, b, c: 1 / (np.exp(a * b / c) - 1), None),
    ],
)
def test_laws_are_found_exactly(law, text):
    found = discover(X, law(*X.T), names=["a", "b", "c"])
    assert found.best.verdict == "exact"
    if text is not None:
        assert sympy.simplify(found.best.expression - sympy.sympify(text)) == 0
    far = RANDOM.uniform(0.5, 3.5, (100, 3))
    np.testing.assert_allclose(found.predict(far), law(*far.T), rtol=1e-9)
    with torch.no_grad():
        values = found.network()(torch.from_numpy(X))[:, 0].numpy()
    np.testing.assert_allclose(values, law(*X.T), rtol=1e-11)


def test_laws_in_units_far_from_one():
    q, r = RANDOM.uniform(1e-19, 9e-19, 300), RANDOM.uniform(1e-10, 9e-10, 300)
    found = discover(np.stack([q, r], 1), 8.9875e9 * q**2 / r**2, names=["q", "r"])
    assert found.best.verdict == "exact"
    assert (
        abs(
            float(found.best.expression.coeff(sympy.Symbol("q") ** 2 / sympy.Symbol("r") ** 2)) / 8.9875e9 - 1
        )
        < 1e-9
    )


def test_with_noise_the_law_is_within_it_and_constants_have_errors():
    a, b, _ = X.T
    y = 2 * a / (1 + 0.7 * b) + 0.01 * np.random.default_rng(1).standard_normal(300)
    found = discover(X, y, names=["a", "b", "c"], noise=0.01)
    assert found.best.verdict == "within noise"
    assert found.best.expression.free_symbols == set(sympy.symbols("a b"))
    assert all(np.isfinite(one.error) for one in found.best.constants)
    assert "standard errors" in str(found) or "+-" in str(found)
    assert found.formula().verdict == "within noise"


def test_pure_noise_has_no_law():
    y = np.random.default_rng(2).standard_normal(300)
    found = discover(X, y, seconds=8, networks=False)
    assert found.best is None
    assert "No formula earns its place" in found.why
    with pytest.raises(InputError, match="there must be a law"):
        found.predict(X)


def test_constant_targets_are_said():
    assert "constant" in discover(X, np.ones(300)).why


def test_the_front_goes_from_simple_to_accurate():
    a, b, c = X.T
    found = discover(X, np.log(a + b * c) + np.tanh(a * c), seconds=5, networks=False)
    sizes = [law.complexity for law in found.laws]
    errors = [law.test_rmse for law in found.laws]
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)
    assert found.best in found.laws
    assert found.table() in str(found)
    assert "<table>" in found._repr_html_()


def test_the_same_seed_gives_the_same_laws():
    y = X[:, 0] ** 2 + X[:, 1] + 0.05 * np.random.default_rng(3).standard_normal(300)
    one, two = (discover(X, y, noise=0.05, networks=False) for _ in range(2))
    assert [law.expression for law in one.laws] == [law.expression for law in two.laws]


def test_frames_tensors_and_columns_of_targets():
    frame = pd.DataFrame(X, columns=["mass", "speed", "time"])
    found = discover(frame, (frame["mass"] * frame["speed"] ** 2 / 2).to_frame())
    assert str(found.best.expression) == "mass*speed**2/2"
    tensor = discover(torch.from_numpy(X), torch.from_numpy(X[:, :1] * 2))
    assert str(tensor.best.expression) == "2*x_1"


def test_zero_targets_and_zero_columns_are_no_obstacle():
    x = np.stack([RANDOM.uniform(-1, 1, 300), np.zeros(300)], 1)
    x[:5, 0] = 0
    found = discover(x, x[:, 0] ** 3 - x[:, 0], networks=False)
    assert found.best.verdict == "exact"


def test_ctrl_c_gives_the_best_so_far():
    def interrupt(event):
        if event.text.startswith("polynomials"):
            raise KeyboardInterrupt

    with listen(interrupt):
        found = discover(X, np.sin(X[:, 0] * X[:, 1]) + X[:, 2])
    assert found.stopped == "interrupted"
    assert found.laws


def test_a_discovery_travels():
    found = discover(X, X[:, 0] / X[:, 1])
    found.predict(X)
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.predict(X), found.predict(X))
    assert again.latex() == found.latex()


@pytest.mark.parametrize(
    ("x", "y", "settings", "error"),
    [
        (X, X[:, :2, None], {}, ShapeError),
        (X, X[:, :0], {}, ShapeError),
        (X[:5], X[:5, 0], {}, ShapeError),
        (X, X[:10, 0], {}, ShapeError),
        (X, X[:, 0], {"seconds": 0}, InputError),
        (X, X[:, 0], {"test": 1}, InputError),
        (X, X[:, 0], {"noise": -1}, InputError),
        (X, X[:, 0], {"names": ["a", "a", "b"]}, InputError),
        (X, np.where(X[:, 0] > 2, np.nan, 1), {}, InputError),
    ],
)
def test_bad_input_is_refused(x, y, settings, error):
    with pytest.raises(error, match="discover: "):
        discover(x, y, **settings)
