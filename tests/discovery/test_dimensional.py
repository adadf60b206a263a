from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery import discover
from edgewise.discovery.dimensional import Dimensional
from edgewise.errors import InputError

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(1, 3, (200, 3))
A, B, C = X.T


def found(y, units, constants=(), **settings):
    return discover(X, y, names="abc", units=units, constants=constants, networks=False, **settings)


def test_units_alone_leave_a_number():
    law = found(1.37 * A * B**2, {"a": "kg", "b": "m/s", "c": "K", "E": "J"})
    number, rest = law.best.expression.as_coeff_Mul()
    assert (round(float(number), 12), rest) == (1.37, sympy.sympify("a*b**2"))
    assert law.best.source == "units"
    assert any("By its unit c plays no part" in note for note in law.notes)


def test_a_law_between_groups_has_the_right_unit():
    y = 2 * A * np.sqrt(B**2 + C**2) + 0.02 * RANDOM.standard_normal(200)
    law = found(y, {"a": "N", "b": "m", "c": "m", "y": "J"}, noise=0.02)
    assert sympy.simplify(law.best.expression - sympy.sympify("2*a*sqrt(b**2 + c**2)")) == 0


def test_constants_of_nature_stand_by_name():
    law = found(1.380649e-23 * A * np.log(B / C), {"a": "K", "b": "m^3", "c": "m^3", "S": "J"}, ["k_B"])
    assert law.best.shown in (sympy.sympify("a*k_B*log(b/c)"), sympy.sympify("-a*k_B*log(c/b)"))
    np.testing.assert_allclose(law.predict(X), 1.380649e-23 * A * np.log(B / C), rtol=1e-12, atol=1e-36)
    assert "k_B" in law.latex() or "k_{B}" in law.latex()


def test_where_a_law_of_right_units_is_within_the_noise_none_of_others_is_looked_for():
    y = A / (4 * np.pi * 8.8541878188e-12 * B)
    y = y + 0.01 * y.std() * np.random.default_rng(1).standard_normal(200)
    law = found(y, {"a": "C", "b": "m", "c": "m", "V": "V"}, ["eps_0"])
    assert law.best.shown.free_symbols == set(sympy.symbols("a b eps_0"))
    assert law.best.verdict == "within noise"
    assert not any("have units" in note for note in law.notes)


def test_columns_in_other_units_than_base_ones():
    law = found(A / 1000 * (B / 3.6) ** 2 / 2, {"a": "g", "b": "km/h", "c": "s", "E": "J"})
    assert law.best.expression == sympy.sympify("a*b**2/25920")
    turned = found(A * np.sin(np.deg2rad(B)), {"a": "m", "b": "deg", "c": "s", "y": "m"})
    assert turned.best.expression == sympy.sympify("a*sin(pi*b/180)")


def test_where_units_do_not_reach_the_target_it_is_said_and_the_constant_has_one():
    law = found(8.98e9 * A * B / C**2, {"a": "C", "b": "C", "c": "m", "F": "N"})
    assert law.best.verdict == "exact"
    assert any(
        "needs a constant with a unit; of those of nature eps_0 would do" in note for note in law.notes
    )
    assert any("8.98e+09 kg m^3 s^-4 A^-2" in note for note in law.notes)
    assert all(note in str(law) for note in law.notes)


def test_constants_inside_functions_have_units_too():
    law = found(A * np.exp(-0.4321567 * B), {"a": "kg", "b": "s", "c": "m", "y": "kg"}, noise=0.0)
    assert any("-0.432157 s^-1" in note for note in law.notes)


@pytest.mark.parametrize(
    "units",
    [{"a": "kg"}, {"a": "kg", "b": "m", "c": "s", "y": "1", "z": "1"}, {"a": "kg", "b": "foo", "c": "s", "y": "1"}],
)  # fmt: skip
def test_units_that_are_missing_or_unknown(units):
    with pytest.raises(InputError, match="discover: .* must "):
        found(A, units)


def test_constants_need_units_and_names_of_their_own():
    with pytest.raises(InputError, match="constants must come with units"):
        discover(X, A, constants=["c"])
    with pytest.raises(InputError, match="constants must have other names"):
        Dimensional.of(["c"], "y", {"c": "m", "y": "m"}, ["c"])
