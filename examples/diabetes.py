"""What 442 patients say about diabetes, from ten measurements each, in a network one can look at.

Held-out R2 of a pruned KAN beside a linear model and gradient-boosted trees, over five folds; then a KAN
on all patients: its picture, the inputs it kept, and what it says.

Data: Efron, Hastie, Johnstone, Tibshirani 2004, "Least Angle Regression", shipped with scikit-learn.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold

from edgewise import KAN, Penalty, Scaler

NAMES = {
    "s1": "total_chol",
    "s2": "ldl",
    "s3": "hdl",
    "s4": "chol_hdl",
    "s5": "triglycerides",
    "s6": "glucose",
}


def patients() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Measurements, progression of the disease after a year, and names of the measurements."""
    table = load_diabetes(scaled=False)
    return table.data, table.target[:, None], [NAMES.get(name, name) for name in table.feature_names]


def train(x: np.ndarray, y: np.ndarray, names: list[str]) -> KAN:
    """A network of one hidden node, kept simple by a penalty on its edges, and pruned."""
    model = KAN(
        [x.shape[1], 1],
        grid=3,
        seed=0,
        dtype=torch.float64,
        input_names=names,
        input_scaler=Scaler.of(torch.from_numpy(x)),
        output_scaler=Scaler.of(torch.from_numpy(y)),
    )
    model.fit((x, y), steps=10, penalty=Penalty(0.02, entropy=0.5, coefdiff=0.5))
    model = model.prune_inputs(threshold=0.05).prune()
    model.fit((x, y), steps=10, penalty=Penalty(0.005, entropy=0.0, coefdiff=1.0))
    return model


def main(out: Path) -> None:
    """Compare, look, and say what was seen; one picture goes to `out`."""
    x, y, names = patients()
    scores: dict[str, list[float]] = {"linear": [], "boosted trees": [], "KAN": []}
    for rows, held_out in KFold(5, shuffle=True, random_state=0).split(x):
        others = {"linear": LinearRegression(), "boosted trees": GradientBoostingRegressor(random_state=0)}
        for name, other in others.items():
            scores[name].append(
                r2_score(y[held_out], other.fit(x[rows], y[rows].ravel()).predict(x[held_out]))
            )
        model = train(x[rows], y[rows], names)
        scores["KAN"].append(r2_score(y[held_out], model.predict(x[held_out])))
    print("Held-out R2, mean over five folds:")
    for name, values in scores.items():
        print(f"  {name:14} {np.mean(values):.3f}  (folds {', '.join(f'{value:.2f}' for value in values)})")

    model = train(x, y, names)
    print(f"On all patients the KAN keeps {len(model.names)} of {len(names)} measurements, by influence:")
    for name, score in model.attribute().inputs.items():
        print(f"  {name:14} {score:.2f}")
    model.plot(title="progression of diabetes", output_names=["progression"]).savefig(
        out / "diabetes.png", dpi=150
    )


if __name__ == "__main__":
    folder = Path("demo-output")
    folder.mkdir(exist_ok=True)
    main(folder)
