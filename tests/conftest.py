"""Fixtures for every test: one thread, seeded hypothesis, and a watch on side effects."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import settings

torch.set_num_threads(1)
settings.register_profile("edgewise", deadline=None, derandomize=True, database=None)
settings.load_profile("edgewise")


@pytest.fixture
def generator() -> torch.Generator:
    """A generator of random numbers, seeded with 0."""
    return torch.Generator().manual_seed(0)


class SideEffects:
    """What a test may not change: random state, torch's global settings, its folder, and the screen."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capture = capture
        self.restart()

    def restart(self) -> None:
        """Take what has happened up to here as given."""
        self.capture.readouterr()
        self.before = self.state()

    def state(self) -> dict[str, object]:
        """Everything watched except the screen, as values that compare."""
        name, keys, *rest = np.random.get_state()
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
        return {
            "torch's random state": torch.random.get_rng_state().tolist(),
            "CUDA's random states": [state.tolist() for state in cuda],
            "numpy's random state": (name, keys.tolist(), *rest),
            "random's state": random.getstate(),
            "torch's default dtype": torch.get_default_dtype(),
            "torch's gradient mode": torch.is_grad_enabled(),
            "torch's number of threads": torch.get_num_threads(),
            "torch's deterministic mode": torch.are_deterministic_algorithms_enabled(),
            "the files in the folder": sorted(str(path) for path in self.folder.rglob("*")),
        }

    def check(self) -> None:
        """Fail where anything changed, or was printed, since the last `restart`."""
        after, printed = self.state(), self.capture.readouterr()
        changed = [name for name in after if after[name] != self.before[name]]
        assert not changed, f"changed: {', '.join(changed)}"
        assert (printed.out, printed.err) == ("", ""), f"printed: {printed.out}{printed.err}"


@pytest.fixture
def no_side_effects(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[SideEffects]:
    """Fail the test if it writes into its folder, prints, or changes a global random state or setting.

    The test runs in an empty folder of its own. A test that must do so first (set a seed, say) calls
    `no_side_effects.restart()` after it; `no_side_effects.check()` checks at once.
    """
    folder = tmp_path_factory.mktemp("folder")
    monkeypatch.chdir(folder)
    watch = SideEffects(folder, capfd)
    yield watch
    watch.check()
