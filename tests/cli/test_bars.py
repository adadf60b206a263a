from __future__ import annotations

import pytest

from edgewise.cli.bars import Scale


@pytest.mark.parametrize(
    ("value", "left", "width"), [(2.0, "50", "50"), (-1.0, "25", "25"), (9.0, "50", "50"), (0.0, "50", "0")]
)
def test_bars_go_from_zero_and_stay_inside(value, left, width):
    found = Scale(-2.0, 2.0).bar(value, tone="up")
    assert (found["left"], found["width"], found["tone"]) == (left, width, "up") and "low" not in found


def test_a_scale_without_room():
    assert Scale(0.0, 0.0).bar(0.0)["width"] == "0"
