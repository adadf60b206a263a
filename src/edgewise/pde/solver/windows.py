"""Time windows: in each a network of its own, whose solution starts exactly where the one before ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from ...errors import InputError
from ...network import Network
from ..ansatz import Ansatz, Function, function_jet
from ..conditions import Observations
from ..domain import Box
from ..equation import Equation
from ..fields import Points
from ..residual.blocks import ResidualBlock
from ..residual.multi_index import Index

_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class TimeWindow:
    """A network and the equation that it solves, on one window of time.

    Args:
        equation: Its domain is the window; its ansatz starts from the end of the window before.
        network: The trained network.
    """

    equation: Equation
    network: Network

    def value(self, unknown: int, at: Points) -> Tensor:
        """One unknown, shape (batch,), differentiable in the points to any order."""
        names = self.equation.domain.names
        output = self.network(torch.stack([at[name] for name in names], 1))[:, unknown]
        ansatz = self.equation.hard.get(self.equation.unknowns[unknown])
        return output if ansatz is None else ansatz.lift(at) + ansatz.distance(at) * output


def check_windows(equation: Equation) -> None:
    """Refuse equations that cannot be solved window by window.

    Raises:
        InputError: there is no time, a second derivative in it, a start that is not kept exactly, or
            something to be found that all of the time tells of.

    Example:
        >>> from edgewise.pde.problems import burgers
        >>> check_windows(burgers())
    """
    names = equation.domain.names
    if "t" not in names:
        raise _refused("a coordinate t", f"only {', '.join(names)}", "Leave windows out.")
    column = equation.domain.column("t")
    if max((index.count(column) for index in equation.derivatives_in(equation.residual)), default=0) != 1:
        raise _refused("first derivatives in t", "others", "Write it as a system of first order.")
    if equation.coefficients or any(isinstance(part, Observations) for part in equation.conditions):
        raise _refused("no unknown coefficients and no measurements", "some", "Leave windows out.")
    start = Points(equation.domain.sample_face(("t", "low"), 8), names)
    inside = Points(equation.domain.sample(64), names)
    kept = [
        name
        for name, ansatz in equation.hard.items()
        if float(ansatz.distance(start).abs().max()) <= _ROUNDING * float(ansatz.distance(inside).abs().max())
    ]
    if len(kept) < len(equation.unknowns):
        raise _refused(
            "a start that is kept exactly for every unknown",
            f"it for {', '.join(kept) or 'none'}",
            'Give hard={name: dirichlet_ansatz(domain, start, on="t.low")}.',
        )


def _refused(must: str, got: str, advice: str) -> InputError:
    return InputError(f"solve: with windows the equation must have {must}; got {got}. {advice}")


def continued(equation: Equation, window: Box, before: TimeWindow | None) -> Equation:
    """The equation on a window of time, from where the window before ended.

    Args:
        equation: On all of the time.
        window: Its domain.
        before: None for the first one.

    Example:
        >>> from edgewise.pde.problems import burgers
        >>> continued(burgers(), burgers().domain.parts([0.25, 1])[0], None).domain
        Box(x=(-1, 1), t=(0, 0.25))
    """
    if before is None:
        return replace(equation, domain=window)
    column = window.column("t")
    begin, origin = float(window.low[column]), float(equation.domain.low[column])
    hard = {
        name: Ansatz(
            _Lift(equation.hard[name].lift, before, number, begin),
            _Since(equation.hard[name].distance, begin - origin),
        )
        for number, name in enumerate(equation.unknowns)
    }
    return replace(equation, domain=window, hard=hard)


class _Lift:
    """The lift of all of the time, and what the window before has beyond it at the seam."""

    def __init__(self, lift: Function, before: TimeWindow, unknown: int, begin: float) -> None:
        self._lift, self._before, self._unknown, self._begin = lift, before, unknown, begin

    def __call__(self, at: Points) -> Tensor:
        return self._lift(at) - self._lift(self._seam(at)) + self._before.value(self._unknown, self._seam(at))

    def jet(self, x: Tensor, names: Sequence[str], indices: Sequence[Index]) -> Tensor:
        """Derivatives by `indices` without automatic differentiation of the networks before."""
        column = names.index("t")
        rest = function_jet(lambda at: self._lift(at) - self._lift(self._seam(at)), x, names, indices)
        seam = x.clone()
        seam[:, column] = self._begin
        across = [index for index in indices if column not in index]

        def along_the_seam(*fields: Any) -> list[Tensor]:
            return [fields[self._unknown].d(*(names[at] for at in index)) for index in across]

        found = ResidualBlock(self._before.equation, along_the_seam, seam[None]).residuals(
            self._before.network, {}
        )
        for place, index in enumerate(across):
            rest[indices.index(index)] += found[place]
        return rest

    def _seam(self, at: Points) -> Points:
        return _moved(at, at.names, torch.full_like(at["t"], self._begin))


class _Since:
    """A distance that vanishes at a later time."""

    def __init__(self, distance: Function, later: float) -> None:
        self._distance, self._later = distance, later

    def __call__(self, at: Points) -> Tensor:
        return self._distance(_moved(at, at.names, at["t"] - self._later))


def _moved(at: Points, names: Sequence[str], t: Tensor) -> Points:
    return Points(torch.stack([t if name == "t" else at[name] for name in names], 1), names)
