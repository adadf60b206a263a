"""`refine`: another number of intervals, the same function."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.errors import InputError, UnknownName
from edgewise.network import Network, build, mask_edges, refine, set_formula, update_grid
from edgewise.testing import check_quiet, check_same_function, state_bits
from edgewise.train import fit


def samples(rows=200, spread=1.0, seed=0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return spread * (2 * torch.rand(rows, 2, generator=generator, dtype=torch.float64) - 1)


def trained(**settings) -> tuple[Network, torch.Tensor, torch.Tensor]:
    x = samples(1000)
    y = torch.exp(torch.sin(torch.pi * x[:, :1]) + x[:, 1:] ** 2)
    model = build([2, 5, 1], dtype=torch.float64, **settings)
    update_grid(model, x)
    optimiser = torch.optim.LBFGS(model.parameters(), max_iter=60, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        loss = (model(x) - y).square().mean()
        loss.backward()
        return loss

    optimiser.step(closure)
    return model, x, y


@pytest.fixture(scope="module")
def fitted():
    return trained(grid=3)


def test_refine_3_to_6_to_12_to_96_changes_no_output_inside_or_outside(fitted):
    model, x, _ = fitted
    with torch.no_grad():
        for points in (x, samples(300, spread=3.0, seed=1)):
            finer, want = model, model(points)
            for grid in (6, 12, 96):
                cost = refine(finer, grid)
                finer = cost.model
                assert cost.max_residual == 0
                assert float((finer(points) - want).abs().max()) <= 1e-12 * max(1.0, float(want.abs().max()))
            assert finer.grid == (96, 96)


@pytest.mark.parametrize("extrapolation", ["constant", "linear", "periodic"])
@pytest.mark.parametrize("k", [0, 1, 2, 5])
def test_nested_refine_is_exact_for_every_degree_and_extrapolation(k, extrapolation):
    model = build([2, 3, 1], grid=3, k=k, extrapolation=extrapolation, dtype=torch.float64, init="paper")
    check_same_function(refine(model, 12).model, model, samples(spread=2.0), tol=1e-12)


def test_refine_5_to_12_reports_its_residual_and_does_not_raise_the_loss():
    model, x, y = trained(grid=5)
    cost = refine(model, 12, x)
    finer = cost.model
    with torch.no_grad():
        before, after = (float((m(x) - y).square().mean()) for m in (model, finer))
    assert after <= 1.01 * before
    assert 0 < cost.max_residual < 1e-2
    assert [residual.shape for residual in cost.residuals] == [(2, 5), (5, 1)]


def test_the_residual_is_the_change_of_each_edge(fitted):
    model, x, _ = fitted
    cost = refine(model, 4, x)
    finer = cost.model
    with torch.no_grad():
        change = finer.layers[0].edges(x) - model.layers[0].edges(x)
    torch.testing.assert_close(cost.residuals[0], change.square().mean(0).sqrt(), rtol=1e-6, atol=1e-12)


def test_a_masked_edge_costs_nothing(fitted):
    model = mask_edges(fitted[0], [(0, 1, 2)])
    assert float(refine(model, 4).residuals[0][1, 2]) == 0


def test_coarsening_reports_what_it_loses(fitted):
    cost = refine(refine(fitted[0], 12).model, 2, fitted[1])
    coarse = cost.model
    assert coarse.grid == (2, 2)
    assert cost.max_residual > 1e-3


def test_refine_is_independent_of_its_parent(fitted):
    model, x, y = fitted
    before = state_bits(model)
    child = check_quiet(lambda: refine(model, 6).model)
    optimiser = torch.optim.Adam(child.parameters(), lr=0.1)
    (child(x) - y).square().mean().backward()
    optimiser.step()
    assert state_bits(model) == before
    assert all(value.grad is None or child is not model for value in model.parameters())


def test_refine_needs_no_samples_and_no_earlier_forward():
    assert refine(build([2, 3, 1]), 7).model.grid == (7, 7)


@pytest.mark.parametrize("grid", [[6, 4], (6, 4), np.array([6, 4])], ids=str)
def test_refine_layer_by_layer(grid):
    cost = refine(build([2, 3, 1], grid=3, dtype=torch.float64, init="paper"), grid)
    finer = cost.model
    assert finer.grid == (6, 4)
    assert float(cost.residuals[0].max()) == 0 < float(cost.residuals[1].max())


def test_settings_formulas_masks_and_what_is_trained_survive_refine():
    model = build([2, 3, 1], grid_eps=0.4, extrapolation="constant", base="identity", affine_trainable=True)
    model = mask_edges(set_formula(model, (0, 0, 0), "sin"), [(0, 1, 1)])
    model.layers[0].basis.scale_base.requires_grad_(False)
    finer = refine(model.eval(), 9).model
    spline = finer.layers[0].basis
    assert (spline.grid_eps, spline.extrapolation, spline.base_name) == (0.4, "constant", "identity")
    assert not spline.scale_base.requires_grad
    assert finer.layers[0].nodes.node_scale.requires_grad
    assert not finer.layers[0].training
    assert (finer.edge_kind(0, 0, 0), finer.edge_kind(0, 1, 1)) == ("formula", "off")


@pytest.mark.parametrize("grid", [0, -1, None, "6", 2.5, [6], [6, 6, 6], [6, 0], True], ids=str)
def test_a_grid_that_is_no_grid_is_a_clear_error(grid):
    with pytest.raises(
        InputError, match="refine: grid must be a whole number of at least 1, or one for each"
    ):
        refine(build([2, 3, 1]), grid)


def test_samples_that_are_not_finite_are_refused_by_name():
    with pytest.raises(InputError, match=r"refine: x must be finite.*column x_2"):
        refine(build([2, 1]), 5, torch.tensor([[0.0, float("nan")]]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_refine_in_low_precision_stays_near(dtype):
    model = build([2, 3, 1], dtype=dtype)
    x = samples().to(dtype)
    tolerance = 1e-5 if dtype == torch.float32 else 0.03
    check_same_function(refine(model, 12).model, model, x, tol=tolerance)


def test_refine_with_samples_far_outside_the_grid_is_finite():
    model = build([2, 3, 1], grid=5, dtype=torch.float64, init="paper")
    x = samples(50)
    x[:, 1] = 1e6
    cost = refine(model, 12, x)
    finer = cost.model
    assert finer(x).isfinite().all()
    assert cost.max_residual < 0.1


def test_equidistributed_knots_follow_a_step():
    x = torch.linspace(-1, 1, 2000, dtype=torch.float64)[:, None]
    y = torch.tanh(40 * (x - 0.2))
    model = build([1, 1], grid=20, k=3, seed=0, dtype=torch.float64)
    fit(model, (x, y), steps=20)
    errors = {}
    for knots in ("nested", "equidistributed"):
        cost = refine(model, 40, x, knots=knots)
        finer = cost.model
        errors[knots] = fit(finer, (x, y), steps=20, update_grid=False).train_loss
    assert errors["equidistributed"] < 0.2 * errors["nested"]


def test_an_unknown_way_to_place_knots_is_refused():
    with pytest.raises(UnknownName, match="refine: knots must be one of equidistributed, nested"):
        refine(build([1, 1]), 4, knots="equidistribute")
