"""Tables that are made: each has one thing that measured tables have too, and that breaks models."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.datasets import make_friedman1

from .table import Table


def heavy_tails() -> Table:
    """Log-normal columns, whose greatest values are thousands of times the usual ones."""
    random = np.random.default_rng(0)
    x = np.exp(random.normal(0, 2, (1000, 5)))
    logs = np.log(x)
    signal = logs[:, 0] + np.sin(logs[:, 1]) + 0.3 * logs[:, 2] ** 2
    return Table(x, signal + random.normal(0, 0.5, len(x)))


def outliers_in_columns() -> Table:
    """One cell in a hundred is 100 to 1,000,000 times too large: the unit was wrong, or the point."""
    random = np.random.default_rng(1)
    x = random.uniform(-3, 3, (800, 4))
    signal = np.sin(2 * x[:, 0]) + 0.3 * x[:, 1] ** 2 + 0.5 * x[:, 2]
    wrong = random.random(x.shape) < 0.01
    return Table(
        np.where(wrong, x * 10 ** random.uniform(2, 6, x.shape), x), signal + random.normal(0, 0.2, len(x))
    )


def outliers_in_the_target() -> Table:
    """One target in fifty is off by up to a thousand times the spread."""
    random = np.random.default_rng(2)
    x = random.uniform(-3, 3, (800, 4))
    truth = np.sin(2 * x[:, 0]) + 0.3 * x[:, 1] ** 2 + 0.5 * x[:, 2]
    wrong = random.random(len(x)) < 0.02
    error = random.normal(0, 0.2, len(x)) + wrong * random.standard_t(1, len(x)) * 100
    return Table(x, truth + error, truth)


def counts() -> Table:
    """Counts whose mean is a product of functions, from 0 to some hundred."""
    random = np.random.default_rng(3)
    x = random.normal(size=(2000, 5))
    x[:, 4] = random.integers(1, 13, len(x))
    season = np.cos(2 * np.pi * x[:, 4] / 12)
    mean = np.exp(0.8 + 0.6 * x[:, 0] + 0.4 * np.sin(2 * x[:, 1]) + 0.5 * season)
    return Table(x, random.poisson(mean).astype(float))


def survey() -> Table:
    """Answers only: six columns of two to five levels, two pairs of which interact."""
    random = np.random.default_rng(4)
    sizes = [2, 3, 4, 5, 2, 3]
    codes = np.stack([random.integers(0, size, 3000) for size in sizes], 1)
    effects = [random.normal(0, 0.5, size) for size in sizes]
    signal = sum(effect[column] for effect, column in zip(effects, codes.T, strict=True))
    signal = signal + 1.5 * ((codes[:, 0] == 1) == (codes[:, 1] == 2))
    signal = signal + random.normal(0, 1, (4, 5))[codes[:, 2], codes[:, 3]]
    names = ["member", "age", "region", "party", "owner", "school"]
    answers = pd.DataFrame(
        {name: [f"{name[0]}{code}" for code in column] for name, column in zip(names, codes.T, strict=True)}
    )
    answers["age"] = codes[:, 1]
    return Table(answers, signal + random.normal(0, 1, len(codes)))


def exclusive() -> Table:
    """Two text columns of which either, but not both, raises the odds; a third says nothing."""
    random = np.random.default_rng(5)
    one, two = random.integers(0, 2, (2, 4000))
    y = (random.random(4000) < np.where(one != two, 0.8, 0.2)).astype(int)
    words = {
        "smoker": np.where(one, "yes", "no"),
        "drug": np.where(two, "given", "none"),
        "ward": random.choice(list("NSEW"), 4000),
    }
    return Table(pd.DataFrame(words), y)


def many_levels() -> Table:
    """A text column of 400 levels, each with its own effect, most of them seen ten times."""
    random = np.random.default_rng(6)
    level, kind = random.integers(0, 400, 4000), random.integers(0, 6, 4000)
    x = random.normal(size=(4000, 3))
    signal = random.normal(0, 1, 400)[level] + random.normal(0, 0.7, 6)[kind] + np.sin(2 * x[:, 0]) + x[:, 1]
    frame = pd.DataFrame(x, columns=["a", "b", "c"])
    frame["shop"], frame["kind"] = [f"shop {n}" for n in level], [f"kind {n}" for n in kind]
    return Table(frame, signal + random.normal(0, 0.7, 4000))


def wide() -> Table:
    """300 rows of 500 columns, two of which matter, one by its square."""
    random = np.random.default_rng(7)
    x = random.normal(size=(300, 500))
    return Table(x, 2 * x[:, 3] + x[:, 7] ** 2 + random.normal(0, 0.5, 300))


def spectra() -> Table:
    """80 smooth spectra of 200 channels, all of which say a little about four substances."""
    random = np.random.default_rng(8)
    channel = np.linspace(0, 1, 200)
    amounts = random.uniform(0, 1, (80, 4))
    bands = np.exp(-0.5 * ((channel - np.array([[0.2], [0.4], [0.55], [0.8]])) / 0.12) ** 2)
    x = amounts @ bands + random.normal(0, 0.02, (80, 200))
    return Table(x, amounts[:, 0] + 2 * amounts[:, 1] - amounts[:, 3] + random.normal(0, 0.1, 80))


def interactions() -> Table:
    """Friedman's function: a product of two columns within a sine, a square, two lines, five columns of noise."""
    return Table(*make_friedman1(800, 10, noise=1.0, random_state=9))


def rare_class() -> Table:
    """One row in fifty is of the second class."""
    random = np.random.default_rng(10)
    x = random.normal(size=(6000, 6))
    odds = -5 + x[:, 0] + x[:, 1] ** 2 * 0.6 + np.where(x[:, 2] > 1, 1.5, 0)
    return Table(x, (random.random(6000) < 1 / (1 + np.exp(-odds))).astype(int))


VALUES: dict[str, Callable[[], Table]] = {
    "heavy_tails": heavy_tails,
    "outliers_x": outliers_in_columns,
    "outliers_y": outliers_in_the_target,
    "counts": counts,
    "survey": survey,
    "many_levels": many_levels,
    "wide": wide,
    "spectra": spectra,
    "friedman": interactions,
}
CLASSES: dict[str, Callable[[], Table]] = {"xor_text": exclusive, "rare_class": rare_class}
