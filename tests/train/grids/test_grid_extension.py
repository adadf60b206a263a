from __future__ import annotations

import pytest

from edgewise import GridExtension
from edgewise.errors import InputError


def test_starts_are_counted_from_one():
    assert GridExtension([3, 6]).n_starts == 1
    for wrong in (0, 2.5, None):
        with pytest.raises(InputError, match="^GridExtension: n_starts must be a whole number of at least 1"):
            GridExtension("auto", wrong)
