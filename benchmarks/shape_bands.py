"""How often the 95 % bands of `shapes` hold the true curve: made tables, by kind of target, rows, and hidden level.

python benchmarks/shape_bands.py
"""

from __future__ import annotations

import argparse

import numpy as np

from edgewise import KANClassifier, KANRegressor
from edgewise.estimators import shapes

CURVES = (lambda v: np.sin(2 * v), lambda v: 0.3 * v**2, lambda v: 0 * v)


def covered(classes: bool, rows: int, hidden: int, seed: int) -> list[float]:
    """Share of each curve's points that lie within its band."""
    random = np.random.default_rng(seed)
    x = random.uniform(-2, 2, (rows, len(CURVES)))
    truth = sum(curve(column) for curve, column in zip(CURVES, x.T, strict=True))
    if classes:
        model = KANClassifier(hidden=hidden).fit(x, random.random(rows) < 1 / (1 + np.exp(0.6 - 2 * truth)))
    else:
        model = KANRegressor(hidden=hidden).fit(x, truth + 0.5 * random.normal(size=rows))
    scale = 2.0 if classes else 1.0
    found = []
    for shape, curve, column in zip(shapes(model, x, ["x_1", "x_2", "x_3"]), CURVES, x.T, strict=True):
        want = scale * (curve(shape.axis.values) - curve(column).mean())
        found.append(float(np.mean(np.abs(shape.effect[:, 0] - want) < 1.96 * shape.deviation[:, 0])))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    seeds = parser.parse_args().seeds
    print("target   rows hidden   sin 2x  0.3 x^2      0   all")
    for classes in (False, True):
        for rows, hidden in ((200, 0), (1500, 0), (300, 4)):
            each = np.mean([covered(classes, rows, hidden, seed) for seed in range(seeds)], 0)
            shown = "  ".join(f"{share:7.2f}" for share in each)
            name = "classes" if classes else "values"
            print(f"{name:8} {rows:4} {hidden:6} {shown} {each.mean():5.2f}", flush=True)


if __name__ == "__main__":
    main()
