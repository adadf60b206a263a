import pytest
import torch

from edgewise.errors import InputError
from edgewise.layers import FormulaLayer
from edgewise.layers.held_constants import FREE, held_row, names_of_held


@pytest.mark.parametrize("names", [(), ("a",), ("b", "d"), ("a", "b", "c", "d")])
def test_names_and_rows_say_the_same(names):
    affine = torch.tensor([1.0, -2.0, 0.0, 4.0])
    row = held_row(affine, (name for name in names))
    assert names_of_held(row) == names
    assert torch.equal(torch.where(row == FREE, affine, row), affine)


def test_all_of_them():
    assert names_of_held(True) == names_of_held("all") == names_of_held("dcba") == ("a", "b", "c", "d")
    assert names_of_held(False) == names_of_held(()) == ()
    with pytest.raises(InputError, match="got 'x'"):
        names_of_held(["a", "x"])


def test_gradients_of_held_constants_are_zero():
    layer = FormulaLayer(1, 1).with_edge(0, 0, "exp", (1, 2, 3, 4), hold=("b", "c"))
    layer(torch.ones(5, 1)).sum().backward()
    assert (layer.affine.grad != 0).tolist() == [[True, False, False, True]]


def test_layers_without_them_are_as_small_as_before():
    layer = FormulaLayer(2, 1).with_edge(0, 0, "exp").with_edge(1, 0, "sin", hold="all").without_edge(1, 0)
    assert layer.held.shape == (0, 4) and layer.constants is layer.affine
