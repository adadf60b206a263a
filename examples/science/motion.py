"""Equations of motion from trajectories with noise: predators and prey, and a damped pendulum.

Each trajectory is smoothed and differentiated; samples weigh by how certain their rates of change are. `discover` finds
a law for each rate.

Run: python examples/science/motion.py [--seeds 5] [--quick] [--out demo-output]
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sympy
from matplotlib.figure import Figure
from scipy.integrate import solve_ivp
from study import Outcome, panels, tell

from edgewise import discover
from edgewise.discovery import Weighted, derivatives

NOISE = 0.02  # of the deviation of each column
SYSTEMS = {  # names, rates of change, starts, duration
    "Lotka and Volterra": ("x y", "1.1*x - 0.4*x*y, 0.1*x*y - 0.4*y", [(10, 5), (4, 2), (6, 1)], 25.0),
    "damped pendulum": ("q p", "p, -sin(q) - 0.2*p", [(2.5, 0), (0, 2), (-2, 2)], 20.0),
}


def trajectory(flow: Callable, start: tuple, times: np.ndarray) -> np.ndarray:
    """States at these times, a row each."""
    return solve_ivp(lambda _, at: flow(*at), (0, times[-1]), start, t_eval=times, rtol=1e-10, atol=1e-10).y.T


def observed(flow: Callable, start: tuple, times: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A trajectory with noise."""
    true = trajectory(flow, start, times)
    return true + NOISE * true.std(0) * random.standard_normal(true.shape)


def find(seed: int, quick: bool) -> list[Outcome]:
    """Both systems; a quick run has the first alone."""
    return [one_system(name, seed) for name in list(SYSTEMS)[: 1 if quick else 2]]


def one_system(name: str, seed: int) -> Outcome:
    """Observe, differentiate, discover."""
    names, rates, starts, duration = SYSTEMS[name]
    symbols, laws = sympy.symbols(names), sympy.sympify(rates)
    flow, random = sympy.lambdify(symbols, laws), np.random.default_rng(seed)
    times = np.linspace(0, duration, 801)
    runs = [observed(flow, start, times, random) for start in starts]
    parts = [derivatives(times, noisy) for noisy in runs]
    states, slopes, errors = (
        np.concatenate([getattr(part, kind) for part in parts]) for kind in ("states", "slopes", "errors")
    )
    found = []
    for column in range(2):
        noise = Weighted(1 / errors[:, column] ** 2)
        told = discover(
            states, slopes[:, column], names=names.split(), noise=noise, networks=False, seed=seed
        )
        found.append(told.best.expression)
    text = ", ".join(f"d{one}/dt = {law}" for one, law in zip(symbols, found, strict=True))
    off = max(distance(law, truth) for law, truth in zip(found, laws, strict=True))
    return Outcome(name, text, off, 0.03, off < 0.03, (times, starts[0], runs[0], found, symbols))


def distance(law: sympy.Expr, truth: sympy.Expr) -> float:
    """The largest relative difference of a constant; infinite if the terms differ."""
    ours, theirs = (sympy.expand(one).as_coefficients_dict() for one in (law, truth))
    if set(ours) != set(theirs):
        return float("inf")
    return max(abs(float(ours[term] / theirs[term]) - 1) for term in theirs)


def draw(outcomes: list[Outcome]) -> Figure:
    """The first trajectory of each system: samples, and what the laws that were found predict."""
    figure, axes = panels(len(outcomes), width=5.5)
    for ax, one in zip(axes, outcomes, strict=True):
        times, start, noisy, laws, symbols = one.shown
        ours = trajectory(sympy.lambdify(symbols, laws), start, times)
        for column, colour in enumerate(("tab:blue", "tab:orange")):
            ax.plot(times[::4], noisy[::4, column], ".", color=colour, markersize=3, alpha=0.5)
            ax.plot(times, ours[:, column], color=colour, label=f"{symbols[column]}, from the law")
        ax.set(
            xlabel="time",
            title="\n".join(f"d{s}/dt = {law.evalf(4)}" for s, law in zip(symbols, laws, strict=True)),
        )
        ax.legend(frameon=False)
    return figure


if __name__ == "__main__":
    tell("motion", find, draw)
