"""On measured tables, with all defaults, how good are the estimators beside what people use today?

    pip install -e '.[bench-tabular]' && pip install --no-deps pygam==0.12.0
    python benchmarks/tabular.py                     all of it; about an hour on one core, most of it for the EBM
    python benchmarks/tabular.py --only KAN MLP      some models
    python benchmarks/tabular.py --print --page docs/tabular.md     the tables from what was measured before

Ten tables that packages ship (scikit-learn, statsmodels), five folds. Every model has its defaults. The MLP, the
linear models get standardised inputs, and the MLP standardised targets too, without which it loses everywhere.
Settings of our estimators were chosen on 27 other tables, those of the package pydataset; none of these ten.

Values: share of the variance left unexplained on the fold that was left out (lower is better). Classes: log loss,
with probabilities cut off at 1e-6, and the share of wrong classes.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor
from pygam import LinearGAM, LogisticGAM
from sklearn import datasets
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from statsmodels.datasets import anes96, fair, randhie, star98

from edgewise.estimators import KANClassifier, KANRegressor

Table = tuple[np.ndarray, np.ndarray]
MODELS = ["KAN", "linear", "forest", "boosting", "MLP", "GAM", "EBM"]
MARK = "<!-- what follows is written by benchmarks/tabular.py -->"
STORE = Path(__file__).parent / "results" / "tabular.json"


def _statsmodels(module: Any, target: str, drop: tuple[str, ...] = ()) -> Table:
    frame = module.load_pandas().data
    return frame.drop(columns=[target, *drop]).to_numpy(float), frame[target].to_numpy(float)


def _schools() -> Table:
    frame = star98.load_pandas().data
    share = frame["NABOVE"] / (frame["NABOVE"] + frame["NBELOW"])
    return frame.drop(columns=["NABOVE", "NBELOW"]).to_numpy(float), share.to_numpy(float)


def _visits() -> Table:
    x, y = _statsmodels(randhie, "mdvis")
    return x, np.log1p(y)


def _affairs() -> Table:
    x, y = _statsmodels(fair, "affairs")
    return x, (y > 0).astype(int)


def _votes() -> Table:
    x, y = _statsmodels(anes96, "vote")
    return x, y.astype(int)


VALUES: dict[str, Callable[[], Table]] = {
    "diabetes": lambda: datasets.load_diabetes(return_X_y=True, scaled=False),
    "linnerud": lambda: datasets.load_linnerud(return_X_y=True),
    "star98": _schools,
    "randhie": _visits,
}
CLASSES: dict[str, Callable[[], Table]] = {
    "iris": lambda: datasets.load_iris(return_X_y=True),
    "wine": lambda: datasets.load_wine(return_X_y=True),
    "breast_cancer": lambda: datasets.load_breast_cancer(return_X_y=True),
    "digits": lambda: datasets.load_digits(return_X_y=True),
    "fair": _affairs,
    "anes96": _votes,
}


class OneAgainstRest:
    """pyGAM tells two classes apart; several are told by one GAM each."""

    def fit(self, x: np.ndarray, y: np.ndarray) -> OneAgainstRest:
        self.classes_ = np.unique(y)
        wanted = self.classes_[1:] if len(self.classes_) == 2 else self.classes_
        self.models = [LogisticGAM().fit(x, (y == label).astype(float)) for label in wanted]
        return self

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        shares = np.stack([model.predict_proba(x) for model in self.models], 1)
        if len(self.classes_) == 2:
            return np.concatenate([1 - shares, shares], 1)
        return shares / np.maximum(shares.sum(1, keepdims=True), 1e-12)


def _scaled(model: Any) -> Any:
    return make_pipeline(StandardScaler(), model)


def regressor(name: str, several: bool) -> Any:
    """A fresh model of values."""
    mlp = TransformedTargetRegressor(MLPRegressor(random_state=0), transformer=StandardScaler())
    made = {
        "KAN": lambda: KANRegressor(),
        "linear": lambda: _scaled(RidgeCV(np.logspace(-3, 3, 13))),
        "forest": lambda: RandomForestRegressor(random_state=0),
        "boosting": lambda: HistGradientBoostingRegressor(random_state=0),
        "MLP": lambda: _scaled(mlp),
        "GAM": lambda: LinearGAM(),
        "EBM": lambda: ExplainableBoostingRegressor(random_state=0),
    }[name]()
    return _EachOutput(name) if several and name in ("boosting", "GAM", "EBM") else made


class _EachOutput:
    """One model for each output, for those that take one."""

    def __init__(self, name: str) -> None:
        self.name = name

    def fit(self, x: np.ndarray, y: np.ndarray) -> _EachOutput:
        self.models = [regressor(self.name, False).fit(x, column) for column in y.T]
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        return np.stack([model.predict(x) for model in self.models], 1)


def classifier(name: str) -> Any:
    """A fresh model of classes."""
    return {
        "KAN": lambda: KANClassifier(),
        "linear": lambda: _scaled(LogisticRegression()),
        "forest": lambda: RandomForestClassifier(random_state=0),
        "boosting": lambda: HistGradientBoostingClassifier(random_state=0),
        "MLP": lambda: _scaled(MLPClassifier(random_state=0)),
        "GAM": lambda: OneAgainstRest(),
        "EBM": lambda: ExplainableBoostingClassifier(random_state=0),
    }[name]()


def one(table: str, name: str) -> dict[str, Any]:
    """Five folds of one model on one table."""
    x, y = (VALUES | CLASSES)[table]()
    cut = KFold if table in VALUES else StratifiedKFold
    losses, wrong, seconds = [], [], []
    for train, test in cut(5, shuffle=True, random_state=0).split(x, y):
        model = regressor(name, y.ndim > 1) if table in VALUES else classifier(name)
        started = time.process_time()
        model.fit(x[train], y[train])
        seconds.append(time.process_time() - started)
        if table in VALUES:
            gap = np.square(model.predict(x[test]) - y[test]).mean(0)
            losses.append(float(np.mean(gap / np.square(y[test] - y[train].mean(0)).mean(0))))
        else:
            shares = np.clip(model.predict_proba(x[test]), 1e-6, 1)
            shares = shares / shares.sum(1, keepdims=True)
            places = np.searchsorted(model.classes_, y[test])
            losses.append(float(-np.log(shares[np.arange(len(test)), places]).mean()))
            wrong.append(float(np.mean(model.classes_[shares.argmax(1)] != y[test])))
    return {"rows": len(x), "columns": x.shape[1], "loss": losses, "wrong": wrong, "seconds": seconds}


def measure(models: list[str], tables: list[str]) -> None:
    STORE.parent.mkdir(exist_ok=True)
    for name in models:
        for table in tables:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    found = one(table, name)
                except (ValueError, np.linalg.LinAlgError, ArithmeticError) as error:
                    found = {"error": f"{type(error).__name__}: {error}"[:200]}
            kept = json.loads(STORE.read_text()) if STORE.exists() else {}
            kept.setdefault(table, {})[name] = found
            STORE.write_text(json.dumps(kept, indent=1) + "\n")
            print(table, name, found.get("error") or f"{np.mean(found['loss']):.4f}", flush=True)


def ranks(scores: dict[str, dict[str, float]]) -> dict[str, list[float]]:
    """Rank of each model on each table, 1 the best; equal scores share a rank, failures come last (infinite)."""
    found: dict[str, list[float]] = {name: [] for name in MODELS}
    for row in scores.values():
        for name, value in row.items():
            better = sum(other < value for other in row.values())
            equal = sum(other == value for other in row.values())
            found[name].append(better + (equal + 1) / 2)
    return found


def tables_of(kept: dict[str, Any]) -> str:
    """What was measured, as three tables in Markdown."""
    lines = []
    for title, key, tables in (
        ("Loss: variance left unexplained (first four), log loss (others)", "loss", [*VALUES, *CLASSES]),
        ("Share of wrong classes", "wrong", list(CLASSES)),
        ("Seconds of processor time to fit", "seconds", [*VALUES, *CLASSES]),
    ):
        scores = {
            table: {n: np.inf if "error" in r else float(np.mean(r[key])) for n, r in kept[table].items()}
            for table in tables
            if table in kept
        }
        lines += [f"\n## {title}\n", f"| table | rows x columns | {' | '.join(MODELS)} |"]
        lines.append("|" + "---|" * (len(MODELS) + 2))
        for table, row in scores.items():
            size = next(f"{r['rows']} x {r['columns']}" for r in kept[table].values() if "error" not in r)
            cells = [_cell(row.get(name), min(row.values())) for name in MODELS]
            lines.append(f"| {table} | {size} | {' | '.join(cells)} |")
        if key != "seconds":
            for label, statistic in (("median rank", np.median), ("mean rank", np.mean)):
                found = [f"{statistic(r):.1f}" if r else "" for r in ranks(scores).values()]
                lines.append(f"| {label} | | {' | '.join(found)} |")
    return "\n".join(lines) + "\n"


def _cell(value: float | None, best: float) -> str:
    if value is None:
        return "not measured"
    if value == np.inf:
        return "failed"
    text = f"{value:.3g}" if value < 100 else f"{value:.0f}"
    return f"**{text}**" if value == best else text


def write(page: Path, text: str) -> None:
    """Put the tables into a page, in place of those behind its mark."""
    before, mark, _ = page.read_text("utf-8").partition(MARK)
    page.write_text(before.rstrip("\n") + f"\n\n{mark or MARK}\n{text}", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", default=MODELS, choices=MODELS)
    parser.add_argument("--tables", nargs="+", default=[*VALUES, *CLASSES])
    parser.add_argument("--page", type=Path, help="page to put the tables into")
    parser.add_argument("--print", action="store_true", dest="printed")
    given = parser.parse_args()
    if not given.printed:
        measure(given.only, given.tables)
    text = tables_of(json.loads(STORE.read_text()))
    print(text)
    if given.page:
        write(given.page, text)


if __name__ == "__main__":
    main()
