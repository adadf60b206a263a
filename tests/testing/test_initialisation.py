from __future__ import annotations

import pytest
import torch

from edgewise.layers import Start, paper
from edgewise.testing import check_initialisation


def short(shape, generator):
    start = paper(shape, generator)
    return Start(start.coef[:, :1], start.scale_base)


def global_noise(shape, generator):
    start = paper(shape, generator)
    return Start(torch.rand_like(start.coef), start.scale_base)


def constant(shape, generator):
    start = paper(shape, generator)
    return Start(torch.ones_like(start.coef), torch.ones_like(start.scale_base))


def infinite(shape, generator):
    start = paper(shape, generator)
    return Start(start.coef / 0, start.scale_base)


def thin_base(shape, generator):
    start = paper(shape, generator)
    return Start(start.coef, start.scale_base[:0])


@pytest.mark.parametrize(
    ("init", "message"),
    [
        (short, "coef must have shape"),
        (thin_base, "scale_base must have shape"),
        (global_noise, "random state of torch"),
        (constant, "another seed"),
        (infinite, "coef must be finite"),
    ],
)
def test_a_bad_initialisation_is_told(init, message):
    with pytest.raises(AssertionError, match=message):
        check_initialisation(init)


def test_a_stateful_initialisation_is_told():
    calls = []

    def drifting(shape, generator):
        calls.append(1)
        start = paper(shape, generator)
        return Start(start.coef + len(calls), start.scale_base)

    with pytest.raises(AssertionError, match="same seed must give the same bits"):
        check_initialisation(drifting)
