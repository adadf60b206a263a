from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from edgewise.datasets import feynman, feynman_names
from edgewise.datasets.feynman_equations import CONSTANTS
from edgewise.discovery.groups import Quantity, dimensionless, with_unit
from edgewise.discovery.units import combined, read_unit

MASS, LENGTH, TIME = ({name: Fraction(1)} for name in ("[mass]", "[length]", "[time]"))
SPEED = {"[length]": Fraction(1), "[time]": Fraction(-1)}


def test_a_pendulum_has_one_group():
    gravity = {"[length]": Fraction(1), "[time]": Fraction(-2)}
    quantities = [Quantity(LENGTH), Quantity(MASS), Quantity({}), Quantity(gravity, constant=True)]
    assert dimensionless(quantities) == [(0, 0, 1, 0)]
    half = Fraction(1, 2)
    assert with_unit(quantities, TIME) == [(half, 0, 0, -half)]


def test_ratios_are_over_the_first_and_signs_are_heeded():
    assert dimensionless([Quantity(LENGTH)] * 3) == [(-1, 1, 0), (-1, 0, 1)]
    assert dimensionless([Quantity(LENGTH, zero=True), Quantity(LENGTH)]) == [(1, -1)]
    assert dimensionless([Quantity(SPEED), Quantity(SPEED, constant=True)]) == [(1, -1)]
    assert with_unit([Quantity({"[length]": Fraction(2)}, signed=True)], LENGTH) == []
    assert with_unit([Quantity(MASS)], LENGTH) == []


def test_products_of_constants_alone_are_left_out():
    speed = Quantity(SPEED, constant=True)
    assert dimensionless([speed, speed]) == []
    assert len(dimensionless([speed, speed, Quantity(SPEED)])) == 1


@pytest.mark.parametrize("name", feynman_names()[::9])
def test_equations_of_physics(name):
    law = feynman(name)
    units = {**{one.name: one.unit for one in law.variables}, **{c: CONSTANTS[c][1] for c in law.constants}}
    dimensions = [read_unit(one, unit).powers for one, unit in units.items()]
    quantities = [
        Quantity(one, constant=name in law.constants) for name, one in zip(units, dimensions, strict=True)
    ]
    groups = dimensionless(quantities)
    target = read_unit("y", law.unit).powers
    for powers in groups:
        assert combined(zip(dimensions, powers, strict=True)) == {}
        assert all(power.denominator == 1 for power in powers)
    for powers in with_unit(quantities, target):
        assert combined(zip(dimensions, powers, strict=True)) == target
    table = np.array([[float(p) for p in powers] for powers in groups]).reshape(len(groups), len(units))
    assert np.linalg.matrix_rank(table) == len(groups) if groups else True
