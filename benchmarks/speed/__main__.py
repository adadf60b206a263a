"""Runs the benchmark: a process for each number of threads, then the checks."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .clock import CLOCKS
from .criteria import checks
from .peers import PEERS, missing
from .results import Results, load, machine, save
from .sizes import FLATNESS, SIZES

DEFAULT_JSON = Path(__file__).parents[1] / "results" / "speed.json"


def chosen(wanted: list[str]) -> list[str]:
    """Keys of the sizes that hold one of the words; all of them where there are no words."""
    keys = [*(size.key for size in SIZES), FLATNESS]
    return [key for key in keys if not wanted or any(word in key for word in wanted)]


def run(threads: int, sizes: list[str], peers: list[str], seconds: float, clock: str) -> Results:
    """Measure on a number of threads, in a new process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        command = [sys.executable, "-m", "benchmarks.speed.measure", "--json", str(path)]
        command += ["--sizes", *sizes, "--peers", *peers]
        command += ["--threads", str(threads), "--seconds-per-row", str(seconds), "--clock", clock]
        # jax sizes its pool by NPROC; torch is told by the process itself. Kineto reports each profile.
        setting = {**os.environ, "NPROC": str(threads), "KINETO_LOG_LEVEL": "99"}
        ended = subprocess.run(command, env=setting, check=False)
        if ended.returncode:
            print(f"the process on {threads} threads ended with {ended.returncode}; what it measured is kept")
        return load(path) if path.exists() else Results(machine(), [])


def main() -> None:
    """Read the arguments, run and judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--sizes", nargs="*", default=[], help="parts of names; all if none is given")
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=list(PEERS))
    parser.add_argument("--threads", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--seconds-per-row", type=float, default=5.0)
    parser.add_argument("--json", type=Path, default=DEFAULT_JSON, help="where the rows are written")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="processor: for a busy machine")
    settings = parser.parse_args()
    if settings.clock == "processor" and settings.threads != [1]:
        parser.error(f"--clock processor needs --threads 1; got {settings.threads}")
    sizes = chosen(settings.sizes)
    if not sizes:
        names = ", ".join(chosen([]))
        parser.error(f"--sizes must be parts of names of sizes; got {settings.sizes}. Names: {names}")
    absent = missing(settings.peers)
    for peer in absent:
        print(f"{peer} is not installed and is left out")
    peers = [peer for peer in settings.peers if peer not in absent]
    about = {**machine(), "clock": settings.clock}
    print(f"{about['cpu']}, {about['cores']} cores, Python {about['python']}, torch {about['torch']}")
    terms = (sizes, peers, settings.seconds_per_row, settings.clock)
    runs = [run(threads, *terms) for threads in settings.threads]
    results = Results(about, [row for one in runs for row in one.rows])
    save(results, settings.json)
    for threads, one in zip(settings.threads, runs, strict=True):
        print(f"\nOn {threads} thread{'s' if threads > 1 else ''}:")
        for check in checks(one.rows):
            print(check)


if __name__ == "__main__":
    main()
