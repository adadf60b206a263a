"""Do product nodes that carry a law survive the tutorial's story, whatever the seed, and is the formula the law?

Samples of a law with a product in it: build; fit with a penalty and prune, twice; refine; fit; symbolify; formula.
No step is tuned to a law or a seed. A product survives if a product node is left; a formula is exact if it is equal
to the law to rounding, between the samples too. "lean" counts the networks that are left with no more edges than the
law needs. On positive inputs exp(log x + log y) is as good a product, without a product node; and the last law needs
none.

Run: python benchmarks/products.py [--seeds 10] [--laws xy sine] [--quick]; --quick leaves out the formulas.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import sympy
import torch
from torch import Tensor

from edgewise import KAN, create_dataset


@dataclass(frozen=True)
class Law:
    """A law, where it is sampled, and the network that has to find it."""

    function: Callable[..., Tensor]
    width: list
    edges: int
    ranges: tuple[float, float] = (-1, 1)
    noise: float = 0.0
    dtype: torch.dtype = torch.float64
    lamb: float = 1e-3

    @property
    def inputs(self) -> int:
        """Number of columns."""
        return int(self.width[0])

    def __call__(self, x: Tensor) -> Tensor:
        """The law at samples, (batch, columns) to (batch, 1)."""
        return self.function(*x.split(1, dim=1))


def product(x: Tensor, y: Tensor) -> Tensor:
    """The law of most rows."""
    return x * y


NARROW, WIDE = [2, (2, 1), 1], [2, (5, 2), 1]
LAWS = {
    "xy": Law(product, NARROW, 3),
    "xy, wide": Law(product, WIDE, 3),
    "xy, float32": Law(product, NARROW, 3, dtype=torch.float32),
    "xy, noise 1 %": Law(product, NARROW, 3, noise=0.01),
    "xy on [0, 2]": Law(product, NARROW, 3, (0, 2)),
    "xy on [1, 3]": Law(product, NARROW, 3, (1, 3)),
    "xy on [-5, 5]": Law(product, NARROW, 3, (-5, 5), lamb=7e-2),  # for outputs of variance 70
    "sin(x) y": Law(lambda x, y: torch.sin(x) * y, NARROW, 3),
    "xyz": Law(lambda x, y, z: x * y * z, [3, (2, [3]), 1], 4),
    "xy + z": Law(lambda x, y, z: x * y + z, [3, (2, 1), 1], 5),
    "(x + y)(x - y)": Law(lambda x, y: (x + y) * (x - y), NARROW, 3),
    "x + y^2": Law(lambda x, y: x + y**2, NARROW, 3),
}


@dataclass(frozen=True)
class Outcome:
    """How the story ended."""

    survived: bool
    lean: bool
    exact: bool
    seconds: float
    formula: str


def dataset(law: Law) -> dict[str, Tensor]:
    """1,000 samples to train on and 1,000 to test on."""
    data = create_dataset(
        law, n_var=law.inputs, ranges=law.ranges, train_num=1000, test_num=1000, dtype=law.dtype
    )
    generator = torch.Generator().manual_seed(1)
    y = data["train_label"]
    noise = torch.randn(y.shape, generator=generator, dtype=y.dtype)
    return {**data, "train_label": y + law.noise * y.std() * noise}


def story(law: Law, seed: int, *, formula: bool = True) -> Outcome:
    """The steps of the tutorial."""
    data = dataset(law)
    start = time.perf_counter()
    model = KAN(law.width, grid=3, k=3, seed=seed, dtype=law.dtype)
    for _ in range(2):
        model.fit(data, steps=40, lamb=law.lamb)
        model = model.prune()
    model = model.refine(10)
    model.fit(data, steps=10)
    survived = isinstance(model.width[1], tuple)
    lean = sum(1 for _ in model.active_edges()) <= law.edges
    exact, text = False, ""
    if formula:
        found = model.symbolify().formula(splines="named")
        exact, text = not found.splines and is_exact(found.expr, law), str(found.expr)
    return Outcome(survived, lean, exact, time.perf_counter() - start, text)


def is_exact(expr: sympy.Expr, law: Law) -> bool:
    """Whether an expression equals the law at fresh points, but for what noise or the type's rounding excuse."""
    low, high = law.ranges
    generator = torch.Generator().manual_seed(2)
    x = low + (high - low) * torch.rand(500, law.inputs, generator=generator, dtype=torch.float64)
    wanted = law(x)[:, 0].numpy()
    names = [sympy.Symbol(f"x_{n}") for n in range(1, law.inputs + 1)]
    got = sympy.lambdify(names, expr, "numpy")(*x.T.numpy())
    allowed = max(1e-9, 0.2 * law.noise, 1e-5 if law.dtype == torch.float32 else 0.0)
    return bool(abs(got - wanted).max() <= allowed * wanted.std())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10, help="run seeds 0 to this minus 1")
    parser.add_argument("--laws", nargs="*", default=list(LAWS), help="which of the laws")
    parser.add_argument("--quick", action="store_true", help="leave out the formulas")
    parser.add_argument("--formulas", action="store_true", help="print those that are not exact")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{'law':16} {'width':16} {'survived':>8} {'lean':>6} {'exact':>6} {'median s':>8}")
    for name in settings.laws:
        law = LAWS[name]
        ends = [story(law, seed, formula=not settings.quick) for seed in range(settings.seeds)]
        survived, lean, exact = (
            sum(getattr(end, what) for end in ends) for what in ("survived", "lean", "exact")
        )
        seconds = statistics.median(end.seconds for end in ends)
        shown = "-" if settings.quick else exact
        print(f"{name:16} {law.width!s:16} {survived:8} {lean:6} {shown:>6} {seconds:8.1f}", flush=True)
        for seed, end in enumerate(ends):
            if settings.formulas and not end.exact:
                print(f"    seed {seed}: {end.formula[:150]}")


if __name__ == "__main__":
    main()
