from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import sympy
from sympy.core.parameters import distribute

from edgewise.discovery import Discovery, discover
from edgewise.discovery.archive import law_text, read_law, short_names
from edgewise.discovery.clock import Clock
from edgewise.discovery.conclusion import concluded, with_splines
from edgewise.discovery.splines import spline_network
from edgewise.discovery.split import Split
from edgewise.errors import FileError

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(1, 3, (120, 2))


@pytest.fixture(scope="module")
def found():
    y = 0.731 * X[:, 0] * np.exp(-X[:, 1] / 3) + 0.01 * RANDOM.standard_normal(120)
    return discover(X, y, names=["body mass", "b"], noise=0.01, networks=False)


def test_what_is_loaded_is_what_was_saved(found, tmp_path):
    found.save(tmp_path / "law.json")
    again = Discovery.load(tmp_path / "law.json")
    assert str(again) == str(found)
    np.testing.assert_allclose(again.predict(X), found.predict(X), rtol=1e-14)
    np.testing.assert_allclose(again.numbers().covariance, found.numbers().covariance, rtol=1e-9)
    assert [one.law.text(6) for one in again.rivals] == [one.law.text(6) for one in found.rivals]
    assert len(again.others) == len(found.others)


def test_every_field_comes_back(tmp_path):
    random = np.random.default_rng(3)
    y = 299792458.0**2 * X[:, 0] * (1 + 0.01 * random.standard_normal(120))
    units = {"m": "kg", "v": "m/s", "E": "J"}
    first = discover(X, y, names=["m", "v"], units=units, constants=["c"], networks=False, seconds=5)
    first.save(tmp_path / "law.json")
    again = Discovery.load(tmp_path / "law.json")
    for one, other in zip((*first.laws, *first.others), (*again.laws, *again.others), strict=True):
        plain = replace(one, fit=None), replace(other, fit=None)
        assert plain[0].text() == plain[1].text() and repr(plain[0]) == repr(plain[1])

    assert again.best.text() == "c**2*m" and len(first.best.fit.values) == len(again.best.fit.values) == 0
    assert again.best.fit.jacobian.shape == first.best.fit.jacobian.shape


def test_forms_stay_as_they_are():
    u, v = sympy.symbols("u v")
    with distribute(False):
        law = 2.5 * (u - 1.5 * v)
    text = law_text(law, short_names([u, v], []))
    assert read_law(text, {"v0": u, "v1": v}) == law and text == "2.5*(v0 - 1.5*v1)"


def test_no_law_is_kept_too(tmp_path):
    none = discover(X, np.ones(120))
    none.save(tmp_path / "none.json")
    assert Discovery.load(tmp_path / "none.json").why == none.why


@pytest.fixture(scope="module")
def unexplained():
    """A saw, which no law that is looked for in so short a time explains."""
    x = np.linspace(0, 6, 200)[:, None]
    samples = Split(x[::2], x[::2, 0] % 1, x[1::2], x[1::2, 0] % 1)
    splines = spline_network(samples, sympy.symbols(("body mass",)), clock=Clock(60))
    return with_splines(concluded((), samples, stopped="time"), splines)


def test_a_network_of_splines_is_kept(unexplained, tmp_path):
    unexplained.save(tmp_path / "none.json")
    again = Discovery.load(tmp_path / "none.json")
    assert str(again) == str(unexplained) and again.splines is not None
    there = np.linspace(0, 6, 50)[:, None]
    assert (again.splines.predict(there) == unexplained.splines.predict(there)).all()


@pytest.mark.parametrize("spoil", [lambda text: text[:-400], lambda text: f"A{text}", lambda text: "?"])
def test_a_damaged_network_is_refused(unexplained, tmp_path, spoil):
    unexplained.save(tmp_path / "none.json")
    values = json.loads((tmp_path / "none.json").read_text())
    values["splines"]["model"] = spoil(values["splines"]["model"])
    (tmp_path / "none.json").write_text(json.dumps(values))
    with pytest.raises(FileError, match="load: path must be"):
        Discovery.load(tmp_path / "none.json")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: text.replace('"format": 2', '"format": 99'),
        lambda text: json.dumps({**json.loads(text), "best": 400}),
        lambda text: text.replace("exp(", "__import__("),
        lambda text: text.replace('"expression": "', '"expression": "9**9**9**9*'),
    ],
    ids=["cut", "other", "format", "number", "function", "huge"],
)
def test_damaged_and_hostile_files_are_refused(found, tmp_path, spoil):
    found.save(tmp_path / "law.json")
    (tmp_path / "law.json").write_text(spoil((tmp_path / "law.json").read_text()))
    with pytest.raises(FileError, match="load: path must be"):
        Discovery.load(tmp_path / "law.json")


@pytest.mark.parametrize(
    "text", ["2*v0**2 + pi/3", "sqrt(v0)*exp(-v0/3)", "v0**(-5/2)", "Max(v0, 1)", "1.5e-300*v0", "v0**v0"]
)
def test_formulas_are_read_back(text):
    a = sympy.Symbol("v0")
    assert read_law(text, {"v0": a}) == sympy.sympify(text)
