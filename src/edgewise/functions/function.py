"""`Function`: a named function of one variable, with a version that is safe to train through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Literal

from torch import Tensor

Elementwise = Callable[[Tensor], Tensor]
Slope = Callable[[Tensor, Tensor], Tensor]
Interval = tuple[float, float]
Kind = Literal["zero", "linear", "power", "log", "exp", "periodic", "polynomial", "full"]

WHOLE_LINE: tuple[Interval, ...] = ((-inf, inf),)


@dataclass(frozen=True, eq=False)
class Family:
    """Functions that differ by numbers of their own, such as the exponent of a power.

    Args:
        name: What all of them are called together.
        curve: Values from arguments and the numbers of each, the latter along the last dimension.
        member: The function with given numbers.
    """

    name: str
    curve: Callable[[Tensor, Tensor], Tensor]
    member: Callable[[Sequence[float]], Function]


@dataclass(frozen=True, eq=False, repr=False)
class Function:
    """A function of one variable for formula edges; two are equal if their names are.

    Args:
        name: Its name in formulas, state dicts and tables.
        fn: The function itself, elementwise and exact on its domain; anything may happen elsewhere.
        safe: Equal to `fn` on the domain, except within about 1e-12 of a singularity (more in narrower
            dtypes), and finite with a finite gradient at every finite input.
        domain: Open intervals between which `fn` must not be fitted across, such as the two sides of a pole.
        complexity: Complexity of one use in a formula, in pykan's units.
        kind: Which of `a`, `b` in `c f(a x + b) + d` matter. "zero": none; "linear": none beyond `c, d`;
            "power": `f(a x)` is a multiple of `f(x)`, so only `b / a` does; "log": a scale is an offset;
            "exp": a shift is a factor; "periodic": `b` modulo a period; "polynomial": none beyond `c, d` and
            its coefficients; "full": both.
        sympy: For functions that are not in the library: takes and returns a sympy expression.
        slope: Derivative of `fn` from an argument and the value there; by a backward pass if None.
        family: The family it belongs to, if it is one of many; see `power` and `polynomial`.
        numbers: Those that tell it from others of its family.

    Example:
        >>> from edgewise.functions import get_function
        >>> get_function("sqrt").domain
        ((0.0, inf),)
    """

    name: str
    fn: Elementwise
    safe: Elementwise
    domain: tuple[Interval, ...] = WHOLE_LINE
    complexity: float = 2
    kind: Kind = "full"
    sympy: Callable[[Any], Any] | None = None
    slope: Slope | None = None
    family: Family | None = None
    numbers: tuple[float, ...] = ()

    def __eq__(self, other: object) -> bool:
        return self.name == other.name if isinstance(other, Function) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"Function({self.name!r})"

    def __copy__(self) -> Function:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Function:
        # Immutable: copies of a layer share it, so that its functions stay recognisable by identity.
        return self
