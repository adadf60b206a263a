"""Every function of the symbolic library, and one of a user's, keeps the law of functions."""

from __future__ import annotations

import pytest
import torch

from edgewise.functions import LIBRARY, make_function
from edgewise.testing import check_function


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_library_function(name):
    check_function(LIBRARY[name])


def test_user_function_with_a_singularity():
    check_function(make_function("my log", torch.log, domain=((0.0, float("inf")),)))
