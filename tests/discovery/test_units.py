from __future__ import annotations

from fractions import Fraction

import pytest
import sympy

from edgewise.discovery.units import CONSTANTS, combined, exact_factor, read_constants, read_unit, unit_text
from edgewise.errors import InputError, UnknownName


@pytest.mark.parametrize(
    ("unit", "text", "factor"),
    [
        ("J", "kg m^2 s^-2", 1),
        ("kg m^-1 s^-2", "kg m^-1 s^-2", 1),
        ("km/h", "m s^-1", sympy.Rational(5, 18)),
        ("g", "kg", sympy.Rational(1, 1000)),
        ("nm", "m", sympy.Rational(1, 10**9)),
        ("deg", "1", sympy.pi / 180),
        ("rad", "1", 1),
        ("", "1", 1),
        ("1", "1", 1),
        ("m^0.5", "m^(1/2)", 1),
        ("V", "kg m^2 s^-3 A^-1", 1),
    ],
)
def test_units_are_powers_of_base_dimensions(unit, text, factor):
    found = read_unit("a", unit)
    assert str(found) == text
    assert found.factor == factor


@pytest.mark.parametrize(
    "unit",
    ["degC", "degF", "dB", "foo", "m +", "(", "2 m", "m**s", "m**99", "m^^2", 3, None, "x" * 300, "a.__b__", "m\0", "import os"],
)  # fmt: skip
def test_what_is_no_unit_is_refused(unit):
    with pytest.raises(InputError, match="discover: the unit of 'a' must be "):
        read_unit("a", unit)


def test_constants_by_name_and_by_value():
    found = read_constants({"c": "299792458 m/s", "k": "3 eV", "n": 2.5})
    assert found["c"].value == 299792458
    assert found["k"].value == 3 * 1.602176634e-19
    assert (found["n"].value, dict(found["n"].powers)) == (2.5, {})
    assert unit_text(read_constants(["G"])["G"].powers) == "m^3 kg^-1 s^-2"
    assert list(read_constants("h")) == ["h"]
    assert len(read_constants(CONSTANTS)) == len(CONSTANTS)
    with pytest.raises(UnknownName, match="constants must be one of"):
        read_constants(["nope"])
    for value in ("0 m", 0, "m s kg q", True, [1]):
        with pytest.raises(InputError, match="the unit of 'q'"):
            read_constants({"q": value})


def test_factors_that_are_no_fractions_stay_numbers():
    assert exact_factor(1.602176634e-19) == sympy.Float(1.602176634e-19)
    assert exact_factor(0.3048) == sympy.Rational(381, 1250)
    assert combined([({"[mass]": Fraction(1)}, Fraction(1)), ({"[mass]": Fraction(1)}, Fraction(-1))]) == {}


def test_known_constants_beside_others():
    found = read_constants({"c": None, "g": "9.81 m/s^2"})
    assert found["c"] == read_constants(["c"])["c"] and found["g"].value == 9.81
    with pytest.raises(UnknownName, match="'gg'"):
        read_constants({"gg": None})
