"""The choice of an optimiser by loss and size."""

from __future__ import annotations

import pytest

from edgewise.train.step.automatic import choose_optimiser


@pytest.mark.parametrize(
    ("squares", "whole", "outputs", "parameters", "name"),
    [
        (True, True, 1000, 100, "LM"),
        (False, True, 1000, 100, "BFGS"),
        (False, True, 1000, 5000, "LBFGS"),
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


def test_edges_are_driven_to_zero_by_lbfgs() -> None:
    choice = choose_optimiser(squares=False, whole=True, outputs=1000, parameters=100, penalised=True)
    assert choice.name == "LBFGS"
