"""What every edge may become: the library's functions, powers and polynomials, the shortest description first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ....functions import LIBRARY, POLYNOMIALS, POWERS, Family, Function, get_function
from .candidate import Candidate
from .description_length import candidate_bits
from .polynomials import polynomial_fits
from .powers import power_fits
from .samples import standardise
from .search import search

_POINTS = 2000
_POWERS = 2  # of an edge, with a shift and without
_FAMILIES = (POWERS, POLYNOMIALS)
_REDUNDANT = frozenset({"cos", "arccos", "sigmoid"})  # affine in sin, arcsin and tanh of an affine argument


@dataclass(frozen=True)
class Choice:
    """Functions to choose from, and families whose numbers are to be found."""

    functions: tuple[Function, ...]
    families: tuple[Family, ...]

    @classmethod
    def of(cls, functions: Iterable[str | Function] | None, *, twins: bool = False) -> Choice:
        """From names or functions; None for all, `twins` or not.

        Example:
            >>> Choice.of(["x", "x^p"]).families[0].name
            'x^p'
        """
        if functions is None:
            known = (function for name, function in LIBRARY.items() if twins or name not in _REDUNDANT)
            return cls(tuple(known), _FAMILIES)
        given = [functions] if isinstance(functions, (str, Function)) else list(functions)
        families = tuple(family for family in _FAMILIES if family.name in given)
        names = {family.name for family in families}
        return cls(tuple(get_function(one) for one in given if one not in names), families)


def candidates(
    x: Tensor,
    y: Tensor,
    choice: Choice,
    floor: Sequence[float] | None = None,
    origins: Sequence[float] | None = None,
) -> list[list[Candidate]]:
    """Fit everything to every edge.

    Args:
        x: Inputs (B, E), a column per edge.
        y: Outputs (B, E).
        choice: What to fit.
        floor: Share of each edge's variance that noise explains; none if None.
        origins: Input of each edge where the variable that it reads is 0; 0 if None.

    Returns:
        For every edge its candidates, the shortest first.
    """
    samples = standardise(x, y, _POINTS)
    floors = [0.0] * len(samples.mean) if floor is None else floor
    fits: list[list[Candidate]] = [[] for _ in floors]
    if choice.functions:
        found = search(x, y, choice.functions)
        usable = ~torch.isnan(found.affine[:, :, 0])
        for row, place in usable.nonzero().tolist():
            numbers = tuple(found.affine[row, place].tolist())
            fits[row].append(Candidate(found.functions[place], numbers, float(found.unexplained[row, place])))
    if POWERS in choice.families:
        zeros = torch.tensor(origins or [0.0] * len(floors), dtype=torch.float64)
        for row, more in enumerate(power_fits(samples, zeros)):
            for plain in (True, False):
                kind = [one for one in more if one.plain is plain]
                fits[row] += _shortest(kind, floors[row])[:_POWERS]
    if POLYNOMIALS in choice.families:
        for row, more in enumerate(polynomial_fits(samples)):
            fits[row] += more
    return [_shortest(row, floor) for row, floor in zip(fits, floors, strict=True)]


def _shortest(fits: list[Candidate], floor: float) -> list[Candidate]:
    """Candidates in the order of their lengths, each function once with a shift and once without."""
    found: dict[tuple[Function, bool], Candidate] = {}
    for one in sorted(fits, key=lambda one: round(candidate_bits(one, floor), 2)):
        found.setdefault((one.function, one.plain), one)
    return list(found.values())
