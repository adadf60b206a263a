from __future__ import annotations

import inspect
import json
import re

import numpy as np
import pytest
import torch

import edgewise
from edgewise import KAN
from edgewise.errors import InputError, NotAFormula, UnknownName
from edgewise.exports import export
from edgewise.functions import make_function
from edgewise.network import build, set_formula
from edgewise.network.network import Network


@pytest.mark.parametrize("form", ["numpy", "c99", "json", "latex", "sympy"])
def test_text_goes_to_a_file_as_it_is_given(tmp_path, form):
    model = set_formula(build([1, 1]), (0, 0, 0), "sin")
    path = tmp_path / "out"
    assert path.write_text("old") and path.read_text() != export(model, form)
    text = export(model, form, path)
    assert path.read_bytes() == text.encode()
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_graphs_and_programs_can_be_read_back_from_their_files(tmp_path):
    onnx = pytest.importorskip("onnx")
    model = build([2, 1])
    export(model, "onnx", tmp_path / "model.onnx")
    assert onnx.load(tmp_path / "model.onnx").graph.input[0].name == "x"
    export(model, "torch", tmp_path / "model.pt2")
    x = torch.zeros(3, 2)
    torch.testing.assert_close(torch.export.load(tmp_path / "model.pt2").module()(x), model(x))


def test_an_export_leaves_the_model_as_it_was():
    model = set_formula(build([2, 2, 1]), (0, 0, 0), "sin")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    for form in ("numpy", "c99", "json", "onnx", "torch", "scipy"):
        export(model, form)
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in before.items())
    assert not any(part.grad is not None for part in model.parameters())


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            ("c",),
            UnknownName,
            "format must be one of c99, json, latex, numpy, onnx, scipy, sympy, torch; got 'c'",
        ),
        (("c99", "/no/such/folder/x.c"), InputError, "the folder of path must exist"),
        (("c99", "/"), InputError, "path must name a file"),
        (("scipy", "splines"), InputError, "path must be None for 'scipy'"),
        (("sympy",), NotAFormula, "every edge must be symbolic"),
    ],
)
def test_what_cannot_be_done_is_said(call, error, message):
    with pytest.raises(error, match=message):
        export(build([1, 1]), *call)


def test_an_unknown_setting_is_refused_with_those_there_are():
    with pytest.raises(InputError, match="settings of 'c99' are name; got 'names'"):
        export(build([1, 1]), "c99", names="x")


def test_the_front_door_has_it():
    assert edgewise.KAN([1, 1]).export("json").startswith("{")
    assert list(inspect.signature(edgewise.export).parameters) == ["model", "format", "path", "settings"]


def run_program(model: Network):
    return export(model, "torch").module()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
@pytest.mark.parametrize("extrapolation", ["linear", "constant", "decay", "periodic"])
def test_a_torch_program_agrees_with_the_network(cases, dtype, extrapolation):
    model = cases.every_kind(dtype, extrapolation)
    x = cases.samples(model)
    program = run_program(model)
    with torch.no_grad():
        assert cases.gap(program(torch.as_tensor(x)).numpy(), model, x) < cases.bars[dtype]
        assert program(torch.as_tensor(x[:1])).shape == (1, 2)


def test_a_torch_program_takes_functions_and_bases_of_the_users_own(cases):
    own = make_function("softplus", torch.nn.functional.softplus)
    model = set_formula(build([2, 1], base=torch.tanh, dtype=torch.float64), (0, 0, 0), own)
    x = cases.samples(model)
    with torch.no_grad():
        assert cases.gap(run_program(model)(torch.as_tensor(x)).numpy(), model, x) < 1e-12


def test_a_torch_program_cannot_refuse():
    with pytest.raises(InputError, match="extrapolation must be another than 'error'"):
        export(build([1, 1], extrapolation="error"), "torch")


def read_equations(text: str):
    """Evaluate exported equations one after another, with sympy reading each."""
    sympy = pytest.importorskip("sympy")

    def run(columns: dict[str, np.ndarray]) -> np.ndarray:
        known, found = dict(columns), []
        for line in text.splitlines():
            name, right = line.split(" = ", 1)
            names = sorted(set(re.findall(r"\b(?:x|h)_\w+", right)))
            symbols = {word: sympy.Symbol(word, real=True) for word in names}
            expression = sympy.sympify(right, locals=symbols)
            with np.errstate(all="ignore"):
                value = sympy.lambdify(list(symbols.values()), expression, "scipy")(
                    *(known[n] for n in names)
                )
            known[name] = np.broadcast_to(value, next(iter(columns.values())).shape)
            if name.startswith("y"):
                found.append(known[name])
        return np.stack(found, axis=1)

    return run


@pytest.mark.parametrize("extrapolation", ["linear", "constant", "decay", "periodic"])
@pytest.mark.parametrize("k", [0, 1, 3])
def test_exact_equations_agree_with_the_network(cases, extrapolation, k):
    model = cases.every_kind(torch.float64, extrapolation, k)
    x = cases.samples(model)
    columns = {name: x[:, c] for name, c in zip(model.names, model.columns.tolist(), strict=True)}
    got = read_equations(export(model, "sympy", exact=True))(columns)
    assert cases.gap(got, model, x) < 1e-12


def test_a_formula_agrees_with_the_network_where_its_functions_are_defined(cases):
    model = build([2, 2, 1], dtype=torch.float64)
    for edge, name in zip(
        model.active_edges(), ["sin", "exp", "x^2", "tanh", "cos", "gaussian"], strict=True
    ):
        model = set_formula(model, edge, name, (0.7, 0.2, 1.1, 0.3))
    x = cases.samples(model)
    got = read_equations(export(model, "sympy"))({"x_1": x[:, 0], "x_2": x[:, 1]})
    assert cases.gap(got, model, x) < 1e-12


def test_splines_for_scipy_agree_with_the_edges_inside_the_grid(cases):
    model = cases.every_kind(torch.float64)
    splines = export(model, "scipy")
    assert set(splines) == {edge for edge in model.active_edges() if model.edge_kind(*edge) == "spline"}
    for (layer, i, j), curve in splines.items():
        spline = model.layers[layer].basis
        at = np.linspace(-1, 1, 1000)
        x = torch.zeros(1000, spline.in_features, dtype=torch.float64)
        x[:, i] = torch.as_tensor(at)
        with torch.no_grad():
            base = spline.scale_base[i, j] * torch.nn.functional.silu(x[:, i])
            want = spline.edges(x)[:, i, j] - base
        assert np.abs(curve(at) - want.numpy()).max() < 1e-12


def test_json_is_enough_to_compute_the_network(cases):
    interpolate = pytest.importorskip("scipy.interpolate")
    model = cases.every_kind(torch.float64)
    content = json.loads(export(model, "json", points=0))
    x = cases.samples(model, reach=0.5)
    shift, scale = (np.array(content["input_scaler"][part]) for part in ("shift", "scale"))
    h = (x[:, content["columns"]] - shift) / scale
    known = {"sin": np.sin, "exp": np.exp, "x^2": np.square}
    for layer in content["layers"]:
        z = np.zeros((len(h), len(layer["subnode_scale"])))
        for edge in layer["edges"]:
            _, i, j = edge["edge"]
            u = h[:, i]
            if edge["kind"] == "spline":
                curve = interpolate.BSpline(edge["knots"], edge["coef"], layer["degree"])
                ends = edge["knots"][layer["degree"]], edge["knots"][len(edge["coef"])]
                p = u.clip(*ends)
                z[:, j] += curve(p) + curve.derivative()(p) * (u - p)
                z[:, j] += edge["scale_base"] * u / (1 + np.exp(-u))
            if "function" in edge:
                a, b, c, d = edge["affine"]
                z[:, j] += c * known[edge["function"]](a * u + b) + d
        z = z * layer["subnode_scale"] + layer["subnode_bias"]
        nodes, at = [z[:, n] for n in range(layer["sums"])], layer["sums"]
        for arity in layer["arities"]:
            nodes.append(z[:, at : at + arity].prod(1))
            at += arity
        h = np.stack(nodes, 1) * layer["node_scale"] + layer["node_bias"]
    shift, scale = (np.array(content["output_scaler"][part]) for part in ("shift", "scale"))
    assert cases.gap(shift + h * scale, model, x) < 1e-12


def test_tables_hold_the_values_of_every_edge_that_is_on(cases):
    own = make_function("softplus", torch.nn.functional.softplus)
    model = set_formula(cases.every_kind(torch.float64), (0, 1, 1), own)
    for l, entry in enumerate(json.loads(export(model, "json", points=7))["layers"]):
        layer = model.layers[l]
        assert entry["edges"]
        for edge in entry["edges"]:
            _, i, j = edge["edge"]
            x = torch.zeros(7, layer.in_features, dtype=torch.float64)
            x[:, i] = torch.tensor(edge["table"]["x"], dtype=torch.float64)
            with torch.no_grad():
                want = layer.edges(x)[:, i, j]
            assert torch.equal(torch.tensor(edge["table"]["y"], dtype=torch.float64), want)


@pytest.mark.parametrize("points", [-1, 1, 2.5])
def test_a_table_has_no_or_at_least_two_points(points):
    with pytest.raises(InputError, match="points must be 0, or at least 2"):
        export(build([1, 1]), "json", points=points)


def test_tables_that_memory_cannot_hold_are_refused_at_once():
    with pytest.raises(InputError, match="tables of 1 edges must fit into memory; it needs about"):
        export(build([1, 1]), "json", points=10**13)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("form", ["sympy", "latex"])
def test_equations_say_where_they_are_undefined(form, exact):
    x = torch.linspace(-1, 1, 21, dtype=torch.float64)[:, None]
    model = KAN([1, 1], seed=0, dtype=torch.float64)
    model.fit((x, x.abs()), steps=2)
    law = model.set_formula((0, 0, 0), "log")
    assert "undefined: not finite at 11 of 21 samples" in law.export(form, exact=exact)
    assert "undefined" in export(law, form, data=x, exact=exact)
    assert "undefined" not in model.set_formula((0, 0, 0), "sin").export(form, exact=exact)
