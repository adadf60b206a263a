"""Derivatives of networks and Jacobians of residuals against torch.func and finite differences."""

from __future__ import annotations

import pytest
import torch
from torch.func import functional_call, jacrev, vmap

from edgewise.errors import InputError, ShapeError
from edgewise.network import Scaler, build, mask_edges, set_formula
from edgewise.pde.residual.jets import NetworkJets

INDICES = [(0,), (0, 0), (0, 1), (1, 1), (0, 0, 0), (0, 0, 1)]


def plain():
    return build([2, 3, 1], grid=4, k=5, seed=1, dtype=torch.float64, base="zero")


def with_base():
    return build([2, 3, 2, 1], grid=3, k=5, seed=2, dtype=torch.float64)


def with_products():
    return build([2, (2, [2, 3]), (1, 1), 2], grid=3, k=5, seed=3, dtype=torch.float64, affine_trainable=True)


def with_formulas():
    model = build([2, 3, 1], grid=3, k=5, seed=4, dtype=torch.float64, affine_trainable=True)
    model = set_formula(model, (0, 0, 1), "sin", (1.3, 0.2, 0.7, -0.1))
    model = set_formula(model, (1, 1, 0), "exp", (0.5, 0.1, 0.6, 0.3))
    return mask_edges(model, [(0, 1, 2)])


def with_scalers():
    shift, scale = (
        torch.tensor([0.2, -0.1], dtype=torch.float64),
        torch.tensor([1.5, 0.7], dtype=torch.float64),
    )
    return build(
        [2, 3, 1],
        grid=4,
        k=5,
        seed=5,
        dtype=torch.float64,
        input_scaler=Scaler(shift, scale),
        output_scaler=Scaler(shift[:1], scale[:1]),
    )


MODELS = [plain, with_base, with_products, with_formulas, with_scalers]


def enlarged(model):
    """Weights large enough for every term to count."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                noise = torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype)
                parameter += 0.3 * noise
    return model


def points(batch=7):
    generator = torch.Generator().manual_seed(9)
    return 1.6 * torch.rand(batch, 2, generator=generator, dtype=torch.float64) - 0.8


def slope(lower, axis):
    return lambda parameters, x: jacrev(lower, 1)(parameters, x)[axis]


def derivative(model, index, output):
    """A derivative by nested torch.func, as a function of parameters and one point."""

    def of(parameters, x):
        return functional_call(model, parameters, (x[None],))[0, output]

    for axis in index:
        of = slope(of, axis)
    return of


@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize("index", INDICES)
def test_derivatives_are_those_of_torch_func(make, index):
    model, x = enlarged(make()), points()
    jets = NetworkJets(model, x, INDICES)
    for output in range(jets.values.shape[2]):
        expected = vmap(derivative(model, index, output), (None, 0))(dict(model.named_parameters()), x)
        torch.testing.assert_close(
            jets.values[jets.indices.index(index), :, output], expected.detach(), rtol=1e-9, atol=1e-9
        )


@pytest.mark.parametrize("make", MODELS)
def test_value_is_the_forward_pass(make):
    model, x = enlarged(make()), points()
    torch.testing.assert_close(NetworkJets(model, x, []).values[0], model(x).detach())


def test_derivatives_agree_with_central_differences():
    model, x, step = enlarged(plain()), points(), 1e-4
    jets = NetworkJets(model, x, [(0, 0, 0)])
    for order in (1, 2, 3):
        lower = []
        for sign in (1, -1):
            moved = x.clone()
            moved[:, 0] += sign * step
            lower.append(NetworkJets(model, moved, [(0,) * (order - 1)]).values[order - 1])
        difference = (lower[0] - lower[1]) / (2 * step)
        torch.testing.assert_close(jets.values[order], difference, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("make", MODELS)
def test_jacobian_is_that_of_torch_func(make):
    model, x = enlarged(make()), points(5)
    jets = NetworkJets(model, x, INDICES)
    generator = torch.Generator().manual_seed(3)
    slopes = torch.randn(jets.values.shape, generator=generator, dtype=torch.float64)
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    expected = torch.zeros(len(x), sum(p.numel() for p in trained.values()), dtype=torch.float64)
    for at, index in enumerate(jets.indices):
        for output in range(jets.values.shape[2]):
            rows = vmap(jacrev(derivative(model, index, output)), (None, 0))(trained, x)
            flat = torch.cat([row.reshape(len(x), -1) for row in rows.values()], 1)
            expected += slopes[at, :, output, None] * flat.detach()
    found = jets.jacobian(slopes)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-8)


def test_features_of_an_earlier_pass_give_the_same():
    model, x = plain(), points()
    first = NetworkJets(model, x, [(0, 0)])
    again = NetworkJets(model, x, [(0, 0)], features=first.first_features)
    torch.testing.assert_close(first.values, again.values, rtol=0, atol=0)


def test_one_point_and_none():
    assert NetworkJets(plain(), points(1), [(0,)]).values.shape == (2, 1, 1)
    empty = NetworkJets(plain(), points(0), [(0,)])
    assert empty.jacobian(empty.values).shape[0] == 0


def test_a_nan_stays_in_its_row():
    x = points(3)
    x[1, 0] = torch.nan
    values = NetworkJets(plain(), x, [(0, 0)]).values
    assert values[:, [0, 2]].isfinite().all()
    assert values[0, 1].isnan().all()


def test_a_column_that_is_not_read_has_derivative_zero():
    from edgewise.network import select_nodes

    model = select_nodes(plain(), [[1], [0, 1, 2], [0]])
    jets = NetworkJets(model, points(), [(0,), (1,)])
    assert (jets.values[1] == 0).all() and (jets.values[2] != 0).any()


def test_a_single_point_without_batch_is_refused():
    with pytest.raises(ShapeError, match="batch"):
        NetworkJets(plain(), torch.zeros(2, dtype=torch.float64), [])


def test_orders_above_four_are_refused():
    with pytest.raises(InputError, match="at most 4"):
        NetworkJets(plain(), points(), [(0,) * 5])
