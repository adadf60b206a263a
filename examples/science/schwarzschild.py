"""A hidden symmetry of the black hole: the time in which its space is flat.

Schwarzschild's metric (2 M = 1) is singular at the horizon. Which shift of time, t' = t + s(r), makes its spatial part
flat? The condition on s is a differential equation of first order, quadratic in the slope; `edgewise.pde.solve` finds
s, `discover` its slope's law, and sympy integrates it: Gullstrand and Painleve's coordinate.

Run: python examples/science/schwarzschild.py [--seeds 5] [--quick] [--out demo-output]
"""

from __future__ import annotations

import sympy
from matplotlib.figure import Figure
from study import Outcome, panels, tell

from edgewise import discover
from edgewise.pde import Box, Equation, dirichlet, solve

OUTSIDE = Box(r=(1.2, 3.0))


def stretch(s, at):
    """How much a radial step is longer than dr, less 1, times (1 - 1/r)^2: 0 where space is flat."""
    lapse = 1 - 1 / at.r
    return lapse**2 * s.r**2 - 1 / at.r


def find(seed: int, quick: bool) -> list[Outcome]:
    """Solve, discover the slope, integrate."""
    end = [dirichlet(0.0, on="r.high")]
    start = Equation(
        OUTSIDE, lambda s, at: s.r - 1, conditions=end
    )  # later outside: the other root is its negative
    equation = Equation(OUTSIDE, stretch, conditions=end)
    solution = solve(equation, [1, 1], grid=(4, 8, 16, 32), k=7, seed=seed, continuation=[start])
    r = OUTSIDE.sample(2000, seed)
    left = float(solution.residual(r).square().mean())
    slope = solution.derivative(r, "r")
    found = discover(r, slope, names=["r"], noise=100 * left**0.5, seed=seed).best.expression
    radius, symbol = sympy.Symbol("r", positive=True), sympy.Symbol("r")
    law = sympy.nsimplify(found, rational=True, tolerance=1e-6).subs(symbol, radius)
    law = sympy.powdenest(sympy.factor(law, deep=True), force=True)
    law = law.replace(sympy.Abs, lambda distance: distance)  # from the horizon, outside of it
    right = sympy.simplify(law**2 - radius / (radius - 1) ** 2) == 0
    law, shift = (one.subs(radius, symbol) for one in (law, sympy.integrate(law, radius)))
    return [Outcome("time", f"t' = t + {shift}", left, 1.05e-4, right, (r, slope, solution(r), law, shift))]


def draw(outcomes: list[Outcome]) -> Figure:
    """The shift and its slope, solved and as formulas."""
    r, slope, values, law, shift = outcomes[0].shown
    order = r[:, 0].argsort()
    at, symbol = r[order, 0].numpy(), sympy.Symbol("r")
    figure, axes = panels(2)
    for ax, solved, formula, what in zip(
        axes, (values[:, 0], slope), (shift, law), ("shift of time", "its slope"), strict=True
    ):
        curve = sympy.lambdify(symbol, formula, "numpy")(at)
        solved = solved[order].numpy()
        if formula is shift:
            curve = curve + (solved - curve).mean()  # a constant is free
        ax.plot(at, solved, color="0.75", linewidth=6, label="network")
        ax.plot(at, curve, color="tab:red", linewidth=1.2, label=f"${sympy.latex(formula)}$")
        ax.set(xlabel="r", title=what)
        ax.legend(frameon=False)
    return figure


if __name__ == "__main__":
    tell("schwarzschild", find, draw)
