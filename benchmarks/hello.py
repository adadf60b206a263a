"""Does the six-step story end in the exact formula, whatever the seed, and how fast?

exp(sin(pi x) + y^2) from 1,000 samples: build [2, 5, 1]; fit with a penalty and prune, twice; refine; fit;
symbolify; formula. No step is tuned to a seed. Prints a row per seed and the counts.

Run: python benchmarks/hello.py [--seeds 20]
With pykan 0.2.8 installed: python benchmarks/hello.py --pykan [--repeats 3] times the same story in both,
in turn, on one thread, and prints the medians and their ratio.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import sympy
import torch

from edgewise import KAN, create_dataset

TARGET = sympy.sympify("exp(x_2**2 + sin(pi*x_1))")
FUNCTIONS = ["x", "x^2", "x^3", "x^4", "exp", "log", "sqrt", "tanh", "sin", "abs"]


def target(x: torch.Tensor) -> torch.Tensor:
    """The function to be found."""
    return torch.exp(torch.sin(torch.pi * x[:, [0]]) + x[:, [1]] ** 2)


def dataset() -> dict[str, torch.Tensor]:
    """1,000 samples to train on and 1,000 to test on, in float64."""
    return create_dataset(target, n_var=2, train_num=1000, test_num=1000, dtype=torch.float64)


@dataclass(frozen=True)
class Outcome:
    """How the story ended."""

    width: tuple
    fitted: float  # test RMSE of the refined splines
    rmse: float  # test RMSE of the formulas
    formula: str
    exact: bool
    seconds: float


def story(data: dict[str, torch.Tensor], seed: int, functions: list[str] | None = None) -> Outcome:
    """The six steps with edgewise."""
    start = time.perf_counter()
    model = KAN([2, 5, 1], grid=3, k=3, seed=seed, dtype=torch.float64)
    for _ in range(2):
        model.fit(data, opt="LBFGS", steps=40, lamb=1e-3)
        model = model.prune()
    model = model.refine(10)
    model.fit(data, opt="LBFGS", steps=10)
    fitted = test_rmse(model, data)
    model = model.symbolify(data, functions=functions)
    found = model.formula(splines="named")
    seconds = time.perf_counter() - start
    exact = not found.splines and sympy.simplify(found.expr - TARGET) == 0
    return Outcome(model.width, fitted, test_rmse(model, data), str(found.expr), exact, seconds)


def test_rmse(model: KAN, data: dict[str, torch.Tensor]) -> float:
    """Root-mean-square error on the test samples."""
    with torch.no_grad():
        return float((model(data["test_input"]) - data["test_label"]).square().mean().sqrt())


def pykan_story(data: dict[str, torch.Tensor]) -> tuple[float, float, str]:
    """The same steps as pykan's hello-world notebook has them; seconds, test RMSE and formula."""
    import kan  # here only: it is optional, and changes global state when imported

    folder = os.getcwd()
    with (
        tempfile.TemporaryDirectory() as scratch,
        redirect_stdout(io.StringIO()),
        redirect_stderr(io.StringIO()),
    ):
        os.chdir(scratch)  # it writes checkpoints and figures where it runs
        torch.set_default_dtype(torch.float64)
        try:
            start = time.perf_counter()
            model = kan.KAN(width=[2, 5, 1], grid=3, k=3, seed=42)
            model.fit(data, opt="LBFGS", steps=50, lamb=0.001)
            model = model.prune()
            model.fit(data, opt="LBFGS", steps=50)
            model = model.refine(10)
            model.fit(data, opt="LBFGS", steps=50)
            model.auto_symbolic(lib=FUNCTIONS)
            result = model.fit(data, opt="LBFGS", steps=50)
            expression = kan.ex_round(model.symbolic_formula()[0][0], 4)
            seconds = time.perf_counter() - start
        finally:
            torch.set_default_dtype(torch.float32)
            os.chdir(folder)
    return seconds, float(result["test_loss"][-1]), str(expression)


def by_seed(seeds: range) -> None:
    """One row per seed, then the counts."""
    data = dataset()
    outcomes = []
    print(f"{'seed':>4} {'width':12} {'splines':>9} {'formulas':>9} {'exact':>5} {'s':>6}  formula")
    for seed in seeds:
        end = story(data, seed)
        outcomes.append(end)
        print(
            f"{seed:4} {end.width!s:12} {end.fitted:9.1e} {end.rmse:9.1e} {'yes' if end.exact else 'no':>5} "
            f"{end.seconds:6.1f}  {end.formula if len(end.formula) < 90 else end.formula[:87] + '...'}",
            flush=True,
        )
    exact = [end for end in outcomes if end.exact]
    print(f"exact formula: {len(exact)} of {len(outcomes)}")
    print(f"pruned to (2, 1, 1): {sum(end.width == (2, 1, 1) for end in outcomes)} of {len(outcomes)}")
    print(f"test RMSE at most 1e-9: {sum(end.rmse <= 1e-9 for end in outcomes)} of {len(outcomes)}")
    print(f"median time: {statistics.median(end.seconds for end in outcomes):.1f} s")


def beside_pykan(repeats: int) -> None:
    """Both libraries in turn; medians and their ratio."""
    data = dataset()
    ours, theirs = [], []
    for repeat in range(repeats):
        end = story(data, repeat, FUNCTIONS)
        seconds, rmse, formula = pykan_story(data)
        ours.append(end.seconds)
        theirs.append(seconds)
        print(f"edgewise {end.seconds:6.1f} s  RMSE {end.rmse:.1e}  {end.formula}")
        print(f"pykan    {seconds:6.1f} s  RMSE {rmse:.1e}  {formula}", flush=True)
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(
        f"medians: edgewise {statistics.median(ours):.1f} s, pykan {statistics.median(theirs):.1f} s; {ratio:.1f}x"
    )


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help="run seeds 0 to this minus 1")
    parser.add_argument("--pykan", action="store_true", help="time beside pykan 0.2.8 instead")
    parser.add_argument("--repeats", type=int, default=3, help="times each library is run beside the other")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    if settings.pykan:
        beside_pykan(settings.repeats)
    else:
        by_seed(range(settings.seeds))


if __name__ == "__main__":
    main()
