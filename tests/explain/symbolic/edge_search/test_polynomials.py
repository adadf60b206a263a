"""Polynomials fitted to edges are the least-squares ones, on any range."""

import numpy as np
import pytest
import torch

from edgewise.explain.symbolic.edge_search.polynomials import polynomial_fits
from edgewise.explain.symbolic.edge_search.samples import standardise


def values(candidate, x):
    a, b, c, d = candidate.affine
    return c * candidate.function.fn(a * x + b) + d


@pytest.mark.parametrize(("low", "high"), [(-2, 2), (0, 1e-3), (5, 6), (1950, 2020), (-1e6, 1e6)])
def test_cubics_and_quartics_are_exact_on_every_range(low, high):
    x = torch.linspace(low, high, 200, dtype=torch.float64)[:, None]
    t = 2 * (x - low) / (high - low) - 1
    y = torch.cat([t**3 - t**2 + 0.5 * t, 2 + t**4 - 0.7 * t**2 + t], 1)
    for fits, curve, degree in zip(
        polynomial_fits(standardise(x.expand(-1, 2), y, 2000)), y.T, (3, 4), strict=True
    ):
        best = min(fits, key=lambda one: one.unexplained)
        assert len(best.function.numbers) + 1 >= degree
        torch.testing.assert_close(values(best, x[:, 0]), curve, atol=1e-6, rtol=0)


def test_they_are_numpys_least_squares():
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(100, 1, generator=generator, dtype=torch.float64)
    y = torch.exp(2 * x) + 0.1 * torch.randn(100, 1, generator=generator, dtype=torch.float64)
    for fit, degree in zip(polynomial_fits(standardise(x, y, 2000))[0], (3, 4), strict=True):
        wanted = np.polynomial.Polynomial.fit(x[:, 0].numpy(), y[:, 0].numpy(), degree)
        np.testing.assert_allclose(values(fit, x[:, 0]), wanted(x[:, 0].numpy()), rtol=1e-6)
        left = np.mean((wanted(x[:, 0].numpy()) - y[:, 0].numpy()) ** 2) / y.var(correction=0).item()
        assert fit.unexplained == pytest.approx(left, rel=1e-6)


def test_few_levels_and_lower_degrees_give_none():
    x = torch.arange(5, dtype=torch.float64).repeat(10)[:, None]
    assert polynomial_fits(standardise(x, x**3, 2000)) == [[]]
    x = torch.linspace(-1, 1, 50, dtype=torch.float64)[:, None]
    assert polynomial_fits(standardise(x, 3 * x**2 + x, 2000)) == [[]]
    assert polynomial_fits(standardise(x, torch.ones_like(x), 2000)) == [[]]
