from __future__ import annotations

import re
from importlib.metadata import version

from edgewise._version import __version__


def test_the_version_is_that_of_the_installed_package():
    assert version("edgewise") == __version__


def test_the_version_has_three_numbers():
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+|rc\d+)?", __version__)
