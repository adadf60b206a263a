"""Do tables that are lines but for noise come out as lines?

python benchmarks/lines.py

Fourteen made tables whose target is linear in the columns, with noise: other scales, offsets, whole numbers, two levels,
columns that say nothing, long tails. `KANRegressor(hidden=0)` and `KANRegressor()` are fitted to each, and the formula
is a line where it is linear in every column of the table, with the slopes of least squares within four standard errors (a
column that says nothing may be left out). The last line counts.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import sympy

from edgewise.estimators import KANRegressor

Random = np.random.Generator
Table = tuple[np.ndarray, np.ndarray]


def _table(
    columns: np.ndarray, slopes: Sequence[float], constant: float, noise: float, random: Random
) -> Table:
    line = columns @ np.asarray(slopes) + constant
    return columns, line + noise * line.std() * random.normal(size=len(columns))


def _dates(random: Random) -> np.ndarray:
    return np.column_stack([random.integers(1950, 2025, 300), random.normal(size=300)]).astype(float)


TABLES: dict[str, Callable[[Random], Table]] = {
    "2a + 5b, whole numbers": lambda r: _table(
        r.integers(0, 100, (300, 2)).astype(float), [2, 5], 0, 0.05, r
    ),
    "3a - 2b + 5": lambda r: _table(r.normal(size=(400, 2)), [3, -2], 5, 0.1, r),
    "3a - 2b + 5, much noise": lambda r: _table(r.normal(size=(400, 2)), [3, -2], 5, 0.5, r),
    "uniform columns": lambda r: _table(r.uniform(-1, 1, (300, 3)), [1, 2, -3], 0, 0.1, r),
    "few rows": lambda r: _table(r.normal(size=(60, 2)), [1.5, -1], 10, 0.1, r),
    "many rows": lambda r: _table(r.normal(size=(3000, 3)), [1, 0.5, -2], 0, 0.3, r),
    "two columns of five matter": lambda r: _table(r.normal(size=(400, 5)), [4, 0, 0, -1, 0], 2, 0.1, r),
    "large units": lambda r: _table(r.uniform(1e5, 9e5, (300, 2)), [2e-3, 7e-3], -400, 0.05, r),
    "small units": lambda r: _table(r.normal(size=(300, 2)) * 1e-6, [3e6, 1e6], 0, 0.1, r),
    "years": lambda r: _table(_dates(r), [0.5, 3], -980, 0.1, r),
    "one decimal": lambda r: _table(np.round(r.normal(20, 5, (300, 2)), 1), [0.7, -0.2], 1, 0.1, r),
    "an indicator": lambda r: _table(
        np.column_stack([r.integers(0, 2, 300), r.normal(size=300)]).astype(float), [5, 2], 1, 0.1, r
    ),
    "a long tail": lambda r: _table(r.exponential(size=(400, 2)), [3, -1], 0, 0.1, r),
    "no noise": lambda r: _table(r.normal(size=(300, 2)), [2, -7], 3, 0, r),
}


def is_line(model: KANRegressor, x: np.ndarray, y: np.ndarray) -> bool:
    """Whether a formula is linear in every column, with the slopes of least squares within their errors."""
    expression = model.formula_.expressions[0]
    with_one = np.column_stack([x, np.ones(len(x))])
    slopes, *_ = np.linalg.lstsq(with_one / np.abs(with_one).max(0), y, rcond=None)
    slopes /= np.abs(with_one).max(0)
    noise = np.std(y - with_one @ slopes)
    for column, slope in enumerate(slopes[:-1]):
        found = sympy.diff(expression, sympy.Symbol(f"x_{column + 1}"))
        if not found.is_number:
            return False
        error = noise / (x[:, column].std() * np.sqrt(len(x)))
        if abs(float(found) - slope) > 4 * error + 1e-3 * abs(slope):
            return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    seed = parser.parse_args().seed
    warnings.simplefilter("ignore")
    counts = {"0": 0, "auto": 0}
    for name, make in TABLES.items():
        x, y = make(np.random.default_rng(seed))
        for hidden in (0, "auto"):
            started = time.process_time()
            model = KANRegressor(hidden=hidden).fit(x, y)
            line = is_line(model, x, y)
            counts[str(hidden)] += line
            seconds = time.process_time() - started
            print(
                f"{name}, hidden={hidden}: {'line' if line else 'NO LINE'}, {seconds:.1f} s: {model.formula_.expressions[0]}",
                flush=True,
            )
    print(
        ", ".join(f"hidden={hidden}: {count} of {len(TABLES)} are lines" for hidden, count in counts.items())
    )


if __name__ == "__main__":
    main()
