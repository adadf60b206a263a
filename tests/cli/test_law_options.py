from __future__ import annotations

import math

import pytest

from edgewise.cli.console import WrongUse
from edgewise.cli.law_options import (
    check_bounds,
    constants_from,
    limits_from,
    listed,
    noise_from,
    units_from,
)


def test_what_is_left_out_is_none():
    assert units_from([]) is limits_from([]) is listed([]) is None
    assert constants_from([]) == {} and noise_from(None) == (None, None)


def test_a_limit_is_a_number_or_a_formula():
    assert limits_from(["x -> oo = -oo", "x->0=2.5"]) == {"x -> oo": "-oo", "x->0": 2.5}
    assert limits_from(["a=b -> 0 = m*v"]) == {"a=b -> 0": "m*v"}


@pytest.mark.parametrize("noise", ["-1", "nan", "inf"])
def test_a_number_that_is_no_deviation_is_refused(noise):
    with pytest.raises(WrongUse, match="--noise"):
        noise_from(noise)


@pytest.mark.parametrize("read", [units_from, limits_from, constants_from])
@pytest.mark.parametrize("item", ["=1", "a=", "="])
def test_halves_of_pairs_are_refused(read, item):
    with pytest.raises(WrongUse, match="An example: --"):
        read([item])


@pytest.mark.parametrize(
    ("bounds", "option"), [((math.inf, 0.2, 0), "seconds"), ((1.0, 0.0, 0), "test"), ((1.0, 0.2, -1), "seed")]
)
def test_numbers_out_of_bounds_are_refused(bounds, option):
    with pytest.raises(WrongUse, match=f"--{option}"):
        check_bounds(*bounds)
    assert check_bounds(1.0, 0.2, 0) == {"seconds": 1.0, "test": 0.2, "seed": 0}
