from __future__ import annotations

import math

import numpy as np
import torch
from matplotlib.colors import to_rgb

from edgewise.network import build, set_formula
from edgewise.plots import plot
from edgewise.plots.painter import BLACK, RED


def part(figure, name):
    return next(artist for artist in figure.axes[0].collections if artist.get_gid() == name)


def test_colours_tell_the_kinds_of_edges():
    model = set_formula(build([3, 1], seed=0), (0, 0, 0), "sin")
    figure = plot(model)
    for name, count in (("curves", 1), ("boxes", 1), ("wires", 2)):
        artist = part(figure, name)
        colours = artist.get_edgecolors() if name == "boxes" else artist.get_colors()
        expected = [to_rgb(colour) for colour in (RED, BLACK, BLACK) for _ in range(count)]
        assert [tuple(colour[:3]) for colour in colours] == expected
    assert RED[0] > 0.8 and max(RED[1:]) < 0.2
    assert "$\\sin$" in [text.get_text() for text in figure.axes[0].texts]
    bare = plot(model, show_functions=False)
    assert [text.get_text() for text in bare.axes[0].texts] == ["$x_{1}$", "$x_{2}$", "$x_{3}$", "$y$"]


def test_opacity_is_tanh_of_beta_times_score():
    figure = plot(build([2, 1], seed=0), scores=[torch.tensor([[0.2], [0.5]])], beta=2.0)
    alphas = part(figure, "curves").get_colors()[:, 3]
    np.testing.assert_allclose(alphas, [math.tanh(0.4), math.tanh(1.0)])
    assert part(figure, "wires").get_colors()[:, 3].tolist() == np.repeat(alphas, 2).tolist()


def test_an_edge_that_does_not_matter_can_still_be_seen():
    figure = plot(build([2, 1], seed=0), scores=[torch.tensor([[0.0], [0.5]])])
    assert 0.05 < part(figure, "curves").get_colors()[0, 3] < 0.15


def test_each_curve_fills_its_own_box():
    figure = plot(build([2, 5, 1], seed=0))
    for path, box in zip(part(figure, "curves").get_paths(), part(figure, "boxes").get_paths(), strict=True):
        curve, frame = path.get_extents(), box.get_extents()
        assert frame.x0 < curve.x0 and curve.x1 < frame.x1 and frame.y0 < curve.y0 and curve.y1 < frame.y1
        assert curve.width > 0.75 * frame.width and curve.height > 0.75 * frame.height


def test_captions_stand_clear_of_their_curves():
    model = set_formula(build([1, 1], seed=0), (0, 0, 0), "x^2")
    figure = plot(model)
    (caption,) = [text for text in figure.axes[0].texts if text.get_text() == "$x^{2}$"]
    label = caption.get_window_extent(figure.canvas.get_renderer())
    label = label.transformed(figure.axes[0].transData.inverted())
    frame, curve = (part(figure, name).get_paths()[0].get_extents() for name in ("boxes", "curves"))
    assert frame.x0 <= label.x0 and label.x1 <= frame.x1 and label.y1 <= frame.y1
    assert curve.y1 < label.y0


def test_products_and_sums_have_their_signs():
    figure = plot(build([2, (1, 1), 1], seed=0))
    assert len(part(figure, "glyphs").get_paths()) == 5  # three sums, a product, the output
    assert len(part(figure, "signs").get_offsets()) == 5
    assert len(part(figure, "dots").get_offsets()) == 3
