"""Lagrangians from observed accelerations: a pendulum, and a relativistic mass in a uniform field.

The data are positions, velocities and accelerations. L(q, v) = T(v) - V(q) is a network of two edges, trained until
Euler and Lagrange's equation holds at every sample. Momentum and force are its slopes; their laws, integrated, are L.

Run: python examples/science/lagrangian.py [--seeds 5] [--quick] [--out demo-output]
"""

from __future__ import annotations

import sympy
import torch
from matplotlib.figure import Figure
from study import Outcome, panels, tell
from torch import Tensor
from torch.func import grad

from edgewise import KAN, discover, fit

SYSTEMS = {  # acceleration, largest position and velocity
    "pendulum": (lambda q, v: -torch.sin(q), 3.0, 2.0),
    "relativistic mass": (lambda q, v: (1 - v**2) ** 1.5, 1.0, 0.9),
}
AT_REST = torch.tensor([1.0, 0.0])
PYKAN = 5.03e-5**0.5  # the mean square that its tutorial prints, as a root


class EulerLagrange(torch.nn.Module):
    """The two columns that are to be 0 and 1: what is left of the equation, and the mass at rest."""

    def __init__(self, lagrangian: KAN) -> None:
        super().__init__()
        self.lagrangian = lagrangian

    def slopes(self, state: Tensor) -> Tensor:
        """Force and momentum, dL/dq and dL/dv."""
        return grad(lambda at: self.lagrangian(at).sum())(state)

    def curvatures(self, state: Tensor) -> Tensor:
        """Slopes of the momentum in q and v; the second is the mass."""
        return grad(lambda at: self.slopes(at)[:, 1].sum())(state)

    def forward(self, x: Tensor) -> Tensor:
        """At rows of position, velocity and acceleration."""
        state, velocity, acceleration = x[:, :2], x[:, 1], x[:, 2]
        curvature = self.curvatures(state)
        rate = curvature[:, 0] * velocity + curvature[:, 1] * acceleration
        mass_at_rest = self.curvatures(state * AT_REST)[:, 1]
        return torch.stack([rate - self.slopes(state)[:, 0], mass_at_rest], 1)


def find(seed: int, quick: bool) -> list[Outcome]:
    """Both Lagrangians; a quick run has the first alone."""
    return [one_system(name, seed, 1000) for name in list(SYSTEMS)[: 1 if quick else 2]]


def one_system(name: str, seed: int, count: int) -> Outcome:
    """Train, read momentum and force, integrate, and compare the accelerations that follow with the data."""
    law, *most = SYSTEMS[name]
    random = torch.Generator().manual_seed(seed)
    state = (2 * torch.rand(count, 2, generator=random, dtype=torch.float64) - 1) * torch.tensor(most)
    acceleration = law(state[:, 0], state[:, 1])

    lagrangian = KAN([2, 1], grid=10, k=5, seed=seed, dtype=torch.float64, input_names=["q", "v"])
    lagrangian.fit((state, state[:, 1:] ** 2 / 2), steps=3)  # any start will do; this one sets the grid
    equation = EulerLagrange(lagrangian)
    targets = torch.tensor([0.0, 1.0], dtype=torch.float64).expand(count, 2)
    data = (torch.column_stack([state, acceleration]), targets)
    result = fit(equation, data, opt="LM", steps=20)

    force, momentum = equation.slopes(state).detach().unbind(1)
    momentum = momentum - equation.slopes(state * AT_REST)[0, 1].detach()  # dF/dt may be added to L
    noise = 3 * result.train_loss
    forces = discover(state[:, :1], force, names=["q"], noise=noise, seed=seed)
    momenta = discover(state[:, 1:], momentum, names=["v"], noise=noise, seed=seed)
    force_law = (
        forces.best or forces.laws[0]
    ).expression  # a constant force explains no spread: it is the simplest
    momentum_law = momenta.best.expression

    q, v = sympy.symbols("q v")
    sketch = sympy.integrate(momentum_law, v) + sympy.integrate(force_law, q)
    formula = KAN.from_formula(sketch, ["q", "v"], x=state)  # the law as a network, its constants trained
    fit(EulerLagrange(formula), data, opt="LM", steps=20)
    found = formula.formula(state).expr
    predicted = sympy.lambdify((q, v), sympy.diff(found, q) / sympy.diff(found, v, 2), "numpy")
    error = float((torch.as_tensor(predicted(*state.numpy().T)) - acceleration).square().mean().sqrt())
    return Outcome(name, f"L = {found}", error, PYKAN, error < 1e-9, (state, force, momentum, found))


def draw(outcomes: list[Outcome]) -> Figure:
    """Momentum and force of both systems: the trained network and the law."""
    figure, axes = panels(2, len(outcomes))
    q, v = sympy.symbols("q v")
    for row, one in enumerate(outcomes):
        state, force, momentum, law = one.shown
        for column, (symbol, values, what) in enumerate([(v, momentum, "momentum"), (q, force, "force")]):
            ax, x = axes[2 * row + column], state[:, 1 - column].sort()
            curve = (
                sympy.lambdify(symbol, sympy.diff(law, symbol), "numpy")(x.values.numpy())
                + 0 * x.values.numpy()
            )
            ax.plot(x.values, values[x.indices], color="0.75", linewidth=6, label="network")
            ax.plot(
                x.values,
                curve,
                color="tab:red",
                linewidth=1.2,
                label=f"${sympy.latex(sympy.diff(law, symbol))}$",
            )
            middle, half = float(values.mean()), max(0.5, float(values.max() - values.min()) / 1.8)
            ax.set(xlabel=str(symbol), ylabel=what, title=one.part, ylim=(middle - half, middle + half))
            ax.legend(frameon=False)
    return figure


if __name__ == "__main__":
    tell("lagrangian", find, draw)
