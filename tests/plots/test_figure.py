from __future__ import annotations

import copy
import pickle
import sys

from matplotlib.figure import Figure

from edgewise.plots.figure import axes_or_new, font, new_figure, text_size


def test_belongs_to_no_window():
    assert isinstance(new_figure(2, 1), Figure)
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()


def test_notebooks_show_it_without_pyplot():
    figure = new_figure(2.0, 1.0)
    data, size = figure._repr_png_()
    assert data.startswith(b"\x89PNG") and size == {"width": 192, "height": 96}


def test_can_be_pickled():
    figure = new_figure(2.0, 1.0)
    figure.add_subplot().plot([0, 1])
    again = pickle.loads(pickle.dumps(figure))
    assert again._repr_png_()[0] == figure._repr_png_()[0]
    assert copy.copy(again).get_size_inches().tolist() == [2, 1]


def test_given_axes_are_used():
    ax = Figure().add_subplot()
    assert axes_or_new(ax, 1, 1) is ax


def test_digits_are_of_one_width():
    assert text_size("$x_{19}$") == text_size("$x_{80}$")


def test_fonts_do_not_share_their_size():
    small, large = font(5), font(12)
    assert (small.get_size(), large.get_size()) == (5, 12)
