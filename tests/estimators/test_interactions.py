from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from edgewise.errors import UnknownName
from edgewise.estimators import KANRegressor, interaction, strongest_pairs


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "a": random.uniform(-1, 1, 300),
            "b": random.uniform(-1, 1, 300),
            "c": random.uniform(-1, 1, 300),
            "group": random.choice(["x", "y"], 300),
        }
    )


@pytest.fixture(scope="module")
def deep(table):
    return KANRegressor(hidden=4).fit(table, 3 * table["a"] * table["b"] + table["c"])


def test_the_pair_that_acts_together_comes_first(deep):
    (first, second, strength), *others = strongest_pairs(deep)
    assert {first, second} == {"a", "b"}
    assert strength == pytest.approx(3 * np.std([1]) + 1.0, rel=0.35)
    assert all(other[2] < 0.3 * strength for other in others)


def test_the_map_is_the_product_and_what_is_beyond_the_sum_too(table, deep):
    found = interaction(deep, table, "a", "b")
    want = 3 * found.first.values[:, None] * found.second.values[None]
    assert np.corrcoef(found.effect[:, :, 0].ravel(), want.ravel())[0, 1] > 0.98
    assert np.corrcoef(found.beyond[:, :, 0].ravel(), want.ravel())[0, 1] > 0.98
    assert found.rows.shape == (300, 2) and np.isfinite(found.rows).all()


def test_nothing_is_beyond_a_sum_of_curves(table):
    model = KANRegressor(hidden=0).fit(table, table["a"] + 2 * (table["group"] == "x"))
    found = interaction(model, table, "a", "group")
    assert np.abs(found.beyond).max() < 1e-9 and strongest_pairs(model) == []
    assert found.effect.shape == (24, 2, 1)


def test_a_wrong_name_is_named(table, deep):
    with pytest.raises(UnknownName, match="plot_interaction"):
        interaction(deep, table, "a", "z")
