"""Binning keeps sums and linear functions; its points reach close to the ends."""

import torch

from edgewise.explain.symbolic.edge_search.bins import bin_samples, uneven_points


def test_weights_and_first_moments_are_kept():
    generator = torch.Generator().manual_seed(0)
    u = (2 * torch.rand(3, 400, generator=generator, dtype=torch.float64) - 1).sort(1).values
    u[:, 0], u[:, -1] = -1.0, 1.0
    v = torch.randn(3, 400, generator=generator, dtype=torch.float64)
    bins = bin_samples(u, v, uneven_points())
    one = torch.ones(3, dtype=torch.float64)
    assert torch.allclose(bins.weight.sum(1), one)
    assert torch.allclose(bins.weight @ bins.points, u.mean(1))
    assert torch.allclose(bins.total.sum(1), v.mean(1))
    assert torch.allclose(bins.total @ bins.points, (u * v).mean(1))
    assert bool((bins.weight >= 0).all())


def test_points_are_closer_next_to_the_ends():
    points = uneven_points()
    gaps = points.diff()
    assert (points[0], points[-1]) == (-1, 1)
    assert float(gaps.min()) > 0
    assert float(gaps[0]) < 2e-6
    assert float(gaps[-1]) < 2e-6
    assert float(gaps.max()) < 0.02
