from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise._tensors import even_places, to_tensor
from edgewise.errors import InputError

GRID = np.arange(6.0).reshape(2, 3)


@pytest.mark.parametrize(
    "values",
    [
        GRID, GRID.tolist(), GRID.astype(">f8"), GRID[::-1][::-1], np.asfortranarray(GRID),
        GRID.astype(object), GRID.astype(np.longdouble), torch.from_numpy(GRID),
        list(torch.from_numpy(GRID)), tuple(GRID),
    ],
)  # fmt: skip
def test_forms_of_one_table(values):
    tensor = to_tensor(values, "fit", "x")
    assert torch.equal(tensor.double(), torch.from_numpy(GRID))


def test_negative_strides_and_read_only_arrays():
    view = GRID.view()
    view.flags.writeable = False
    assert torch.equal(to_tensor(view, "fit", "x"), torch.from_numpy(GRID))
    assert to_tensor(GRID[:, ::-1], "fit", "x").tolist() == GRID[:, ::-1].tolist()


def test_graphs_are_left_behind():
    assert not to_tensor(torch.ones(2, requires_grad=True), "fit", "x").requires_grad


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a", "b"], "must be numbers; got dtype"),
        (np.array([[1.0, "a"]], dtype=object), "str 'a' in column 1"),
        (np.array([[1.0, None]], dtype=object), "NoneType None in column 1"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "must be numbers"),
        ([[1.0, 2.0], [3.0]], "rows of different lengths"),
        (np.array([1j]), "must be real"),
        (torch.tensor([1j]), "must be real"),
        ([[1.0, np.nan], [np.inf, np.nan]], "2 of 2 rows, the first in column 0"),
        (np.nan, "1 of 1 rows"),
    ],
)
def test_what_is_no_finite_number(values, message):
    with pytest.raises(InputError, match=message) as caught:
        to_tensor(values, "fit", "x")
    assert str(caught.value).startswith("fit: x must be")


@pytest.mark.parametrize(("count", "most"), [(1, 5), (5, 5), (6, 5), (2**24 + 3, 7), (2**31 + 1, 3)])
def test_places_are_spread_evenly_from_the_first_to_the_last(count, most):
    places = even_places(count, most)
    assert len(places) == min(count, most)
    assert (places[0], places[-1]) == (0, count - 1)
    steps = places.diff().double()
    assert len(steps) == 0 or steps.max() - steps.min() <= 1
