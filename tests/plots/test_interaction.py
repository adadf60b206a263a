from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from edgewise.estimators import KANClassifier, KANRegressor
from edgewise.plots import plot_interaction

RANDOM = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "a": RANDOM.uniform(-1, 1, 150),
        "day": RANDOM.uniform(18000, 19000, 150),
        "g": RANDOM.choice(["x", "y"], 150),
    }
)


@pytest.fixture(scope="module")
def model():
    return KANRegressor(hidden=2, max_iter=2).fit(TABLE, TABLE["a"] * (TABLE["g"] == "x"))


@pytest.mark.parametrize(("a", "b"), [("a", "day"), ("a", "g"), ("g", "day")])
def test_numbers_dates_and_levels(model, a, b):
    figure = plot_interaction(model, TABLE, a, b, kinds={"day": "date"}, target="rent")
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == (a, b)
    assert figure.axes[1].get_ylabel() == "rent"
    low, high = figure.axes[0].collections[0].get_clim()
    assert low == -high
    figure.savefig(io.BytesIO())
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert b != "g" or labels == sorted(labels, key=lambda one: -(TABLE["g"] == one).sum())


def test_on_axes_of_ones_own(model):
    axes = Figure().subplots()
    assert plot_interaction(model, TABLE, "a", "g", ax=axes) is axes.get_figure()


def test_of_classes_the_one_that_varies_most():
    model = KANClassifier(hidden=2, max_iter=1).fit(TABLE, np.digitize(TABLE["a"], [-0.3, 0.3]))
    figure = plot_interaction(model, TABLE, "a", "g", target="size")
    assert figure.axes[1].get_ylabel() in ("size: 0", "size: 1", "size: 2")
