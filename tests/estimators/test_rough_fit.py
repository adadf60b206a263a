from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.estimators.losses import Loss
from edgewise.estimators.rough_fit import RoughFit, noise_of, smooth
from edgewise.estimators.samples import Samples
from edgewise.estimators.task import values_task


def table(rows=400):
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 3))
    return x, x[:, 0] + np.sin(2 * x[:, 1]) + 0.1 * random.normal(size=rows)


def test_a_curve_follows_a_line_beyond_its_knots():
    x = np.random.default_rng(0).standard_cauchy(300)
    found = smooth(x, 3 * x[:, None], np.ones(300))
    assert found.helps and found.loss < 0.1 * found.alone


def test_a_column_without_spread_or_use_has_no_curve():
    x, y = table()
    fit = RoughFit([*x.T, np.ones(400)], y[:, None], np.ones(400))
    assert [part is not None for part in fit.parts] == [True, True, False, False]


def test_the_noise_is_found_beside_wild_targets():
    x, y = table()
    y[::20] += 1e4
    samples = Samples(torch.from_numpy(x), torch.from_numpy(y)[:, None], torch.ones(400).double())
    task = values_task(samples.y, samples.weights, Loss("huber"))
    noise = float(noise_of(samples, task, seed=0) * task.scaler.scale)
    assert noise == pytest.approx(0.1, rel=0.5)


def test_the_better_way_to_read_a_column_is_taken():
    random = np.random.default_rng(0)
    x, other = random.lognormal(0, 2, 400), random.normal(size=400)
    y = (np.log(x) + 5 * other + 0.1 * random.normal(size=400))[:, None]
    fit = RoughFit([x, other], y, np.ones(400))
    assert fit.refit(0, [np.minimum(x, 8), np.log(x)]) == 2
    assert fit.refit(0, [x]) == 0
    assert fit.noise[0] < 1


def test_a_line_stays_as_it_is():
    random = np.random.default_rng(0)
    x = random.lognormal(0, 1, 400)
    fit = RoughFit([x], (3 * x + 0.1 * random.normal(size=400))[:, None], np.ones(400))
    assert fit.refit(0, [np.log(x), np.minimum(x, 4)]) == 0
