"""Run the three examples one after the other; pictures go to one folder."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import diabetes
import hello
import kepler
import torch

STORIES = (
    ("1. From samples to the formula behind them", hello),
    ("2. From measured orbits to Kepler's third law", kepler),
    ("3. From patients to a network one can look at", diabetes),
)


def main() -> None:
    """Tell each story with its time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("demo-output"), help="folder for the pictures")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # networks this small gain nothing from a second thread
    started = time.perf_counter()
    for title, story in STORIES:
        print(f"\n{title}\n{'-' * len(title)}")
        begun = time.perf_counter()
        story.main(out)
        print(f"({time.perf_counter() - begun:.1f} s)")
    pictures = ", ".join(sorted(path.name for path in out.glob("*.png")))
    print(f"\nAll in {time.perf_counter() - started:.0f} s. Pictures in {out}/: {pictures}")


if __name__ == "__main__":
    main()
