from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from edgewise.errors import InputError
from edgewise.estimators import KANClassifier, KANRegressor, explain_row


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(0)
    found = pd.DataFrame(random.uniform(-1, 1, (120, 12)), columns=[f"c{n}" for n in range(12)])
    return found.assign(city=random.choice(["Bern", "Zug"], 120))


def test_the_steps_lead_from_the_mean_to_the_prediction(table):
    model = KANRegressor(hidden=0).fit(
        table, table.sum(axis=1, numeric_only=True) + 5 * (table["city"] == "Bern")
    )
    found = explain_row(model, table.iloc[[3]])
    assert found.total == pytest.approx(model.predict(table.iloc[[3]])[0])
    assert found.base + sum(step.effect for step in found.steps) == pytest.approx(found.total)
    assert found.steps[0].name == "city" and found.steps[0].value == table["city"][3]
    assert len(found.steps) == 9 and found.steps[-1].columns == 5 and found.exact


def test_a_series_and_an_array_are_rows_too(table):
    numbers = table.drop(columns="city")
    model = KANRegressor(hidden=0).fit(numbers, numbers["c0"])
    want = explain_row(model, numbers.iloc[[7]])
    assert explain_row(model, numbers.iloc[7]).total == pytest.approx(want.total)
    plain = KANRegressor(hidden=0).fit(numbers.to_numpy(), numbers["c0"])
    assert explain_row(plain, numbers.to_numpy()[7]).total == pytest.approx(want.total)


@pytest.mark.parametrize("count", [0, 2])
def test_it_must_be_one_row(table, count):
    model = KANRegressor(hidden=0).fit(table, table["c0"])
    with pytest.raises(InputError, match="one row"):
        explain_row(model, table.iloc[:count])
    with pytest.raises(InputError, match="dict"):
        explain_row(model, {"c0": 1.0})


def test_of_several_classes_the_likeliest_is_explained(table):
    model = KANClassifier(hidden=0).fit(table, np.digitize(table["c0"], [-0.3, 0.3]))
    found = explain_row(model, table.iloc[[int(table["c0"].argmax())]])
    assert found.output == "2" and found.steps[0].name == "c0" and found.steps[0].effect > 0
