from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from edgewise.testing import check_quiet


def test_gives_what_the_action_gives_and_comes_back_to_the_folder():
    home = os.getcwd()
    assert check_quiet(lambda: 3) == 3
    assert os.getcwd() == home


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda: sys.stdout.write("hello"), "print nothing.*hello"),
        (lambda: sys.stderr.write("hello"), "print nothing.*hello"),
        (lambda: Path("litter").write_text("x"), "write no file.*litter"),
        (lambda: torch.rand(1), "random state of torch"),
        (lambda: np.random.rand(), "random state of numpy"),
        (lambda: random.random(), "random state of random"),
    ],
)
def test_notices(action, message):
    home = os.getcwd()
    with pytest.raises(AssertionError, match=message):
        check_quiet(action)
    assert os.getcwd() == home


def test_lets_errors_through_and_comes_back():
    home = os.getcwd()
    with pytest.raises(ZeroDivisionError):
        check_quiet(lambda: 1 / 0)
    assert os.getcwd() == home
