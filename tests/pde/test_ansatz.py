import pytest
import torch

from edgewise.pde import Box, Points, dirichlet_ansatz
from edgewise.pde.ansatz import function_jet


def at(box, points):
    return Points(points, box.names)


def value(points):
    return torch.sin(points.x) * torch.exp(points["y"]) + points.t**2


@pytest.mark.parametrize("on", ["all", "x", ["x.low", "y.high"], "t.low", ["x", "y", "t"]])
def test_the_lift_takes_the_values_and_the_distance_vanishes_on_the_faces(on):
    box = Box(x=(-1, 2), y=(0, 1), t=(0, 3))
    ansatz = dirichlet_ansatz(box, value, on)
    for face in box.faces(on):
        points = at(box, box.sample_face(face, 30))
        torch.testing.assert_close(ansatz.lift(points), value(points))
        assert ansatz.distance(points).abs().max() < 1e-15
    inside = at(box, box.sample(50))
    assert (ansatz.distance(inside) > 0).all()


def test_a_number_is_a_constant_lift():
    box = Box(x=(0, 1))
    assert dirichlet_ansatz(box, 2.0).lift(at(box, box.sample(3))).tolist() == [2.0, 2.0, 2.0]


def test_derivatives_of_a_function_of_the_points():
    x = torch.tensor([[0.3, 0.5], [1.0, -2.0]], dtype=torch.float64)
    indices = [(), (0,), (1,), (0, 1), (1, 1)]
    found = function_jet(lambda p: p.x**2 * p["y"] + 1, x, ["x", "y"], indices)
    a, b = x.T
    expected = torch.stack([a**2 * b + 1, 2 * a * b, a**2, 2 * a, 0 * a])
    torch.testing.assert_close(found, expected)
