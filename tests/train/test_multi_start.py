"""Several starts: the best is at least as good as the model's own, and the model is left alone."""

from __future__ import annotations

import torch

from edgewise.network import build
from edgewise.optim import LevenbergMarquardt
from edgewise.train.multi_start import init_candidate, multi_start, reinitialised, run_candidate


def test_starts_are_seeded_and_differ() -> None:
    model = build([2, 3, 1])
    first, second, again = (
        reinitialised(model, torch.Generator().manual_seed(seed)).layers[0].basis.coef for seed in (1, 2, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, second)


def test_the_best_start_is_no_worse_than_the_own() -> None:
    generator = torch.Generator().manual_seed(0)
    x = 2 * torch.rand(200, 2, generator=generator, dtype=torch.float64) - 1
    y = torch.exp(torch.sin(torch.pi * x[:, [0]]) + x[:, [1]] ** 2)
    model, solver = build([2, 1, 1], grid=3, dtype=torch.float64), LevenbergMarquardt()
    kept = model.layers[0].basis.coef.clone()
    best = multi_start(model, x, y, None, solver, n_starts=4, steps=8, roughness_weight=1e-8, seed=0)
    assert torch.equal(model.layers[0].basis.coef, kept)
    own = init_candidate(model, x, y, None, solver, 1e-8)
    run_candidate(own, 8, x=x, plateau_tol=0.0)
    assert float((best(x) - y).detach().square().mean()) <= own.loss * (1 + 1e-9)
