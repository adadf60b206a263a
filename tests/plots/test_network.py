from __future__ import annotations

import copy
import importlib
import io
import sys
from itertools import combinations

import matplotlib
import numpy as np
import pytest
import sympy
import torch
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from edgewise.errors import EdgewiseError, InputError, MissingExtra, ShapeError, UnknownName
from edgewise.explain import attribute
from edgewise.network import Scaler, build, mask_edges, select_nodes
from edgewise.plots import plot

WIDTHS = [[2, 5, 1], [4, 9, 5, 1], [17, 1, 14], [2, (5, 2), 1], [3, (2, [3]), 2], [2, 1, 1], [1, 1]]


def part(figure, name):
    return next(artist for artist in figure.axes[0].collections if artist.get_gid() == name)


def curves(figure):
    return [path.vertices for path in part(figure, "curves").get_paths()]


def png(figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=60)
    return file.getvalue()


def samples(model, count=50):
    return torch.rand(count, model.n_columns, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_one_curve_an_edge_on_one_axes(width):
    model = build(width, seed=0)
    figure = plot(model, samples(model))
    assert isinstance(figure, Figure) and len(figure.axes) == 1
    assert len(curves(figure)) == len(list(model.active_edges()))
    assert len(figure.axes[0].collections) < 10
    assert png(figure).startswith(b"\x89PNG")


@pytest.mark.parametrize("width", WIDTHS, ids=str)
@pytest.mark.parametrize("names", ["short", "long"])
def test_texts_do_not_overlap_and_stay_on_the_page(width, names):
    model = build(width, seed=0)
    options = {"title": "A title", "show_ranges": width == [2, 1, 1]}
    if names == "long":
        options["names"] = [f"a rather long name {n}" for n in range(model.n_columns)]
        options["output_names"] = [f"outcome number {n}" for n in range(model.layers[-1].out_features)]
    figure = plot(model, samples(model), **options)
    renderer = figure.canvas.get_renderer()
    page = figure.bbox
    boxes = [text.get_window_extent(renderer) for text in figure.axes[0].texts]
    for box in boxes:
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1
    for one, other in combinations(boxes, 2):
        assert not one.overlaps(other)


@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_labels_keep_clear_of_boxes_and_nodes(width):
    model = build(width, seed=0)
    figure = plot(model, samples(model), title="A title")
    ax, renderer = figure.axes[0], figure.canvas.get_renderer()
    things = [path.get_extents() for path in part(figure, "boxes").get_paths()]
    for name in {"dots", "signs"} & {artist.get_gid() for artist in ax.collections}:
        marks = part(figure, name)
        for (x, y), radius in zip(marks.get_offsets(), marks.get_widths() / 2, strict=True):
            things.append(Bbox([[x - radius, y - radius], [x + radius, y + radius]]))
    for text in ax.texts:
        label = text.get_window_extent(renderer).transformed(ax.transData.inverted())
        assert not any(label.overlaps(thing) for thing in things)


def test_a_wide_network_shows_its_top_edges_and_says_so():
    model = build([30, 8, 1], seed=0)
    figure = plot(model, samples(model))
    assert len(curves(figure)) == 60 + 8
    assert "68 of 248 edges shown" in [text.get_text() for text in figure.axes[0].texts]
    x = samples(model)
    best = plot(model, x, max_edges=1, scores=attribute(model, x))
    assert len(curves(best)) == 2


def test_masked_edges_are_not_drawn_and_pruned_inputs_keep_their_names():
    model = mask_edges(build([3, 2, 1], seed=0), [(0, 0, 0)])
    assert len(curves(plot(model, samples(model)))) == 7
    small = select_nodes(model, [[1, 2], [0], [0]])
    texts = [text.get_text() for text in plot(small, samples(small)).axes[0].texts]
    assert texts == ["$x_{2}$", "$x_{3}$", "$y$"]


def test_a_network_without_a_live_edge_is_drawn():
    model = mask_edges(build([2, 1], seed=0), [(0, 0, 0), (0, 1, 0)])
    figure = plot(model, samples(model), show_samples=True, show_ranges=True)
    assert len(curves(figure)) == 0 and png(figure)


def test_names_and_title():
    model = build([2, 1], seed=0)
    figure = plot(model, names=[sympy.Symbol("theta"), "age"], output_names=["p_0"], title="T")
    assert [text.get_text() for text in figure.axes[0].texts] == [r"$\theta$", "age", "$p_{0}$", "$T$"]


@pytest.mark.parametrize("metric", ["attribution", "std"])
def test_one_sample_and_a_constant_column(metric):
    model = build([2, 3, 1], seed=0)
    for x in (
        torch.tensor([[0.3, -0.2]]),
        torch.stack([torch.linspace(-1, 1, 20), torch.full((20,), 5.0)], 1),
    ):
        figure = plot(model, x, metric=metric, show_samples=True, show_ranges=True)
        assert all(np.isfinite(curve).all() for curve in curves(figure))
        assert np.isfinite(part(figure, "curves").get_colors()).all()
        assert png(figure)


def test_without_samples_the_grid_is_used_and_pictures_repeat():
    model = build([2, 3, 1], seed=0)
    assert png(plot(model)) == png(plot(model))


def test_ranges_are_in_the_units_of_the_data():
    scaler = Scaler(torch.tensor([100.0]), torch.tensor([10.0]))
    model = build([1, 1], seed=0, input_scaler=scaler)
    texts = [
        t.get_text() for t in plot(model, torch.tensor([[90.0], [110.0]]), show_ranges=True).axes[0].texts
    ]
    assert "90" in texts and "110" in texts


def test_every_form_of_samples_gives_the_same_picture():
    model = build([2, 1], seed=0)
    x = samples(model)
    pandas = pytest.importorskip("pandas")
    forms = [
        x.numpy(),
        x.tolist(),
        (x, x[:, :1]),
        {"train_input": x, "train_label": x[:, :1]},
        pandas.DataFrame(x.numpy()),
        x.double(),
        x.reshape(5, 10, 2),
    ]
    expected = png(plot(model, x))
    assert all(png(plot(model, form)) == expected for form in forms)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_dtypes(dtype):
    model = build([2, 3, 1], seed=0, dtype=dtype)
    assert all(np.isfinite(curve).all() for curve in curves(plot(model)))


def test_draws_on_given_axes():
    whole = Figure(figsize=(8, 3))
    left, right = whole.subplots(1, 2)
    model = build([2, 5, 1], seed=0)
    assert plot(model, ax=left) is whole
    assert plot(model, ax=right, title="right", figsize=(1, 1)) is whole
    assert len(whole.axes) == 2 and left.collections and right.collections
    assert png(whole)


def test_figsize_is_kept():
    assert plot(build([2, 5, 1]), figsize=(3, 2)).get_size_inches().tolist() == [3, 2]


def test_vector_formats():
    figure = plot(build([2, 5, 1]), title="vector")
    for form, start in (("pdf", b"%PDF"), ("svg", b"<?xml")):
        file = io.BytesIO()
        figure.savefig(file, format=form)
        assert file.getvalue().startswith(start) and b"<image" not in file.getvalue()


def test_nothing_written_printed_registered_or_drawn_at_random(no_side_effects):
    model = build([2, (3, 1), 1], seed=0)
    x = samples(model)
    before, data = copy.deepcopy(model.state_dict()), x.clone()
    settings = dict(matplotlib.rcParams)
    png(plot(model, x, show_samples=True, show_ranges=True, title="t"))
    png(plot(model))
    no_side_effects.check()
    after = model.state_dict()
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert torch.equal(x, data) and model.training
    assert all(parameter.grad is None for parameter in model.parameters())
    assert settings == dict(matplotlib.rcParams)
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": torch.full((3, 2), float("nan"))}, InputError, "x must be finite.*column x_1"),
        ({"x": torch.zeros(3, 4)}, ShapeError, "x must have 2 columns"),
        ({"x": torch.zeros(0, 2)}, InputError, "at least one sample"),
        ({"x": ()}, EdgewiseError, "x"),
        ({"x": "text"}, EdgewiseError, "x must be"),
        ({"x": {"input": 1}}, InputError, "train_input"),
        ({"metric": "atribution"}, UnknownName, "Did you mean 'attribution'"),
        ({"beta": 0}, InputError, "beta must be"),
        ({"beta": float("nan")}, InputError, "beta must be"),
        ({"max_edges": 0}, InputError, "max_edges must be"),
        ({"figsize": (0, 1)}, InputError, "figsize must be"),
        ({"figsize": 3}, InputError, "figsize must be"),
        ({"scores": [torch.zeros(3, 3)]}, ShapeError, "scores must be"),
        ({"names": ["a"]}, ShapeError, "names must have 2 names"),
        ({"output_names": ["a", "b"]}, ShapeError, "output_names must have 1 names"),
    ],
    ids=str,
)
def test_bad_arguments_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        plot(build([2, 1]), **arguments)


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    def missing(name, *rest):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(MissingExtra, match=r"edgewise\[plot\]"):
        plot(build([2, 1]))
