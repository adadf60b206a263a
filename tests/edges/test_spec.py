from pathlib import Path

import pytest
import torch

from edgewise.edges import EdgeSpec, EdgeWeights
from edgewise.edges.spec import EXTRAPOLATION_IDS, with_unit_stride
from edgewise.spline.evaluate import EXTRAPOLATIONS

KERNELS = Path(__file__).parents[2] / "native" / "kernels.hpp"


def test_specs_compare_by_value():
    assert EdgeSpec(3) == EdgeSpec(3, "silu", "linear")
    assert EdgeWeights(torch.zeros(1, 4, 1), torch.zeros(1, 1)).scale is None


def test_the_kernels_know_every_extrapolation_but_the_one_that_raises():
    assert set(EXTRAPOLATION_IDS) == set(EXTRAPOLATIONS) - {"error"}


@pytest.mark.skipif(not KERNELS.exists(), reason="the tests run beside an installed package")
def test_numbers_are_those_of_the_native_kernels():
    found = KERNELS.read_text("utf-8").partition("enum Extrapolation : int {")[2].partition("}")[0]
    ids = (f"k{name.capitalize()} = {number}" for name, number in EXTRAPOLATION_IDS.items())
    assert found.strip() == ", ".join(ids)


def test_weights_that_are_dense_are_left_alone():
    packed = torch.zeros(3, 5, 4)
    weights = EdgeWeights(packed[:, 1:], packed[:, 0], torch.zeros(3, 4))
    found = with_unit_stride(weights)
    assert all(one.data_ptr() == other.data_ptr() for one, other in zip(found, weights, strict=True))


def test_weights_that_are_not_dense_are_copied():
    weights = EdgeWeights(torch.rand(3, 4, 2).transpose(1, 2), torch.rand(4, 3).T)
    found = with_unit_stride(weights)
    assert torch.equal(found.coef, weights.coef) and torch.equal(found.base, weights.base)
    assert found.coef.stride()[1:] == (4, 1) and found.base.stride(1) == 1
