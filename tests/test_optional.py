from __future__ import annotations

import math

import pytest

from edgewise._optional import optional
from edgewise.errors import MissingExtra


def test_a_package_that_is_there_is_given():
    assert optional("math", "symbolic", "arithmetic") is math


def test_a_missing_package_names_the_pip_command():
    with pytest.raises(MissingExtra) as caught:
        optional("no_such_package_here", "plot", "draw")
    assert str(caught.value).startswith("draw needs the package no_such_package_here")
    assert str(caught.value).endswith("pip install 'edgewise[plot]'")
    assert isinstance(caught.value.__cause__, ImportError)
