"""The four words, each where it is due and nowhere else."""

from __future__ import annotations

import math

import pytest
import torch

from edgewise import KAN, Scaler, formula
from edgewise.explain.symbolic.verdict import judge_network
from edgewise.network import build, mask_edges, select_nodes, set_formula, set_formulas, stand_for

DOUBLE = torch.float64


def fitted(x, y, width=(1, 1), grid=5, steps=40, **settings):
    model = KAN(list(width), grid=grid, seed=0, dtype=x.dtype, **settings)
    model.fit((x, y), steps=steps)
    return model


def line(low, high, count=400, dtype=DOUBLE):
    return torch.linspace(low, high, count, dtype=dtype)[:, None]


def generator():
    return torch.Generator().manual_seed(0)


def forced(x, y, function, **settings):
    return fitted(x, y, **settings).fix((0, 0, 0), function).symbolify(functions=[function]).formula()


def test_the_wave_that_was_called_exact():
    """sin x + 0.3 cos 2x comes out as a bump with r2 = 1 and error = 0."""
    x = line(0, 6.28)
    found = forced(x, torch.sin(x) + 0.3 * torch.cos(2 * x), "gaussian")
    assert found.verdict == "approximation"
    assert found.loss_ratio == pytest.approx(2.6, abs=0.1)
    assert found.train_rmse == pytest.approx(0.072, abs=0.001)
    assert 0.3 < found.error < 0.5 and 0.98 < found.r2 < 0.995
    assert found.model_error < 1e-12
    assert "2.6 times that of the splines it replaced (0.028)" in str(found)


@pytest.mark.parametrize(
    ("law", "low", "high", "function"),
    [
        (lambda x: x**3 + x**2 + x, -1, 1, "sinh"),
        (lambda x: x**0.6, 0.0, 1, "arcsin"),
        (lambda x: (1 + x) / (1 + x**2), -1, 2, "gaussian"),
        (lambda x: torch.special.bessel_j0(x), 0, 6, "sinc"),
        (lambda x: torch.exp(x) + x, 0, 1, "exp"),
        (lambda x: torch.special.gammaln(x), 1.5, 4, "x^2"),
    ],
)
def test_functions_outside_the_library_are_not_exact(law, low, high, function):
    x = line(low, high)
    found = forced(x, law(x), function, grid=10)
    assert found.verdict == "approximation", found
    assert found.error > 1e-5


@pytest.mark.parametrize(
    ("law", "low", "high", "function"),
    [
        (lambda x: torch.sin(3 * x) + 1, -1, 2, "sin"),
        (lambda x: 2 * x + 5, -1, 2, "x"),
        (lambda x: 0.37 * (x + 0.2) ** 3, -1, 2, "x^3"),
        (lambda x: torch.exp(-1.7 * x), 0, 3, "exp"),
        (lambda x: torch.log(x + 0.5), 0, 3, "log"),
        (lambda x: torch.sqrt(x), 0.1, 3, "sqrt"),
        (lambda x: 3 / x, 0.5, 2, "1/x"),
        (lambda x: 1e9 * torch.tanh(2 * x), -2, 2, "tanh"),
        (lambda x: 1e6 + 1e-3 * torch.sin(x), -2, 2, "sin"),
    ],
)
def test_laws_of_the_library_are_exact(law, low, high, function):
    x = line(low, high)
    y = law(x)
    scalers = {"input_scaler": Scaler.of(x), "output_scaler": Scaler.of(y)}
    found = fitted(x, y, **scalers).symbolify(functions=[function], r2=0.5).formula()
    assert found.verdict == "exact", found
    assert found.rounded(3).verdict in ("exact", "approximation")


def test_a_law_of_two_columns_with_held_out_samples():
    x = torch.rand(400, 2, dtype=DOUBLE, generator=generator())
    y = (torch.sin(2 * x[:, :1]) + x[:, 1:] ** 2).detach()
    data = {"train_input": x[:300], "train_label": y[:300], "test_input": x[300:], "test_label": y[300:]}
    model = KAN([2, 1], grid=5, seed=0, dtype=DOUBLE)
    model.fit(data, steps=20)
    found = model.symbolify(functions=["sin", "x^2"]).formula()
    assert found.verdict == "exact" and found.test_rmse < 1e-12
    rough = found.rounded(2)
    assert rough.verdict in ("approximation", "exact") and rough.model_error == pytest.approx(
        rough.error, abs=1e-2
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_float32_is_judged_by_its_own_rounding(dtype):
    x = line(-1, 2, dtype=torch.float32)
    y = torch.sin(3 * x) + 1
    model = KAN([1, 1], grid=5, seed=0, dtype=dtype)
    model.fit((x, y), steps=20)
    new = model.symbolify(functions=["sin"])
    assert formula(new, (x, y)).verdict == "exact"
    assert formula(new, (x, y + 1e-3 * torch.cos(7 * x))).verdict == "approximation"


@pytest.mark.parametrize("function", ["sin", "x^2", "exp"])
def test_noise_is_told_from_misfit(function):
    x = torch.rand(600, 1, dtype=DOUBLE, generator=generator())
    law = {"sin": lambda x: torch.sin(4 * x), "x^2": lambda x: 2 * x**2, "exp": lambda x: torch.exp(x)}[
        function
    ]
    y = law(x) + 0.1 * torch.randn(600, 1, dtype=DOUBLE, generator=generator())
    data = {"train_input": x[:400], "train_label": y[:400], "test_input": x[400:], "test_label": y[400:]}
    model = KAN([1, 1], grid=5, seed=0, dtype=DOUBLE)
    model.fit(data, steps=20)
    found = model.symbolify(functions=[function], r2=0.5).formula()
    assert found.verdict == "within noise", found
    assert 0.08 < found.noise < 0.12 and 0.08 < found.test_rmse < 0.12
    wrong = model.symbolify(functions=["x"], r2=0.0).formula()
    assert wrong.verdict == "approximation", wrong


def test_an_underfitted_network_does_not_make_noise():
    x = line(0, 6.28)
    found = forced(x, torch.sin(5 * x), "sin", grid=2)
    assert found.verdict in ("exact", "approximation") and (found.noise is None or found.noise < 0.05)
    bump = fitted(x, torch.sin(x) + 0.3 * torch.cos(2 * x), grid=1).symbolify(functions=["gaussian"], r2=0)
    assert bump.formula().verdict == "approximation"


@pytest.mark.parametrize("noise", [0.0, 5.0, 50.0])
@pytest.mark.parametrize("step", [1.0, 0.1])
def test_a_sine_of_a_period_of_one_step_is_neither_exact_nor_within_noise(step, noise):
    x = torch.randint(0, 80, (300, 1), generator=generator()).double() * step
    y = -25.87 * torch.sin(6.2715 * x / step - 1.161) + noise * torch.randn(
        300, 1, dtype=DOUBLE, generator=generator()
    )
    sine = set_formula(build([1, 1], dtype=DOUBLE), (0, 0, 0), "sin", (6.2715 / step, -1.161, -25.87, 0.0))
    found = formula(stand_for(sine, fitted(x, y)), (x, y))
    assert found.verdict == "approximation" and "turns between" in found.reason


def test_three_values_do_not_certify_a_sine():
    x = torch.randint(0, 3, (200, 1), generator=generator()).double()
    found = forced(x, torch.sin(x), "sin")
    assert found.verdict == "approximation", found


@pytest.mark.parametrize(("function", "shift"), [("log", 0.0), ("sqrt", 0.5), ("1/x", 0.0)])
def test_undefined_is_said_wherever_the_formula_is_written(function, shift):
    x = torch.arange(-100, 101, dtype=DOUBLE)[:, None] / 100
    model = fitted(x, x.abs()).set_formula((0, 0, 0), function, (1.0, shift, 1.0, 0.0))
    found = model.formula()
    assert found.verdict == "undefined" and found.error == math.inf
    assert "x_1 = -1" in found.reason or "x_1 = 0" in found.reason
    assert all("undefined" in text for text in (str(found), repr(found), found.latex(), found.text()))


def test_undefined_between_the_samples():
    x = torch.cat([line(-2, -1, 50), line(1, 2, 50)])
    model = build([1, 1, 1], dtype=DOUBLE)
    model = set_formulas(model, {(0, 0, 0): ("x^2", (1, 0, 1, -0.9)), (1, 0, 0): ("sqrt", (1, 0, 1, 0))})
    found = formula(model, (x, torch.sqrt(x**2 - 0.9)))
    assert found.verdict == "undefined" and "between the samples" in found.reason


def test_the_worst_output_decides():
    x = line(0, 3)
    y = torch.cat([2 * x + 1, torch.sin(x) + 0.3 * torch.cos(2 * x)], 1)
    model = fitted(x, y, (1, 2)).fix((0, 0, 0), "x").fix((0, 0, 1), "gaussian")
    found = model.symbolify().formula()
    assert found.verdict == "approximation" and found.reason.startswith("y_2: ")


def test_constant_outputs_and_one_sample():
    x = line(0, 1, 50)
    constant = fitted(x, torch.full_like(x, 3.0)).fix((0, 0, 0), "0").symbolify().formula()
    assert constant.verdict == "exact" and float(constant.expr) == pytest.approx(3.0)
    model = set_formula(build([1, 1], dtype=DOUBLE), (0, 0, 0), "sin")
    one = formula(model, (x[:1], torch.sin(x[:1])))
    assert one.verdict == "approximation" and "1 sample does not determine" in one.reason


def test_without_targets_the_sentence_says_so():
    model = fitted(line(0, 3), line(0, 3) ** 2)
    found = formula(model.fix((0, 0, 0), "x^2"), line(0, 3))
    assert found.verdict == "exact" and "no targets were looked at" in found.reason
    rough = formula(model.fix((0, 0, 0), "exp"), line(0, 3))
    assert rough.verdict == "approximation" and rough.train_rmse is None and rough.loss_ratio is None
    assert formula(model.fix((0, 0, 0), "exp"), line(0, 3), noise=10.0).verdict == "within noise"


def test_a_model_of_formulas_is_judged_by_the_targets_alone():
    x = line(0, 3)
    model = set_formula(build([1, 1], dtype=DOUBLE), (0, 0, 0), "sin", (2.0, 0.0, 1.0, 0.0))
    assert formula(model, (x, torch.sin(2 * x))).verdict == "exact"
    assert formula(model, (x, torch.sin(2 * x) + 0.1 * x)).verdict == "approximation"
    assert formula(model).verdict == "exact"


def test_named_splines_are_never_exact_beside_targets():
    x = line(-1, 1)
    model = fitted(x, x**2, base="zero")
    found = model.formula(splines="named")
    assert found.verdict in ("within noise", "approximation")
    assert judge_network(model, (x, x**2)).verdict == found.verdict


def test_the_noise_that_is_given_counts():
    x = line(0, 6.28)
    model = fitted(x, torch.sin(x) + 0.3 * torch.cos(2 * x)).symbolify(functions=["gaussian"], r2=0.5)
    assert model.formula(noise=0.2).verdict == "within noise"
    assert model.formula(noise=0.01).verdict == "approximation"


def test_saved_pruned_and_copied_models_say_the_same(tmp_path):
    x = line(0, 6.28)
    model = fitted(x, torch.sin(x) + 0.3 * torch.cos(2 * x)).symbolify(functions=["gaussian"], r2=0.5)
    data = (x, torch.sin(x) + 0.3 * torch.cos(2 * x))
    want = formula(model, data)
    model.save(tmp_path / "m")
    for same in (model.copy(), KAN.load(tmp_path / "m"), model.prune(), KAN.of(model)):
        assert formula(same, data).line() == want.line()


def test_classes_are_not_compared_with_logits():
    x = line(-1, 1)
    model = KAN([1, 1], grid=3, seed=0, dtype=DOUBLE)
    model.fit((x, (x > 0).double()), steps=3, loss="bce")
    found = model.fix((0, 0, 0), "x").formula()
    assert found.train_rmse is None and "no targets" in found.reason


def test_a_column_that_is_off_does_not_matter():
    x = torch.rand(100, 2, dtype=DOUBLE, generator=generator())
    x[:, 1] = torch.nan
    model = mask_edges(build([2, 1], dtype=DOUBLE), [(0, 1, 0)])
    model = select_nodes(set_formula(model, (0, 0, 0), "x^2"), [[0], [0]])
    assert formula(model, (x, x[:, :1] ** 2)).verdict == "exact"


def test_what_is_not_finite_beyond_the_samples_is_said():
    x = line(0, 3)
    model = set_formula(build([1, 1], dtype=DOUBLE), (0, 0, 0), "sqrt")
    found = formula(model, (x, torch.sqrt(x)))
    assert found.verdict == "exact" and found.reason.endswith(
        "a little beyond the samples: its sqrt of x_1 ends or has a pole on the way to x_1 = -0.21"
    )
    assert "beyond" not in formula(model, (x + 1, torch.sqrt(x + 1))).reason


@pytest.mark.parametrize("count", [5, 7, 9])
def test_a_polynomial_through_a_few_values_is_not_exact(count):
    x = torch.arange(count, dtype=torch.float64)[:, None]
    model = set_formula(build([1, 1], dtype=torch.float64), (0, 0, 0), "x^4+2*x^3+x^2+0.5*x", (1, -2, 1, 0))
    assert judge_network(model, (x, model(x).detach())).verdict == "approximation"


def of_two(*edges):
    """The function of each of two inputs, then of their sum."""
    model = build([2, 1, 1], dtype=DOUBLE)
    for edge, (name, affine) in zip([(0, 0, 0), (0, 1, 0), (1, 0, 0)], edges, strict=True):
        model = set_formula(model, edge, name, affine)
    return model


def test_a_formula_that_is_not_finite_in_a_corner_of_the_data_is_undefined():
    x = 2 * torch.rand(400, 2, dtype=DOUBLE, generator=generator()) - 1
    x = x[x.sum(1) > -1.8]
    model = of_two(("x", (1, 0, 1, 0)), ("x", (1, 0, 1, 0)), ("log", (1, 1.8, 1, 0)))
    y = model(x).detach()
    found = formula(model, (x, y + 0.01 * torch.sin(50 * y)))
    assert found.verdict == "undefined" and "combinations of the columns' values" in found.reason
    exact = formula(model, (x, y))
    assert exact.verdict == "exact" and "combinations of the columns' values" in exact.reason


def test_a_region_that_the_samples_keep_out_of_counts_as_beyond():
    x = torch.rand(400, 2, dtype=DOUBLE, generator=generator())
    x = x[x[:, 0] > x[:, 1]]
    model = of_two(("x", (1, 0, 1, 0)), ("x", (1, 0, -1, 0)), ("sqrt", (1, 0, 1, 0)))
    y = model(x).detach()
    found = formula(model, (x, y + 0.01 * torch.sin(50 * y)))
    assert found.verdict == "approximation" and "beyond the samples" in found.reason


def test_a_pole_between_samples_makes_an_approximation_undefined():
    x = line(-1, 1)
    model = set_formula(build([1, 1], dtype=DOUBLE), (0, 0, 0), "1/x", (1, 0.0013, 1e-9, 0))
    found = formula(model, (x, 0.01 * torch.sin(20 * x)))
    assert found.verdict == "undefined" and "1/x of x_1 has a pole between samples" in found.reason


@pytest.mark.parametrize(("columns", "far"), [(1, False), (6, True)])
def test_samples_too_far_apart_to_tell_noise_from_misfit_are_said(columns, far):
    x = torch.rand(200, columns, dtype=DOUBLE, generator=generator())
    model = build([columns, 1], dtype=DOUBLE)
    for i in range(columns):
        model = set_formula(model, (0, i, 0), "x")
    y = model(x).detach() + 0.1 * torch.randn(200, 1, dtype=DOUBLE, generator=generator())
    found = formula(model, (x, y))
    assert found.verdict == "within noise" and ("too far apart" in found.reason) == far
    assert "too far apart" not in formula(model, (x, y), noise=0.1).reason
