"""Conserved quantities of oscillators, from their equations of motion.

A network C(state) is trained until its rate of change along the flow is 0 at every sample, while it rises by 1 from
rest to some other state. An oscillator and a pendulum have one such quantity, a sum of two edges. An oscillator in the
plane has several: networks of two products find combinations of them, and row reduction takes these apart.

Run: python examples/science/conserved.py [--seeds 5] [--quick] [--out demo-output]
"""

from __future__ import annotations

from collections.abc import Callable

import sympy
import torch
from matplotlib.figure import Figure
from study import Outcome, panels, tell
from torch import Tensor
from torch.func import grad

from edgewise import KAN, discover, fit

Flow = Callable[[Tensor], Tensor]
LINE, PLANE = (
    sympy.symbols("q p"),
    sympy.symbols("x y u v"),
)  # position and momentum; positions and velocities
REPEATED = 3  # networks that found nothing new, after which all is found
QUADRATIC = [a * b for place, a in enumerate(PLANE) for b in PLANE[place:]]


def oscillator(at: Tensor) -> Tensor:
    """Rate of change of position and momentum."""
    return torch.stack([at[:, 1], -at[:, 0]], 1)


def pendulum(at: Tensor) -> Tensor:
    """The same with the force of a pendulum."""
    return torch.stack([at[:, 1], -at[:, 0].sin()], 1)


def plane(at: Tensor) -> Tensor:
    """Two oscillators of equal frequency."""
    return torch.cat([at[:, 2:], -at[:, :2]], 1)


class RateAndRise(torch.nn.Module):
    """The two columns that are to be 0 and 1: dC/dt, and how far C rises from rest to the state `top`."""

    def __init__(self, network: KAN, flow: Flow, top: Tensor) -> None:
        super().__init__()
        self.network, self.flow, self.top = network, flow, top

    def quantity(self, state: Tensor) -> Tensor:
        """C: the sum of the network's outputs."""
        return self.network(state).sum(1, keepdim=True)

    def forward(self, state: Tensor) -> Tensor:
        """At states."""
        slope = grad(lambda at: self.quantity(at).sum())(state)
        rate = (slope * self.flow(state)).sum(1, keepdim=True)
        rise = self.quantity(self.top.expand_as(state)) - self.quantity(torch.zeros_like(state))
        return torch.cat([rate, rise], 1)


def conserve(network: KAN, flow: Flow, state: Tensor, top: Tensor) -> float:
    """Train, and give what is left: a root mean square."""
    targets = torch.tensor([0.0, 1.0], dtype=torch.float64).expand(len(state), 2)
    return fit(RateAndRise(network, flow, top), (state, targets), opt="LM", steps=60).train_loss


def samples(count: int, columns: int, reach: float, seed: int) -> tuple[Tensor, Tensor]:
    """States in a box, and one of length 1."""
    random = torch.Generator().manual_seed(seed)
    top = torch.randn(columns, generator=random, dtype=torch.float64)
    state = 2 * torch.rand(count, columns, generator=random, dtype=torch.float64) - 1
    return reach * state, top / top.norm()


def drift(law: sympy.Expr, symbols: tuple, flow: Flow, state: Tensor) -> float:
    """Root mean square of the cosine between a formula's gradient and the flow: 0 where it is conserved."""
    quantity = KAN.from_formula(law, symbols, x=state).requires_grad_(False)
    slope = grad(lambda at: quantity(at).sum())(state)
    return float(torch.cosine_similarity(slope, flow(state), dim=1).square().mean().sqrt())


def on_a_line(flow: Flow, reach: float, seed: int, count: int) -> Outcome:
    """The conserved quantity of motion in one dimension."""
    state, top = samples(count, 2, reach, seed)
    network = KAN([2, 1], grid=8, k=7, seed=seed, dtype=torch.float64, grid_range=(-reach, reach))
    left = conserve(network, flow, state, top)
    network.requires_grad_(False)
    sketch = discover(state, network(state), names=["q", "p"], noise=10 * left, seed=seed).best.expression
    formula = KAN.from_formula(sketch, LINE, x=state)  # the law as a network, its constants trained
    conserve(formula, flow, state, top)
    law = sympy.expand(formula.formula(state).expr)
    law = (law - law.as_coeff_Add()[0]) / law.coeff(LINE[1] ** 2) / 2  # shift and scale are free
    law = sympy.nsimplify(law, rational=True, tolerance=1e-9)
    error = drift(law, LINE, flow, state)
    return Outcome(flow.__name__, f"C = {law}", error, 1.07e-4, error < 1e-9, (state, flow, law))


def in_the_plane(seed: int) -> Outcome:
    """All quadratic quantities of an oscillator in the plane, from networks that find one combination each."""
    rows: list[list[sympy.Expr]] = []
    for start in range(20 * seed, 20 * seed + 20):
        state, top = samples(300, 4, 1.0, start)
        network = KAN([4, (0, 2)], base="identity", seed=start, dtype=torch.float64)
        conserve(network, plane, state, top)
        values = network.requires_grad_(False)(state).sum(1)
        law = discover(state, values, names=["x", "y", "u", "v"], networks=False, noise=0, seconds=20).best
        if (
            law is not None and law.verdict == "exact"
        ):  # others are functions of the quantities, such as squares
            rows.append([sympy.Poly(law.expression, *PLANE).coeff_monomial(term) for term in QUADRATIC])
        reduced, pivots = sympy.Matrix(rows or [[0]]).rref(iszerofunc=lambda value: abs(value) < 1e-6)
        if len(rows) - len(pivots) == REPEATED:
            break
    laws = [
        sympy.nsimplify(
            sum(f * term for f, term in zip(reduced.row(row), QUADRATIC, strict=True)),
            rational=True,
            tolerance=1e-6,
        )
        for row in range(len(pivots))
    ]
    error = max((drift(law, PLANE, plane, state) for law in laws), default=float("inf"))
    return Outcome("plane", ", ".join(map(str, laws)), error, 1.57e-3, len(laws) == 4 and error < 1e-9, laws)


def find(seed: int, quick: bool) -> list[Outcome]:
    """The three systems; a quick run has the first alone."""
    first = on_a_line(oscillator, 1.0, seed, 1000)
    return [first] if quick else [first, on_a_line(pendulum, 3.0, seed, 1000), in_the_plane(seed)]


def draw(outcomes: list[Outcome]) -> Figure:
    """Levels of the quantities over the flow."""
    figure, axes = panels(2)
    for ax, one in zip(axes, outcomes, strict=False):
        state, flow, law = one.shown
        reach = float(state.abs().max())
        side = torch.linspace(-reach, reach, 41, dtype=torch.float64)
        q, p = torch.meshgrid(side, side, indexing="xy")
        levels = sympy.lambdify(LINE, law, "numpy")(q.numpy(), p.numpy())
        ax.contour(q, p, levels, 9, cmap="viridis")
        arrows = flow(torch.stack([q[2::4, 2::4].flatten(), p[2::4, 2::4].flatten()], 1))
        ax.quiver(q[2::4, 2::4], p[2::4, 2::4], *arrows.T.reshape(2, 10, 10), color="0.5", width=0.004)
        ax.set(xlabel="q", ylabel="p", title=f"${sympy.latex(law)}$")
    return figure


if __name__ == "__main__":
    tell("conserved", find, draw)
