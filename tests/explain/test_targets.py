from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.errors import InputError, ShapeError
from edgewise.explain.targets import matching_targets
from edgewise.network import build


@pytest.mark.parametrize("y", [[1, 2, 3], np.ones(3), torch.ones(3, 1), torch.ones(3, dtype=torch.int64)])
def test_one_output_takes_a_column_or_a_row_of_values(y):
    assert matching_targets(y, 3, build([2, 1]), "f").shape == (3, 1)


def test_leading_dimensions_are_rows():
    y = torch.arange(12.0).reshape(2, 3, 2)
    found = matching_targets(y, 6, build([1, 2]), "f")
    assert torch.equal(found, y.reshape(6, 2))


def test_the_data_type_is_kept():
    for dtype in (torch.int64, torch.float32, torch.float64):
        assert matching_targets(torch.ones(3, dtype=dtype), 3, build([2, 1]), "f").dtype == dtype


def test_nothing_to_compare_with_is_none():
    assert matching_targets(None, 3, build([2, 1]), "f") is None
    assert matching_targets(torch.tensor([0, 2, 1]), 3, build([2, 3]), "f") is None  # labels of classes


def test_other_rows_and_gaps_are_refused():
    with pytest.raises(ShapeError, match=r"f: test_y must have one row for each of the 4 rows"):
        matching_targets([1.0, 2.0], 4, build([2, 1]), "f", "test_y")
    with pytest.raises(ShapeError, match="f: y"):
        matching_targets(1.0, 1, build([2, 1]), "f")
    with pytest.raises(InputError, match="f: y must be finite"):
        matching_targets([1.0, float("nan")], 2, build([2, 1]), "f")
