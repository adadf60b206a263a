from __future__ import annotations

import numpy as np
import pytest

from edgewise.estimators.robust import far_off, middle_and_spread, robust_deviation, weighted_quantile


@pytest.mark.parametrize("level", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_weights_say_the_same_as_repeated_values(level):
    random = np.random.default_rng(0)
    values, counts = random.normal(size=50), random.integers(1, 5, 50)
    repeated = np.repeat(values, counts)
    assert weighted_quantile(values, counts, level) == weighted_quantile(
        repeated, np.ones(len(repeated)), level
    )


def test_half_of_the_values_may_be_wild():
    values = np.random.default_rng(0).normal(size=1001)
    values[:480] = 1e12
    assert robust_deviation(values, np.ones(1001)) < 1e13
    assert abs(middle_and_spread(values, np.ones(1001))[0]) < 3


def test_normal_uniform_and_two_valued_columns_have_nothing_far_off():
    random = np.random.default_rng(0)
    for values in (
        random.normal(size=100_000),
        random.uniform(size=1000),
        random.integers(0, 2, 1000),
        np.zeros(9),
    ):
        assert not far_off(values.astype(float), np.ones(len(values))).any()


@pytest.mark.parametrize("wild", [100.0, 1e9, -999.0, 1e300])
def test_a_wild_value_is_far_off_and_no_other(wild):
    values = np.random.default_rng(0).normal(size=400)
    values[[3, 9]] = wild, -wild
    assert np.flatnonzero(far_off(values, np.ones(400))).tolist() == [3, 9]
