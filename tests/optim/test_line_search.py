from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from edgewise.optim.line_search import StrongWolfe, Trial

NOTHING = torch.zeros(1)


def line_of(value, slope, asked=None):
    """Turn a function of t and its derivative into a line; the steps asked for go into `asked`."""

    def line(t: float) -> Trial:
        if asked is not None:
            asked.append(t)
        return Trial(t, value(t), slope(t), torch.tensor([t]), NOTHING)

    return line


def satisfies(search: StrongWolfe, start: Trial, trial: Trial) -> bool:
    enough = trial.value <= start.value + search.decrease * trial.t * start.slope
    return enough and abs(trial.slope) <= -search.curvature * start.slope


def random_lines(count):
    """Parabolas with waves: a, b, c, shift, the first step, and the curvature that is asked for."""
    random = np.random.default_rng(0)
    for _ in range(count):
        a, b, c = random.uniform(0.05, 5), random.uniform(-1.5, 1.5), random.uniform(0.2, 6)
        shift, first = random.uniform(-3, 3), math.exp(random.uniform(math.log(1e-3), math.log(50)))
        yield a, b, c, shift, first, random.choice([0.1, 0.5, 0.9])


def search_on(a, b, c, shift, first, curvature):
    """Search along a (t - shift)^2 + b sin(c t), downhill from 0; None where it is flat there."""

    def value(t):
        return a * (t - shift) ** 2 + b * math.sin(c * t)

    def slope(t):
        return 2 * a * (t - shift) + b * c * math.cos(c * t)

    sign = -1.0 if slope(0.0) > 0 else 1.0
    if abs(slope(0.0)) < 1e-3:
        return None
    asked: list[float] = []
    line = line_of(lambda t: value(sign * t), lambda t: sign * slope(sign * t), asked)
    start, search = line(0.0), StrongWolfe(curvature=curvature)
    trial, count = search.search(line, start, first)
    assert trial is not None
    assert count == len(asked) - 1
    return satisfies(search, start, trial)


@pytest.mark.parametrize("line", list(random_lines(200)))
def test_strong_wolfe_holds_on_random_functions(line):
    assert search_on(*line) in (True, None)


def test_strong_wolfe_holds_where_the_slope_steepens():
    assert search_on(0.625, 0.5625, 2.5, 1.1875, 0.5, 0.1)


def test_a_good_first_step_costs_one_evaluation():
    line = line_of(lambda t: (t - 1) ** 2, lambda t: 2 * (t - 1))
    trial, count = StrongWolfe().search(line, line(0.0), 1.0)
    assert (trial.t, count) == (1.0, 1)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_values_that_are_not_finite_shrink_the_step(bad):
    asked: list[float] = []
    line = line_of(lambda t: bad if t > 0.3 else (t - 0.25) ** 2, lambda t: 2 * (t - 0.25), asked)
    start = line(0.0)
    trial, _ = StrongWolfe().search(line, start, 100.0)
    assert asked[1] == 100.0 and asked[2] < 100.0
    assert trial.t <= 0.3 and satisfies(StrongWolfe(), start, trial)


def test_a_wall_after_a_falling_stretch_is_not_crossed():
    line = line_of(lambda t: math.nan if t >= 2 else -t, lambda t: -1.0)
    trial, count = StrongWolfe().search(line, line(0.0), 0.1)
    assert 0.1 < trial.t < 2 and count <= 25


def test_no_lower_value_gives_none_within_the_most_evaluations():
    asked: list[float] = []
    line = line_of(lambda t: t, lambda t: -1.0, asked)  # the slope promises what never comes
    start = line(0.0)
    trial, count = StrongWolfe(max_evaluations=7).search(line, start, 1.0)
    assert trial is None
    assert count == len(asked) - 1 <= 7


def test_never_finite_gives_the_last_trial():
    line = line_of(lambda t: 0.0 if t == 0 else math.nan, lambda t: -1.0)
    trial, count = StrongWolfe(max_evaluations=5).search(line, line(0.0), 1.0)
    assert trial is not None and not trial.finite and count == 5
