"""`suggest`: a table of functions for one edge."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from ...errors import InputError
from ...functions import Function
from ...network import Edge, Network, inputs_or_default
from .curves import edge_curves
from .edge_search.candidate import Candidate
from .edge_search.candidates import Choice, candidates
from .edge_search.description_length import candidate_bits
from .network_views import float64_copy, origin

_SAME = 0.02  # relative difference of exponents below which two powers are one entry


@dataclass(frozen=True)
class Suggestion:
    """One function fitted to an edge as c f(a x + b) + d.

    Attributes:
        function: Its name.
        r2: Share of the edge's variance explained; 1 is exact.
        complexity: The function's own.
        bits: Length by which suggestions are ranked: log2(1 - r2) plus the function's function_bits; less is better.
        affine: The constants a, b, c, d.
    """

    function: str
    r2: float
    complexity: float
    bits: float
    affine: tuple[float, float, float, float]


@dataclass(frozen=True)
class Suggestions:
    """Suggestions for one edge, best first; prints as a table.

    Attributes:
        edge: The edge's address.
        rows: The suggestions.
    """

    edge: Edge
    rows: tuple[Suggestion, ...]

    @property
    def best(self) -> Suggestion:
        """The first row."""
        return self.rows[0]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Suggestion]:
        return iter(self.rows)

    def __getitem__(self, place: int) -> Suggestion:
        return self.rows[place]

    def __repr__(self) -> str:
        head = f"edge {self.edge}: c f(a x + b) + d"
        titles = ("function", "r2", "complexity", "bits", "a", "b", "c", "d")
        lines = [
            (
                *(row.function, f"{row.r2:.8f}", f"{row.complexity:g}", f"{row.bits:.1f}"),
                *(f"{number:.6g}" for number in row.affine),
            )
            for row in self.rows
        ]
        widths = [max(len(line[n]) for line in [titles, *lines]) for n in range(len(titles))]
        table = [
            "  ".join(
                [line[0].ljust(widths[0]), *(t.rjust(w) for t, w in zip(line[1:], widths[1:], strict=True))]
            )
            for line in [titles, *lines]
        ]
        return "\n".join([head, *table])


def suggest(
    model: Network,
    edge: Edge,
    x: Any,
    *,
    functions: Iterable[str | Function] | None = None,
    max_rows: int = 5,
) -> Suggestions:
    """Fit every function to the curve of one edge and rank them.

    Args:
        model: The network; it stays as it is. The edge may be a spline or a formula.
        edge: Its address (layer, in, out).
        x: Samples the curve is looked at on, in any form `trace` takes; points spread over the first layer's
            grid if None.
        functions: Names or functions to try; the whole library, powers "x^p" and "polynomial" if None.
        max_rows: Rows of the table.

    Returns:
        The table, best first.

    Raises:
        InputError: When the edge is off or does not exist, or the samples do not fit the model.

    Example:
        >>> import torch
        >>> from edgewise.network import build, set_formula
        >>> model = set_formula(build([1, 1], dtype=torch.float64), (0, 0, 0), "exp", (2, 0, 3, 0))
        >>> suggest(model, (0, 0, 0), torch.linspace(-1, 1, 100)[:, None]).best.function
        'exp'
    """
    layer, i, j = model.check_edge(edge)
    if model.edge_kind(layer, i, j) == "off":
        raise InputError(
            f"suggest: edge {tuple(edge)} must be on; it is off. Evaluation at model.active_edges()."
        )
    return _tables("suggest", model, [(layer, i, j)], x, functions, max_rows)[layer, i, j]


def suggest_all(
    model: Network,
    x: Any,
    *,
    edges: Iterable[Edge] | None = None,
    functions: Iterable[str | Function] | None = None,
    max_rows: int = 5,
) -> dict[Edge, Suggestions]:
    """`suggest` for many edges in one search, which takes a small part of the time.

    Args:
        model: The network; it stays as it is.
        x: As for `suggest`.
        edges: Addresses of edges that are on; all that are on if None.
        functions: Names or functions to try; the whole library, powers "x^p" and "polynomial" if None.
        max_rows: Rows of each table.

    Returns:
        A table for every edge, in the order of the edges.

    Raises:
        InputError: When an edge is off or does not exist, or the samples do not fit the model.

    Cost: on one core about two seconds for 150 edges and 1,000 samples.

    Example:
        >>> import torch
        >>> from edgewise.network import build, set_formula
        >>> model = set_formula(build([2, 1], dtype=torch.float64), (0, 0, 0), "exp", (2, 0, 3, 0))
        >>> tables = suggest_all(model, 2 * torch.rand(100, 2) - 1, functions=["x", "exp", "sin"])
        >>> tables[0, 0, 0].best.function
        'exp'
    """
    live = set(model.active_edges())
    chosen = sorted(live) if edges is None else [model.check_edge(edge) for edge in edges]
    for edge in chosen:
        if edge not in live:
            raise InputError(
                f"suggest_all: edges must be on; {tuple(edge)} is off. Evaluation at model.active_edges()."
            )
    return _tables("suggest_all", model, chosen, x, functions, max_rows)


def _tables(
    where: str,
    model: Network,
    edges: list[Edge],
    x: Any,
    functions: Iterable[str | Function] | None,
    max_rows: int,
) -> dict[Edge, Suggestions]:
    """The tables of edges that are on."""
    if max_rows < 1:
        raise InputError(f"{where}: max_rows must be at least 1; got {max_rows}. Five is the default.")
    if not edges:
        return {}
    work = float64_copy(model)
    curves = edge_curves(work, edges, inputs_or_default(x, work, where))
    found = candidates(
        *curves, Choice.of(functions, twins=True), origins=[origin(work, edge) for edge in edges]
    )
    return {
        edge: Suggestions(edge, tuple(map(_suggestion, _each_once(row)))[:max_rows])
        for edge, row in zip(edges, found, strict=True)
    }


def _each_once(row: list[Candidate]) -> list[Candidate]:
    """The best candidate of every function, in their order; of powers with nearly one exponent the best."""
    best: dict[Function, Candidate] = {}
    exponents: list[float] = []
    for candidate in row:
        exponent = _exponent(candidate.function)
        if exponent is not None and any(abs(exponent - one) < _SAME * (1 + abs(one)) for one in exponents):
            continue
        if candidate.function not in best and exponent is not None:
            exponents.append(exponent)
        best.setdefault(candidate.function, candidate)
    return list(best.values())


def _exponent(function: Function) -> float | None:
    """The exponent of a power; None of other functions."""
    if function.kind != "power" or function.name in ("abs", "sgn"):
        return None
    return math.log2(float(function.fn(torch.tensor(2.0, dtype=torch.float64))))


def _suggestion(one: Candidate) -> Suggestion:
    return Suggestion(
        one.function.name, 1 - one.unexplained, one.function.complexity, candidate_bits(one), one.affine
    )
