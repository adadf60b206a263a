"""Is a killed run gone on with to the same weights? 200 kills (SIGKILL) at random moments, most while steps or
checkpoints are being made: each resume must be clean and the final weights equal to the bit.

    python benchmarks/kills.py --kills 200
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import torch

from edgewise import Checkpoint, build, fit

RUNS = {
    "L-BFGS": {"steps": 40},
    "L-BFGS, penalty": {"steps": 40, "lamb": 1e-3},
    "Adam, batches, cosine": {
        "steps": 60,
        "opt": "Adam",
        "batch": 16,
        "scheduler": "cosine",
        "validation": 0.2,
    },
    "Levenberg-Marquardt": {"steps": 25, "opt": "LM"},
    "torch's L-BFGS": {"steps": 25, "opt": torch.optim.LBFGS},
}


def data() -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.rand(80, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2 - 1
    return x, torch.sin(3 * x[:, :1]) * x[:, 1:]


def trained(name: str, path: str | None) -> bytes:
    """One run, from its checkpoint where there is one; its weights."""
    model = build([2, 3, 1], seed=1, dtype=torch.float64)
    keep = {} if path is None else {"checkpoint": Checkpoint(path, 1)}
    fit(model, data(), **RUNS[name], **keep)
    return b"".join(part.detach().numpy().tobytes() for part in model.state_dict().values() if part.numel())


def die_at_random(name: str, path: str, delay: float) -> None:
    """What a killed process does: train, until the alarm kills it."""
    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, delay)
    trained(name, path)
    os._exit(0)


def try_once(name: str, path: str, delay: float) -> int:
    """Start a run and kill it after `delay` seconds; what the process ended with."""
    child = multiprocessing.get_context("fork").Process(target=die_at_random, args=(name, path, delay))
    child.start()
    # Killed from outside too: the alarm is only seen between two steps of Python.
    time.sleep(delay)
    if child.is_alive() and child.pid is not None:
        os.kill(child.pid, signal.SIGKILL)
    child.join()
    return child.exitcode or 0


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--kills", type=int, default=200)
    reader.add_argument("--seed", type=int, default=0)
    asked = reader.parse_args()
    torch.set_num_threads(1)
    numbers, counts, wrong, started = random.Random(asked.seed), Counter[str](), [], time.perf_counter()
    seconds, want = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for name in RUNS:
            want[name] = trained(name, None)
            before = time.perf_counter()
            trained(name, str(Path(folder) / "whole"))
            seconds[name] = time.perf_counter() - before
            (Path(folder) / "whole").unlink()
        kills = 0
        while kills < asked.kills:
            name = list(RUNS)[kills % len(RUNS)]
            path = Path(folder) / f"{name.replace(' ', '-')}-{kills}.ckpt"
            # The first run dies; the next takes up what it left, and may die as well.
            ends = [
                try_once(name, str(path), numbers.uniform(0.0, seconds[name]))
                for _ in range(numbers.choice((1, 2, 3)))
            ]
            killed = sum(end == -signal.SIGKILL for end in ends)
            counts["killed before the first checkpoint" if not path.exists() else "killed later"] += killed
            kills += killed
            counts["runs"] += 1
            if any(end not in (0, -signal.SIGKILL) for end in ends):
                wrong.append(f"{name}: a process ended with {ends}")
            try:
                same = trained(name, str(path)) == want[name]
            except Exception as error:
                wrong.append(f"{name}: {type(error).__name__}: {error}")
            else:
                counts["equal"] += same
                wrong += [] if same else [f"{name}: other weights"]
            if path.with_name(f".{path.name}.draft").exists():
                wrong.append(f"{name}: a draft was left")
            path.unlink(missing_ok=True)
    print(f"{kills} kills in {counts['runs']} runs; {counts['equal']} runs came to equal weights")
    print({name: count for name, count in counts.items() if name.startswith("killed")})
    print(f"{len(wrong)} failures, {time.perf_counter() - started:.0f} s")
    print("\n".join(wrong[:20]))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
