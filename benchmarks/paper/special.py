"""Are the 15 special functions of the KAN paper's table 1 learned better than on its Pareto fronts?

The paper gives no domains. Here they hold no singularity and are the same for all contestants:
`edgewise.datasets.special_function`. Of the spherical harmonics the real part is taken; values are SciPy's. 1,000 training and 1,000 test samples.
The published errors are the lowest of figure 3.2, read off by eye, larger unpruned networks included. Shapes
and grids by one rule, which never looks at test samples: see `over_grids.py`.

Run: python -m benchmarks.paper.special [--quick] [--seeds 5] [--only ellip] [--no-mlp] [--json FILE]
"""

from __future__ import annotations

import numpy as np
from benchmarks.paper.contest import main
from benchmarks.paper.over_grids import LONG
from benchmarks.paper.problems import Problem

from edgewise.datasets import special_function

# The paper's name, ours, and its lowest errors: networks of splines, and MLPs.
PUBLISHED = [
    ("ellipj(x, y)", "ellipj", 4e-6, 2.8e-4),
    ("ellipkinc(x, y)", "ellipkinc", 2e-6, 9e-5),
    ("ellipeinc(x, y)", "ellipeinc", 1.2e-6, 1e-4),
    ("jv(x, y)", "jv", 1.2e-5, 4.5e-3),
    ("yv(x, y)", "yv", 9e-6, 1.5e-4),
    ("kv(x, y)", "kv", 2e-6, 8e-5),
    ("iv(x, y)", "iv", 5e-6, 7e-3),
    ("lpmv(0, x, y)", "lpmv(0)", 3e-5, 1.3e-2),
    ("lpmv(1, x, y)", "lpmv(1)", 1.4e-5, 1e-4),
    ("lpmv(2, x, y)", "lpmv(2)", 7e-6, 8e-5),
    ("sph_harm(0, 1, x, y)", "sph_harm(0, 1)", 1e-7, 1.2e-6),
    ("sph_harm(1, 1, x, y)", "sph_harm(1, 1)", 4e-6, 2e-4),
    ("sph_harm(0, 2, x, y)", "sph_harm(0, 2)", 1.1e-7, 2.7e-6),
    ("sph_harm(1, 2, x, y)", "sph_harm(1, 2)", 1.5e-5, 3.7e-4),
    ("sph_harm(2, 2, x, y)", "sph_harm(2, 2)", 3.4e-5, 4e-4),
]


def problem(title: str, name: str, lowest: float, mlp: float) -> Problem:
    """One of the functions with what was published about it."""
    function = special_function(name)
    ranges = tuple((variable.low, variable.high) for variable in function.variables)
    return Problem(title, lambda *columns: function(np.stack(columns, 1)), ranges, lowest, mlp)


PROBLEMS = [problem(*row) for row in PUBLISHED]

if __name__ == "__main__":
    main(__doc__ or "", PROBLEMS, 1e-6, enough=1e-7, rule=LONG)
