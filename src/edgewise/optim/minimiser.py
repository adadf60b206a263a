"""What every optimiser keeps, and how one is run on a problem.

A minimiser is frozen settings; where its search stands is a state, which is a value: `step` turns a state into
the next one and leaves the old one as it was.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

import torch
from torch import Tensor

from ..events import Stop
from .loop import Loop, Observer

AGREEING = 100.0
"""A step that gained little ends a search as converged if no more than so many times that was promised."""


class State(Protocol):
    """Where a search stands: always the best point that it has accepted."""

    @property
    def x(self) -> Tensor:
        """Parameters, shape (n,)."""
        ...

    @property
    def value(self) -> float:
        """Value at `x`."""
        ...

    @property
    def iterations(self) -> int:
        """Iterations done so far."""
        ...

    @property
    def evaluations(self) -> int:
        """Calls of the function so far."""
        ...

    @property
    def status(self) -> Stop | None:
        """Why there is no point in going on; None while there is one."""
        ...


P = TypeVar("P")
S = TypeVar("S", bound=State)


class Minimiser(ABC, Generic[P, S]):
    """An optimiser on one flat vector of parameters.

    A new one is a subclass of this, in a file of its own, and a row in `train.step.optimisers`.

    Attributes:
        needs: Which problems it takes: "smooth" for `Smooth`, "squares" for `LeastSquares`.
    """

    needs: ClassVar[Literal["smooth", "squares"]]

    @abstractmethod
    def start(self, problem: P, x: Tensor) -> S:
        """The first state, at `x` (n,); its `status` is set where nothing can be done."""

    @abstractmethod
    def step(self, problem: P, state: S) -> S:
        """The next state, whose value is never above the old one's; a state at its end as it is."""

    @abstractmethod
    def restart(self, problem: P, x: Tensor, state: S) -> S:
        """A state at `x`, for a problem that has changed; what of the old one still holds is kept."""

    @abstractmethod
    def state_dict(self, state: S) -> dict[str, Any]:
        """The state as tensors, numbers and words, for a checkpoint."""

    @abstractmethod
    def load_state_dict(self, fresh: S, kept: Mapping[str, Any]) -> S:
        """The state that `state_dict` wrote down.

        Args:
            fresh: One of the same problem and settings: what is kept must be of its shapes.
            kept: What `state_dict` gave.

        Raises:
            ValueError: a shape or data type is another.
        """

    def minimise(self, problem: P, x: Tensor, *, steps: int = 100) -> S:
        """The state after steps from `x` until the search ends, or after `steps` of them."""
        return run(self, problem, x, steps=steps).state


class Search(Generic[P, S]):
    """A minimiser on its way through a problem: what a loop drives.

    Args:
        minimiser: The settings; they may be replaced between steps.
        problem: What is minimised.
        x: First point, shape (n,).

    Attributes:
        state: Where it stands.
    """

    def __init__(self, minimiser: Minimiser[P, S], problem: P, x: Tensor) -> None:
        self.minimiser, self.problem = minimiser, problem
        self.state = minimiser.start(problem, x)

    @property
    def value(self) -> float:
        """Value at the point reached."""
        return self.state.value

    @property
    def status(self) -> Stop | None:
        """Why there is no point in going on; None while there is one."""
        return self.state.status

    def step(self) -> None:
        """Do one step."""
        self.state = self.minimiser.step(self.problem, self.state)

    def restart(self, x: Tensor) -> None:
        """Go on from `x`, the problem having changed."""
        self.state = self.minimiser.restart(self.problem, x, self.state)


@dataclass(frozen=True)
class Run(Generic[S]):
    """Where a run ended, and why."""

    state: S
    stop: Stop
    steps: int


def run(
    minimiser: Minimiser[P, S], problem: P, x: Tensor, *, steps: int = 100, observers: Sequence[Observer] = ()
) -> Run[S]:
    """Minimise from a first point until the search ends, an observer ends it, or all steps are done.

    Args:
        minimiser: Settings of the optimiser.
        problem: What is minimised, of the kind that the optimiser needs.
        x: First point, shape (n,).
        steps: Steps at most.
        observers: Who looks on between steps; their process is a `Search`.

    Example:
        >>> from edgewise.optim import LBFGS, Smooth
        >>> found = run(LBFGS(), Smooth(lambda x: (float(x @ x), 2 * x)), torch.ones(2))
        >>> found.state.value, found.stop.reason == "converged", found.steps
        (0.0, True, 1)
    """
    search = Search(minimiser, problem, x)
    if search.status is not None:
        return Run(search.state, search.status, 0)
    loop = Loop(search, steps, observers)
    stop = loop.run()
    return Run(search.state, stop, loop.done)


def copies_like(fresh: Sequence[Tensor], kept: Sequence[Tensor]) -> list[Tensor]:
    """Copies of tensors that are exactly like others.

    Raises:
        ValueError: a number, shape or data type is another.

    Example:
        >>> copies_like([torch.zeros(2)], [torch.ones(2)])
        [tensor([1., 1.])]
    """
    for ours, theirs in zip(fresh, kept, strict=True):
        if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
            raise ValueError(f"{tuple(theirs.shape)} of {theirs.dtype} is not like {tuple(ours.shape)}")
    return [torch.empty_like(ours).copy_(theirs) for ours, theirs in zip(fresh, kept, strict=True)]
