"""How long does `import edgewise` take beside `import torch`?

Each is imported in fresh processes, by turns; the time is that inside the process, from the statement to its end.
Prints medians of wall-clock and processor time, and their ratios. The first round, which fills the caches of the
file system, does not count.

    python benchmarks/import_time.py [--rounds 15]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys

SCRIPT = """
import time
wall, processor = time.perf_counter(), time.process_time()
import {package}
print(time.perf_counter() - wall, time.process_time() - processor)
"""


def seconds(package: str) -> tuple[float, float]:
    """Wall-clock and processor seconds of one import in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(package=package)], capture_output=True, text=True, check=True
    )
    wall, processor = map(float, run.stdout.split())
    return wall, processor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    seen: dict[str, list[tuple[float, float]]] = {"torch": [], "edgewise": []}
    for _ in range(rounds + 1):
        for package, times in seen.items():
            times.append(seconds(package))
    print(f"medians of {rounds} fresh processes each, by turns")
    for kind, name in enumerate(("wall clock", "processor")):
        torch, edgewise = (statistics.median(times[kind] for times in seen[p][1:]) for p in seen)
        print(f"{name:12} torch {torch:.2f} s, edgewise {edgewise:.2f} s, ratio {edgewise / torch:.2f}")


if __name__ == "__main__":
    main()
