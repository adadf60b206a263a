"""What the geometry of a knot says about its topology: 12,954 hyperbolic knots, three questions.

1. The signature, an even number, from geometric invariants: how often is a network of splines right, and which
   invariants does it need? An MLP of the same size stands beside it, trained the same way.
2. Is there a formula for the signature?
3. Which invariants depend on each other? Nobody says which is the target: networks tell the table from a copy with
   shuffled columns.

Run: python examples/science/knots.py [--splits 5] [--quick] [--out demo-output]
"""

from __future__ import annotations

import argparse
import time
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor, nn

from edgewise import KAN, attribute, create_dataset_from_data, discover, fit, plot, prune
from edgewise.datasets import knots, shuffled_copies

CUSP = ("longitude", "meridian_real", "meridian_imag")
GEOMETRY = ("volume", "chern_simons", *CUSP, "cusp_volume")
SYMMETRIES = ("1", "Z/2", "Z/2 + Z/2", "D3", "D4", "D6")
TURN_ROUND = ("chern_simons", "meridian_real")  # change their sign in the mirror image; so does the signature
LARGEST = 10
ACCURACY = 1e-6  # of the invariants as they were computed, as a share of their deviation


def inputs(alternating: bool) -> tuple[list[str], Tensor]:
    """Names and columns of size 1: geometry, genus, whether the knot alternates, and its symmetry group."""
    table = knots()
    names = [*GEOMETRY, "genus", *(["alternating"] if alternating else [])]
    groups = [table["symmetry"] == group for group in SYMMETRIES]
    columns = table.matrix(*names)
    middle = np.where(np.isin(names, TURN_ROUND), 0.0, columns.mean(0))
    columns = np.column_stack([(columns - middle) / columns.std(0), *groups])
    return [*names, *SYMMETRIES], torch.from_numpy(columns).float()


class BothWays(nn.Module):
    """A classifier that is asked about a knot and about its mirror image, and believes both."""

    def __init__(self, net: nn.Module, turning: list[int]) -> None:
        super().__init__()
        self.net = net
        self.turning = turning

    def forward(self, x: Tensor) -> Tensor:
        """Logits of the signatures -10, -8, ..., 10."""
        mirrored = x.clone()
        mirrored[:, self.turning] *= -1
        here, there = self.net(torch.cat([x, mirrored])).chunk(2)
        return here + there.flip(1)


def trained(
    net: nn.Module, names: list[str], data: dict[str, Tensor], epochs: int, lr: float = 3e-2
) -> float:
    """Train in place; give the share of test knots whose signature comes out right."""
    model = BothWays(net, [names.index(name) for name in TURN_ROUND])
    classes = ((data["train_label"][:, 0] + LARGEST) / 2).long()
    fit(
        model, (data["train_input"], classes), loss="cross_entropy", steps=epochs, batch=1024, scheduler="cosine",
        opt=lambda parameters: torch.optim.AdamW(parameters, lr=lr, weight_decay=0.1), best=False, update_grid=False,
    )  # fmt: skip
    return accuracy(model, data)


@torch.no_grad()
def accuracy(model: nn.Module, data: dict[str, Tensor]) -> float:
    """Share of the test knots whose signature comes out right."""
    said = 2 * model(data["test_input"]).argmax(1) - LARGEST
    return float((said == data["test_label"][:, 0]).double().mean())


def splines(width: Any, grid: int, names: list[str], seed: int) -> KAN:
    return KAN(
        [len(names), width, LARGEST + 1],
        grid=grid,
        seed=seed,
        grid_range=(-3, 3),
        dtype=torch.float32,
        input_names=names,
    )


def perceptron(names: list[str], seed: int, hidden: int = 49) -> nn.Module:
    torch.manual_seed(seed)
    sizes = [len(names), hidden, hidden, LARGEST + 1]
    layers = [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), nn.SiLU())]
    return nn.Sequential(*layers[:-1])


def size(net: nn.Module) -> int:
    return sum(parameter.numel() for parameter in net.parameters() if parameter.requires_grad)


def signatures(splits: int, epochs: int, out: Path, kinds_of_input: tuple[bool, ...] = (True, False)) -> None:
    """Accuracies over random splits of 80 to 20, with and without knowing whether the knot alternates."""
    kinds = {
        "splines, 16 hidden nodes": lambda names, seed: splines(16, 5, names, seed),
        "MLP": lambda names, seed: perceptron(names, seed),
        "splines, one hidden sum": lambda names, seed: splines(1, 20, names, seed),
        "splines, one hidden product": lambda names, seed: splines((0, 1), 10, names, seed),
    }
    for alternating in kinds_of_input:
        names, x = inputs(alternating)
        print(
            f"{len(names)} inputs" + ("" if alternating else ", without knowing whether the knot alternates")
        )
        for kind, make in kinds.items():
            found = []
            for seed in range(splits):
                net = make(names, seed)
                data = create_dataset_from_data(x, knots()["signature"].astype(np.float32), seed=seed)
                found.append(trained(net, names, data, epochs, 1e-2 if kind == "MLP" else 3e-2))
            print(
                f"  {kind}: {size(net):,} parameters, right in {median(found):.1%} "
                f"({min(found):.1%} to {max(found):.1%})", flush=True,
            )  # fmt: skip
            if alternating and kind.endswith("product"):
                pruned(net, names, data, epochs, out)


def pruned(net: KAN, names: list[str], data: dict[str, Tensor], epochs: int, out: Path) -> None:
    """What one hidden node reads: the network with the inputs that matter, trained on, and its picture."""
    scores = attribute(net, data["train_input"]).nodes[0]
    order = scores.argsort(descending=True).tolist()
    print(
        "  it looks at " + ", ".join(f"{names[i]} ({float(scores[i] / scores.sum()):.0%})" for i in order[:6])
    )
    small = prune(net, data["train_input"], input_threshold=float(scores[order[3]])).model
    right = trained(small, names, data, epochs, 1e-2)
    print(f"  pruned to {', '.join(small.names)}: {size(small):,} parameters, right in {right:.1%}")
    figure = plot(small, data["train_input"], output_names=[str(2 * k - LARGEST) for k in range(LARGEST + 1)])
    figure.savefig(out / "knots_network.png", dpi=150)


def formula(seconds: float) -> None:
    """A formula for the signature from the shape of the cusp and the genus."""
    table = knots()
    x, y = table.matrix(*CUSP, "genus"), table["signature"].astype(np.float64)
    train, test = np.split(np.random.default_rng(0).permutation(len(y)), [int(0.8 * len(y))])
    found = discover(x[train[:2500]], y[train[:2500]], names=[*CUSP, "genus"], seconds=seconds)
    slope = x[:, 0] * x[:, 1] / (x[:, 1] ** 2 + x[:, 2] ** 2)
    known = np.polyval(np.polyfit(slope[train], y[train], 1), slope[test])
    print(f"slope of the meridian, the known estimate: r2 {r2(y[test], known):.4f}")
    for law in found.laws:
        print(f"  r2 {r2(y[test], law.predict(x[test])):.4f}   {law.expression}")


def r2(y: np.ndarray, prediction: np.ndarray) -> float:
    return 1 - float(np.square(y - prediction).mean() / y.var())


RELATED = ("signature", *GEOMETRY, "genus", "crossings")
CUSP_RELATION = {"cusp_volume", "longitude", "meridian_imag"}


def relation(x: Tensor, seed: int, steps: int = 40) -> tuple[list[int], KAN]:
    """Columns that depend on each other most clearly, told by a network that knows the table from shuffled copies.

    It has one hidden node, and its last function is held as a Gaussian: it is 1 where a sum of curves is near 0, so that
    what it learns is a relation. The penalty keeps it to few columns; of two starts the one that errs less counts.
    """
    tried = []
    for start in (2 * seed, 2 * seed + 1):
        net = KAN([x.shape[1], 1, 1], grid=5, seed=start, grid_range=(-3, 3), dtype=x.dtype)
        net = net.fix((1, 0, 0), "gaussian", a=1.0, b=0.0, c=1.0, d=0.0, hold="all")
        result = net.fit(shuffled_copies(x, seed=start), steps=steps, lamb=3e-3, progress=False)
        tried.append((result.train_loss, start, net))
    net = min(tried)[2]
    return before_the_drop(net.attribute(x).nodes[0]), net


def before_the_drop(scores: Tensor) -> list[int]:
    """The inputs above the largest step down among those that score more than a fiftieth of the first."""
    values, order = (scores / scores.max()).sort(descending=True)
    count = max(2, int((values > 0.02).sum()))
    steps = values[1:count] / torch.cat([values[2:count], torch.tensor([0.02])])
    return sorted(order[: int(steps.argmax()) + 2].tolist())


def law_of(values: np.ndarray, found: list[int], seconds: float) -> tuple[str, int | None]:
    """The shortest exact law of one of these columns in the others, and which one it is."""
    laws = []
    for target in found:
        others = [column for column in found if column != target]
        names = [RELATED[column] for column in others]
        noise = ACCURACY * float(values[:, target].std())
        best = discover(values[:, others], values[:, target], names=names, noise=noise, seconds=seconds).best
        if best is not None and best.r2 > 1 - 1e-9:
            laws.append((best.complexity, f"{RELATED[target]} = {best.expression}", target))
    return min(laws)[1:] if laws else ("no exact law", None)


def blind(seeds: int, rows: int, steps: int, out: Path) -> None:
    """Relations that nobody asked for: the clearest one from several seeds, its law, and of several the next clearest."""
    table, right, nets = knots(), 0, []
    for seed in range(seeds):
        chosen = np.random.default_rng(seed).permutation(table.rows)[:rows]
        values = table.matrix(*RELATED)[chosen]
        x = torch.from_numpy((values - values.mean(0)) / values.std(0))
        found, net = relation(x, seed, steps)
        names = [RELATED[i] for i in found]
        right += set(names) == CUSP_RELATION
        nets.append((net, x, found))
        print(f"  seed {seed}: depend on each other: {', '.join(names)}", flush=True)
    print(f"  the relation of the cusp on {right} of {seeds} seeds")
    law, target = law_of(values, found, 10.0 if seeds > 1 else 2.0)
    print(f"  its law: {law}")
    if target is not None and seeds > 1:
        rest = [column for column in range(x.shape[1]) if column != target]
        second, _ = relation(x[:, rest], seeds)
        print(f"  without {RELATED[target]}: {', '.join(RELATED[rest[i]] for i in second)}")
    picture(nets[0], out)


def picture(found: tuple[KAN, Tensor, list[int]], out: Path) -> None:
    """The curves of a relation beside logarithms, and the signature over the slope."""
    net, x, columns = found
    table = knots()
    figure = Figure(figsize=(10, 4), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    edges = net.trace(x).layers[0].edges[:, :, 0]
    for column in columns:
        values = table[RELATED[column]]
        at = torch.from_numpy(np.log(np.abs(x[:, column].numpy() * values.std() + values.mean())))
        order = at.argsort()
        left.plot(at[order], (edges[:, column] - edges[:, column].mean())[order], label=RELATED[column])
    left.set(
        xlabel="logarithm of the invariant", ylabel="curve that was learned", title="A relation found blind"
    )
    left.legend(frameon=False)
    slope = (
        table["longitude"]
        * table["meridian_real"]
        / (table["meridian_real"] ** 2 + table["meridian_imag"] ** 2)
    )
    right.plot(slope, table["signature"], ".", markersize=1.5, alpha=0.3)
    right.set(xlabel="slope of the meridian", ylabel="signature", title="12,954 knots")
    figure.savefig(out / "knots.png", dpi=150)


def main(out: Path, splits: int = 5, quick: bool = False) -> None:
    """The three questions; pictures go to `out`."""
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # networks this small gain nothing from a second thread
    for title, part in (
        (
            "The signature, by splits",
            lambda: signatures(1, 3, out, (True,)) if quick else signatures(splits, 120, out),
        ),
        ("A formula for the signature", lambda: formula(2.0 if quick else 60.0)),
        (
            "Relations that nobody asked for",
            lambda: blind(1, 1000, 20, out) if quick else blind(5, 1500, 40, out),
        ),
    ):
        begun = time.process_time()
        print(title)
        part()
        print(f"  ({time.process_time() - begun:.0f} s of processor time)", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--splits", type=int, default=5, help="random splits for the accuracies (5)")
    parser.add_argument("--quick", action="store_true", help="a short look")
    parser.add_argument("--out", type=Path, default=Path("demo-output"), help="folder for the pictures")
    chosen = parser.parse_args()
    main(chosen.out, chosen.splits, chosen.quick)
