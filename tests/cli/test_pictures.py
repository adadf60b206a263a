from __future__ import annotations

import base64

import numpy as np
import pandas as pd

from edgewise.cli.pictures import interaction_in_words, picture, shape_in_words
from edgewise.estimators import KANRegressor, interaction, shapes
from edgewise.plots import plot_history

TABLE = pd.DataFrame({"day": np.linspace(18262, 18992, 80), "a": np.cos(np.arange(80.0))})
MODEL = KANRegressor(hidden=0).fit(TABLE, TABLE["day"] / 100)


def test_the_same_picture_is_the_same_text_without_a_date():
    figures = [plot_history({"train_loss": [1.0, 0.5]}) for _ in range(2)]
    first, second = (picture(figure, "a loss", "beneath") for figure in figures)
    assert first == second and first.caption == "beneath" and (first.width, first.height) == (442, 298)
    svg = base64.b64decode(first.source.partition(",")[2]).decode()
    assert svg.lstrip().startswith("<?xml") and "dc:date" not in svg


def test_what_a_curve_and_a_map_show_is_said():
    kinds = {"day": "date"}
    (shape,) = shapes(MODEL, TABLE, ["day"], kinds=kinds)
    said = shape_in_words(shape, {"": 0})
    assert said.startswith("Curve of day. −3.6") and "1 Jan 2020" in said and "31 Dec 2021" in said
    said = interaction_in_words(interaction(MODEL, TABLE, "day", "a", kinds=kinds))
    assert "lowest" in said and "day 1 Jan 2020" in said and "highest" in said
