from __future__ import annotations

import pytest
import torch

from edgewise.errors import InputError, ShapeError
from edgewise.explain.hypotheses.symmetries import symmetries, symmetry


def samples(columns=3) -> torch.Tensor:
    return torch.rand(300, columns, generator=torch.Generator().manual_seed(0), dtype=torch.float64) + 0.5


@pytest.mark.parametrize(
    "other", [lambda g, c: g * c, lambda g, c: torch.sin(g + c**2), lambda g, c: c / (1 + g**2)]
)
@pytest.mark.parametrize(
    ("kind", "g"),
    [
        ("difference", lambda a, b: a - b),
        ("sum", lambda a, b: a + b),
        ("ratio", lambda a, b: a / b),
        ("product", lambda a, b: a * b),
        ("radius", lambda a, b: (a**2 + b**2).sqrt()),
        ("interval", lambda a, b: a**2 - b**2),
    ],
)
def test_each_symmetry_is_found_and_no_other(kind, g, other):
    found = symmetries(lambda x: other(g(x[:, 0], x[:, 1]), x[:, 2]), samples(), threshold=1e-6)
    assert [one.kind for one in found if one.holds and one.inputs == ("x_1", "x_2")] == [kind]


def test_an_irrelevant_input_gives_no_symmetry():
    assert not any(one.holds for one in symmetries(lambda x: x[:, 0] ** 2, samples()))


def test_what_is_found_prints_in_a_few_lines():
    lines = repr(symmetries(lambda x: torch.exp(x[:, 0] * x[:, 1]) + x[:, 2], samples())).splitlines()
    assert lines[0].startswith("x_1, x_2: only through x_1*x_2: ")
    assert len(lines) == 2
    assert lines[1].startswith("17 other hypotheses do not hold; the nearest is ")


def test_a_given_combination():
    f = lambda x: torch.exp(x[:, 0] * x[:, 1] ** 3) + x[:, 2]
    assert symmetry(f, samples(), lambda x: x[:, 0] * x[:, 1] ** 3, ["a", "b"], names=["a", "b", "c"]).holds
    wrong = symmetry(f, samples(), lambda x: x[:, 0] * x[:, 1] ** 2, [0, 1])
    assert not wrong.holds
    assert "not only through" in str(wrong)


def test_bad_arguments():
    with pytest.raises(InputError):
        symmetry(lambda x: x.sum(1), samples(), lambda x: x[:, 0], ["q"])
    with pytest.raises(ShapeError):
        symmetry(lambda x: x.sum(1), samples(), lambda x: x, [0])
