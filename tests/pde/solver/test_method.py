import pytest

from edgewise.errors import InputError
from edgewise.pde import Method


@pytest.mark.parametrize("name", ["steps", "points", "condition_weight", "damping", "max_seconds"])
def test_settings_that_must_be_positive(name):
    with pytest.raises(InputError, match=f"solve: {name} must be positive; got 0"):
        Method(**{name: 0})


def test_the_share_of_drawn_points_stays_below_one():
    assert Method(rad_fraction=0.5).rad_fraction == 0.5
    with pytest.raises(InputError, match="rad_fraction must be from 0 to below 1; got 1"):
        Method(rad_fraction=1)


def test_windows_of_time():
    assert Method().ends == (1.0,)
    assert Method(windows=4).ends == (0.25, 0.5, 0.75, 1.0)
    assert Method(windows=(0.1, 1)).ends == (0.1, 1.0)
    for wrong in (0, -2, (0.5,), (0.5, 0.2, 1), (0.0, 1), ()):
        with pytest.raises(InputError, match="windows must be a number of windows"):
            Method(windows=wrong)
