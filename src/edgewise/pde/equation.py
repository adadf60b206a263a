"""An equation: where it holds, its residual, its conditions; and which derivatives these ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from ..errors import InputError, ShapeError, unknown_name
from .ansatz import Ansatz, Function
from .conditions import AnyCondition, Observations
from .domain import Box
from .fields import Field, Points
from .residual.multi_index import Index


@dataclass(frozen=True, eq=False, repr=False)
class Equation:
    """A differential equation, or a system of them.

    Args:
        domain: Where it holds.
        residual: Takes one `Field` an unknown, in their order, and the `Points`; gives what must vanish, a
            tensor (batch,), or several of them.
        conditions: Weighted conditions, each on points of its own.
        unknowns: Names of the unknowns; the network has one output for each.
        hard: Conditions that are kept exactly: an `Ansatz` for an unknown, by name.
        coefficients: Unknown coefficients with their start values; residuals read them off the points.
        exact: The solution if it is known, a function of the points: for measuring errors. One to an
            unknown, in a dict by name, or a single function for the first unknown.
        name: For reports.

    Raises:
        UnknownName: `hard` or `exact` names no unknown.
        InputError: an unknown coefficient has the name of a coordinate, or an observation is outside the domain.

    Example:
        >>> from edgewise.pde import dirichlet
        >>> equation = Equation(
        ...     Box(x=(0, 1)), lambda u, at: u.xx + 1, conditions=[dirichlet(0.0)], name="a rod"
        ... )
        >>> equation
        Equation('a rod': u on Box(x=(0, 1)), order 2, 1 condition)
    """

    domain: Box
    residual: Callable[..., Any]
    conditions: Sequence[AnyCondition] = ()
    unknowns: Sequence[str] = ("u",)
    hard: Mapping[str, Ansatz] = field(default_factory=dict)
    coefficients: Mapping[str, float] = field(default_factory=dict)
    exact: Function | Mapping[str, Function] | None = None
    name: str = "equation"

    def __post_init__(self) -> None:
        for what, names in (("hard", self.hard), ("exact", self.exact_by_name)):
            for name in names:
                if name not in self.unknowns:
                    raise unknown_name("Equation", what, name, self.unknowns)
        taken = set(self.coefficients) & set(self.domain.names)
        if taken:
            raise InputError(
                f"Equation: coefficients must have names of their own; got {sorted(taken)}, also coordinates."
            )

        for part in self.conditions:
            if isinstance(part, Observations):
                self._check_observations(part)

    def _check_observations(self, part: Observations) -> None:
        sides = len(self.domain.names)
        if part.at.shape[1] != sides:
            raise ShapeError(
                f"Equation: observations must be at points (batch, {sides}), a column to each of "
                f"{', '.join(self.domain.names)}; got shape {tuple(part.at.shape)}."
            )
        count = int(self.domain.outside(part.at).sum())
        if count:
            raise InputError(
                f"Equation: observations must lie in {self.domain}; got {count} of {len(part.at)} outside. Are they in "
                f"the units of the domain?"
            )

    @property
    def exact_by_name(self) -> Mapping[str, Function]:
        """The known solutions, by unknown."""
        if self.exact is None:
            return {}
        return {self.unknowns[0]: self.exact} if callable(self.exact) else self.exact

    @property
    def order(self) -> int:
        """Highest order of a derivative in the equation or a condition."""
        everywhere = [self.residual, *(condition.residual for condition in self.conditions)]
        groups = [1, *(len(condition.points(self.domain, 2)) for condition in self.conditions)]
        wanted = [
            index
            for residual, group in zip(everywhere, groups, strict=True)
            for index in self.derivatives_in(residual, group)
        ]
        return max((len(index) for index in wanted), default=0)

    def derivatives_in(self, residual: Callable[..., Any], groups: int = 1) -> tuple[Index, ...]:
        """Which derivatives of the unknowns a residual asks for, found by calling it once."""
        wanted: dict[Index, None] = {}
        x = self.domain.sample(1)
        one = torch.ones(1, dtype=torch.float64)

        def get(index: Index) -> Tensor:
            wanted[index] = None
            return one

        fields = [Field(self.domain.names, get) for _ in self.unknowns] * groups
        as_tensors(residual(*fields, Points(x, self.domain.names, dict.fromkeys(self.coefficients, one))))
        return tuple(wanted)

    def __repr__(self) -> str:
        count = len(self.conditions)
        hard = f", {', '.join(self.hard)} kept on its faces" if self.hard else ""
        unknown = f", unknown {', '.join(self.coefficients)}" if self.coefficients else ""
        return (
            f"Equation({self.name!r}: {', '.join(self.unknowns)} on {self.domain}, order {self.order}, "
            f"{count} condition{'s' * (count != 1)}{hard}{unknown})"
        )


def as_tensors(value: Any) -> tuple[Tensor, ...]:
    """What a residual gave, as a tuple.

    Raises:
        InputError: it is neither a tensor nor several.

    Example:
        >>> len(as_tensors(torch.zeros(3)))
        1
    """
    values = (value,) if isinstance(value, Tensor) else value
    if not isinstance(values, (tuple, list)) or not all(isinstance(part, Tensor) for part in values):
        raise InputError(
            f"Equation: a residual must give a tensor, or several; got {type(value).__name__}. "
            f"Return, for example, u.xx + at.x."
        )
    return tuple(values)
