"""`check_quiet`: check that an action prints nothing, writes nothing and touches no global random state."""

from __future__ import annotations

import io
import os
import random
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, TypeVar

import numpy as np
import torch

from .require import require

Result = TypeVar("Result")


def check_quiet(action: Callable[[], Result]) -> Result:
    """Run an action and see that nobody notices.

    Args:
        action: What to run, without arguments. It runs in an empty folder as working directory.

    Returns:
        What the action gives.

    Raises:
        AssertionError: it printed, left a file in the working directory, or changed the global random state
            of torch, numpy or `random`.

    Example:
        >>> from edgewise.network import build
        >>> check_quiet(lambda: build([2, 5, 1])).width
        (2, 5, 1)
    """
    before, printed = _random_states(), io.StringIO()
    home = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            with redirect_stdout(printed), redirect_stderr(printed):
                result = action()
            written = sorted(os.listdir(folder))
        finally:
            os.chdir(home)
    require(not printed.getvalue(), f"must print nothing; printed {printed.getvalue()[:200]!r}")
    require(not written, f"must write no file; wrote {written}")
    for name, state in _random_states().items():
        require(state == before[name], f"must leave the global random state of {name} alone; it changed")
    return result


def _random_states() -> dict[str, Any]:
    kind, keys, *rest = np.random.get_state()  # noqa: NPY002
    return {
        "torch": torch.get_rng_state().numpy().tobytes(),
        "numpy": (kind, np.asarray(keys).tobytes(), *rest),
        "random": random.getstate(),
    }
