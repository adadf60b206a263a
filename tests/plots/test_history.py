from __future__ import annotations

import io
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from edgewise.errors import InputError, UnknownName
from edgewise.plots import plot_history

HISTORY = {
    "train_loss": [1.0, 0.1, 0.01],
    "mse": [1.0, 0.01, 1e-4],
    "test_loss": [1.5, 0.2, 0.05],
    "penalty": [3.0] * 3,
}


def labels(figure):
    return [line.get_label() for line in figure.axes[0].lines]


def test_losses_on_a_logarithmic_scale():
    figure = plot_history(SimpleNamespace(history=HISTORY))
    assert labels(figure) == ["train", "test"] and figure.axes[0].get_yscale() == "log"
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_xdata(), [1, 2, 3])
    figure.savefig(io.BytesIO())


def test_histories_by_name():
    assert labels(plot_history(HISTORY, ["penalty", "mse"])) == ["penalty", "mse"]


def test_a_loss_of_zero_or_below_is_drawn_on_a_plain_scale():
    assert plot_history({"train_loss": [1.0, 0.0, -1.0]}).axes[0].get_yscale() == "linear"


def test_other_histories_where_there_is_no_loss():
    assert labels(plot_history({"accuracy": [0.5, 0.9]})) == ["accuracy"]


def test_values_that_are_not_finite_leave_a_gap():
    figure = plot_history({"train_loss": [1.0, float("nan"), 0.1, float("inf")]})
    assert figure.axes[0].get_yscale() == "log"
    figure.savefig(io.BytesIO())


def test_draws_on_given_axes(no_side_effects):
    figure = Figure()
    assert plot_history(HISTORY, ax=figure.add_subplot()) is figure


@pytest.mark.parametrize("result", [{}, {"train_loss": []}, {"train_loss": [float("nan")]}])
def test_nothing_to_draw_is_said(result):
    with pytest.raises(InputError, match="at least one step"):
        plot_history(result)


def test_bad_arguments_are_refused():
    with pytest.raises(InputError, match="must be what fit gave"):
        plot_history([1, 2])
    with pytest.raises(UnknownName, match="train_loss"):
        plot_history(HISTORY, ["train_los"])
