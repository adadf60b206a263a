from __future__ import annotations

import pytest
import torch

from edgewise.errors import InputError, ShapeError
from edgewise.train.data.spec import DataSpec
from edgewise.train.data.targets import as_targets


def targets(y, outputs, kind="values") -> torch.Tensor:
    return as_targets(torch.as_tensor(y), "y", DataSpec(outputs=outputs, targets=kind))


def test_values_take_the_shape_of_the_predictions():
    assert targets([1, 2], 1).shape == (2, 1) and targets([1, 2], 1).dtype == torch.float32
    assert targets([1.0, 2.0], None).shape == (2, 1)
    assert targets([[1.0], [2.0]], 0).shape == (2,)
    for y, outputs in (([1.0, 2.0], 2), ([[1.0, 2.0]], 1), ([[1.0, 2.0]], 0)):
        with pytest.raises(ShapeError, match=r"^fit: y must"):
            targets(y, outputs)


@pytest.mark.parametrize("y", [[0, 2], [0.0, 2.0], [[0], [2]]])
@pytest.mark.parametrize("kind", ["classes"])
def test_classes_are_a_vector_of_long(y, kind):
    result = targets(y, 3, kind)
    assert result.dtype == torch.long and result.tolist() == [0, 2]


def test_class_probabilities_pass():
    assert targets([[0.5, 0.5], [1.0, 0.0]], 2, "classes").shape == (2, 2)


@pytest.mark.parametrize(
    ("y", "outputs"), [([0, 3], 3), ([-1, 0], 3), ([0.5, 1.0], 3), ([0, 1], 1), ([0, 1], 0)]
)
def test_labels_that_are_no_classes(y, outputs):
    with pytest.raises(InputError):
        targets(y, outputs, "classes")


def test_probabilities_lie_between_zero_and_one():
    assert targets([0, 1], 1, "probabilities").shape == (2, 1)
    with pytest.raises(InputError, match="between 0 and 1"):
        targets([-1, 1], 1, "probabilities")
