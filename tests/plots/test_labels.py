from __future__ import annotations

import pytest

from edgewise.plots.labels import LARGEST, fit_labels, font, text_size


@pytest.mark.parametrize("pitch", [0.1, 0.2, 0.3, 1.0, 5.0])
@pytest.mark.parametrize("texts", [[f"name {n}" for n in range(20)], [f"$x_{{{n}}}$" for n in range(120)]])
def test_labels_keep_apart(texts, pitch):
    style = fit_labels(texts, pitch)
    assert style.size * text_size(texts[-1])[1 if style.upright else 0] < pitch
    assert style.size <= LARGEST


def test_one_label_stays_level_however_long():
    assert not fit_labels(["a very long name for the only output there is"], 0.2).upright


def test_no_label_takes_no_room():
    assert fit_labels(["", " "], 0.2).height == 0


def test_digits_are_of_one_width():
    assert text_size("$x_{19}$") == text_size("$x_{80}$")


def test_fonts_do_not_share_their_size():
    small, large = font(5), font(12)
    assert (small.get_size(), large.get_size()) == (5, 12)
