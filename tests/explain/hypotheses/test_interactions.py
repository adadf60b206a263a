from __future__ import annotations

import pytest
import torch

from edgewise.explain.hypotheses.interactions import connected, interactions, named


def samples(columns=3) -> torch.Tensor:
    return torch.rand(300, columns, generator=torch.Generator().manual_seed(0), dtype=torch.float64) + 0.5


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_scores_do_not_depend_on_units(scale):
    x = samples()
    plain = interactions(lambda x: x[:, 0] * x[:, 1] + x[:, 2] ** 3, x)
    other = interactions(
        lambda x: 7 * (x[:, 0] / scale * x[:, 1] + x[:, 2] ** 3), x * torch.tensor([scale, 1, 1])
    )
    torch.testing.assert_close(plain.scores, other.scores)
    assert other.groups() == (("x_1", "x_2"), ("x_3",))
    assert other.pairs()[0][:2] == ("x_1", "x_2")


def test_a_weak_part_still_interacts():
    found = interactions(lambda x: 1e4 * x[:, 2] + x[:, 0] * x[:, 1], samples())
    assert found.groups() == (("x_1", "x_2"), ("x_3",))


def test_multiplicative_scores_tell_products_from_sums():
    product = interactions(lambda x: torch.exp(x[:, 0]) * x[:, 1] ** 2, samples(2))
    total = interactions(lambda x: x[:, 0] + x[:, 1] + 1000, samples(2))
    assert float(product.multiplicative[0, 1]) < 1e-12
    assert float(total.multiplicative[0, 1]) > 0.9


def test_connected_and_named():
    assert connected(torch.eye(3, dtype=torch.bool)) == [(0,), (1,), (2,)]
    assert named([(1,)], ["a", "b"]) == (("b",),)


def test_one_input_has_no_pairs():
    assert str(interactions(lambda x: x[:, 0], samples(1))).startswith("one input")
