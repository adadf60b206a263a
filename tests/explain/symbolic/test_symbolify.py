"""`symbolify`: networks whose splines follow known functions come back as these functions, exactly."""

import math
import threading

import numpy as np
import pytest
import sympy
import torch

from edgewise.errors import Cancelled, InputError, NotAFormula, ShapeError, UnknownName
from edgewise.events import listen
from edgewise.explain import formula, symbolify, unfix
from edgewise.functions import LIBRARY, make_function
from edgewise.network import build, mask_edges, set_formula
from edgewise.network.grids import update_grid
from edgewise.train import fit

SMALL = ["x", "x^2", "x^3", "exp", "log", "sqrt", "sin", "tanh", "1/x", "gaussian"]


def samples(columns=2, count=400, low=-1.0, high=1.0):
    generator = torch.Generator().manual_seed(0)
    return low + (high - low) * torch.rand(count, columns, generator=generator, dtype=torch.float64)


def symbolic(width, edges, x, grid=10, **settings):
    """A network of formulas, and the same network with splines that follow them."""
    model = build(width, grid=grid, dtype=torch.float64, **settings)
    model = mask_edges(model, list(model.active_edges()))
    for edge, (name, *affine) in edges.items():
        model = set_formula(model, edge, name, torch.tensor(affine, dtype=torch.float64))
    update_grid(model, x)
    numeric = model
    for edge in edges:
        numeric = unfix(numeric, edge, curve=True)
    return model, numeric


HELLO = {
    (0, 0, 0): ("sin", math.pi, 0, 0.7, 0.1),
    (0, 1, 0): ("x^2", 1, 0, 0.7, 0.3),
    (1, 0, 0): ("exp", 1 / 0.7, -0.4 / 0.7, 1, 0),
}


def rmse(model, x, y):
    with torch.no_grad():
        return float((model(x) - y).square().mean().sqrt())


@pytest.mark.parametrize("grid", [5, 10])
def test_hello_world_is_found_to_rounding(grid):
    x = samples()
    truth, numeric = symbolic([2, 1, 1], HELLO, x, grid)
    y = truth(x).detach()
    assert rmse(numeric, x, y) > 1e-4
    new = symbolify(numeric, (x, y), functions=SMALL).model
    assert rmse(new, x, y) <= 1e-12
    expr = formula(new, x).expr
    assert sympy.simplify(expr - sympy.sympify("exp(x_2**2 + sin(pi*x_1))")) == 0


def test_the_model_is_left_as_it_was(no_side_effects):
    x = samples()
    truth, numeric = symbolic([2, 1, 1], HELLO, x, 5)
    before = {name: value.clone() for name, value in numeric.state_dict().items()}
    symbolify(numeric, (x, truth(x)), functions=SMALL)
    assert all(torch.equal(value, before[name]) for name, value in numeric.state_dict().items())


def test_products_masks_and_several_outputs():
    edges = {
        (0, 0, 0): ("exp", 0.5, 0, 1, 0),
        (0, 0, 1): ("x", 1, 0, 1, 0.2),
        (0, 1, 2): ("tanh", 2, 0, 1, 0.1),
        (1, 0, 0): ("x^2", 1, 0, 1, 0),
        (1, 1, 0): ("x", 1, 0, 1, 0),
        (1, 1, 1): ("sin", 2, 0, 1, 0),
    }
    x = samples()
    truth, numeric = symbolic([2, (1, 1), 2], edges, x)
    y = truth(x).detach()
    new = symbolify(numeric, (x, y), functions=SMALL).model
    assert rmse(new, x, y) <= 1e-11
    assert set(new.active_edges()) == set(edges)
    assert formula(new, x).model_error <= 1e-10
    assert formula(new, (x, y)).verdict == "exact"


def test_without_labels_the_outputs_are_the_target():
    x = samples()
    _, numeric = symbolic([2, 1, 1], HELLO, x, 20)
    new = symbolify(numeric, x, functions=SMALL).model
    assert all(new.edge_kind(*edge) == "formula" for edge in new.active_edges())
    assert rmse(new, x, numeric(x).detach()) < 1e-3


@pytest.mark.parametrize("labels", [torch.zeros(400, dtype=torch.long), torch.zeros(400, 3)])
def test_labels_of_another_kind_are_not_targets(labels):
    x = samples()
    _, numeric = symbolic([2, 1, 1], HELLO, x, 20)
    new = symbolify(numeric, (x, labels), functions=SMALL).model
    assert rmse(new, x, numeric(x).detach()) < 1e-3


def test_data_as_dict_arrays_and_vector_labels():
    x = samples()
    truth, numeric = symbolic([2, 1, 1], HELLO, x, 5)
    y = truth(x).detach()
    for data in ({"train_input": x, "train_label": y}, (x.numpy(), y[:, 0].numpy()), [x, y]):
        assert rmse(symbolify(numeric, data, functions=SMALL).model, x, y) <= 1e-11


def test_a_spline_stays_where_no_function_earns_its_place():
    x = samples(1)
    model = build([1, 1], grid=20, dtype=torch.float64)
    with torch.no_grad():
        generator = torch.Generator().manual_seed(3)
        model.layers[0].basis.coef.copy_(torch.randn(1, 23, 1, generator=generator, dtype=torch.float64))
    new = symbolify(model, x, functions=SMALL).model
    assert new.edge_kind(0, 0, 0) == "spline"
    assert torch.equal(new(x), model(x))


def test_formula_edges_keep_their_function_and_are_refitted():
    x = samples()
    truth, numeric = symbolic([2, 1, 1], HELLO, x)
    y = truth(x).detach()
    started = set_formula(
        numeric, (0, 0, 0), "sin", torch.tensor([3.1, 0.02, 0.72, 0.1], dtype=torch.float64)
    )
    new = symbolify(started, (x, y), functions=SMALL).model
    assert new.layers[0].formula.get(0, 0)[0].name == "sin"
    assert rmse(new, x, y) <= 1e-11


def test_a_wrong_first_choice_is_put_right():
    x = samples(2, low=0.2, high=1.5)
    edges = {(0, 0, 0): ("log", 1, 0, 1, 0), (0, 1, 0): ("log", 1, 0, 2, 0), (1, 0, 0): ("exp", 1, 0, 1, 0)}
    truth, numeric = symbolic([2, 1, 1], edges, x, 4)
    y = truth(x).detach()
    new = symbolify(numeric, (x, y), functions=SMALL).model
    assert rmse(new, x, y) <= 1e-11
    assert sympy.simplify(formula(new, x).expr - sympy.sympify("x_1*x_2**2")) == 0


def test_noise_in_labels_averages_out():
    x = samples(count=1000)
    truth, numeric = symbolic([2, 1, 1], HELLO, x)
    generator = torch.Generator().manual_seed(1)
    y = truth(x).detach()
    noisy = y + 0.05 * torch.randn(y.shape, generator=generator, dtype=torch.float64)
    new = symbolify(numeric, (x, noisy), functions=SMALL).model
    assert new.layers[0].formula.names in (("sin", "x^2"), ("x^2", "sin"))
    assert rmse(new, x, y) < 0.01
    found = formula(new, x, tolerance=0.01).expr  # at 0.05 nothing but 1 is simple enough to be seen
    assert found.atoms(sympy.sin) == {sympy.sympify("sin(pi*x_1)")}


def test_user_functions_are_chosen():
    x = samples(1)
    wave = make_function("wave", lambda t: torch.sin(t) + 0.5 * torch.sin(3 * t), complexity=2)
    _, numeric = symbolic([1, 1], {(0, 0, 0): ("x", 1, 0, 1, 0)}, x, 40)
    numeric = set_formula(numeric, (0, 0, 0), wave, torch.tensor([3, 0.2, 2, 1], dtype=torch.float64))
    y = numeric(x).detach()
    new = symbolify(unfix(numeric, (0, 0, 0), curve=True), (x, y), functions=[*LIBRARY.values(), wave]).model
    assert new.layers[0].formula.names == ("wave",)
    assert rmse(new, x, y) <= 1e-11


def test_refit_can_be_left_out():
    x = samples()
    truth, numeric = symbolic([2, 1, 1], HELLO, x)
    new = symbolify(numeric, (x, truth(x).detach()), functions=SMALL, refit=False).model
    assert 1e-8 < rmse(new, x, truth(x).detach()) < 1e-2


def test_dtype_and_training_mode_are_kept():
    x = samples()
    truth, numeric = symbolic([2, 1, 1], HELLO, x)
    y = truth(x).detach()
    new = symbolify(numeric.float().eval(), (x.float(), y.float()), functions=SMALL).model
    assert new.layers[0].formula.affine.dtype == torch.float32
    assert not new.training
    assert rmse(new, x.float(), y.float()) < 1e-5
    expr = formula(new, x).expr
    assert sympy.simplify(expr - sympy.sympify("exp(x_2**2 + sin(pi*x_1))")) == 0


def test_a_fully_symbolic_network_is_only_refitted():
    x = samples()
    truth, _ = symbolic([2, 1, 1], HELLO, x)
    y = 1.1 * truth(x).detach() + 0.3
    assert rmse(symbolify(truth, (x, y)).model, x, y) <= 1e-11


def test_arguments_of_functions_stay_in_their_domains():
    x = samples(1, low=0.05, high=2.0)
    model = build([1, 1], grid=5, dtype=torch.float64)
    update_grid(model, x)
    model = set_formula(model, (0, 0, 0), "log", torch.tensor([1, 0, 1, 0], dtype=torch.float64))
    y = torch.where(x < 0.1, -9.0, torch.log(x))
    new = symbolify(
        unfix(model, (0, 0, 0), curve=True), (x, y), functions=["log", "sqrt", "1/x"], r2=0.5
    ).model
    assert np.isfinite(formula(new, x).error)


def test_one_sample_and_constant_labels():
    x = samples()
    model = build([2, 1], dtype=torch.float64)
    assert symbolify(model, (x[:1], torch.ones(1, 1))).model.width == (2, 1)
    assert torch.isfinite(symbolify(model, (x, torch.ones(400, 1).double()), functions=SMALL).model(x)).all()


def test_bad_input_is_refused():
    x = samples()
    model = build([2, 1], dtype=torch.float64)
    with pytest.raises(InputError, match="r2 must be between"):
        symbolify(model, x, r2=2)
    with pytest.raises(UnknownName, match="sinh"):
        symbolify(model, x, functions=["sinhh"])
    with pytest.raises(ShapeError, match="must have 2 columns"):
        symbolify(model, x[:, :1])
    with pytest.raises(InputError, match="x must be finite"):
        symbolify(model, x * float("nan"))
    with pytest.raises(InputError, match="y must be finite"):
        symbolify(model, (x, x[:, :1] * float("inf")))
    with pytest.raises(InputError, match="train_input"):
        symbolify(model, {"x": x})


def test_the_result_says_what_each_edge_became():
    x = samples()
    _, numeric = symbolic([2, 1, 1], HELLO, x, 5)
    found = symbolify(numeric, x, functions=SMALL)
    kinds = {edge: found.model.edge_kind(*edge) for edge in found.model.active_edges()}
    assert set(found.formulas) == {edge for edge, kind in kinds.items() if kind == "formula"}
    assert set(found.splines) == {edge for edge, kind in kinds.items() if kind == "spline"}
    with torch.no_grad():
        gap, target = found.model(x) - numeric(x), numeric(x)
    share = (gap.square().mean(0) / target.var(0, correction=0)).mean()
    assert found.unexplained == pytest.approx(float(share), rel=1e-6, abs=1e-20)
    assert found.unexplained_before == 0
    assert str(found).startswith(f"{len(found.formulas)} formula edges")


def test_it_tells_how_far_it_is_and_can_be_cancelled():
    x = samples()
    truth, numeric = symbolic([2, 1, 1], HELLO, x, 5)
    data = (x, truth(x) + 0.05 * torch.randn(400, 1, generator=torch.Generator().manual_seed(0)))
    heard, cancel = [], threading.Event()
    with listen(heard.append):
        symbolify(numeric, data, functions=SMALL, max_trials=3)
    steps = [event for event in heard if event.kind == "step"]
    assert [(event.verb, event.step, event.total) for event in steps] == [
        ("symbolify", n, 3) for n in (1, 2, 3)
    ]
    cancel.set()
    with listen(heard.append, cancel), pytest.raises(Cancelled, match="symbolify: cancelled"):
        symbolify(numeric, data, functions=SMALL, max_trials=3)


def fitted(function, low, high, *, noise=0.0, grid=5, count=400):
    """A spline fitted to a curve, with its samples."""
    x = torch.linspace(low, high, count, dtype=torch.float64)[:, None]
    y = function(x)
    error = torch.randn(count, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    y = y + noise * float(y.std()) * error
    model = build([1, 1], grid=grid, seed=0, dtype=torch.float64)
    fit(model, (x, y), steps=40, progress=False)
    return model, x, y


LAWS = {
    "x**3 + x**2 + x": (lambda x: x**3 + x**2 + x, -2, 2),
    "x**3 - 2*x": (lambda x: x**3 - 2 * x, -2, 2),
    "x**4 - 2*x**2 + x": (lambda x: x**4 - 2 * x**2 + x, -2, 2),
    "x**4 - x**2": (lambda x: x**4 - x**2, -1.5, 1.5),
    "x**(3/5)": (lambda x: x**0.6, 0, 4),
    "3*x**(13/10) - 2": (lambda x: 3 * x**1.3 - 2, 0.5, 4),
    "x**(-7/10)": (lambda x: x**-0.7, 0.3, 4),
    "x**(2/3)": (lambda x: x ** (2 / 3), 0.3, 8),
    "1/(x**2 + 1)": (lambda x: 1 / (1 + x**2), -3, 3),
    "1 - 1/(x + 1)": (lambda x: x / (1 + x), 0, 5),
    "1 - 1/(x + 2)": (lambda x: (x + 1) / (x + 2), 0, 5),
    "x**2": (lambda x: x**2, -1, 1),
    "sqrt(x)": (torch.sqrt, 0, 3),
    "sin(3*x)": (lambda x: torch.sin(3 * x), -1, 1),
}


@pytest.mark.parametrize("law", LAWS)
def test_polynomials_powers_and_rational_laws_come_out_as_themselves(law):
    model, x, y = fitted(*LAWS[law])
    found = symbolify(model, (x, y))
    assert rmse(found.model, x, y) < 1e-12
    t = sympy.Symbol("x", positive=LAWS[law][1] >= 0, real=True)
    expr = formula(found.model, x, names=["x"]).expr.subs("x", t)
    assert sympy.simplify(expr - sympy.sympify(law, {"x": t})) == 0


OUTSIDE = {
    "sine and cosine": (lambda x: torch.sin(x) + 0.3 * torch.cos(2 * x), 0, 6.28),
    "parabola and sine": (lambda x: x**2 + torch.sin(3 * x), -2, 2),
    "decay": (lambda x: x * torch.exp(-x), 0, 4),
    "Bessel": (torch.special.bessel_j0, 0, 8),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_good_spline_is_not_traded_for_a_worse_formula(name):
    model, x, y = fitted(*OUTSIDE[name])
    found = symbolify(model, (x, y))
    assert found.splines == ((0, 0, 0),)
    assert rmse(found.model, x, y) == rmse(model, x, y)
    assert "1 stays a spline: no function is as good" in str(found)
    with pytest.raises(NotAFormula):
        formula(found.model, x)
    rough = symbolify(model, (x, y), r2=0.5)
    assert not rough.splines
    assert rmse(rough.model, x, y) > rmse(model, x, y)


@pytest.mark.parametrize("name", OUTSIDE)
def test_noise_that_is_given_excuses_what_it_hides(name):
    model, x, y = fitted(*OUTSIDE[name])
    spread = float(y.std())
    assert symbolify(model, (x, y), noise=1e-9 * spread).splines
    assert not symbolify(model, (x, y), noise=10 * spread).splines


@pytest.mark.parametrize("noise", [0.02, 0.2])
@pytest.mark.parametrize("law", ["x**2", "sin(3*x)", "1/(x**2 + 1)", "x**3 - 2*x", "sqrt(x)"])
def test_laws_are_found_under_noise(law, noise):
    model, x, y = fitted(*LAWS[law], noise=noise)
    found = symbolify(model, (x, y))
    assert not found.splines
    assert found.noise[0] == pytest.approx(noise * float(LAWS[law][0](x).std()), rel=0.15)
    assert rmse(found.model, x, LAWS[law][0](x)) < found.noise[0] / 3


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("noise", [0.01, 0.1, 0.5])
def test_a_noisy_line_is_a_line(scale, noise):
    model, x, y = fitted(lambda x: 3 * x + 5, -1, 1, noise=noise, grid=10)
    with torch.no_grad():
        model.layers[-1].nodes.node_scale *= scale
        model.layers[-1].nodes.node_bias *= scale
    assert symbolify(model, (x, scale * y)).formulas == {(0, 0, 0): "x"}


def test_sines_between_the_points_of_a_lattice_are_refused():
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(0, 12, (400, 1), generator=generator).double()
    y = 2 * x + torch.randn(400, 1, generator=generator, dtype=torch.float64)
    model = build([1, 1], grid=5, seed=0, dtype=torch.float64)
    update_grid(model, x)
    fit(model, (x, y), steps=20, progress=False)
    assert symbolify(model, (x, y)).formulas == {(0, 0, 0): "x"}
    assert symbolify(model, (x, y), functions=["sin"]).formulas.get((0, 0, 0), "sin") == "sin"
    new = symbolify(model, (x, y), functions=["sin"]).model
    found = new.layers[0].formula.get(0, 0)
    assert found is None or abs(float(found[1][0])) < 1


def test_held_out_samples_of_the_data_count():
    model, x, y = fitted(LAWS["sin(3*x)"][0], -1, 1, noise=0.1)
    error = torch.randn(400, 1, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    fresh = torch.sin(3 * x) + 0.1 * float(y.std()) * error
    data = {"train_input": x, "train_label": y, "test_input": x, "test_label": fresh}
    assert symbolify(model, data).formulas == {(0, 0, 0): "sin"}
    # Held-out samples that the splines foresee and the sine does not.
    with torch.no_grad():
        other = {**data, "test_label": model(x) + 0.02 * torch.cos(40 * x)}
    assert symbolify(model, other).splines == ((0, 0, 0),)


@pytest.mark.parametrize("noise", [-1.0, [0.1, 0.2]])
def test_noise_must_be_a_deviation_for_each_output(noise):
    model = build([1, 1])
    with pytest.raises(InputError, match="noise must be one standard deviation"):
        symbolify(model, (torch.rand(9, 1), torch.rand(9, 1)), noise=noise)


def test_constants_are_fitted_to_all_of_many_samples(monkeypatch):
    generator = torch.Generator().manual_seed(0)
    x = 2 * torch.rand(2000, 1, generator=generator, dtype=torch.float64)
    y = 3 * torch.sqrt(x + 0.5) + 0.1 * torch.randn(2000, 1, generator=generator, dtype=torch.float64)
    model = build([1, 1], grid=5, seed=0, dtype=torch.float64)
    fit(model, (x, y), steps=20, progress=False)
    alone = symbolify(model, (x, y), functions=["sqrt"]).model(x)
    monkeypatch.setattr("edgewise.explain.symbolic.bar._MOST_ROWS", 200)
    found = symbolify(model, (x, y), functions=["sqrt"])
    assert not found.splines
    torch.testing.assert_close(found.model(x), alone, rtol=0, atol=1e-4)
