"""Draw the pictures of the documentation. Run: python docs/make_pictures.py"""

from __future__ import annotations

from pathlib import Path

import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from edgewise import KAN, create_dataset

HERE = Path(__file__).parent / "pictures"


def main() -> None:
    """The hello story in three pictures side by side."""
    data = create_dataset(
        lambda x: torch.exp(torch.sin(torch.pi * x[:, 0]) + x[:, 1] ** 2), n_var=2, dtype=torch.float64
    )
    figure = Figure(figsize=(13, 4.6))
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, 3, width_ratios=(2.2, 1, 1))
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
    figure.savefig(HERE / "story.png", dpi=110, bbox_inches="tight")


if __name__ == "__main__":
    main()
