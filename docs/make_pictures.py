"""Draw the pictures of the documentation.

python docs/make_pictures.py            all
python docs/make_pictures.py edges      some, by name
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sklearn.datasets import load_diabetes

from edgewise import (
    KAN,
    create_dataset,
    discover,
    plot,
    plot_discovery,
    plot_edge,
    plot_history,
    plot_interaction,
    plot_prediction,
    plot_shapes,
)
from edgewise.estimators import KANRegressor

HERE = Path(__file__).parent / "pictures"


def hello() -> dict[str, torch.Tensor]:
    """Samples of exp(sin(pi x) + y^2)."""
    return create_dataset(
        lambda x: torch.exp(torch.sin(torch.pi * x[:, 0]) + x[:, 1] ** 2), n_var=2, dtype=torch.float64
    )


def empty(width: float, height: float, *ratios: float) -> tuple[Figure, list]:
    """A figure without a window, and its axes side by side."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(ratios), width_ratios=ratios, squeeze=False)
    return figure, list(axes[0])


def story() -> Figure:
    """The hello story in three pictures side by side."""
    data = hello()
    figure, axes = empty(13, 4.6, 2.2, 1, 1)
    model = KAN([2, 5, 1], grid=3, seed=1, dtype=torch.float64)
    model.fit(data, steps=4)
    model.plot(ax=axes[0], title="trained")
    for _ in range(2):
        model.fit(data, steps=30, lamb=1e-3)
        model = model.prune()
    model.plot(ax=axes[1], title="sparsified and pruned")
    model.fit(data, steps=10)
    model = model.symbolify()
    found = model.formula()
    model.plot(ax=axes[2], title=rf"$y = {found.latex()}$")
    return figure


def edges() -> Figure:
    """One edge as a spline, and as the formula that takes its place."""
    figure, axes = empty(11, 3.6, 1, 1)
    data = create_dataset(lambda x: torch.sin(2 * torch.pi * x[:, 0]), n_var=1, dtype=torch.float64)
    model = KAN([1, 1], grid=8, base="zero", seed=0, dtype=torch.float64)
    model.fit(data, steps=20)
    x = data["test_input"][:200]
    plot_edge(model, (0, 0, 0), x, ax=axes[0])
    plot_edge(model.symbolify(), (0, 0, 0), x, ax=axes[1])
    return figure


def products() -> Figure:
    """A network with a product node: x sin(y)."""
    data = create_dataset(
        lambda x: x[:, 0] * torch.sin(x[:, 1]), n_var=2, ranges=(0.5, 3), dtype=torch.float64
    )
    figure, axes = empty(6.5, 4.6, 1)
    model = KAN([2, (0, 1)], grid=5, seed=1, dtype=torch.float64)
    for _ in range(2):
        model.fit(data, steps=20, lamb=1e-3)
        model = model.prune()
    model.plot(ax=axes[0], names=["x", "y"], output_names=["x sin(y)"], title="a product node")
    return figure


def table() -> Figure:
    """What ten measurements of 442 patients do, one curve each."""
    patients = load_diabetes(as_frame=True, scaled=False)
    model = KANRegressor(hidden=0).fit(patients.data, patients.target)
    figure, axes = empty(11, 4.2, 1)
    plot(model.model_, model.samples_, ax=axes[0], output_names=["progression"])
    return figure


def flats() -> tuple[pd.DataFrame, pd.Series]:
    """Rents of made-up flats: in Zug they rise with the years, and more for large ones."""
    random = np.random.default_rng(0)
    day = random.integers(0, 1500, 600)
    table = pd.DataFrame(
        {
            "area": random.gamma(6, 16, 600),
            "sold": pd.Timestamp("2019-01-01") + pd.to_timedelta(day, "D"),
            "city": random.choice(["Bern", "Basel", "Zug"], 600),
        }
    )
    rent = 8 * table["area"] ** 0.8 + 60 * (table["city"] == "Zug") + table["area"] * day / 2000
    return table, rent + random.normal(0, 15, 600)


def shapes() -> Figure:
    """What area, date and city add to the rent of a flat."""
    table, rent = flats()
    return plot_shapes(KANRegressor(hidden=0).fit(table, rent), table, target="rent")


def prediction() -> Figure:
    """How the rent of one flat comes about."""
    table, rent = flats()
    return plot_prediction(KANRegressor(hidden=0).fit(table, rent), table.iloc[[0]], target="rent")


def discovery() -> Figure:
    """The front of laws of a damped swing, the chosen one, and what it leaves."""
    random = np.random.default_rng(0)
    time = random.uniform(0, 6, 300)
    angle = 0.31 * np.exp(-0.23 * time) * np.cos(2.1 * time) + 0.008 * random.standard_normal(300)
    found = discover(time[:, None], angle, names=["t"], noise=0.008, networks=False)
    return plot_discovery(found, target="angle")


def interaction() -> Figure:
    """What area and date add together."""
    table, rent = flats()
    return plot_interaction(KANRegressor(hidden=4).fit(table, rent), table, "area", "sold", target="rent")


def training() -> Figure:
    """Losses of a fit, before and after a refinement."""
    data = hello()
    figure, axes = empty(11, 3.6, 1, 1)
    model = KAN([2, 1, 1], grid=3, seed=0, dtype=torch.float64)
    model.fit(data, steps=0)
    for ax, grid in zip(axes, (3, 12), strict=True):
        model = model.refine(grid)
        plot_history(model.fit(data, steps=25), ax=ax)
        ax.set_xlabel(f"step, grid {grid}")
    return figure


def wide() -> Figure:
    """A network of some 60 edges: what matters is dark."""
    data = create_dataset(
        lambda x: torch.sin(torch.pi * x[:, 0]) * x[:, 1] + x[:, 2].abs(), n_var=6, dtype=torch.float64
    )
    figure, axes = empty(12, 5, 1)
    model = KAN([6, 6, 2, 1], grid=3, seed=0, dtype=torch.float64)
    model.fit(data, steps=20, lamb=1e-3)
    model.plot(ax=axes[0])
    return figure


PICTURES: dict[str, Callable[[], Figure]] = {
    "story": story,
    "edges": edges,
    "products": products,
    "table": table,
    "shapes": shapes,
    "prediction": prediction,
    "discovery": discovery,
    "interaction": interaction,
    "training": training,
    "wide": wide,
}


def main() -> None:
    """Draw those named, or all."""
    for name in sys.argv[1:] or PICTURES:
        PICTURES[name]().savefig(HERE / f"{name}.png", dpi=110, bbox_inches="tight")


if __name__ == "__main__":
    main()
