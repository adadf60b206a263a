from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from edgewise.plots.spacing import space_out

positions = st.lists(st.floats(0, 10), min_size=1, max_size=7)


@given(positions)
def test_keeps_the_spacing_and_the_bounds(wanted):
    found = space_out(wanted, [0.5] * (len(wanted) - 1), 0.0, 10.0)
    assert (np.diff(found) >= 0.5 - 1e-9).all()
    assert found.min() >= -1e-9 and found.max() <= 10 + 1e-9


@pytest.mark.parametrize("wanted", [[3.0, 1.0, 2.0], [9.0, 9.5, 9.9, 1.0], [0.0, 0.0, 5.0, 5.0]])
def test_is_the_least_squares_solution(wanted):
    spacing = np.linspace(0.4, 1.0, len(wanted) - 1)
    constraints = [{"type": "ineq", "fun": lambda p: np.diff(p) - spacing}]
    best = minimize(
        lambda p: ((p - wanted) ** 2).sum(),
        np.linspace(1, 9, len(wanted)),
        bounds=[(0, 10)] * len(wanted),
        constraints=constraints,
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    np.testing.assert_allclose(space_out(wanted, spacing, 0.0, 10.0), best.x, atol=1e-5)


def test_shrinks_the_spacing_where_there_is_no_room():
    np.testing.assert_allclose(space_out([0.0, 0.0, 0.0], [3.0, 3.0], 0.0, 2.0), [0.0, 1.0, 2.0])
