from __future__ import annotations

import io

import numpy as np
import pytest

from edgewise.plots import draw_actual_and_predicted, draw_calibration, draw_residuals, draw_roc
from edgewise.plots.judgement import _wilson

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("count", [1, 20, 5000])
def test_any_number_of_rows(count):
    truth = RANDOM.normal(size=count)
    for figure in (
        draw_actual_and_predicted(truth + 0.1, truth, "y"),
        draw_residuals(truth + 0.1, truth, "y"),
    ):
        figure.savefig(io.BytesIO())
        assert len(figure.axes[0].collections[0].get_offsets()) <= 2000


def test_predictions_without_spread_are_drawn():
    same = np.ones(30)
    draw_actual_and_predicted(same, same, "y").savefig(io.BytesIO())
    draw_residuals(same, same, "y").savefig(io.BytesIO())


def test_one_wild_row_does_not_squeeze_the_others():
    truth = np.append(RANDOM.normal(size=200), 1e6)
    assert draw_actual_and_predicted(np.append(truth[:-1], 0.0), truth, "y").axes[0].get_ylim()[1] < 100


def test_curves_of_classes_are_named():
    ends = np.array([0.0, 1.0])
    figure = draw_roc({"a": (ends, ends), "b $": (ends, ends)})
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["a", r"b \$"]


def test_groups_of_like_probability():
    figure = draw_calibration([{"predicted": 0.1, "observed": 0.0, "rows": 10}], "yes")
    figure.savefig(io.BytesIO())


def test_wilsons_interval():
    # Newcombe 1998, table I: 81 of 263, score method.
    low, high = _wilson(81 / 263, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
