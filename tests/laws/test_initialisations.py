"""Every initialisation keeps the law of start values."""

from __future__ import annotations

import pytest

from edgewise.layers import INITIALISATIONS
from edgewise.testing import check_initialisation


@pytest.mark.parametrize("name", sorted(INITIALISATIONS))
def test_initialisation(name):
    check_initialisation(INITIALISATIONS[name])
