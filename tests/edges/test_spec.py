import pytest
import torch

from edgewise.edges import EdgeSpec, EdgeWeights
from edgewise.edges.bases import base_values
from edgewise.errors import UnknownName


def test_specs_compare_by_value():
    assert EdgeSpec(3) == EdgeSpec(3, "silu", "linear")
    assert EdgeWeights(torch.zeros(1, 4, 1), torch.zeros(1, 1)).scale is None


@pytest.mark.parametrize("base", ["silu", "identity", "zero"])
def test_derivatives_of_bases_follow_each_other(base):
    x = torch.linspace(-5, 5, 21, dtype=torch.float64, requires_grad=True)
    for order in range(6):
        value = base_values(x, base, order)
        total = value.sum() + 0 * x.sum()
        slope = torch.autograd.grad(total, x)[0]
        torch.testing.assert_close(base_values(x.detach(), base, order + 1), slope)


def test_an_unknown_base():
    with pytest.raises(UnknownName, match="silu"):
        base_values(torch.zeros(1), "sliu")
