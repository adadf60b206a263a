from __future__ import annotations

import numpy as np

from edgewise.discovery.left import Left


def samples():
    random = np.random.default_rng(0)
    return random.standard_normal((80, 3)), random.uniform(0.5, 2, 80)


def test_what_is_missed_is_that_of_weighted_least_squares():
    columns, weights = samples()
    design = np.column_stack([np.ones(80), columns[:, 0]])
    target = columns @ [1.0, 2.0, -1.0]
    left = Left(design, target, weights)
    both = np.column_stack([design, columns[:, 1]])
    numbers = np.linalg.lstsq(both * weights[:, None], target * weights, rcond=None)[0]
    rest = np.linalg.norm((target - both @ numbers) * weights)
    spread = np.linalg.norm((target - np.average(target, weights=weights**2)) * weights)
    assert np.isclose(left.missed_with(columns[:, 1:2])[0], rest / spread)
    assert np.isclose(left.without(columns[:, 1]).missed, rest / spread)


def test_powers_too_large_and_columns_of_the_matrix_are_not_taken():
    columns, weights = samples()
    left = Left(np.column_stack([np.ones(80), columns[:, 0]]), columns @ [1.0, 20.0, 0.1], weights)
    assert np.isinf(left.missed_with(columns[:, [0, 1]])).all()
    assert np.isfinite(left.missed_with(columns[:, [1]], np.inf)).all()
