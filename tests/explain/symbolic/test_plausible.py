"""No function may turn more between the samples than the curve that it stands for, or have a kink at their end."""

import math

import pytest
import torch

from edgewise.explain.symbolic.edge_search.candidate import Candidate
from edgewise.explain.symbolic.plausible import Curve, curves_between, plausible, turns
from edgewise.functions import LIBRARY, get_function
from edgewise.network import build


def curve(function, low=0.0, high=10.0, levels=400, swing=0.05):
    h = torch.linspace(low, high, 300, dtype=torch.float64)
    return Curve(h, function(h), levels, swing)


def candidate(name, *affine):
    return Candidate(get_function(name), affine, 1e-6)


def test_turns_are_counted_beyond_noise():
    h = torch.linspace(0, 4 * math.pi, 999, dtype=torch.float64)
    assert turns(torch.sin(h), 0.1) == 4
    assert turns(torch.sin(h), 2.1) == 0
    assert turns(h + 0.5 * torch.sin(9 * h), 1.5) == 0
    assert turns(h, 0.0) == turns(-h, 0.0) == 0
    assert turns((h - 5) ** 2, 0.1) == 1
    assert turns(torch.ones(5), 0.0) == 0


def test_a_sine_of_the_period_of_the_lattice_is_no_line():
    line = curve(lambda h: 0.3 * h, levels=11)
    assert not plausible(candidate("sin", 2 * math.pi + 0.05, 0.0, 6.0, 0.0), line)
    assert plausible(candidate("sin", 0.01, 0.0, 30.0, 0.0), line)
    assert plausible(candidate("x", 1.0, 0.0, 0.3, 0.0), line)


def test_no_more_turns_than_half_of_the_levels():
    wave = curve(lambda h: torch.sin(6 * h), levels=8)
    assert not plausible(candidate("sin", 6.0, 0.0, 1.0, 0.0), wave)
    assert plausible(candidate("sin", 6.0, 0.0, 1.0, 0.0), curve(lambda h: torch.sin(6 * h)))


def test_functions_must_be_finite_between_the_samples():
    rising = curve(lambda h: h, -1, 1)
    for name in ("log", "sqrt", "1/x", "x^-0.7"):
        assert not plausible(candidate(name, 1.0, 0.0, 1.0, 0.0), rising)
    assert plausible(candidate("log", 1.0, 1.5, 1.0, 0.0), rising)


@pytest.mark.parametrize("name", ["abs", "sgn", "cbrt"])
def test_a_kink_at_the_edge_of_the_data_is_refused(name):
    straight = curve(lambda h: h)
    for at in (0.0, 0.2, -0.2, 9.8, 10.0, 10.3):
        assert not plausible(candidate(name, 1.0, -at, 1.0, 0.0), straight)
    assert plausible(candidate(name, 1.0, -5.0, 1.0, 0.0), curve(lambda h: LIBRARY[name].fn(h - 5)))
    assert plausible(candidate(name, 1.0, 5.0, 1.0, 0.0), straight)


def test_curves_between_are_those_of_the_edges():
    model = build([2, 1], seed=0, dtype=torch.float64)
    x = torch.tensor([[-1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], dtype=torch.float64)
    edges = [(0, 0, 0), (0, 1, 0)]
    outputs = model.layers[0].basis.edges(x)[:, :, 0].detach()
    first, second = curves_between(model, edges, x, outputs, [0.0, 0.25])
    assert (float(first.h[0]), float(first.h[-1]), first.levels) == (-1.0, 1.0, 3)
    assert (float(second.h[0]), float(second.h[-1]), second.levels) == (0.0, 1.0, 2)
    assert float(first.values[0]) == pytest.approx(float(outputs[0, 0]))
    assert second.swing == pytest.approx(float(outputs[:, 1].std(correction=0)))
