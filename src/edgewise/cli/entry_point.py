"""The entry point; says what to install where the packages of the command line are missing."""

from __future__ import annotations

import importlib.util
import sys

from .._optional import optional
from ..errors import MissingExtra

WRONG_USE = 2


def main() -> None:
    """Run the command line and end the process: 0 done, 1 bad data or files, 2 wrong use, 130 interrupted."""
    try:
        optional("typer", "cli", "the command line")
        optional("rich", "cli", "the command line")
        if importlib.util.find_spec("pandas") is None:  # it takes long to import, and --help does without
            optional("pandas", "cli", "the command line")
    except MissingExtra as error:
        sys.stderr.write(f"edgewise: {error}\n")
        sys.exit(WRONG_USE)
    optional("edgewise.cli.app", "cli", "the command line").app()
