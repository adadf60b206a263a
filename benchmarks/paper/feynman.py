"""Are the 27 dimensionless equations of the KAN paper's table 2 learned better than by any of its four contestants?

The paper gives no ranges. Here every variable lies where the formula is smooth, most from 1 to 3; `PROBLEMS`
holds them, the same for all contestants. 1,000 training and 1,000 test samples. Shapes: the one that the
paper draws from the formula (column H), then a general one; see `over_grids.py`, which never looks at test samples.

Run: python -m benchmarks.paper.feynman [--quick] [--seeds 5] [--only I.6] [--no-mlp] [--json FILE]
"""

from __future__ import annotations

import math

import numpy as np
from benchmarks.paper.contest import main
from benchmarks.paper.over_grids import SHORT
from benchmarks.paper.problems import Problem

ONE_TO_THREE = (1.0, 3.0)
BELOW_ONE = (0.0, 0.9)
ANGLE = (0.0, 2 * math.pi)
AROUND_ZERO = (-1.0, 1.0)


def bell(theta: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """A Gaussian."""
    return np.exp(-(theta**2) / (2 * sigma**2)) / np.sqrt(2 * math.pi * sigma**2)


def attraction(*x: np.ndarray) -> np.ndarray:
    """Gravitation."""
    a, b, c, d, e, f = x
    return a / ((b - 1) ** 2 + (c - d) ** 2 + (e - f) ** 2)


PROBLEMS = [
    Problem("I.6.2", bell, (ONE_TO_THREE, ONE_TO_THREE), 2.86e-5, 1.45e-4, [2, 2, 1, 1]),
    Problem(
        "I.6.2b",
        lambda x, mean, sigma: bell(x - mean, sigma),
        (ONE_TO_THREE,) * 3,
        4.45e-4,
        7.40e-4,
        [3, 2, 2, 1, 1],
    ),
    Problem(
        "I.9.18",
        attraction,
        (ONE_TO_THREE, (2.0, 4.0), ONE_TO_THREE, (3.0, 5.0), ONE_TO_THREE, (3.0, 5.0)),
        1.48e-3,
        1.59e-3,
        [6, 4, 2, 1, 1],
    ),
    Problem("I.12.11", lambda a, t: 1 + a * np.sin(t), (ONE_TO_THREE, ANGLE), 6.71e-4, 6.71e-4, [2, 2, 2, 1]),
    Problem("I.13.12", lambda a, b: a * (1 / b - 1), (ONE_TO_THREE,) * 2, 1.42e-3, 1.42e-3, [2, 2, 1]),
    Problem(
        "I.15.3x",
        lambda a, b: (1 - a) / np.sqrt(1 - b**2),
        (ONE_TO_THREE, BELOW_ONE),
        8.54e-4,
        8.54e-4,
        [2, 2, 1, 1],
    ),
    Problem(
        "I.16.6", lambda a, b: (a + b) / (1 + a * b), (BELOW_ONE,) * 2, 6.20e-4, 6.20e-4, [2, 2, 2, 2, 2, 1]
    ),
    Problem(
        "I.18.4",
        lambda a, b: (1 + a * b) / (1 + a),
        (ONE_TO_THREE,) * 2,
        1.50e-4,
        3.68e-4,
        [2, 2, 2, 1, 1],
    ),
    Problem(
        "I.26.2",
        lambda n, t: np.arcsin(n * np.sin(t)),
        (BELOW_ONE, (0.0, math.pi / 2)),
        7.90e-4,
        1.24e-3,
        [2, 2, 2, 1, 1],
    ),
    Problem("I.27.6", lambda a, b: 1 / (1 + a * b), (ONE_TO_THREE,) * 2, 1.94e-4, 2.46e-4, [2, 2, 1, 1]),
    Problem(
        "I.29.16",
        lambda a, t, u: np.sqrt(1 + a**2 - 2 * a * np.cos(t - u)),
        (ONE_TO_THREE, (0.0, math.pi / 2), (math.pi / 2 + 0.5, math.pi + 0.5)),
        3.20e-3,
        4.64e-3,
        [3, 2, 2, 3, 2, 1, 1],
    ),
    Problem(
        "I.30.3",
        lambda n, t: np.sin(n * t / 2) ** 2 / np.sin(t / 2) ** 2,
        (ONE_TO_THREE, (0.5, math.pi)),
        1.03e-3,
        1.50e-2,
        [2, 3, 2, 2, 1, 1],
    ),
    Problem("I.30.5", lambda a, n: np.arcsin(a / n), ((0.1, 0.9), ONE_TO_THREE), 3.49e-5, 9.45e-5, [2, 1, 1]),
    Problem(
        "I.37.4",
        lambda a, d: 1 + a + 2 * np.sqrt(a) * np.cos(d),
        (ONE_TO_THREE, ANGLE),
        4.91e-6,
        5.67e-4,
        [2, 3, 2, 1],
    ),
    Problem("I.40.1", lambda n, a: n * np.exp(-a), (ONE_TO_THREE,) * 2, 3.12e-4, 3.99e-4, [2, 1, 1]),
    Problem("I.44.4", lambda n, a: n * np.log(a), (ONE_TO_THREE,) * 2, 2.30e-5, 3.99e-4, [2, 2, 1]),
    Problem(
        "I.50.26",
        lambda a, c: np.cos(a) + c * np.cos(a) ** 2,
        (ANGLE, ONE_TO_THREE),
        1.52e-4,
        1.53e-3,
        [2, 2, 3, 1],
    ),
    Problem("II.2.42", lambda a, b: (a - 1) * b, (ONE_TO_THREE,) * 2, 1.81e-4, 1.81e-4, [2, 2, 1]),
    Problem(
        "II.6.15a",
        lambda a, b, c: c * np.sqrt(a**2 + b**2) / (4 * math.pi),
        (ONE_TO_THREE,) * 3,
        5.92e-4,
        5.92e-4,
        [3, 2, 2, 2, 1],
    ),
    Problem(
        "II.11.7",
        lambda n, a, t: n * (1 + a * np.cos(t)),
        (ONE_TO_THREE, ONE_TO_THREE, ANGLE),
        5.92e-4,
        5.92e-4,
        [3, 3, 3, 2, 2, 1],
    ),
    Problem(
        "II.11.27",
        lambda n, a: n * a / (1 - n * a / 3),
        ((0.0, 1.0),) * 2,
        1.43e-5,
        7.18e-5,
        [2, 2, 1, 2, 1],
    ),
    Problem(
        "II.35.18",
        lambda n, a: n / (np.exp(a) + np.exp(-a)),
        (ONE_TO_THREE,) * 2,
        7.71e-5,
        7.92e-5,
        [2, 1, 1],
    ),
    Problem("II.36.38", lambda a, c, b: a + c * b, (ONE_TO_THREE,) * 3, 1.15e-3, 2.15e-3, [3, 3, 1]),
    Problem("II.38.3", lambda a, b: a / b, (ONE_TO_THREE,) * 2, 8.78e-5, 5.26e-4, [2, 1, 1]),
    Problem(
        "III.9.52",
        lambda a, b, c: a * np.sinc((b - c) / (2 * math.pi)) ** 2,
        (ONE_TO_THREE,) * 3,
        9.07e-4,
        9.07e-4,
        [3, 2, 3, 1, 1],
    ),
    Problem(
        "III.10.19", lambda a, b: np.sqrt(1 + a**2 + b**2), (ONE_TO_THREE,) * 2, 1.67e-4, 1.67e-4, [2, 1, 1]
    ),
    Problem(
        "III.17.37",
        lambda b, a, t: b * (1 + a * np.cos(t)),
        (ONE_TO_THREE, ONE_TO_THREE, ANGLE),
        4.12e-4,
        6.80e-4,
        [3, 3, 3, 2, 2, 1],
    ),
]

if __name__ == "__main__":
    main(__doc__ or "", PROBLEMS, 2e-5, enough=1e-5, rule=SHORT)
