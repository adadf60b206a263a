"""Does `edgewise fit` take a table of 100,000 rows and 20 columns in two minutes and 2 GB?

    python benchmarks/large_table.py                 makes the table, fits, prints seconds and memory
    python benchmarks/large_table.py --keep FOLDER   and leaves the table and the report there

Twelve columns of numbers, four of text, two of booleans, one of dates, one of keys; a fifth of the columns has gaps.
The target has four curves, two steps, one product and noise of a tenth of its spread. The fit runs in a process of its
own, as a user would start it; time is by the wall and by the processor, memory is the most that was resident.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 100_000


def make(rows: int) -> pd.DataFrame:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({f"number_{n}": random.normal(size=rows) for n in range(8)})
    frame["income"] = np.exp(random.normal(10, 0.7, rows)).round(2)
    frame["age"] = random.integers(18, 90, rows)
    frame["visits"] = random.poisson(3, rows)
    frame["share"] = random.beta(2, 5, rows)
    frame["city"] = random.choice(
        ["Rome", "Oslo", "Lima", "Baku", "Kyiv"], rows, p=[0.4, 0.3, 0.15, 0.1, 0.05]
    )
    frame["colour"] = random.choice(["red", "blue"], rows)
    frame["code"] = random.choice([f"c{n:02d}" for n in range(40)], rows)
    frame["grade"] = random.choice(["a", "b", "c"], rows)
    frame["member"] = random.random(rows) < 0.3
    frame["old"] = random.random(rows) < 0.1
    frame["day"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 1500, rows), "D")
    frame["key"] = [f"k{n}" for n in range(rows)]
    y = (
        np.sin(2 * frame["number_0"])
        + 0.5 * frame["number_1"] ** 2
        + np.log(frame["income"] / 20000)
        + 0.02 * (frame["age"] - 50)
        + 0.8 * (frame["city"] == "Oslo")
        + 0.5 * frame["member"]
        + 0.4 * frame["number_2"] * frame["number_3"]
    )
    frame["y"] = y + random.normal(0, 0.1 * y.std(), rows)
    for name in ("number_1", "income", "city", "share"):
        frame[name] = frame[name].mask(random.random(rows) < 0.05)
    return frame


def main() -> int:
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument("--rows", type=int, default=ROWS)
    reader.add_argument("--keep", type=Path)
    asked = reader.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = asked.keep or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        make(asked.rows).to_csv(folder / "large.csv", index=False)
        words = ["fit", "large.csv", "--target", "y", "--json"]
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        run = subprocess.run(
            [sys.executable, "-m", "edgewise", *words], cwd=folder, capture_output=True, text=True, check=True
        )
        wall, used = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    notes = json.loads(run.stdout)
    processor = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    memory = used.ru_maxrss * 1024 / 1e9
    scores = notes["scores"]
    print(f"{asked.rows} rows, 20 columns and a target, {(notes['rows']['held_out'])} rows set aside")
    print(f"width {notes['width']}; {notes['pruned']}")
    print(
        f"R2 on rows never seen {scores['held_out']['r2']:.4f} (about 0.96 can be known: there are noise and gaps)"
    )
    print(f"formula: {'none' if notes['formula'] is None else notes['formula']['text']}")
    print(f"{wall:.0f} s by the wall, {processor:.0f} s of processor time, {memory:.2f} GB")
    return int(wall > 120 or memory > 2)


if __name__ == "__main__":
    sys.exit(main())
