"""Networks with products in another gauge come out as the product."""

import pytest
import torch

from edgewise.explain.edge_fit import fit_edge_
from edgewise.explain.symbolic import symbolify
from edgewise.explain.symbolic.bar import Bar, Sample
from edgewise.explain.symbolic.expression.formula import formula
from edgewise.explain.symbolic.noise import estimate_noise
from edgewise.explain.symbolic.product_gauge import in_simplest_gauge
from edgewise.network import build, mask_edges
from edgewise.train import fit

POINTS = torch.linspace(-1, 1, 200, dtype=torch.float64)


def samples(low, high, columns=2, count=250):
    generator = torch.Generator().manual_seed(0)
    return low + (high - low) * torch.rand(count, columns, generator=generator, dtype=torch.float64)


def network(width, curves, ranges, arity=2):
    """Splines of these curves on these ranges of the inputs of each layer; every other edge is off."""
    model = build(width, grid=5, dtype=torch.float64, mult_arity=arity)
    model = mask_edges(model, list(model.active_edges()))
    for layer, (low, high) in zip(model.layers, ranges, strict=True):
        layer.basis.knots.copy_((low + high) / 2 + (high - low) / 2 * layer.basis.knots)
    for (l, i, j), curve in curves.items():
        low, high = ranges[l]
        h = (low + high) / 2 + (high - low) / 2 * POINTS
        model.layers[l].basis.mask[i, j] = 1.0
        fit_edge_(model.layers[l].basis, i, j, h[:, None], curve(h))
    return model


def bar_of(model, x, y):
    return Bar(model, Sample(x, y), None, estimate_noise(model, x, y), None, True)


def as_is(h):
    return h


@pytest.mark.parametrize("power", [0.4, 2.0, 3.0])
def test_powers_of_the_factors_under_a_root_are_the_factors(power):
    x = samples(1, 3)
    ends = sorted((1.0, 9.0**power))
    curves = {
        (0, 0, 0): lambda h: h**power,
        (0, 1, 1): lambda h: h**power,
        (1, 0, 0): lambda h: h.abs() ** (1 / power),
    }
    model = network([2, (0, 1), 1], curves, [(1, 3), (ends[0], ends[1])])
    y = x[:, :1] * x[:, 1:]
    new, bar = in_simplest_gauge(model, bar_of(model, x, y))
    assert bar.unexplained(new) < 0.1 * bar.unexplained(model)
    found = formula(symbolify(model, (x, y)).model, (x, y))
    assert str(found.expr) == "x_1*x_2"
    assert found.verdict == "exact"


def test_shifted_factors_beside_sums_are_the_product():
    x = samples(-1, 1)
    curves = {
        (0, 0, 2): lambda h: h + 1,
        (0, 1, 3): lambda h: h - 2,
        (0, 0, 0): lambda h: 2 * h,
        (0, 1, 1): lambda h: -h,
        (1, 0, 0): as_is,
        (1, 1, 0): as_is,
        (1, 2, 0): as_is,
    }
    model = network([2, (2, 1), 1], curves, [(-1, 1), (-6, 6)])
    y = x[:, :1] * x[:, 1:]
    assert str(formula(symbolify(model, (x, y)).model, (x, y)).expr) == "x_1*x_2"


def test_a_factor_that_is_a_sum_stays_one():
    x = samples(0.5, 2, 3)
    curves = {(0, 0, 0): as_is, (0, 1, 0): as_is, (0, 2, 1): as_is, (1, 0, 0): as_is}
    model = network([3, (0, 1), 1], curves, [(0.5, 2), (0, 9)])
    y = (x[:, :1] + x[:, 1:2]) * x[:, 2:]
    new, _ = in_simplest_gauge(model, bar_of(model, x, y))
    assert len(list(new.active_edges())) == 4
    found = formula(symbolify(model, (x, y)).model, (x, y)).expr
    assert str(found.factor()) == "x_3*(x_1 + x_2)"


def test_a_curve_out_of_a_product_that_matters_stays():
    x = samples(-1, 1)
    curves = {(0, 0, 0): as_is, (0, 1, 1): as_is, (1, 0, 0): lambda h: torch.sin(3 * h)}
    model = network([2, (0, 1), 1], curves, [(-1, 1), (-1, 1)])
    y = torch.sin(3 * x[:, :1] * x[:, 1:])
    assert str(formula(symbolify(model, (x, y)).model, (x, y)).expr) == "sin(3*x_1*x_2)"


def test_networks_without_products_and_large_ones_stay_as_they_are():
    x = samples(-1, 1)
    for width in ([2, 3, 1], [2, (9, 9), 1]):
        model = build(width, dtype=torch.float64)
        bar = bar_of(model, x, x[:, :1])
        assert in_simplest_gauge(model, bar) == (model, bar)


def test_a_term_that_matters_is_not_dropped_for_noise():
    x = samples(-1, 1, count=800)
    noise = 0.02 * torch.randn(800, 1, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    y = x[:, :1] * x[:, 1:] + 0.1 * x[:, :1] + noise
    curves = {(0, 0, 1): as_is, (0, 1, 2): as_is, (0, 0, 0): as_is, (1, 0, 0): as_is, (1, 1, 0): as_is}
    model = network([2, (1, 1), 1], curves, [(-1, 1), (-1.2, 1.2)])
    fit(model, (x, y), steps=10, progress=False)
    symbolic = symbolify(model, (x, y)).model
    wanted = x[:, :1] * x[:, 1:] + 0.1 * x[:, :1]
    assert (symbolic(x) - wanted).square().mean().sqrt() < 0.005
    assert formula(symbolic, (x, y)).verdict == "within noise"
