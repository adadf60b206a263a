"""Every verb takes a network of any kind of edges, or says clearly why not."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
import torch
from numpy.polynomial import chebyshev

import edgewise
from edgewise.errors import EdgewiseError, FileError, InputError
from edgewise.layers import EDGE_LAYERS, FormulaLayer, KANLayer, NodeLayer, register_kind
from edgewise.network import Layer, Network
from edgewise.testing import ChebyshevLayer, check_edge_layer, state_bits

KINDS = [KANLayer, ChebyshevLayer]
DTYPES = [torch.float32, torch.float64]


def network(kind, dtype=torch.float64) -> Network:
    layers = []
    for seed, (inputs, outputs) in enumerate([(2, 3), (3, 1)]):
        formula = FormulaLayer(inputs, outputs, dtype=dtype)
        layers.append(
            Layer(kind(inputs, outputs, seed=seed, dtype=dtype), formula, NodeLayer(outputs, dtype=dtype))
        )
    return Network(layers)


def samples(dtype):
    x = (torch.rand(150, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 1.8 - 0.9).to(
        dtype
    )
    return x, torch.sin(2 * x[:, :1]) + x[:, 1:] ** 2


def save_and_load(model, x, y, folder):
    edgewise.save(model, folder / "model.safetensors")
    again = edgewise.load(folder / "model.safetensors")
    assert state_bits(again) == state_bits(model)
    assert repr(again) == repr(model)


def export_numpy(model, x, y, folder):
    scope: dict = {}
    exec(edgewise.export(model, "numpy"), scope)
    tolerance = 1e-4 if model.dtype == torch.float32 else 1e-9
    wide = 1.5 * x  # outside the interval too
    np.testing.assert_allclose(scope["predict"](wide.numpy()), model(wide).detach(), atol=tolerance)


def draw(figure):
    figure.savefig(io.BytesIO())


CALLS = {
    "repr": lambda model, x, y, folder: repr(model),
    "fit": lambda model, x, y, folder: edgewise.fit(model, (x, y), steps=3),
    "lamb": lambda model, x, y, folder: edgewise.fit(model, (x, y), steps=3, lamb=1e-3),
    "LM": lambda model, x, y, folder: edgewise.fit(model, (x, y), steps=3, opt="LM"),
    "trace": lambda model, x, y, folder: edgewise.trace(model, x),
    "attribute": lambda model, x, y, folder: edgewise.attribute(model, x),
    "prune": lambda model, x, y, folder: edgewise.prune(model, x),
    "select": lambda model, x, y, folder: edgewise.select_nodes(model, [[0, 1], [2, 0], [0]]),
    "plot": lambda model, x, y, folder: draw(edgewise.plot(model, x)),
    "plot_edge": lambda model, x, y, folder: draw(edgewise.plot_edge(model, (0, 1, 2), x)),
    "suggest": lambda model, x, y, folder: edgewise.suggest(model, (0, 0, 0), x),
    "symbolify": lambda model, x, y, folder: edgewise.symbolify(model, (x, y)),
    "refine": lambda model, x, y, folder: edgewise.refine(model, 10, x),
    "update_grid": lambda model, x, y, folder: edgewise.update_grid(model, x),
    "save and load": save_and_load,
    "export numpy": export_numpy,
    "export torch": lambda model, x, y, folder: edgewise.export(model, "torch"),
    "export json": lambda model, x, y, folder: edgewise.export(model, "json"),
    "export c99": lambda model, x, y, folder: edgewise.export(model, "c99"),
    "widen": lambda model, x, y, folder: edgewise.widen(model, 1, 2),
    "deepen": lambda model, x, y, folder: edgewise.deepen(model),
    "unfix": lambda model, x, y, folder: edgewise.unfix(
        edgewise.fix(model, (0, 0, 0), "sin"), (0, 0, 0), curve=True
    ),
}
CANNOT = {
    (ChebyshevLayer, "refine"): "refine: layer 0 must have a grid that can be refined; got a ChebyshevLayer",
    (ChebyshevLayer, "update_grid"): "update_grid: layer 0 must have a grid that can be moved; got a Cheb",
}


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_verb_works_or_says_why_not(kind, call, dtype, tmp_path):
    model, (x, y) = network(kind, dtype), samples(dtype)
    if (kind, call) in CANNOT:
        with pytest.raises(EdgewiseError, match=re.escape(CANNOT[kind, call])):
            CALLS[call](model, x, y, tmp_path)
    else:
        CALLS[call](model, x, y, tmp_path)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_fits_learn_with_every_optimiser(kind):
    x, y = samples(torch.float64)
    for opt in ("auto", "LBFGS", "LM", "Adam"):
        model = network(kind)
        before = float((model(x) - y).detach().square().mean())
        settings = {"lr": 0.02} if opt == "Adam" else {}
        assert edgewise.fit(model, (x, y), steps=20, opt=opt, **settings).loss < 0.5 * before, opt


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_edges_and_derivatives_are_those_of_numpy(dtype):
    layer = ChebyshevLayer(2, 3, degree=6, span=(-1, 3), dtype=dtype)
    x = torch.linspace(-1, 3, 41, dtype=dtype)[:, None].expand(-1, 2)
    t = ((x[:, 0].double() - 1) / 2).numpy()
    for order in (0, 1, 2, 3):
        got = layer.edges(x, order).detach().numpy()
        for i, j in np.ndindex(2, 3):
            coef = layer.coef[i, :, j].detach().double().numpy()
            want = chebyshev.chebval(t, chebyshev.chebder(coef, order)) / 2**order
            np.testing.assert_allclose(got[:, i, j], want, atol=1e-12 if dtype == torch.float64 else 1e-3)


def test_edges_go_on_along_tangents():
    layer = ChebyshevLayer(1, 1, dtype=torch.float64)
    x = torch.tensor([[1.0], [2.0], [3.0]], dtype=torch.float64)
    first, second, third = layer(x)[:, 0].tolist()
    assert third - second == pytest.approx(second - first)
    assert second - first == pytest.approx(layer.edges(x, 1)[0, 0, 0].item())


@pytest.mark.parametrize("degree", [1, 2, 7])
def test_the_law_of_layers_of_edges(degree):
    skip = [] if degree == 2 else ["export"]
    check_edge_layer(lambda: ChebyshevLayer(2, 3, degree=degree, span=(-0.6, 0.7)), skip=skip)


def test_a_degree_without_polynomials_is_refused():
    with pytest.raises(InputError, match="degree must be at least 1"):
        ChebyshevLayer(1, 1, degree=0)


def test_a_file_with_edges_of_an_unknown_kind_is_refused(tmp_path, monkeypatch):
    edgewise.save(network(ChebyshevLayer), tmp_path / "model")
    monkeypatch.delitem(EDGE_LAYERS, "chebyshev")
    with pytest.raises(FileError, match="edges of the kind 'chebyshev'.*Import the module"):
        edgewise.load(tmp_path / "model")


def test_two_classes_cannot_have_one_kind():
    class Other(ChebyshevLayer):
        pass

    with pytest.raises(InputError, match="'chebyshev', which ChebyshevLayer has"):
        register_kind(Other)
