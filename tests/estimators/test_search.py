from __future__ import annotations

import math
import threading

import pytest
import torch

from edgewise.errors import Cancelled
from edgewise.estimators.samples import Samples
from edgewise.estimators.search import search
from edgewise.estimators.settings import resolve
from edgewise.estimators.task import values_task
from edgewise.events import listen


def settings(count, **given):
    asked = {"hidden": "auto", "grid": "auto", "k": 3, "smoothness": "auto", "validation": "auto"}
    return resolve(count, **{**asked, "patience": 2, "steps": 4, "seed": 0, **given})


def problem(target, count=120):
    x = torch.rand(count, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 4 - 2
    y = target(x)
    weights = torch.ones(count, dtype=torch.float64)
    task = values_task(y, weights)
    return Samples(x, task.targets(y), weights), task


def noise(x):
    return 0.05 * torch.randn(len(x), 1, generator=torch.Generator().manual_seed(1), dtype=x.dtype)


def test_a_sum_of_curves_is_found_to_be_one():
    samples, task = problem(lambda x: x[:, :1] ** 2 + x[:, 1:].sin() + noise(x))
    found = search(samples, task, settings(len(samples)))
    assert not found.deep and found.model.depth == 1
    assert found.validation_loss == found.additive_validation_loss < 0.05


def test_a_product_gets_a_hidden_level():
    samples, task = problem(lambda x: x[:, :1] * x[:, 1:] + noise(x))
    found = search(samples, task, settings(len(samples), steps=12))
    assert found.deep and found.model.depth == 2
    assert found.validation_loss < 0.5 * found.additive_validation_loss


def test_what_is_asked_for_is_not_compared():
    samples, task = problem(lambda x: x[:, :1] + noise(x))
    assert search(samples, task, settings(len(samples), hidden=2)).model.width == (2, 3, 1)
    assert search(samples, task, settings(len(samples), hidden=0)).model.width == (2, 1)


def test_noisy_samples_get_more_smoothing_than_clean_ones():
    clean, task = problem(lambda x: (3 * x[:, :1]).sin())
    noisy, noisy_task = problem(lambda x: x[:, :1] + 40 * noise(x))
    found = search(clean, task, settings(len(clean), hidden=0))
    assert search(noisy, noisy_task, settings(len(noisy), hidden=0)).roughness.strength > (
        10 * found.roughness.strength
    )


def test_a_weight_of_roughness_that_is_given_is_used():
    samples, task = problem(lambda x: x[:, :1])
    found = search(samples, task, settings(len(samples), hidden=0, smoothness=0.25))
    assert found.roughness.strength == 0.25


def test_too_few_samples_to_set_aside_still_give_a_network():
    samples, task = problem(lambda x: x[:, :1], count=3)
    found = search(samples, task, settings(3, hidden=1))
    assert found.validation_loss is None or math.isnan(found.validation_loss)
    assert found.additive_validation_loss is None and found.model.depth == 2


def test_it_tells_what_it_does_and_can_be_cancelled():
    samples, task = problem(lambda x: x[:, :1], count=60)
    heard = []
    with listen(heard.append):
        search(samples, task, settings(60, hidden=1))
    texts = [event.text for event in heard if event.kind == "message"]
    assert texts == ["additive network, 60 samples", "hidden nodes (1,)", "training on all samples"]

    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled), listen(lambda event: None, cancel):
        search(samples, task, settings(60, hidden=0))
