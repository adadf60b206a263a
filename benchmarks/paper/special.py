"""Are the 15 special functions of the KAN paper's table 1 learned better than on its Pareto fronts?

The paper gives no domains. Here they hold no singularity and are the same for all contestants: `PROBLEMS`.
Of the spherical harmonics the real part is taken; values are SciPy's. 1,000 training and 1,000 test samples.
The published errors are the lowest of figure 3.2, read off by eye, larger unpruned networks included. Shapes
and grids by one rule, which never looks at test samples: see `over_grids.py`.

Run: python -m benchmarks.paper.special [--quick] [--seeds 5] [--only ellip] [--no-mlp] [--json FILE]
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from benchmarks.paper.contest import main
from benchmarks.paper.over_grids import LONG
from benchmarks.paper.problems import Problem
from scipy import special


def harmonic(order: int, degree: int) -> Callable[..., np.ndarray]:
    """Real part of a spherical harmonic, of azimuth and polar angle."""

    def real_part(azimuth: np.ndarray, polar: np.ndarray) -> np.ndarray:
        return special.sph_harm_y(degree, order, polar, azimuth).real

    return real_part


def legendre(order: int) -> Callable[..., np.ndarray]:
    """Associated Legendre function of this order, of degree and argument."""
    return lambda degree, x: special.lpmv(order, degree, x)


SPHERE = ((0.0, 2 * math.pi), (0.0, math.pi))
LEGENDRE = ((2.0, 5.0), (-0.9, 0.9))

PROBLEMS = [
    Problem("ellipj(x, y)", lambda u, m: special.ellipj(u, m)[0], ((-3, 3), (0, 0.9)), 4e-6, 2.8e-4),
    Problem("ellipkinc(x, y)", special.ellipkinc, ((-1.5, 1.5), (0, 0.9)), 2e-6, 9e-5),
    Problem("ellipeinc(x, y)", special.ellipeinc, ((-1.5, 1.5), (0, 0.9)), 1.2e-6, 1e-4),
    Problem("jv(x, y)", special.jv, ((0, 4), (1, 8)), 1.2e-5, 4.5e-3),
    Problem("yv(x, y)", special.yv, ((0, 2), (1, 8)), 9e-6, 1.5e-4),
    Problem("kv(x, y)", special.kv, ((0, 2), (1, 5)), 2e-6, 8e-5),
    Problem("iv(x, y)", special.iv, ((0, 2), (1, 5)), 5e-6, 7e-3),
    Problem("lpmv(0, x, y)", legendre(0), LEGENDRE, 3e-5, 1.3e-2),
    Problem("lpmv(1, x, y)", legendre(1), LEGENDRE, 1.4e-5, 1e-4),
    Problem("lpmv(2, x, y)", legendre(2), LEGENDRE, 7e-6, 8e-5),
    Problem("sph_harm(0, 1, x, y)", harmonic(0, 1), SPHERE, 1e-7, 1.2e-6),
    Problem("sph_harm(1, 1, x, y)", harmonic(1, 1), SPHERE, 4e-6, 2e-4),
    Problem("sph_harm(0, 2, x, y)", harmonic(0, 2), SPHERE, 1.1e-7, 2.7e-6),
    Problem("sph_harm(1, 2, x, y)", harmonic(1, 2), SPHERE, 1.5e-5, 3.7e-4),
    Problem("sph_harm(2, 2, x, y)", harmonic(2, 2), SPHERE, 3.4e-5, 4e-4),
]

if __name__ == "__main__":
    main(__doc__ or "", PROBLEMS, 1e-6, enough=1e-7, rule=LONG)
