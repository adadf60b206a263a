"""Are the 27 dimensionless equations of the KAN paper's table 2 learned better than by any of its four contestants?

The paper gives no ranges. Here every variable lies where the formula is smooth, most from 1 to 3; `edgewise.datasets.dimensionless`
holds them, the same for all contestants. 1,000 training and 1,000 test samples. Shapes: the one that the
paper draws from the formula (column H), then a general one; see `over_grids.py`, which never looks at test samples.

Run: python -m benchmarks.paper.feynman [--quick] [--seeds 5] [--only I.6] [--no-mlp] [--json FILE]
"""

from __future__ import annotations

import numpy as np
from benchmarks.paper.contest import main
from benchmarks.paper.over_grids import SHORT
from benchmarks.paper.problems import Problem

from edgewise.datasets import dimensionless

# The lowest error of the paper's four contestants, its MLP's, and the shape that it draws from the formula.
PUBLISHED: list[tuple[str, float, float, list[int]]] = [
    ("I.6.2", 2.86e-5, 1.45e-4, [2, 2, 1, 1]),
    ("I.6.2b", 4.45e-4, 7.40e-4, [3, 2, 2, 1, 1]),
    ("I.9.18", 1.48e-3, 1.59e-3, [6, 4, 2, 1, 1]),
    ("I.12.11", 6.71e-4, 6.71e-4, [2, 2, 2, 1]),
    ("I.13.12", 1.42e-3, 1.42e-3, [2, 2, 1]),
    ("I.15.3x", 8.54e-4, 8.54e-4, [2, 2, 1, 1]),
    ("I.16.6", 6.20e-4, 6.20e-4, [2, 2, 2, 2, 2, 1]),
    ("I.18.4", 1.50e-4, 3.68e-4, [2, 2, 2, 1, 1]),
    ("I.26.2", 7.90e-4, 1.24e-3, [2, 2, 2, 1, 1]),
    ("I.27.6", 1.94e-4, 2.46e-4, [2, 2, 1, 1]),
    ("I.29.16", 3.20e-3, 4.64e-3, [3, 2, 2, 3, 2, 1, 1]),
    ("I.30.3", 1.03e-3, 1.50e-2, [2, 3, 2, 2, 1, 1]),
    ("I.30.5", 3.49e-5, 9.45e-5, [2, 1, 1]),
    ("I.37.4", 4.91e-6, 5.67e-4, [2, 3, 2, 1]),
    ("I.40.1", 3.12e-4, 3.99e-4, [2, 1, 1]),
    ("I.44.4", 2.30e-5, 3.99e-4, [2, 2, 1]),
    ("I.50.26", 1.52e-4, 1.53e-3, [2, 2, 3, 1]),
    ("II.2.42", 1.81e-4, 1.81e-4, [2, 2, 1]),
    ("II.6.15a", 5.92e-4, 5.92e-4, [3, 2, 2, 2, 1]),
    ("II.11.7", 5.92e-4, 5.92e-4, [3, 3, 3, 2, 2, 1]),
    ("II.11.27", 1.43e-5, 7.18e-5, [2, 2, 1, 2, 1]),
    ("II.35.18", 7.71e-5, 7.92e-5, [2, 1, 1]),
    ("II.36.38", 1.15e-3, 2.15e-3, [3, 3, 1]),
    ("II.38.3", 8.78e-5, 5.26e-4, [2, 1, 1]),
    ("III.9.52", 9.07e-4, 9.07e-4, [3, 2, 3, 1, 1]),
    ("III.10.19", 1.67e-4, 1.67e-4, [2, 1, 1]),
    ("III.17.37", 4.12e-4, 6.80e-4, [3, 3, 3, 2, 2, 1]),
]


def problem(name: str, lowest: float, mlp: float, shape: list[int]) -> Problem:
    """One of the equations with what was published about it."""
    law = dimensionless(name)
    ranges = tuple((variable.low, variable.high) for variable in law.variables)
    return Problem(name, lambda *columns: law(np.stack(columns, 1)), ranges, lowest, mlp, shape)


PROBLEMS = [problem(*row) for row in PUBLISHED]

if __name__ == "__main__":
    main(__doc__ or "", PROBLEMS, 2e-5, enough=1e-5, rule=SHORT)
