"""When is a KAN the wrong choice? Our own losses: noise, useless columns, jumps, extrapolation.

Share of the variance of the true function left unexplained on 2,000 test samples (lower is better), medians over
seeds. Two KANs: the estimator `KANRegressor` with its defaults, and a bare [., 5, 1] with grid 10, fitted by L-BFGS
without penalty or validation, as one does for exact data. Beside them scikit-learn's linear model, Gaussian process
(a length to each column), MLP (its L-BFGS, two layers of 32, targets scaled) and boosted trees. Forgetting in two
dimensions is measured by `python -m benchmarks.paper.continual`, tables by `benchmarks/tabular.py`.

Run: python benchmarks/wrong_choice.py [--quick] [--seeds 3] [--only noise] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import RidgeCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from edgewise import KAN, fit
from edgewise.estimators import KANRegressor

Array = np.ndarray
TEST = 2000


class Question(NamedTuple):
    """A function, training samples, noise as a share of its deviation, useless columns, ranges of both sets."""

    function: Callable[[Array], Array]
    samples: int = 300
    noise: float = 0.0
    useless: int = 0
    test_range: tuple[float, float] = (-1.0, 1.0)


def smooth(x: Array) -> Array:
    """exp(sin(pi x) + y^2)."""
    return np.exp(np.sin(math.pi * x[:, 0]) + x[:, 1] ** 2)


def jumps(x: Array) -> Array:
    """A chessboard of 4 x 4 squares."""
    return np.floor(2 * x[:, 0] + 2).astype(int) % 2 ^ np.floor(2 * x[:, 1] + 2).astype(int) % 2


def disc(x: Array) -> Array:
    """1 inside a circle, 0 outside."""
    return (x[:, 0] ** 2 + x[:, 1] ** 2 < 0.5).astype(float)


def wave(x: Array) -> Array:
    """sin(3 x) + y^2."""
    return np.sin(3 * x[:, 0]) + x[:, 1] ** 2


QUESTIONS = {
    "noise": {str(level): Question(smooth, noise=level) for level in (0.0, 0.03, 0.1, 0.3, 1.0)},
    "useless columns": {str(count): Question(smooth, noise=0.1, useless=count) for count in (0, 5, 20, 50)},
    "jumps": {"disc": Question(disc, 1000), "chessboard": Question(jumps, 1000)},
    "extrapolation": {
        "inside": Question(wave), "1 to 1.5": Question(wave, test_range=(1.0, 1.5)),
        "1.5 to 2": Question(wave, test_range=(1.5, 2.0)),
    },
}  # fmt: skip


class Bare:
    """A KAN [columns, 5, 1] with grid 10, trained to the end."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def fit(self, x: Array, y: Array) -> Bare:
        self.mean, self.scale = y.mean(), y.std()
        self.model = KAN([x.shape[1], 5, 1], grid=10, k=3, seed=self.seed, dtype=torch.float64)
        target = torch.from_numpy((y - self.mean) / self.scale)[:, None]
        fit(self.model, (torch.from_numpy(x), target), steps=30, progress=False)
        return self

    def predict(self, x: Array) -> Array:
        with torch.no_grad():
            return self.model(torch.from_numpy(x))[:, 0].numpy() * self.scale + self.mean


def models(seed: int, columns: int) -> dict[str, Any]:
    """A fresh model of each kind."""
    kernel = ConstantKernel() * RBF(np.ones(columns), (1e-2, 1e3)) + WhiteKernel(0.1, (1e-10, 10))
    mlp = MLPRegressor(
        hidden_layer_sizes=(32, 32), solver="lbfgs", max_iter=500, alpha=1e-3, random_state=seed
    )
    return {
        "KANRegressor": KANRegressor(),
        "bare KAN": Bare(seed),
        "linear": make_pipeline(StandardScaler(), RidgeCV(np.logspace(-3, 3, 13))),
        "Gaussian process": make_pipeline(
            StandardScaler(),
            GaussianProcessRegressor(
                kernel, normalize_y=True, n_restarts_optimizer=int(columns < 10), random_state=seed
            ),
        ),
        "MLP": make_pipeline(StandardScaler(), TransformedTargetRegressor(mlp, transformer=StandardScaler())),
        "boosted trees": HistGradientBoostingRegressor(random_state=seed),
    }


def sampled(question: Question, seed: int) -> tuple[Array, Array, Array, Array]:
    """Training and test samples; those for the test have no noise."""
    random = np.random.default_rng(seed)
    columns = 2 + question.useless
    x, test = random.uniform(-1, 1, (question.samples, columns)), random.uniform(-1, 1, (TEST, columns))
    low, high = question.test_range
    test[:, :2] = random.uniform(low, high, (TEST, 2))
    y, truth = question.function(x).astype(float), question.function(test).astype(float)
    return x, y + question.noise * y.std() * random.standard_normal(len(y)), test, truth


def unexplained(question: Question, seed: int, chosen: str) -> dict[str, tuple[float, float]]:
    """Share of the variance left, and processor seconds, by model."""
    x, y, test, truth = sampled(question, seed)
    found = {}
    for name, model in models(seed, x.shape[1]).items():
        if chosen not in name:
            continue
        began = time.process_time()
        model.fit(x, y)
        error = float(np.mean((model.predict(test) - truth) ** 2) / np.var(truth))
        found[name] = (error, time.process_time() - began)
    return found


def contest(title: str, questions: dict[str, Question], seeds: int, chosen: str) -> dict[str, Any]:
    """One table, printed."""
    print(f"\n### {title}\n", flush=True)
    results: dict[str, Any] = {}
    for name, question in questions.items():
        runs = [unexplained(question, seed, chosen) for seed in range(seeds)]
        results[name] = {model: [run[model] for run in runs] for model in runs[0]}
    names = list(next(iter(results.values())))
    print("| | " + " | ".join(names) + " |\n" + "|---" * (len(names) + 1) + "|")
    for name, found in results.items():
        print(
            f"| {name} | " + " | ".join(f"{middle(found[model]):.2g}" for model in names) + " |", flush=True
        )
    return results


def middle(runs: list[tuple[float, float]]) -> float:
    """The median error."""
    return statistics.median(error for error, _ in runs)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one seed")
    parser.add_argument("--seeds", type=int, help="seeds (3; 1 with --quick)")
    parser.add_argument("--only", default="", help="tables whose name holds this")
    parser.add_argument("--model", default="", help="models whose name holds this")
    parser.add_argument("--json", help="file for the results")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    seeds = settings.seeds or (1 if settings.quick else 3)
    results = {
        title: contest(title, questions, seeds, settings.model)
        for title, questions in QUESTIONS.items()
        if settings.only in title
    }
    if settings.json:
        Path(settings.json).write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
