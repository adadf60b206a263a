"""From measured orbits to Kepler's third law.

Thirteen bodies: semi-major axis (astronomical units) and period (days). First the raw numbers: which
function of one variable joins them? Then the logarithms: what is the exponent?
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch

from edgewise import KAN, Scaler, plot_edge

TABLE = Path(__file__).parent / "data" / "solar_system.csv"


def orbits() -> tuple[np.ndarray, np.ndarray]:
    """Semi-major axes in AU and periods in days."""
    columns = np.genfromtxt(TABLE, delimiter=",", skip_header=7, usecols=(1, 2))
    return columns[:, :1], columns[:, 1:]


def main(out: Path) -> None:
    """Find the law twice and keep a picture in `out`."""
    axis, period = orbits()
    x, y = torch.log(torch.from_numpy(axis)), torch.log(torch.from_numpy(period))

    raw = KAN([1, 1], grid=5, seed=0, dtype=torch.float64, **scalers(axis, period))
    raw.fit((axis, period), steps=20)
    print("Which function joins period and semi-major axis? The best for the only edge:")
    print(raw.suggest((0, 0, 0), max_rows=4))

    logs = KAN([1, 1], grid=3, seed=0, dtype=torch.float64, input_names=["log_a"], **scalers(x, y))
    logs.fit((x, y), steps=20, lamb=1e-4)
    law = logs.symbolify(functions=["x"]).formula(digits=6)
    slope = float(law.expr.coeff(law.expr.free_symbols.pop()))
    factor = math.exp(float(law.expr.subs(dict.fromkeys(law.expr.free_symbols, 0))))
    print(f"In logarithms the edge is a straight line: log T = {law.expr}")
    print(law.line())
    print(f"So T = {factor:.1f} days * a^{slope:.4f}     (Kepler: 365.3 days * a^(3/2))")
    plot_edge(raw, (0, 0, 0), axis).savefig(out / "kepler.png", dpi=150)


def scalers(x: np.ndarray | torch.Tensor, y: np.ndarray | torch.Tensor) -> dict[str, Scaler]:
    """Bring both columns to mean 0 and deviation 1; formulas come out in the units of the table."""
    return {
        "input_scaler": Scaler.of(torch.as_tensor(x)),
        "output_scaler": Scaler.of(torch.as_tensor(y)),
    }


if __name__ == "__main__":
    folder = Path("demo-output")
    folder.mkdir(exist_ok=True)
    main(folder)
