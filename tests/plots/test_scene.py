from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch

from edgewise.errors import InputError, ShapeError, UnknownName
from edgewise.network import Scaler, build, mask_edges, set_formula
from edgewise.plots import Scene, draw, plot, scene
from edgewise.plots.figure import text_size
from edgewise.plots.scene import FAINTEST, short

WITHOUT_MATPLOTLIB = """
import sys
sys.modules["matplotlib"] = None
from edgewise.network import build, set_formula
from edgewise.plots import scene
model = set_formula(build([3, 2, 1], seed=0), (0, 0, 0), "sin")
picture = scene(model, names=["theta_1", "age", "b"], title="T", show_samples=True, show_ranges=True)
print(len(picture.edges), picture.texts[-1].text)
"""


def numbers(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [number for part in value for number in numbers(part)]
    return [value] if isinstance(value, float) else []


def everything(**settings) -> Scene:
    model = set_formula(build([3, (2, 1), 2], seed=0), (0, 0, 0), "1/x^5", (1.0, 0.0, 1.0, 0.0))
    x = torch.linspace(-1, 1, 60)[:, None] * torch.tensor([1.0, -0.5, 2.0])
    return scene(model, x, show_samples=True, show_ranges=True, title="T", **settings)


def test_a_scene_needs_no_matplotlib():
    run = subprocess.run([sys.executable, "-c", WITHOUT_MATPLOTLIB], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["8", "$T$"]


def test_a_scene_is_plain_values_without_a_nan():
    picture = everything()
    text = json.dumps(picture.to_dict(), allow_nan=False)
    assert numbers(picture.to_dict()) == numbers(json.loads(text))
    assert any(y is None for edge in picture.edges for _, y in edge.curve)  # beside the pole
    with pytest.raises(AttributeError):
        picture.width = 1.0


def test_curves_and_samples_stay_inside_their_boxes():
    for edge in everything().edges:
        frame, half = edge.frame, 0.5 * edge.frame.size
        points = [*edge.samples, *((x, y) for x, y in edge.curve if y is not None)]
        assert edge.samples and points
        assert all(abs(x - frame.x) < half and abs(y - frame.y) < half for x, y in points)


def test_wires_lead_from_nodes_to_boxes():
    picture = scene(build([2, 3, 1], seed=0))
    places = {(node.level, node.index): (node.x, node.y) for node in picture.nodes}
    for edge in picture.edges:
        layer, i, j = edge.edge
        (start, bottom), (top, end) = edge.wire
        assert start == places[layer, i] and end == places[layer + 1, j]
        assert bottom[1] < edge.frame.y < top[1]


def test_opacity_follows_the_scores():
    picture = scene(build([2, 1], seed=0), scores=[torch.tensor([[0.0], [0.5]])], beta=2.0)
    pale, dark = picture.edges
    assert pale.opacity == FAINTEST and dark.opacity == pytest.approx(torch.tensor(1.0).tanh().item())
    assert (pale.score, dark.score) == (0.0, 0.5)


def test_ranges_are_in_the_units_of_the_data():
    model = build([1, 1], seed=0, input_scaler=Scaler(torch.tensor([100.0]), torch.tensor([10.0])))
    (edge,) = scene(model, torch.tensor([[90.0], [110.0]])).edges
    assert edge.x_range == pytest.approx((90, 110))


def test_texts_say_what_they_are_for():
    roles = [text.role for text in everything().texts]
    assert roles == ["function"] + ["range"] * 72 + ["input"] * 3 + ["output"] * 2 + ["title"]
    wide = scene(build([30, 8, 1], seed=0))
    assert (wide.texts[-1].role, wide.texts[-1].text) == ("note", "68 of 248 edges shown")


def test_the_measure_decides_how_labels_are_set():
    names = {"names": [f"name {n}" for n in range(10)]}
    model = build([10, 1], seed=0)
    small = scene(model, measure=lambda text: (0.001, 0.001), **names)
    large = scene(model, measure=lambda text: (0.1, 0.01), **names)
    assert not any(text.upright for text in small.texts)
    assert all(text.upright for text in large.texts if text.role == "input")


def test_a_text_that_cannot_be_set_stays_plain():
    def refuse(text):
        if text.startswith("$") and "alpha" in text:
            raise ValueError(text)
        return 0.01, 0.01

    assert scene(build([1, 1]), names=[r"\alpha"], measure=refuse).texts[0].text == r"\alpha"


def test_a_plot_is_a_drawn_scene():
    model = build([2, 5, 1], seed=0)
    x = torch.rand(50, 2, generator=torch.Generator().manual_seed(0))
    drawn, plotted = draw(scene(model, x, measure=text_size)), plot(model, x)
    assert drawn.get_size_inches().tolist() == plotted.get_size_inches().tolist()
    for one, other in zip(drawn.axes[0].collections, plotted.axes[0].collections, strict=True):
        for path, expected in zip(one.get_paths(), other.get_paths(), strict=True):
            assert (path.vertices == expected.vertices).all()


def test_a_network_without_a_live_edge_has_nodes_only():
    picture = scene(mask_edges(build([2, 1], seed=0), [(0, 0, 0), (0, 1, 0)]))
    assert picture.edges == () and len(picture.nodes) == 3


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": torch.zeros(3, 4)}, ShapeError, "scene: x must have 2 columns"),
        ({"metric": "atribution"}, UnknownName, "scene: metric"),
        ({"beta": 0}, InputError, "scene: beta must be"),
        ({"max_edges": 0}, InputError, "scene: max_edges must be"),
        ({"names": ["a"]}, ShapeError, "scene: names must have 2 names"),
        ({"scores": [torch.zeros(3, 3)]}, ShapeError, "scene: scores must be"),
    ],
    ids=str,
)
def test_bad_arguments_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        scene(build([2, 1]), **arguments)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-1.0, "−1"),
        (1234.5, "1234"),
        (0.12345, "0.12"),
        (1.5e7, "1.5e7"),
        (-2e-9, "−2e−9"),
        (99.7, "100"),
    ],
)
def test_numbers_areshort(value, text):
    assert short(value) == text
