from __future__ import annotations

import pytest
import torch

from edgewise.errors import InputError
from edgewise.explain.hypotheses.separability import largest_modules, loosest, modules, separability


def samples(columns=4) -> torch.Tensor:
    return torch.rand(300, columns, generator=torch.Generator().manual_seed(0), dtype=torch.float64) + 0.5


LAWS = [
    ("additive", lambda a, b, c, d: a * b + torch.sin(c * d), (("x_1", "x_2"), ("x_3", "x_4"))),
    ("additive", lambda a, b, c, d: a + b + c + d, (("x_1",), ("x_2",), ("x_3",), ("x_4",))),
    ("multiplicative", lambda a, b, c, d: (a + b) * torch.exp(c - d), (("x_1", "x_2"), ("x_3",), ("x_4",))),
    ("multiplicative", lambda a, b, c, d: (a - 1) * (b - 1) * (c + d), (("x_1",), ("x_2",), ("x_3", "x_4"))),
    (
        "general",
        lambda a, b, c, d: torch.sin(a * torch.exp(b)) * c / (1 + c * d),
        (("x_1", "x_2"), ("x_3", "x_4")),
    ),
    (
        "general",
        lambda a, b, c, d: torch.cosh(a + b**2 + b * c) * d + d**2,
        (("x_1", "x_2", "x_3"), ("x_4",)),
    ),
]


@pytest.mark.parametrize(("kind", "law", "groups"), LAWS)
def test_the_finest_groups_are_found(kind, law, groups):
    found = separability(lambda x: law(*x.unbind(1)), samples(), kind)
    assert found.holds
    assert found.groups == groups
    assert found.statistic < 1e-9


@pytest.mark.parametrize("kind", ["additive", "multiplicative", "general"])
def test_a_function_of_all_does_not_separate(kind):
    found = separability(
        lambda x: (x[:, 0] * x[:, 1] + x[:, 1] * x[:, 2] + x[:, 2] * x[:, 0]) ** 2 + x[:, 0], samples(3), kind
    )
    assert not found.holds
    assert found.statistic > found.threshold


def test_given_groups_by_name_and_number():
    x = samples(3)
    f = lambda x: x[:, 0] * x[:, 1] + x[:, 2]
    assert separability(f, x, groups=[["c"]], names=["a", "b", "c"]).holds
    assert not separability(f, x, groups=[[0], [1, 2]]).holds
    assert "does not hold" in str(separability(f, x, groups=[[0], [1, 2]]))


@pytest.mark.parametrize("groups", [[["q"]], [[0], [0]], [[7]]])
def test_bad_groups(groups):
    with pytest.raises(InputError, match="inputs must be different"):
        separability(lambda x: x.sum(1), samples(), groups=groups)


def test_bad_kind():
    with pytest.raises(InputError, match="kind must be"):
        separability(lambda x: x.sum(1), samples(), "adittive")


def test_modules_and_loosest_links():
    assert modules(torch.ones(3, 3, 3), 0.1) == []
    assert largest_modules(torch.zeros(3, 3, 3), 0.1) == [(0, 1), (2,)]
    assert loosest(torch.zeros(1, 1), 0.1) == [(0,)]
