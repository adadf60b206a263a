"""`Candidate`: a function fitted to one edge."""

from __future__ import annotations

from dataclasses import dataclass

from ....functions import Function


@dataclass(frozen=True, eq=False)
class Candidate:
    """What an edge may become: c f(a x + b) + d.

    Attributes:
        function: The function f.
        affine: The constants a, b, c, d in units of the edge.
        unexplained: Share of the edge's variance that it leaves.
        plain: Whether the argument is the variable that the edge reads, without a shift to be told.
    """

    function: Function
    affine: tuple[float, float, float, float]
    unexplained: float
    plain: bool = False
