"""The choice of an optimiser by loss and size."""

from __future__ import annotations

import pytest

from edgewise.train.automatic import choose_optimiser


@pytest.mark.parametrize(
    ("squares", "whole", "outputs", "parameters", "name"),
    [
        (True, True, 1000, 100, "LM"),
        (False, True, 1000, 100, "LBFGS"),
        (True, True, 1000, 5000, "LBFGS"),
        (True, True, 100_000, 1000, "LBFGS"),
        (True, False, 1000, 100, "Adam"),
        (True, True, 10**6, 10**4, "Adam"),
    ],
)
def test_choice(squares: bool, whole: bool, outputs: int, parameters: int, name: str) -> None:
    choice = choose_optimiser(squares=squares, whole=whole, outputs=outputs, parameters=parameters)
    assert choice.name == name
    assert name in str(choice)
