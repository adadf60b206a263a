"""A residual as a function of fields: values, slopes, groups and coefficients."""

from __future__ import annotations

import torch

from edgewise.pde import Box, Equation, Periodic
from edgewise.pde.residual.pointwise import PointwiseResidual

BOX = Box(x=(0, 1))
EQUATION = Equation(BOX, lambda u, at: u.x, coefficients={"c": 2.0})
POINTS = torch.tensor([[[0.0], [1.0]]], dtype=torch.float64)


def test_values_and_slopes_are_those_by_hand():
    at = PointwiseResidual(EQUATION, lambda u, at: (at.c * u.value * u.x, u.xx + at.x), POINTS)
    assert at.indices == ((), (0,), (0, 0))
    fields = torch.arange(6.0, dtype=torch.float64).view(3, 2, 1)
    coefficients = {"c": torch.tensor(2.0, dtype=torch.float64)}
    product, second = at.linearise(fields, coefficients)
    assert product.value.tolist() == [0.0, 6.0] and second.value.tolist() == [4.0, 6.0]
    assert product.slopes[..., 0].tolist() == [[4.0, 6.0], [0.0, 2.0], [0.0, 0.0]]
    assert product.by_coefficient[0].tolist() == [0.0, 3.0]
    assert second.slopes[..., 0].tolist() == [[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]


def test_slopes_can_be_taken_in_what_fields_are_made_of():
    at = PointwiseResidual(EQUATION, lambda u, at: u.value**2, POINTS)
    given = torch.ones(1, 2, 1, dtype=torch.float64)
    found = at.linearise(given, {"c": torch.tensor(1.0)}, lambda fields: 3 * fields)[0]
    assert found.value.tolist() == [9.0, 9.0] and found.slopes.flatten().tolist() == [18.0, 18.0]


def test_groups_have_fields_of_their_own():
    both = torch.stack([POINTS[0], POINTS[0] + 1])
    at = PointwiseResidual(Equation(BOX, lambda u, at: u.x), Periodic("x", slopes=0).residual, both)
    (part,) = at.linearise(torch.tensor([5.0, 6.0, 1.0, 1.0]).view(1, 4, 1), {})
    assert part.value.tolist() == [4.0, 5.0]
    assert part.slopes.flatten().tolist() == [1.0, 1.0, -1.0, -1.0]
