from __future__ import annotations

import numpy as np
import pytest

from edgewise.discovery import derivatives, discover
from edgewise.errors import InputError, ShapeError

T = np.linspace(2, 12, 400)


def test_without_noise_derivatives_are_near_exact():
    motion = derivatives(T, np.stack([np.sin(T), np.exp(-T / 5)], 1))
    np.testing.assert_allclose(motion.states[:, 0], np.sin(motion.t), atol=1e-7)
    np.testing.assert_allclose(motion.slopes[:, 0], np.cos(motion.t), atol=1e-5)
    np.testing.assert_allclose(motion.slopes[:, 1], -np.exp(-motion.t / 5) / 5, atol=1e-5)


def test_uneven_times_and_other_units():
    random = np.random.default_rng(0)
    t = 1e-6 * np.sort(random.uniform(0, 10, 600))
    motion = derivatives(t, 1e5 * (np.sin(1e6 * t) + 0.02 * random.standard_normal(600)))
    assert np.sqrt(np.mean((motion.slopes[:, 0] / 1e11 - np.cos(1e6 * motion.t)) ** 2)) < 0.05


def test_errors_of_the_times_given_back_are_nearly_of_their_own():
    random = np.random.default_rng(1)
    motion = derivatives(T, np.sin(T) + 0.1 * random.standard_normal(400))
    rest = motion.slopes[:, 0] - np.cos(motion.t)
    assert len(rest) < 60
    assert abs(np.corrcoef(rest[1:], rest[:-1])[0, 1]) < 0.5


def test_errors_of_slopes_are_as_large_as_they_say():
    random, missed = np.random.default_rng(3), []
    for _ in range(10):
        y = np.stack([np.sin(T), 5 * np.cos(2 * T)], 1)
        motion = derivatives(T, y + [0.1, 0.2] * random.standard_normal(y.shape))
        true = np.stack([np.cos(motion.t), -10 * np.sin(2 * motion.t)], 1)
        missed.append((motion.slopes - true) / motion.errors)
    size = np.sqrt(np.mean(np.concatenate(missed) ** 2, axis=0))
    assert (size > 0.5).all() and (size < 1.1).all()


def test_the_law_of_a_damped_oscillation():
    random = np.random.default_rng(2)
    t = np.linspace(0, 20, 800)
    place = np.exp(-0.1 * t) * np.cos(2 * t)
    speed = np.exp(-0.1 * t) * (-0.1 * np.cos(2 * t) - 2 * np.sin(2 * t))
    states = np.stack([place, speed], 1)
    motion = derivatives(t, states + 0.02 * states.std(0) * random.standard_normal(states.shape))
    law = discover(motion.states, motion.slopes[:, 1], names=["x", "v"], networks=False).best.expression
    assert set(law.as_coefficients_dict()) == set(law.free_symbols)
    assert abs(float(law.coeff("x")) + 4.01) < 0.1
    assert abs(float(law.coeff("v")) + 0.2) < 0.06


@pytest.mark.parametrize(
    ("t", "y", "error"),
    [
        (T[::-1], np.sin(T), InputError),
        (T[:10], np.sin(T[:10]), InputError),
        (T, np.sin(T[:5]), ShapeError),
        (np.zeros(30), np.zeros(30), InputError),
    ],
)
def test_bad_trajectories_are_refused(t, y, error):
    with pytest.raises(error, match="derivatives: "):
        derivatives(t.copy(), y)
