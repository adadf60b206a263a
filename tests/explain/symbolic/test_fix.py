"""`fix` makes an edge a formula that fits its curve; `unfix` brings the spline back."""

import pytest
import torch

from edgewise.errors import InputError, UnknownName
from edgewise.explain import fix, unfix
from edgewise.network import build, mask_edges, set_formula
from edgewise.network.grids import refine


def samples(count=300):
    generator = torch.Generator().manual_seed(0)
    return 2 * torch.rand(count, 2, generator=generator, dtype=torch.float64) - 1


def with_curve(curve, grid=20):
    """A network whose edge (0, 0, 0) has a given curve to spline accuracy."""
    model = build([2, 1], grid=grid, seed=2, dtype=torch.float64)
    x = torch.linspace(-1, 1, 500, dtype=torch.float64)[:, None]
    from edgewise.spline.refit import fit_coef

    spline = model.layers[0].basis
    with torch.no_grad():
        spline.scale_base[0, 0] = 0
        spline.coef[0, :, 0] = fit_coef(x, curve(x)[:, :, None], spline.knots[:1], spline.k).coef[0, :, 0]
    return model


def affine(model, edge):
    layer, i, j = edge
    return model.layers[layer].formula.get(i, j)[1].tolist()


@pytest.mark.parametrize("x", [None, samples()])
def test_constants_fit_the_curve(x):
    model = with_curve(lambda t: 2 * torch.sin(3 * t + 0.5) + 1)
    fixed = fix(model, (0, 0, 0), "sin", x)
    assert affine(fixed, (0, 0, 0)) == pytest.approx([3, 0.5, 2, 1], abs=1e-3)
    assert (fixed(samples()) - model(samples())).abs().max() < 1e-3
    assert model.edge_kind(0, 0, 0) == "spline"


def test_fix_before_any_forward():
    fixed = fix(build([2, 5, 1]), (1, 3, 0), "x^2")
    assert fixed.edge_kind(1, 3, 0) == "formula"
    assert fixed(torch.zeros(4, 2)).shape == (4, 1)


def test_constants_given_are_kept():
    model = with_curve(lambda t: 2 * torch.sin(3 * t + 0.5) + 1)
    assert affine(fix(model, (0, 0, 0), "exp", a=1, b=2, c=3, d=4), (0, 0, 0)) == [1, 2, 3, 4]
    inner = affine(fix(model, (0, 0, 0), "sin", samples(), a=3, b=0.5), (0, 0, 0))
    assert inner[:2] == [3, 0.5]
    assert inner[2:] == pytest.approx([2, 1], abs=1e-3)
    assert affine(fix(model, (0, 0, 0), "sin", samples(), d=7), (0, 0, 0))[3] == 7


def test_precision_of_constants_is_the_models():
    fixed = fix(build([1, 1], dtype=torch.float64), (0, 0, 0), "x", a=1, b=0, c=1 / 3, d=0)
    assert affine(fixed, (0, 0, 0))[2] == 1 / 3


def test_fix_on_a_masked_edge():
    model = mask_edges(build([2, 1], dtype=torch.float64), [(0, 0, 0)])
    assert affine(fix(model, (0, 0, 0), "exp", samples()), (0, 0, 0)) == [1, 0, 1, 0]


def test_fix_on_a_formula_edge_replaces_it():
    given = torch.tensor([1, 0, 2, 0], dtype=torch.float64)
    model = set_formula(build([2, 1], dtype=torch.float64), (0, 0, 0), "x", given)
    fixed = fix(model, (0, 0, 0), "sin", samples())
    assert fixed.layers[0].formula.names == ("sin",)
    assert fix(model, (0, 0, 0), "x^2").layers[0].formula.names == ("x^2",)


def test_constant_curve_takes_the_mean():
    model = with_curve(lambda t: 0 * t + 2.5)
    assert fix(model, (0, 0, 0), "log", samples())(samples()).isfinite().all()
    assert affine(fix(model, (0, 0, 0), "0", samples()), (0, 0, 0))[3] == pytest.approx(2.5)


def test_unfix_brings_the_spline_back():
    model = build([2, 5, 1], seed=4, dtype=torch.float64)
    back = unfix(fix(model, (0, 1, 2), "tanh", samples()), (0, 1, 2))
    assert back.edge_kind(0, 1, 2) == "spline"
    assert torch.equal(back(samples()), model(samples()))


def test_unfix_with_the_formulas_curve():
    model = refine(build([2, 1], seed=4, dtype=torch.float64), 20).model
    fixed = fix(model, (0, 0, 0), "sin", a=3, b=0, c=2, d=0)
    back = unfix(fixed, (0, 0, 0), curve=True)
    assert back.edge_kind(0, 0, 0) == "spline"
    assert (back(samples()) - fixed(samples())).abs().max() < 1e-3


def test_models_do_not_share_tensors():
    model = build([2, 1], dtype=torch.float64)
    fixed = fix(model, (0, 0, 0), "x", samples())
    with torch.no_grad():
        fixed.layers[0].basis.coef.fill_(7)
    assert not bool((model.layers[0].basis.coef == 7).any())


def test_unknown_function_is_refused_with_advice():
    with pytest.raises(UnknownName, match="sinh"):
        fix(build([1, 1]), (0, 0, 0), "sinhh")


def test_bad_edges():
    with pytest.raises(InputError, match="layer"):
        fix(build([2, 1]), (1, 0, 0), "x")
    with pytest.raises(InputError, match="formula edge"):
        unfix(build([2, 1]), (0, 0, 0))
