"""Equations of motion from trajectories with noise: predators and prey, and a damped pendulum.

Every trajectory is smoothed by two splines, networks of one edge, on its even and its odd samples; their slopes are the
rates of change, and their difference is how far these may be off. `discover` finds a law for each rate.

Run: python examples/science/motion.py [--seeds 5] [--quick] [--out demo-output]
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sympy
import torch
from matplotlib.figure import Figure
from scipy.integrate import solve_ivp
from study import Outcome, panels, tell
from torch import Tensor
from torch.func import grad

from edgewise import KAN, discover
from edgewise.discovery import Law

NOISE = 0.02  # of the deviation of each column
SYSTEMS = {  # names, rates of change, starts, duration
    "Lotka and Volterra": ("x y", "1.1*x - 0.4*x*y, 0.1*x*y - 0.4*y", [(10, 5), (4, 2), (6, 1)], 25.0),
    "damped pendulum": ("q p", "p, -sin(q) - 0.2*p", [(2.5, 0), (0, 2), (-2, 2)], 20.0),
}


def trajectory(flow: Callable, start: tuple, times: np.ndarray) -> np.ndarray:
    """States at these times, a row each."""
    return solve_ivp(lambda _, at: flow(*at), (0, times[-1]), start, t_eval=times, rtol=1e-10, atol=1e-10).y.T


def observed(
    flow: Callable, start: tuple, times: np.ndarray, random: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """A trajectory, and the same with noise."""
    true = trajectory(flow, start, times)
    noisy = true + NOISE * true.std(0) * random.standard_normal(true.shape)
    return torch.from_numpy(true), torch.from_numpy(noisy)


def smoothed(times: Tensor, values: Tensor, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """States, their rates, and how uncertain the rates are: a number for each column."""
    found = []
    for half in range(2):
        curve = KAN([1, 2], grid=20, k=5, seed=seed, dtype=torch.float64, grid_range=(0.0, float(times[-1])))
        curve.fit((times[half::2], values[half::2]), opt="LM", steps=20, grids=[20, 40], validation=0.2)
        curve.requires_grad_(False)
        rates = [grad(lambda at, place=i, curve=curve: curve(at)[:, place].sum())(times) for i in range(2)]
        found.append(torch.stack([curve(times), torch.cat(rates, 1)])[:, 10:-10])  # ends are uncertain
    state, rate = (found[0] + found[1]) / 2
    return state, rate, (found[0] - found[1])[1].square().mean(0).sqrt()


def find(seed: int, quick: bool) -> list[Outcome]:
    """Both systems; a quick run has the first alone."""
    return [one_system(name, seed, 801) for name in list(SYSTEMS)[: 1 if quick else 2]]


def one_system(name: str, seed: int, count: int) -> Outcome:
    """Observe, smooth, discover."""
    names, rates, starts, duration = SYSTEMS[name]
    symbols, laws = sympy.symbols(names), sympy.sympify(rates)
    flow, random = sympy.lambdify(symbols, laws), np.random.default_rng(seed)
    times = np.linspace(0, duration, count)
    runs = [observed(flow, start, times, random) for start in starts]
    parts = [smoothed(torch.from_numpy(times)[:, None], noisy, seed) for _, noisy in runs]
    state, rate = (torch.cat([part[place] for part in parts]) for place in range(2))
    noise = torch.stack([part[2] for part in parts]).square().mean(0).sqrt()
    found = [
        discover(
            state, rate[:, i], names=names.split(), noise=float(noise[i]), networks=False, seed=seed
        ).best
        for i in range(2)
    ]
    text = ", ".join(f"d{one}/dt = {law.expression}" for one, law in zip(symbols, found, strict=True))
    off = max(distance(law, truth) for law, truth in zip(found, laws, strict=True))
    return Outcome(
        name, text, off, 0.03, off < 0.03, (times, runs, [law.expression for law in found], symbols)
    )


def distance(law: Law, truth: sympy.Expr) -> float:
    """The largest relative difference of a constant; infinite if the terms differ."""
    ours, theirs = (sympy.expand(one).as_coefficients_dict() for one in (law.expression, truth))
    if set(ours) != set(theirs):
        return float("inf")
    return max(abs(float(ours[term] / theirs[term]) - 1) for term in theirs)


def draw(outcomes: list[Outcome]) -> Figure:
    """The first trajectory of each system: samples, truth, and what the laws that were found predict."""
    figure, axes = panels(len(outcomes), width=5.5)
    for ax, one in zip(axes, outcomes, strict=True):
        times, runs, laws, symbols = one.shown
        true, noisy = runs[0]
        ours = trajectory(sympy.lambdify(symbols, laws), tuple(true[0].tolist()), times)
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
