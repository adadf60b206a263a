"""Every export that computes, run beside the network: the bars are 1e-12 in float64 and 1e-5 in float32."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.errors import InputError
from edgewise.exports import export
from edgewise.functions import make_function
from edgewise.network import build, set_formula

FORMATS = ("numpy", "c99", "onnx")
DTYPES = pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)


@pytest.fixture
def run(cases, run_c):
    def exported(model, form):
        made = export(model, form)
        if form == "c99":
            return run_c(made, model.layers[-1].out_features)
        return {"numpy": cases.run_numpy, "onnx": cases.run_onnx}[form](made)

    return exported


@DTYPES
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("extrapolation", ["linear", "constant", "decay", "periodic"])
def test_networks_of_every_kind_of_edge(cases, run, form, dtype, extrapolation):
    model = cases.every_kind(dtype, extrapolation)
    x = cases.samples(model)
    assert cases.gap(run(model, form)(x), model, x) < cases.bars[dtype]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("k", [0, 1, 2, 5])
@pytest.mark.parametrize("base", ["silu", "identity", "zero"])
def test_every_degree_and_base(cases, run, form, k, base):
    model = cases.noisy(build([3, 2, 1], grid=5, k=k, base=base, dtype=torch.float64))
    x = cases.samples(model)
    assert cases.gap(run(model, form)(x), model, x) < 1e-12


@DTYPES
@pytest.mark.parametrize("form", FORMATS)
def test_every_function_of_the_library_in_its_safe_version(cases, run, form, dtype):
    model = cases.library(dtype)
    x = cases.samples(model)
    near = 0.2 / 1.3 + np.linspace(-1e-3, 1e-3, 40)
    x[5:45, 0] = near
    predict = run(model, form)
    assert cases.gap(predict(x), model, x) < cases.bars[dtype]
    far = np.array([[-1e4], [900.0], [-900.0], [1e4], [0.2 / 1.3]], x.dtype)
    with torch.no_grad():
        want = model(torch.as_tensor(far)).numpy()
    np.testing.assert_allclose(predict(far), want, rtol=100 * cases.bars[dtype], atol=cases.bars[dtype])


@pytest.mark.parametrize("form", FORMATS)
def test_uneven_and_repeated_knots(cases, run, form):
    model = cases.noisy(build([1, 1], grid=4, k=2, dtype=torch.float64))
    model.layers[0].basis.knots[0, 2:7] = torch.tensor([-1.0, -0.9, -0.9, 0.2, 1.0], dtype=torch.float64)
    x = cases.samples(model)
    x[5] = -0.9
    assert cases.gap(run(model, form)(x), model, x) < 1e-12


@pytest.mark.parametrize("form", FORMATS)
def test_missing_values_stay_missing_and_do_not_spread_to_other_rows(cases, run, form):
    model = cases.every_kind(torch.float64)
    x = cases.samples(model, 10)
    x[3, 0] = np.nan
    got = run(model, form)(x)
    assert np.isnan(got[3]).any() and np.isfinite(np.delete(got, 3, 0)).all()


@pytest.mark.parametrize("form", ["numpy", "c99"])
def test_an_edge_that_refuses_what_is_outside_its_grid_does_so_elsewhere_too(cases, run, form):
    model = cases.noisy(build([2, 1], extrapolation="error", dtype=torch.float64))
    predict = run(model, form)
    x = cases.samples(model, reach=1.0)
    assert cases.gap(predict(x), model, x) < 1e-12
    with pytest.raises(ValueError, match="grid|must lie"):
        predict(3 * x)


def test_a_graph_that_cannot_refuse_gives_nan_outside_the_grid(cases):
    model = cases.noisy(build([2, 1], extrapolation="error", dtype=torch.float64))
    predict = cases.run_onnx(export(model, "onnx"))
    inside = cases.samples(model, reach=1.0)
    assert cases.gap(predict(inside), model, inside) < 1e-12
    assert np.isnan(predict(np.full((1, 2), 1.5))).all()


@pytest.mark.parametrize("form", FORMATS)
def test_one_sample_and_none(cases, run, form):
    model = cases.every_kind(torch.float64)
    predict = run(model, form)
    assert cases.gap(predict(cases.samples(model, 5)[:1]), model, cases.samples(model, 5)[:1]) < 1e-12
    assert predict(np.empty((0, model.n_columns))).shape == (0, 2)


@pytest.mark.parametrize("form", FORMATS)
def test_functions_and_bases_of_the_users_own_are_refused_with_a_way_out(form):
    own = make_function("softplus", torch.nn.functional.softplus)
    with pytest.raises(InputError, match=r"'softplus' of your own on edge \(0, 0, 0\).*'torch'"):
        export(set_formula(build([1, 1]), (0, 0, 0), own), form)
    with pytest.raises(InputError, match=r"'tanh' of your own in layer 0"):
        export(build([1, 1], base=torch.tanh), form)


@pytest.mark.parametrize("form", FORMATS)
def test_half_precision_is_refused(form):
    with pytest.raises(InputError, match=r"float32 or float64; got torch.bfloat16. Pass model.float\(\)"):
        export(build([1, 1], dtype=torch.bfloat16), form)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["two words", "1st", "a*/b", "", "naïve"])
def test_a_name_that_is_none_is_refused(form, name):
    with pytest.raises(InputError, match="name must be letters"):
        export(build([1, 1]), form, name=name)


def test_names_of_columns_cannot_break_out_of_a_comment(cases, run_c):
    names = ['*/ #error "x"', '""" + exit()', "Größe\n"]
    model = build([3, 1], dtype=torch.float64, input_names=names)
    x = cases.samples(model, 10)
    assert cases.gap(cases.run_numpy(export(model, "numpy"))(x), model, x) < 1e-12
    assert cases.gap(run_c(export(model, "c99"), 1)(x), model, x) < 1e-12


def test_the_exported_module_checks_the_shape_of_its_input(cases):
    predict = cases.run_numpy(export(build([2, 1]), "numpy"))
    with pytest.raises(ValueError, match=r"x must have shape \(n, 2\)"):
        predict([[1.0]])
