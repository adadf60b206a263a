from __future__ import annotations

import pytest
import torch

from edgewise.testing.require import require, require_close


def test_require_lets_truth_pass_and_tells_what_is_wrong():
    require(True, "unseen")
    require(torch.tensor([True, True]), "unseen")
    with pytest.raises(AssertionError, match="the sky has fallen"):
        require(torch.tensor([True, False]), "the sky has fallen")


@pytest.mark.parametrize(
    ("got", "message"),
    [
        (torch.tensor([1.0, 2.1]), "difference of 0.1"),
        (torch.tensor([1.0]), "shape must be"),
        (torch.tensor([1.0, float("nan")]), "must be finite"),
    ],
)
def test_require_close_names_what_differs(got, message):
    with pytest.raises(AssertionError, match=message) as caught:
        require_close(got, torch.tensor([1.0, 2.0]), 1e-3, "height")
    assert str(caught.value).startswith("height")


def test_require_close_is_relative_to_the_largest_value():
    require_close(torch.tensor([1e6, 5.0]), torch.tensor([1e6, 0.0]), 1e-5, "value")
    require_close(torch.zeros(0, 2), torch.zeros(0, 2), 0.0, "nothing")
