import pytest
import torch

from edgewise.errors import UnknownName
from edgewise.pde import Field, Points


def recorded():
    asked = []

    def get(index):
        asked.append(index)
        return torch.ones(2)

    return Field(("x", "y", "t"), get), asked


def test_short_names_and_long_ones_ask_for_the_same():
    u, asked = recorded()
    u.value, u.x, u.d("x"), u.xy, u.d("y", "x"), u.ttx
    assert asked == [(), (0,), (0,), (0, 1), (0, 1), (0, 2, 2)]


def test_the_laplacian_leaves_time_out():
    u, asked = recorded()
    assert u.laplacian.tolist() == [2.0, 2.0] and asked == [(0, 0), (1, 1)]


def test_what_a_field_does_not_have():
    u, _ = recorded()
    with pytest.raises(UnknownName):
        u.d("z")
    with pytest.raises(AttributeError, match="derivatives"):
        u.velocity  # noqa: B018


def test_points_by_name():
    at = Points(torch.tensor([[1.0, 2.0]]), ("x", "t"), {"nu": torch.tensor([3.0])})
    assert (at.x, at["t"], at.nu) == (1.0, 2.0, 3.0)
    with pytest.raises(AttributeError, match="points have x, t, nu"):
        at.y  # noqa: B018
    with pytest.raises(UnknownName):
        at["y"]
