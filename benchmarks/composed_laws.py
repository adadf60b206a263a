"""Are functions of functions found? Eighteen laws, each a function of a sum or product of functions, or of two such.

1,000 samples each, a fifth held out by the search itself; noise is a share of the targets' deviation. A law is right if its
form is: after its free constants were fitted to samples without noise it equals the law there to 1e-6 of the spread.
Seconds are processor time.

Run: python -m benchmarks.composed_laws [--noise 0 0.02] [--seconds 60] [--without-networks] [--only NAME]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping

import numpy as np
import sympy
import torch
from benchmarks.discovery.judging import is_form

from edgewise import discover

SAMPLES, SEED = 1000, 1
Ranges = Mapping[str, tuple[float, float]]

LAWS: Mapping[str, tuple[str, Ranges]] = {
    "softplus": ("log(1 + exp(sin(a) + b**2))", {"a": (-2.5, 2.5), "b": (-1.5, 1.5)}),
    "square": ("(sin(a) + b)**2*exp(-c)", {"a": (-2.5, 2.5), "b": (-1.5, 1.5), "c": (0, 2)}),
    "logistic": ("1/(1 + exp(1 - a*b))", {"a": (-2, 2), "b": (-2, 2)}),
    "norm": ("sqrt(sin(a)**2 + b**2)", {"a": (-2.5, 2.5), "b": (0.2, 1.5)}),
    "tanh": ("tanh(a*b + c**2)", {"a": (-1.5, 1.5), "b": (-1, 1), "c": (-1, 1)}),
    "bell": ("exp(-(sin(2*a) + b)**2)", {"a": (-1.5, 1.5), "b": (-1, 1)}),
    "cosine": ("cos(exp(a) + b*c)", {"a": (-1, 1), "b": (-1, 1), "c": (-1, 1)}),
    "logarithm": ("log(2 + sin(a)*b)", {"a": (-2.5, 2.5), "b": (-1.5, 1.5)}),
    "two products": ("a*exp(-b**2) + c*sin(d)", {"a": (-1, 2), "b": (-1.5, 1.5), "c": (-1, 2), "d": (-2, 2)}),
    "resonance": ("1/(1 + (sin(a) + b)**2)", {"a": (-2.5, 2.5), "b": (-1.5, 1.5)}),
    "arctangent": ("atan(a*b + exp(c))", {"a": (-1.5, 1.5), "b": (-1.5, 1.5), "c": (-1, 1)}),
    "root of a product": ("sqrt(1 + exp(a)*b**2)", {"a": (-1, 1), "b": (-1.5, 1.5)}),
    "exponential of a sine": ("exp(sin(a*b)) + c", {"a": (-2, 2), "b": (0, 1.5), "c": (-1, 1)}),
    "amplitude": ("c*sin(a**2 + b)", {"a": (-1.5, 1.5), "b": (-1, 1), "c": (0.5, 2)}),
    "decay": ("tanh(a + sin(b))*exp(-c/2)", {"a": (-1, 1), "b": (-2, 2), "c": (0, 3)}),
    "log of cosh": ("log(cosh(a) + b**2)", {"a": (-2, 2), "b": (-1.5, 1.5)}),
    "root and a line": ("sqrt(a**2 + exp(b)) - c", {"a": (-1.5, 1.5), "b": (-1, 1), "c": (-1, 1)}),
    "three in one": ("exp(-(1.3*a**2 + sin(b) + 0.7*c))", {"a": (-1, 1), "b": (-2, 2), "c": (-1, 1)}),
}


def run(name: str, noise: float, seconds: float, networks: bool) -> bool:
    """One law: print what was found, and say whether it is right."""
    text, ranges = LAWS[name]
    random = np.random.default_rng(SEED)
    x = np.stack([random.uniform(low, high, SAMPLES) for low, high in ranges.values()], 1)
    true = sympy.lambdify(list(ranges), sympy.sympify(text), "numpy")(*x.T)
    y = true + noise * true.std() * random.standard_normal(SAMPLES)
    start = time.process_time()
    found = discover(x, y, names=list(ranges), seconds=seconds, networks=networks, progress=False)
    spent = time.process_time() - start
    right = found.best is not None and is_form(found.best, x, true)
    told = "none" if found.best is None else f"{found.best.source}: {found.best.text(4)}"
    print(f"{name:22} {noise:5g} {'right' if right else 'wrong'} {spent:6.1f} s  {told[:110]}", flush=True)
    return right


def main() -> None:
    """Run what was asked for, and count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--noise", type=float, nargs="+", default=[0.0, 0.02])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--without-networks", action="store_true")
    parser.add_argument("--only", nargs="+", choices=list(LAWS), default=list(LAWS))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    for noise in asked.noise:
        right = [run(name, noise, asked.seconds, not asked.without_networks) for name in asked.only]
        print(f"noise {noise:g}: {sum(right)} of {len(right)} right")


if __name__ == "__main__":
    main()
