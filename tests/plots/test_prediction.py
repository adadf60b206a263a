from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from edgewise.errors import InputError
from edgewise.estimators import KANClassifier, KANRegressor, Step
from edgewise.plots import plot_prediction
from edgewise.plots.prediction import cell_text, step_name

RANDOM = np.random.default_rng(0)
TABLE = pd.DataFrame({"width $": RANDOM.uniform(1, 3, 100), "city": RANDOM.choice(["Bern", "Zug"], 100)})
PRICE = TABLE["width $"] * 10 + 5 * (TABLE["city"] == "Bern")


def test_from_the_mean_to_the_prediction():
    model = KANRegressor(hidden=0).fit(TABLE, PRICE)
    figure = plot_prediction(model, TABLE.iloc[[0]], target="price")
    (ax,) = figure.axes
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert labels[0].startswith("mean, 2") and labels[-1].startswith("predicted, ")
    assert any(label.startswith(r"width \$ = ") for label in labels) and ax.get_xlabel() == "price"
    last = ax.patches[-1]
    assert last.get_x() + last.get_width() == pytest.approx(model.predict(TABLE.iloc[[0]])[0])
    figure.savefig(io.BytesIO())


def test_of_classes_the_log_odds():
    model = KANClassifier(hidden=0).fit(TABLE, PRICE > 25)
    assert plot_prediction(model, TABLE.iloc[0]).axes[0].get_xlabel() == "log-odds of prediction"


def test_a_prediction_that_is_the_mean_has_no_steps():
    model = KANRegressor(hidden=0).fit(TABLE, np.ones(100))
    figure = plot_prediction(model, TABLE.iloc[[0]])
    figure.savefig(io.BytesIO())


def test_rows_are_one_at_a_time():
    with pytest.raises(InputError, match="one row"):
        plot_prediction(KANRegressor(hidden=0).fit(TABLE, PRICE), TABLE)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (float("nan"), "", "missing"), (pd.NA, "", "missing"), (pd.NaT, "", "missing"), (True, "", "True"),
        (-0.5, "", "−0.5"), (19723, "date", "1 Jan 2024"), (9.25, "time", "9:15"), (np.int64(3), "", "3"),
    ],
)  # fmt: skip
def test_entries_as_they_are_read(value, kind, text):
    assert cell_text(value, kind) == text


def test_columns_that_are_told_together():
    assert step_name(Step("", None, 1.0, 4), {}) == "4 other columns"
