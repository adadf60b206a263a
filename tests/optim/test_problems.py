from __future__ import annotations

import dataclasses

import pytest
import torch

from edgewise.optim import LeastSquares, Smooth


def test_problems_are_values():
    smooth = Smooth(lambda x: (float(x @ x), 2 * x))
    squares = LeastSquares(lambda x: x, lambda x: torch.eye(len(x)))
    assert squares.metric is None
    for problem in (smooth, squares):
        with pytest.raises(dataclasses.FrozenInstanceError):
            problem.metric = None
