from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from edgewise.functions import LIBRARY, Function, make_function
from edgewise.testing import check_function

SINE = Function("sine", torch.sin, torch.sin)


def test_a_good_function_passes():
    check_function(SINE)
    check_function(make_function("softplus", torch.nn.functional.softplus))


@pytest.mark.parametrize(
    ("safe", "message"),
    [
        (lambda x: torch.sin(x) + 1e-9, "safe on the domain"),
        (lambda x: torch.sin(x) + 0 * torch.where(x > 1e5, x / 0, x), "value must be finite"),
        (lambda x: torch.sin(x).float().to(torch.float64), "dtype|domain"),
        (lambda x: torch.sin(x).sum() + 0 * x, "domain|element"),
        (lambda x: torch.sin(x.nan_to_num(1.0)), "NaN must come through"),
    ],
)
def test_a_bad_safe_version_is_told(safe, message):
    with pytest.raises(AssertionError, match=message):
        check_function(replace(SINE, safe=safe))


def test_an_unsafe_gradient_is_told():
    root = Function("root", torch.sqrt, lambda x: x.clamp(min=0).sqrt(), domain=((0.0, float("inf")),))
    with pytest.raises(AssertionError, match="gradient must be finite"):
        check_function(root)
    check_function(LIBRARY["sqrt"])
