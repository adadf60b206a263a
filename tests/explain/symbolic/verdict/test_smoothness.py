"""Errors that are alike at neighbours are told from noise."""

from __future__ import annotations

import pytest
import torch

from edgewise.explain.symbolic.verdict.smoothness import are_alike, nearest_pairs


def generator():
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize("columns", [1, 2])
def test_misfit_is_alike_and_noise_is_not(columns):
    x = torch.rand(500, columns, dtype=torch.float64, generator=generator())
    noise = torch.randn(500, dtype=torch.float64, generator=generator().manual_seed(1))
    misfit, pairs = torch.sin(7 * x).sum(1) - torch.sin(7 * x).sum(1).mean(), nearest_pairs(x)
    assert are_alike(misfit, pairs) and are_alike(misfit + 0.3 * noise, pairs)
    assert not are_alike(noise, pairs) and not are_alike(0.3 * misfit + noise, pairs)


def test_a_peak_does_not_hide_it():
    x = torch.linspace(0, 1, 300, dtype=torch.float64)[:, None]
    errors = torch.cos(5 * x[:, 0])
    errors[0] = 1e6
    assert are_alike(errors, nearest_pairs(x))


def test_few_samples_and_equal_samples_tell_nothing():
    x = torch.linspace(0, 1, 10)[:, None]
    assert not are_alike(x[:, 0], nearest_pairs(x))
    assert not len(nearest_pairs(torch.ones(50, 2))) and not len(nearest_pairs(torch.ones(1, 2)))


def test_pairs_come_once():
    pairs = nearest_pairs(torch.rand(2500, 2, generator=generator()))
    assert len(torch.unique(pairs, dim=0)) == len(pairs) <= 1000 and bool((pairs[:, 0] < pairs[:, 1]).all())
