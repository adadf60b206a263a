from __future__ import annotations

import numpy as np
import pytest

from edgewise.discovery.periodogram import frequencies


@pytest.mark.parametrize("turn", [0.7, 5.0, 31.0, 120.0])
def test_a_wave_is_found_among_uneven_samples(turn):
    x = np.sort(np.random.default_rng(0).uniform(-2, 4, 400))
    found = frequencies(x, 3 + x + np.sin(turn * x + 0.3))
    assert np.abs(found - turn).min() < np.pi / 6 / 4


def test_two_waves():
    x = np.random.default_rng(1).uniform(0, 10, 400)
    found = frequencies(x, np.sin(8 * x) + 0.3 * np.cos(31 * x))
    assert np.abs(found[:, None] - [8, 31]).min(0).max() < np.pi / 10 / 4


def test_even_samples_have_no_waves_above_half_their_rate():
    x = np.linspace(0, 1, 101)
    assert frequencies(x, np.sin(90 * np.pi * x)).max() <= 100 * np.pi
    aliased = frequencies(x, np.sin(190 * np.pi * x))  # the same samples as of -sin(10 pi x)
    assert abs(aliased[0] - 10 * np.pi) < np.pi


def test_awkward_columns():
    assert frequencies(np.ones(50), np.arange(50.0)).size == 0
    assert frequencies(np.repeat([0.0, 1.0], 25), np.arange(50.0)).size == 0
    x = np.linspace(0, 1, 60)
    assert np.isfinite(frequencies(x, np.zeros(60))).all()
    assert np.isfinite(frequencies(1e9 + x, np.sin(9 * x))).all()
