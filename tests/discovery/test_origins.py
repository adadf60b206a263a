from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise import discover
from edgewise.discovery import Constant, Law
from edgewise.discovery.judge import law_bits
from edgewise.discovery.limits import read_limits
from edgewise.discovery.origins import Origins
from edgewise.discovery.prescription import Prescription
from edgewise.discovery.split import Split

YEAR, B, BESIDE = sympy.symbols("year b (year-1990)")
ORIGINS = Origins(("year", "b"), (sympy.Integer(1990), sympy.Integer(0)))


def samples(law, noise=0.0, count=300, seed=0):
    random = np.random.default_rng(seed)
    x = random.uniform((1991, 1), (2021, 3), (count, 2))
    y = law(*x.T)
    return x, y + noise * y.std() * random.standard_normal(count)


def found_beside(expression, constants=()):
    nan = float("nan")
    return Law(expression, (BESIDE, B), nan, nan, nan, nan, tuple(constants), "", "")


def put_back(text):
    """A law put back, its samples, and its values there."""
    u = sympy.Symbol(ORIGINS.names_beside[0])
    form = sympy.sympify(text, locals={"u": u, "b": B})
    curve = sympy.lambdify((u, B), form)
    x, y = samples(lambda year, b: curve(year - 1990, b))
    return ORIGINS.back(found_beside(form), Split(x, y, x, y)).expression, x, y


def test_columns_far_from_0_have_round_origins():
    columns = [(1991.2, 2021), (-3, 5), (7, 7), (1.00021, 1.00029), (-2000.5, -1990), (1.7e9, 1.73e9), (5, 9)]
    x = np.stack([np.linspace(*ends, 9) for ends in columns], 1)
    names = [f"x_{n}" for n in range(len(columns))]
    y = np.linspace(0, 1, 9)
    found = Origins.of(x, y, names).numbers
    assert found == (1990, 0, 0, sympy.Rational(100021, 100000), -2010, 1700000000, 0)
    assert Origins.of(x[:, [1, 2, 6]], y, names[:3]) is None
    assert Origins.of(x[:, [1, 2, 6]], 1e9 + y, names[:3]).target == 10**9


@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e20])
def test_origins_do_not_depend_on_units(scale):
    x = np.linspace(1991.2, 2021, 9)[:, None] * scale
    assert float(Origins.of(x, x[:, 0], ["t"]).numbers[0]) == pytest.approx(1990 * scale, rel=1e-12)


def test_names_beside_are_the_columns_less_their_origins():
    assert ORIGINS.names_beside == ("(year - 1990)", "b")
    taken = Origins(("year", "(year - 1990)"), (sympy.Integer(1990), sympy.Integer(0)))
    assert len(set(taken.names_beside)) == 2


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("2.5*exp(0.3*u)", "2.5*exp(0.3*(year - 1990))"),
        ("3.7*u", "3.7*(year - 1990)"),
        ("b*(u - 10)**2", "b*(year - 2000)**2"),
        ("b/(1.5 - u)", "b/(1991.5 - year)"),
        ("-u/3 + b", "b - year/3 + 1990/3"),
        ("b*tanh(0.7*(4 - u))", "-b*tanh(0.7*(year - 1990) - 2.8)"),
        ("sin(-0.7*u)*b**2", "-b**2*sin(0.7*(year - 1990))"),
        ("3.0*b", "3.0*b"),
    ],
)
def test_laws_are_put_back_with_numbers_kept_apart(text, printed):
    found, x, y = put_back(text)
    values = sympy.lambdify((YEAR, B), found)(*x.T)
    np.testing.assert_allclose(values, y, rtol=1e-9, atol=1e-12)
    assert str(found) == printed


def test_constants_are_those_that_stand_in_the_law():
    x, y = samples(lambda year, b: 2 * (year - 2003.7) ** 2 + b, noise=0.01)
    (u,) = (sympy.Symbol(ORIGINS.names_beside[0]),)
    split = Split(x, y, x, y)
    free = ORIGINS.back(found_beside(2.0 * (u - 13.7) ** 2 + B), split)
    assert {round(float(one.value), 1) for one in free.constants} == {2.0, -2003.7}
    assert all(0 < one.error < 0.1 for one in free.constants)
    constants = [Constant(-10.01, 0.02, sympy.Integer(-10)), Constant(2.5, 0.1, sympy.Float(2.5))]
    x, y = samples(lambda year, b: 2.5 * (year - 2000) ** 2, noise=0.01)
    exact, other = ORIGINS.back(found_beside(2.5 * (u - 10) ** 2, constants), Split(x, y, x, y)).constants
    assert exact.value == -2000 and abs(exact.fitted + 2000) < 4 * exact.error < 1
    assert other.fitted == pytest.approx(2.5, rel=0.05)


def test_targets_are_put_back_too():
    origins = Origins(("a",), (sympy.Integer(0),), sympy.Integer(10**7))
    a, nan = sympy.Symbol("a"), float("nan")
    x = np.random.default_rng(0).uniform(1, 3, (100, 1))
    split = origins.taken_off(Split(x, 1e7 + np.sin(x[:, 0]) + 0.5, x, 1e7 + np.sin(x[:, 0]) + 0.5))
    np.testing.assert_allclose(split.y, np.sin(x[:, 0]) + 0.5, atol=1e-8)
    half = sympy.Rational(1, 2)
    law = Law(sympy.sin(a) + half, (a,), nan, nan, nan, nan, (Constant(0.5, 0.01, half),), "", "")
    found = origins.back(law, Split(x, split.y + 1e7, x, split.y + 1e7))
    assert found.expression == sympy.sin(a) + 10**7 + half
    assert found.constants[0].value == 10**7 + half


def test_a_number_beside_such_a_column_tells_its_distance_from_the_origin():
    for law in (B * (YEAR - 1990), B * (YEAR - 1992), B * (1992 - YEAR) ** 2):
        assert ORIGINS.bits(law, 0.0) < law_bits(law, 0.0) - 5
    for law in (B * YEAR, B**2 - 1, B * sympy.exp(-YEAR)):
        assert ORIGINS.bits(law, 7.0) == law_bits(law, 7.0)


def test_prescriptions_hold_beside_the_origins():
    given = Prescription(
        required=frozenset([YEAR]),
        limits=read_limits({"year -> 2000": 3, "b -> oo": "2*year"}, ["year", "b"]),
        guess=YEAR,
    )
    found = ORIGINS.prescribed(given)
    u = sympy.Symbol(ORIGINS.names_beside[0])
    assert found.required == {u} and found.guess is None
    assert [(one.symbol, one.point) for one in found.limits] == [(u, 10), (B, sympy.oo)]
    assert sympy.expand(found.limits[1].value - 2 * u) == 3980


LAWS = {
    "growth": lambda year, b: 3 * np.exp(0.1 * (year - 1991)),
    "a square": lambda year, b: b * (year - 2000) ** 2 + 1,
    "a wave": lambda year, b: b * np.sin(0.3 * (year - 1990)),
    "a product with the column itself": lambda year, b: b * year,
}
KINDS = [*((name, 0.0) for name in LAWS), ("growth", 0.01)]


@pytest.mark.parametrize(("name", "noise"), KINDS)
def test_laws_of_years_are_found_and_hold_beyond_the_samples(name, noise):
    x, y = samples(LAWS[name], noise)
    found = discover(x, y, names=["year", "b"], seconds=60, networks=False)
    assert found.best.complexity <= 11
    far = np.random.default_rng(1).uniform((1960, 1), (2040, 3), (200, 2))
    truth = LAWS[name](*far.T)
    assert np.abs(found.best.predict(far) - truth).max() < max(noise, 1e-9) * truth.std()
    assert found.best.verdict == ("within noise" if noise else "exact")


@pytest.mark.parametrize(("far", "law"), [(1e7, lambda a, b: a * b), (-1e9, lambda a, b: np.sin(a))])
def test_targets_far_from_0_hide_no_law(far, law):
    x = np.random.default_rng(0).uniform(1, 3, (300, 2))
    found = discover(x, far + law(*x.T), names=["a", "b"], seconds=60, networks=False)
    assert found.best.verdict == "within rounding"
    wide = np.random.default_rng(1).uniform(-5, 5, (200, 2))
    limit = 1e-15 * abs(far) + 1e-6
    np.testing.assert_allclose(found.best.predict(wide) - far, law(*wide.T), atol=limit)


def test_a_law_beside_an_origin_goes_on_from_a_journal(tmp_path):
    x, y = samples(LAWS["growth"])
    kept = tmp_path / "laws.jsonl"
    first = discover(x, y, names=["year", "b"], seconds=60, networks=False, resume=kept)
    again = discover(x, y, names=["year", "b"], seconds=60, networks=False, resume=kept)
    assert first.best.verdict == again.best.verdict == "exact"
    np.testing.assert_allclose(again.best.predict(x), y, rtol=1e-9)
