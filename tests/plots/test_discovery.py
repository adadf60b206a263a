from __future__ import annotations

import io

import numpy as np
import pytest

from edgewise import discover, plot_discovery
from edgewise.errors import InputError, UnknownName

RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def decay():
    t = RANDOM.uniform(0, 4, 120)
    y = 1.7 * np.exp(-0.31 * t) + 0.02 * RANDOM.standard_normal(120)
    return discover(t[:, None], y, names=["t"], noise=0.02, networks=False)


def test_the_panels_that_are_asked_for(decay):
    figure = plot_discovery(decay)
    figure.savefig(io.BytesIO())
    assert len(figure.axes) == 3
    front, law, rest = figure.axes
    assert front.get_yscale() == "log" and front.get_xlabel() == "complexity"
    assert law.get_xlabel() == rest.get_xlabel() == "$t$"
    assert [text.get_text() for text in law.get_legend().get_texts()] == ["fitted to", "held out"]
    assert len(plot_discovery(decay, parts="front").axes) == 1
    with pytest.raises(UnknownName, match="front"):
        plot_discovery(decay, parts=["fronts"])


def test_the_curve_is_the_printed_law(decay):
    (line,) = plot_discovery(decay, parts=["law"]).axes[0].lines
    x, y = line.get_data()
    np.testing.assert_allclose(y, decay.shown().predict(np.asarray(x)[:, None]))


def test_any_law_and_many_decades():
    x = np.stack([10 ** RANDOM.uniform(-3, 3, 80), RANDOM.uniform(1, 2, 80)], 1)
    found = discover(x, 8.314 * x[:, 0] / x[:, 1], names=["a mole", "$"])
    figure = plot_discovery(found, target="pressure", law=0)
    figure.savefig(io.BytesIO())
    assert figure.axes[1].get_xscale() == figure.axes[1].get_yscale() == "log"
    assert figure.axes[1].get_ylabel() == "actual pressure"


def test_without_a_law_there_is_no_picture():
    with pytest.raises(InputError, match="there must be a law"):
        plot_discovery(discover(np.ones((20, 1)).cumsum(0), np.ones(20)))
