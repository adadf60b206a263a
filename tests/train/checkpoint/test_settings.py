from __future__ import annotations

import pytest

from edgewise import Checkpoint
from edgewise.errors import InputError


def test_how_often_is_a_whole_number():
    assert Checkpoint("run.ckpt").every == 10
    for wrong in (0, 1.5, "often"):
        with pytest.raises(InputError, match="^Checkpoint: every must be a whole number of at least 1"):
            Checkpoint("run.ckpt", wrong)
