"""Measured tables: those that scikit-learn and statsmodels ship, and two published contingency tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn import datasets
from statsmodels.datasets import anes96, fair, randhie, star98

from .table import Table


def _statsmodels(module: Any, target: str) -> tuple[np.ndarray, np.ndarray]:
    frame = module.load_pandas().data
    return frame.drop(columns=[target]).to_numpy(float), frame[target].to_numpy(float)


def _schools() -> Table:
    frame = star98.load_pandas().data
    share = frame["NABOVE"] / (frame["NABOVE"] + frame["NBELOW"])
    return Table(frame.drop(columns=["NABOVE", "NBELOW"]).to_numpy(float), share.to_numpy(float))


def _visits() -> Table:
    x, y = _statsmodels(randhie, "mdvis")
    return Table(x, np.log1p(y))


def _affairs() -> Table:
    x, y = _statsmodels(fair, "affairs")
    return Table(x, (y > 0).astype(int))


def _votes() -> Table:
    x, y = _statsmodels(anes96, "vote")
    return Table(x, y.astype(int))


def _titanic() -> Table:
    """2,201 people. Source: Dawson 1995, Journal of Statistics Education 3(3)."""
    classes, people = ["1st", "2nd", "3rd", "crew"], [("male", "child"), ("female", "child")]
    people += [("male", "adult"), ("female", "adult")]
    died = [[0, 0, 35, 0], [0, 0, 17, 0], [118, 154, 387, 670], [4, 13, 89, 3]]
    lived = [[5, 11, 13, 0], [1, 13, 14, 0], [57, 14, 75, 192], [140, 80, 76, 20]]
    cells = [
        ((group, *kind), outcome, counts[place][number])
        for outcome, counts in ((0, died), (1, lived))
        for place, kind in enumerate(people)
        for number, group in enumerate(classes)
    ]
    return _people(["class", "sex", "age"], cells)


def _admissions() -> Table:
    """4,526 applications. Source: Bickel, Hammel and O'Connell 1975, Science 187."""
    taken = {"male": [512, 353, 120, 138, 53, 22], "female": [89, 17, 202, 131, 94, 24]}
    refused = {"male": [313, 207, 205, 279, 138, 351], "female": [19, 8, 391, 244, 299, 317]}
    cells = [
        ((department, sex), outcome, counts[sex][number])
        for outcome, counts in ((0, refused), (1, taken))
        for sex in ("male", "female")
        for number, department in enumerate("ABCDEF")
    ]
    return _people(["department", "sex"], cells)


def _people(names: list[str], cells: list[tuple[tuple[str, ...], int, int]]) -> Table:
    rows = [levels for levels, _, count in cells for _ in range(count)]
    y = np.concatenate([np.full(count, outcome) for _, outcome, count in cells])
    return Table(pd.DataFrame(rows, columns=names), y)


VALUES: dict[str, Callable[[], Table]] = {
    "diabetes": lambda: Table(*datasets.load_diabetes(return_X_y=True, scaled=False)),
    "linnerud": lambda: Table(*datasets.load_linnerud(return_X_y=True)),
    "star98": _schools,
    "randhie": _visits,
}
CLASSES: dict[str, Callable[[], Table]] = {
    "iris": lambda: Table(*datasets.load_iris(return_X_y=True)),
    "wine": lambda: Table(*datasets.load_wine(return_X_y=True)),
    "breast_cancer": lambda: Table(*datasets.load_breast_cancer(return_X_y=True)),
    "digits": lambda: Table(*datasets.load_digits(return_X_y=True)),
    "fair": _affairs,
    "anes96": _votes,
    "titanic": _titanic,
    "admissions": _admissions,
}
