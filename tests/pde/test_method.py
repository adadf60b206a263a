import pytest

from edgewise.errors import InputError
from edgewise.pde import Method


@pytest.mark.parametrize("name", ["steps", "points", "condition_weight", "windows", "damping", "seconds"])
def test_settings_that_must_be_positive(name):
    with pytest.raises(InputError, match=f"solve: {name} must be positive; got 0"):
        Method(**{name: 0})


def test_the_share_of_drawn_points_stays_below_one():
    assert Method(adaptive=0.5).adaptive == 0.5
    with pytest.raises(InputError, match="adaptive must be from 0 to below 1; got 1"):
        Method(adaptive=1)
