from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from edgewise.errors import UnknownName
from edgewise.estimators import KANClassifier, KANRegressor, shapes
from edgewise.plots import plot_shapes
from edgewise.plots.shapes import draw_shape, loudest, output_names, shape_limits


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(0)
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 900, 200), "D")
    return pd.DataFrame(
        {
            "price in $^2$": random.uniform(0, 9, 200),
            "day": days,
            "city": random.choice(["Bern", "東京"], 200),
        }
    )


@pytest.fixture(scope="module")
def model(table):
    target = table["price in $^2$"] ** 2 + 30 * (table["city"] == "Bern")
    return KANRegressor(hidden=0).fit(table, target)


def test_a_picture_a_column_on_one_scale_with_a_zero_line_and_the_density(table, model):
    figure = plot_shapes(model, table, target="rent")
    first, second = figure.axes[0], figure.axes[1]
    assert first.get_xlabel() == r"price in \$^2\$" and second.get_xlabel() == "city"
    assert first.get_ylim()[1] == pytest.approx(second.get_xlim()[1])
    assert 0 in [line.get_ydata()[0] for line in first.lines]
    assert first.collections and first.patches  # the band, and the density
    assert len(second.patches) == 2 and figure.get_suptitle().startswith("rent")
    with pytest.warns(UserWarning, match="Glyph"):
        figure.savefig(io.BytesIO())


def test_the_curve_is_the_shape_in_the_units_of_the_target(table, model):
    (shape,) = shapes(model, table, ["price in $^2$"])
    figure = draw_shape(None, shape, shape_limits([shape]), [""])
    curve = max(figure.axes[0].lines, key=lambda line: len(line.get_xdata()))
    np.testing.assert_allclose(curve.get_ydata(), shape.effect[:, 0])
    assert np.ptp(curve.get_ydata()) == pytest.approx(81, rel=0.1)


def test_dates_are_on_the_axis(table, model):
    figure = plot_shapes(model, table, ["day"])
    figure.canvas.draw()
    assert any(text.get_text() in ("2020", "2021", "2022") for text in figure.axes[0].get_xticklabels())


def test_classes_have_a_curve_each(table):
    classes = np.digitize(table["price in $^2$"], [3, 6])
    model = KANClassifier(hidden=0).fit(table[["price in $^2$"]], classes)
    figure = plot_shapes(model, table[["price in $^2$"]])
    assert output_names(model) == ["0", "1", "2"]
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["0", "1", "2"]
    (shape,) = shapes(model, table[["price in $^2$"]])
    assert loudest(shape) == [0, 1, 2]


def test_partial_dependence_is_called_so(table, model):
    deep = KANRegressor(hidden=2, max_iter=1).fit(table, table["price in $^2$"])
    assert "partial dependence" in plot_shapes(deep, table).get_suptitle()
    assert "what each column adds" in plot_shapes(model, table).get_suptitle()


def test_a_wrong_name_is_named_and_nothing_else_happens(table, model, no_side_effects):
    with pytest.raises(UnknownName, match="plot_shapes"):
        plot_shapes(model, table, ["rent"])
    no_side_effects.check()
