import numpy as np
import pandas as pd
import pytest

from edgewise.datasets.table import Table
from edgewise.errors import InputError, ShapeError, UnknownName


def table():
    columns = {"x": np.array([1.0, 2.0]), "n": np.array([3, 4]), "name": np.array(["a", "b"])}
    return Table("points", columns, "by hand", "MIT")


def test_columns_side_by_side():
    assert table().matrix().tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert table().matrix("n").tolist() == [[3.0], [4.0]]
    assert pd.DataFrame(dict(table())).shape == (2, 3)


def test_what_it_refuses():
    with pytest.raises(UnknownName, match="Did you mean 'name'"):
        table().matrix("nam")
    with pytest.raises(InputError, match="text"):
        table().matrix("x", "name")
    with pytest.raises(KeyError, match="points"):
        table()["y"]
    with pytest.raises(ShapeError, match="one length"):
        Table("t", {"x": np.zeros(2), "y": np.zeros(3)}, "", "")


def test_an_empty_one():
    assert Table("t", {}, "", "").rows == 0
