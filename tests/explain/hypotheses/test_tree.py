from __future__ import annotations

import pytest
import torch

from edgewise import create_dataset
from edgewise.explain.hypotheses.tree import structure_tree
from edgewise.network import build
from edgewise.train import fit


def samples(columns=4) -> torch.Tensor:
    return torch.rand(300, columns, generator=torch.Generator().manual_seed(0), dtype=torch.float64) + 0.5


LAWS = {
    "f1(x_1) + f2(x_2) + f3(x_3) + f4(x_4)": lambda a, b, c, d: a + b + c + d,
    "f1(f2(x_1) + f3(x_2)) f4(f5(x_3) + f6(x_4))": lambda a, b, c, d: torch.exp(a * b) / (c + d),
    "f1(f2(x_1) + f3(x_2) + f4(x_3) + f5(x_4))": lambda a, b, c, d: (a + b + c + d) ** 2,
    "f1(f2(f3(x_1) + f4(x_2)) + f5(x_3)) f6(x_4)": lambda a, b, c, d: torch.sin(a * b + c) * d,
    "f1(x_1) f2(x_2)": lambda a, b, c, d: a * torch.exp(b) + 5,
    "f1(x_1, x_2, x_3) + f2(x_4)": lambda a, b, c, d: a * b + b * c + c * a + d,
    "f1(x_3)": lambda a, b, c, d: c**2,
    "constant": lambda a, b, c, d: torch.ones_like(a),
}


@pytest.mark.parametrize("text", LAWS)
def test_structure_of_known_laws(text):
    assert str(structure_tree(lambda x: LAWS[text](*x.unbind(1)), samples())) == text


def test_a_trained_network():
    data = create_dataset(
        lambda x: torch.exp(x[:, [0]]) * x[:, [1]] + x[:, [2]] ** 2,
        n_var=3,
        dtype=torch.float64,
        train_num=400,
        seed=0,
    )
    model = build([3, (2, 1), 1], grid=5, seed=0, dtype=torch.float64)
    fit(model, data, steps=60, progress=False)
    assert str(structure_tree(model, data["train_input"], threshold=0.1)) == "f1(x_1) f2(x_2) + f3(x_3)"
