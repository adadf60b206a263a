from __future__ import annotations

import numpy as np
import pytest

from edgewise.estimators import KANRegressor
from edgewise.estimators.columns import codes_of, fit_encoder


def column(code, values=None, count=20):
    random = np.random.default_rng(0)
    values = random.uniform(0, 10, 200) if values is None else values
    return np.concatenate([values, np.full(count, code)])


@pytest.mark.parametrize("code", [-999.0, 9999.0, -99.0, 999.0, -8888.0, 1e20, -1e30])
def test_codes_far_from_all_others_are_found(code):
    assert codes_of(column(code)) == (code,)


def test_minus_one_is_a_code_where_it_is_far_off():
    random = np.random.default_rng(0)
    assert codes_of(column(-1.0, random.uniform(1000, 1500, 200))) == (-1.0,)


def test_several_codes_are_found_together():
    assert codes_of(column(-999.0, column(9999.0))) == (-999.0, 9999.0)


@pytest.mark.parametrize(
    "values",
    [
        column(-999.0, count=2),  # not repeated enough
        column(500.0),  # no code
        column(-1.0),  # near the others
        np.repeat([-1.0, 0.0, 1.0], 50),
        np.repeat([1.0, 2.0, 3.0, 4.0, 5.0, 9.0], 30),
        np.repeat(np.arange(90.0, 105.0), 5),
        np.repeat([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 9.0], [900, 50, 20, 10, 9, 8, 7, 6, 5]),  # counts
        np.array([]),
        np.full(50, -999.0),
    ],
)
def test_numbers_that_may_be_numbers_stay(values):
    assert codes_of(values) == ()


def test_codes_are_gaps_at_the_fit_and_at_prediction_and_are_noted():
    found = fit_encoder(column(-999.0)[:, None], ["a"])
    assert found.encoder.names == ["a", "a=missing"]
    assert "-999 (20)" in found.remarks.lines[0]
    new = found.encoder.transform(np.array([[-999.0], [np.nan], [3.0]]))
    assert new[0].tolist() == new[1].tolist() and new[2].tolist() == [3.0, 0.0]


def test_codes_do_not_ruin_a_fit():
    random = np.random.default_rng(0)
    x, new = random.uniform(0, 10, (300, 1)), random.uniform(0, 10, (300, 1))
    y = np.sin(x[:, 0])
    x[::10] = -999
    with pytest.warns(UserWarning, match="looks like a code"):
        model = KANRegressor(hidden=0).fit(x, y)
    assert model.score(new, np.sin(new[:, 0])) > 0.97
    assert "-999 (30)" in model.notes_[0]
