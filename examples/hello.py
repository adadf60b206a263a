"""From 1,000 samples of exp(sin(pi x) + y^2) to the formula itself.

The network has never seen the formula: it gets samples, five hidden nodes it does not need, and a penalty
on edges. What remains after pruning is read off edge by edge, and compared with the network.
"""

from __future__ import annotations

from pathlib import Path

import torch

from edgewise import KAN, create_dataset


def hidden_law(x: torch.Tensor) -> torch.Tensor:
    """What the network has to find."""
    return torch.exp(torch.sin(torch.pi * x[:, 0]) + x[:, 1] ** 2)


def main(out: Path) -> None:
    """Tell the story and keep two pictures in `out`."""
    data = create_dataset(hidden_law, n_var=2, seed=0, dtype=torch.float64)
    model = KAN([2, 5, 1], grid=3, k=3, seed=0, dtype=torch.float64)
    print(f"start      {model}")

    for _ in range(2):
        result = model.fit(data, steps=40, lamb=1e-3)
        model.plot().savefig(out / f"hello_{model.width[1]}_nodes.png", dpi=150)
        model = model.prune()
        print(f"pruned     width {model.width}, test RMSE {result.test_loss:.1e}")

    model = model.refine(10)
    result = model.fit(data, steps=10)
    print(f"refined    grid {model.grid[0]}, test RMSE {result.test_loss:.1e}")

    model = model.symbolify()
    print(f"symbolic   test RMSE {model.evaluate(data)['test_loss']:.1e}")
    model.plot(title="red: formulas").savefig(out / "hello_symbolic.png", dpi=150)

    found = model.formula()
    print(f"formula    y = {found.expr}")
    print(f"           {found.line()}")


if __name__ == "__main__":
    folder = Path("demo-output")
    folder.mkdir(exist_ok=True)
    main(folder)
