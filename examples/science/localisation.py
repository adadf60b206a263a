"""Where do electrons in a quasiperiodic chain stop moving? Mobility edges as formulas, from eigenstates alone.

Chains are diagonalised; a state counts as extended where its fractal dimension is above a half. The edge between
extended and localised states is looked for as a formula for one of the quantities in the others.

1. For each quantity a network learns where its edge is, from which states are extended. The quantity whose network
   tells most states of other chains right is the one to solve for.
2. As the network misses some states, each state tells by how much the edge should be moved: a working response, as in
   iteratively reweighted least squares. `discover` finds laws for it. Their constants are fitted to the states
   themselves, the best law takes the network's place, and so once more.
3. The law that tells most states of all these chains right is taken, its constants fitted to all of them. Laws have
   so few constants that chains they were fitted to tell them apart as well as others; more chains tell more.

Run: python examples/science/localisation.py [--seeds 5] [--quick] [--out demo-output]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy
import torch
from matplotlib.figure import Figure
from scipy.optimize import least_squares
from scipy.special import expit
from study import Outcome, panels, tell
from torch import Tensor, nn

from edgewise import KAN, discover, fit
from edgewise.datasets import aubry_andre
from edgewise.discovery import Weighted

THEORY = {  # what is solved for, and the formula
    "mosaic": ("strength", "1/Abs(energy)"),
    "generalised": ("strength", "1 - alpha*energy/2"),
    "modified": ("energy", "strength*cosh(decay) - exp(decay)"),
}
COLUMNS = {
    "mosaic": ["strength", "energy"],
    "generalised": ["strength", "alpha", "energy"],
    "modified": ["strength", "decay", "energy"],
}
PAPER = {
    "mosaic": 0.002,
    "generalised": 0.002,
    "modified": 0.009,
}  # by how much its formulas are behind theory
WIDTHS = {1: [[1, 1]], 2: [[2, (0, 1)], [2, (0, 1), 1]]}
SECONDS = 240.0  # for a search, so that it ends by itself on a busy machine too
SHARP = (10.0, 20.0, 40.0)  # slope of the probability at the edge, over the quantity's deviation


@dataclass(frozen=True)
class States:
    """Quantities of each state (n, columns) by name, whether it is extended (n,), and its chain."""

    names: list[str]
    x: np.ndarray
    extended: np.ndarray
    chain: np.ndarray

    @classmethod
    def of(cls, model: str, chains: int, sites: int, seed: int) -> States:
        """Diagonalise chains."""
        table = aubry_andre(model, chains, sites, seed=seed)
        names = COLUMNS[model]
        return cls(names, table.matrix(*names), table["fractal_dimension"] > 0.5, table["realisation"])

    def where(self, rows: np.ndarray) -> States:
        """Some of the states."""
        return States(self.names, self.x[rows], self.extended[rows], self.chain[rows])


@dataclass(frozen=True)
class Edge:
    """Where one quantity, in the others, changes states from extended to localised."""

    of: str
    names: list[str]
    sign: float
    curve: Callable[[np.ndarray], np.ndarray]
    law: sympy.Expr | None = None

    def below(self, states: States) -> np.ndarray:
        """How far on the extended side of the edge states are."""
        at = states.names.index(self.of)
        with np.errstate(all="ignore"):
            edge = np.broadcast_to(self.curve(np.delete(states.x, at, 1)), len(states.x))
        return np.nan_to_num(self.sign * (edge - states.x[:, at]), nan=-1e3, posinf=1e3, neginf=-1e3)

    def accuracy(self, states: States) -> float:
        """Share of the states told right."""
        return float(self.tells(states).mean())

    def tells(self, states: States) -> np.ndarray:
        """Which states are told right."""
        return (self.below(states) > 0) == states.extended


class Extended(nn.Module):
    """The probability that a state is extended, from how far it is below the edge. The quantity is the last column."""

    def __init__(self, edge: KAN, slope: float) -> None:
        super().__init__()
        self.edge, self.slope = edge, slope

    def forward(self, x: Tensor) -> Tensor:
        """At states."""
        return torch.sigmoid(self.slope * (self.edge(x[:, :-1]) - x[:, -1:]))


def likelihood(probability: Tensor, extended: Tensor) -> Tensor:
    """The mean cross-entropy, by which a network finds the edge from afar."""
    return nn.functional.binary_cross_entropy(probability.clamp(1e-9, 1 - 1e-9), extended)


def trained(of: str, width: list, states: States, seed: int) -> Edge:
    """A network that has learnt the edge of a quantity: softly first, then by squares, which outliers move little."""
    at = states.names.index(of)
    sign = -float(np.sign(np.corrcoef(states.x[:, at], states.extended)[0, 1]))
    order = np.random.default_rng(seed).permutation(len(states.x))
    x = torch.from_numpy(np.column_stack([np.delete(states.x, at, 1), states.x[:, at]])[order])
    extended = torch.from_numpy(states.extended[order]).double()[:, None]
    net = KAN(width, grid=3 if len(states.names) > 2 else 12, seed=seed, dtype=torch.float64)
    net.update_grid(x[:, :-1])
    rows = torch.arange(min(5_000, len(x)))
    for sharp, loss in zip((SHARP[0] / 2, *SHARP[:2]), (likelihood, "mse", "mse"), strict=True):
        slope = sharp / states.x[:, at].std()
        fit(Extended(net, sign * slope), (x[rows], extended[rows]), steps=15, loss=loss, update_grid=False)
        with torch.no_grad():  # those near the edge tell where it is
            rows = torch.nonzero((net(x[:, :-1]) - x[:, -1:]).abs()[:, 0] < 6 / slope)[:20_000, 0]
    net.requires_grad_(False)
    names = [name for name in states.names if name != of]
    return Edge(of, names, sign, lambda x: net(torch.from_numpy(x))[:, 0].numpy())


@dataclass(frozen=True)
class Family:
    """A law whose numbers are free."""

    law: sympy.Expr
    names: list[str]

    @cached_property
    def numbers(self) -> list[sympy.Expr]:
        """What is fitted: all but whole numbers."""
        return sorted(sympy.N(self.law).atoms(sympy.Float), key=float)

    @cached_property
    def curve(self) -> Callable:
        """Of the columns and the numbers."""
        free = sympy.symbols(f"free:{len(self.numbers)}")
        form = sympy.N(self.law).xreplace(dict(zip(self.numbers, free, strict=True)))
        return sympy.lambdify([*map(sympy.Symbol, self.names), *free], form)

    def with_numbers(self, values: np.ndarray) -> sympy.Expr:
        """The law."""
        new = map(sympy.Float, values)
        return sympy.N(self.law).xreplace(dict(zip(self.numbers, new, strict=True)))

    def fitted(self, edge: Edge, states: States) -> Edge:
        """The edge that tells states best, ever more sharply; the slope is that of the last step."""
        at, numbers = states.names.index(edge.of), np.array(self.numbers, dtype=float)
        curve = self.curve

        def with_these(numbers: np.ndarray) -> Edge:
            return Edge(
                edge.of, edge.names, edge.sign, lambda x: curve(*x.T, *numbers), self.with_numbers(numbers)
            )

        for sharp in SHARP:
            slope = sharp / states.x[:, at].std()
            near = states.where(np.abs(with_these(numbers).below(states)) < 6 / slope)
            if len(numbers) < len(near.x):
                numbers = least_squares(
                    lambda numbers, near=near, slope=slope: (
                        expit(slope * with_these(numbers).below(near)) - near.extended
                    ),
                    numbers, x_scale="jac", max_nfev=30,
                ).x  # fmt: skip
        return with_these(numbers)


def laws_of(edge: Edge, states: States, sharp: float, quick: bool, seed: int) -> Iterator[sympy.Expr]:
    """Laws for where states say that the edge should be."""
    at = states.names.index(edge.of)
    slope = sharp / states.x[:, at].std()
    below = edge.below(states)
    probability = expit(slope * below)
    change = slope * probability * (1 - probability)
    telling = np.flatnonzero(change > slope / 40)
    rows = np.random.default_rng(seed).permutation(telling)[: 200 if quick else 5000]
    moved = below + (states.extended - probability) / np.maximum(change, 1e-12)
    where = states.x[rows, at] + edge.sign * moved[rows]
    x, weights = np.delete(states.x, at, 1)[rows], change[rows] ** 2
    by_chance = np.sqrt((probability * (1 - probability))[rows].sum() / weights.sum())
    noise = Weighted(
        weights, by_chance if quick else None
    )  # if it is known, the search ends at the first that will do
    found = discover(x, where, names=edge.names, noise=noise, networks=False, seed=seed, seconds=SECONDS)
    return (law.expression for law in found.laws)


def edge_of(states: States, last: np.ndarray, quick: bool, seed: int) -> tuple[Edge, Edge]:
    """The network's edge, chosen by the last chains, and the formula's."""
    known, aside = states.where(~last), states.where(last)
    networks = []
    for of in known.names[: 1 if quick else None]:
        edges = [trained(of, width, known, seed) for width in WIDTHS[len(known.names) - 1]]
        networks.append(max(edges, key=lambda edge: edge.accuracy(aside)))
    best = max(networks, key=lambda edge: edge.accuracy(aside))
    near = [edge for edge in networks if edge.accuracy(aside) > best.accuracy(aside) - 0.01]
    tried: list[Edge] = []
    for edges, sharp in ((near, SHARP[0]), (None, SHARP[1])):
        for edge in edges or [max(tried, key=lambda edge: edge.accuracy(states))]:
            laws = laws_of(edge, known, sharp, quick, seed)
            tried += [Family(law, edge.names).fitted(edge, known) for law in laws]
    found = max(tried, key=lambda edge: edge.accuracy(states))
    again = Family(found.law, found.names).fitted(found, states)
    return best, max(found, again, key=lambda edge: edge.accuracy(states))


def theory(model: str) -> Edge:
    """The edge that is known."""
    of, law = THEORY[model]
    names = [name for name in COLUMNS[model] if name != of]
    curve = sympy.lambdify(names, sympy.sympify(law))
    sign = -1.0 if model == "modified" else 1.0
    return Edge(of, names, sign, lambda x: curve(*x.T), sympy.sympify(law))


def one_model(model: str, seed: int, quick: bool) -> Outcome:
    """Learn from some chains, and report on new ones."""
    chains, sites = (40, 89) if quick else (600, 377)
    states = States.of(model, chains, sites, 2 * seed)
    test = States.of(model, chains // 2, sites, 2 * seed + 1)
    last = states.chain >= 0.8 * chains
    network, found = edge_of(states, last, quick, seed)
    known = theory(model)
    right = {
        "theory": known.accuracy(test),
        "network": network.accuracy(test),
        "formula": found.accuracy(test),
    }
    ahead = found.tells(test).astype(float) - known.tells(test)  # 1 where the formula alone is right
    text = f"{found.of} = {found.law.evalf(4)}; right: " + ", ".join(f"{k} {v:.2%}" for k, v in right.items())
    text += f"; formula over theory {ahead.mean():+.3%} +- {ahead.std() / len(ahead) ** 0.5:.3%}"
    bar = 1 - right["theory"] + PAPER[model]
    return Outcome(model, text, 1 - right["formula"], bar, True, (test, found))


def find(seed: int, quick: bool) -> list[Outcome]:
    """All models; a quick run has the generalised one alone, solved for the strength."""
    return [one_model(model, seed, quick) for model in (["generalised"] if quick else THEORY)]


def draw(outcomes: list[Outcome]) -> Figure:
    """States of each model over their distance from the edge that was found."""
    figure, axes = panels(len(outcomes))
    for ax, one in zip(axes, outcomes, strict=True):
        test, found = one.shown
        rows = np.random.default_rng(0).permutation(len(test.x))[:4000]
        some = test.where(rows)
        at = some.x[:, some.names.index(found.of)]
        edge = at + found.sign * found.below(some)
        for kind, colour, label in (
            (some.extended, "tab:blue", "extended"),
            (~some.extended, "tab:orange", "localised"),
        ):
            ax.plot(edge[kind], at[kind], ".", markersize=2, color=colour, label=label)
        ends = np.array([at.min(), at.max()])
        ax.plot(ends, ends, "k", linewidth=1, label="edge")
        ax.set(xlabel=f"{found.of} at the edge, by the formula", ylabel=found.of, title=one.part)
        ax.set_xlim(ends + np.array([-0.3, 0.3]) * np.ptp(ends))
        ax.legend(frameon=False, markerscale=4)
    return figure


if __name__ == "__main__":
    tell("localisation", find, draw)
