"""`symbolify`: every edge a formula where a function earns its place, refitted together."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic

import torch
from torch import Tensor

from ...errors import InputError
from ...events import emit
from ...functions import Function
from ...network import Edge, Model, Network, inputs_and_targets, keep_replaced, without_targets
from ..merge import merge_nodes
from ..targets import matching_targets
from .bar import Bar, Sample
from .choice import Option, Problem, kind_of
from .curves import edge_curves
from .edge_noise import edge_gains, noise_shares
from .edge_search.candidate import Candidate
from .edge_search.candidates import Choice, candidates
from .edge_search.description_length import candidate_bits, function_bits
from .network_views import float64_copy, origin, reachable_edges
from .noise import estimate_noise, given_noise
from .plausible import Curve, curves_between, plausible
from .product_gauge import in_simplest_gauge
from .verdict import Judgement, judge_network

_BEAM = 5  # functions considered for an edge
_PLAUSIBLE = 16  # of which so many are looked at
_ADMITTED = 0.02  # share of an edge's variance that a function may leave and be tried
_STEPS_ON_ALL = 5  # of constants that were fitted to some of many samples
_AGAIN = 1 / 3  # of the trials, where splines were put back
_NOISE_ADMITTED = 4.0  # times the share that is noise may be left too


@dataclass(frozen=True)
class Symbolified(Generic[Model]):
    """A network with formulas, and which edges became what.

    Attributes:
        model: The new network.
        formulas: Name of the function on every formula edge that leads to an output.
        splines: Edges that lead to an output and stay splines, as no function is as good as they are.
        unexplained: Share of the target's variance that the new network leaves, the mean over the outputs.
        unexplained_before: The same for the network as it was.
        noise: Noise level of each output that the choice was made by.
    """

    model: Model = field(repr=False)
    formulas: Mapping[Edge, str]
    splines: tuple[Edge, ...]
    unexplained: float
    unexplained_before: float
    noise: tuple[float, ...]
    _data: Any = field(default=None, repr=False, compare=False)

    @cached_property
    def judgement(self) -> Judgement:
        """How well the new network does beside the targets and the network before, as `formula` says it."""
        return judge_network(self.model, self._data)

    def __str__(self) -> str:
        kinds = Counter(self.formulas.values())
        names = ", ".join(f"{count} {name}" for name, count in kinds.most_common())
        count = len(self.splines)
        left = (
            f"; {count} {'stays a spline' if count == 1 else 'stay splines'}: no function is as good"
            if count
            else ""
        )
        return (
            f"{len(self.formulas)} formula edges ({names or 'none'}){left}; unexplained variance "
            f"{self.unexplained:.3g}, with splines {self.unexplained_before:.3g}\n{self.judgement.line()}"
        )


def symbolify(
    model: Model,
    data: Any,
    *,
    functions: Iterable[str | Function] | None = None,
    noise: float | Sequence[float] | None = None,
    r2: float | None = None,
    refit: bool = True,
    max_trials: int = 30,
) -> Symbolified[Model]:
    """Turn spline edges into formulas, and fit the constants of all formulas together.

    Hidden nodes that are multiples of others are merged with them first; see `merge_nodes`. Networks with products
    are brought to the simplest of the forms that compute the same: curves that lead out of a product become straight
    lines, and edges go, where the other splines, refitted, can take over what they did. All functions are
    fitted to all edges at once; each edge takes the one of the shortest length (see
    `edge_search.description_length`), where its curve counts as known to the noise of the targets only. A
    function that turns more often between the samples than the edge's curve is none for it. Then the constants of all
    formula edges are refitted together, in float64, until rounding. If the network so found is not equal to its
    target, other functions are tried on the edges where the choice was close, and those are kept that make the
    whole shorter: n/2 log2(share of variance unexplained) bits for n target values, plus the length of every
    function. At last, splines are put back until the network is no worse than it was by more than the
    noise excuses, on the samples and on held-out ones: a spline stays where no function is as good.

    Args:
        model: The network; it stays as it is. Formula edges keep their functions, and their constants are
            refitted.
        data: Samples (x, y), a dict with "train_input" and "train_label" and perhaps "test_input" and
            "test_label", or a `Data`; or inputs alone, in any form `trace` takes. Without targets of the outputs'
            shape the network's own outputs are the target, and formulas may leave 1e-4 of their variance.
        functions: Names or functions to choose from, and "x^p" and "polynomial" for those whose exponent or
            coefficients are to be found; if None all of them and the library, without cos, arccos and sigmoid,
            which sin, arcsin and tanh are up to constants.
        noise: Standard deviation of the noise in the targets, one number or one for each output; estimated from
            what the network leaves of them (see `estimate_noise`) if None.
        r2: For a rougher formula than the noise excuses: share of an edge's variance that its function must
            explain, and share of the outputs' variance that formulas must keep of what the network explains.
        refit: Whether to refit constants and try other functions; if not, and `r2` is None, r2 is 0.98.
        max_trials: Other functions tried, at most; a third as many once more where splines were put back.

    Returns:
        `Symbolified`: a new network of the same dtype, and what each edge became.

    Raises:
        InputError: When the data do not fit the model, `r2` is not between 0 and 1, or `noise` is negative.
        UnknownName: When a function does not exist.
        Cancelled: When a listener cancels it; see `edgewise.listen`.

    Example:
        >>> import torch
        >>> from edgewise.network import build
        >>> model = build([1, 1], grid=5, dtype=torch.float64)
        >>> x = torch.linspace(-1, 1, 200, dtype=torch.float64)[:, None]
        >>> new = symbolify(model, (x, 3 * x + 1), functions=["x"], r2=0.0).model
        >>> [round(number, 9) for number in new.layers[0].formula.get(0, 0)[1].tolist()]
        [1.0, 0.0, 3.0, 1.0]
    """
    if r2 is not None and not 0 <= r2 <= 1:
        raise InputError(
            f"symbolify: r2 must be between 0 and 1; got {r2}. Leave it out for the noise to decide."
        )
    if r2 is None and not refit:
        r2 = 1 - _ADMITTED
    work = float64_copy(model)
    if model.replaced is None:
        keep_replaced(work, model)  # once, not by each of the networks that are tried
    whole = _bar(work, data, noise, r2)
    bar = whole.on_some()
    merged = merge_nodes(work, (bar.train.x, bar.train.y)).model
    if refit:
        merged, bar = in_simplest_gauge(merged, bar)
    options = _options(merged, bar, Choice.of(functions))
    problem = Problem(merged, options, bar, refit)
    emit("message", "symbolify", text=f"functions fitted to {len(options)} edges")
    state = problem.first()
    if refit:
        state = problem.improved(state, max_trials)
    passed = state.passes
    state = problem.restored(state)
    if refit and not passed:
        state = problem.improved(state, math.ceil(max_trials * _AGAIN))
    if refit:
        state = problem.regular(problem.snapped(state))
    if len(whole.train.x) > len(bar.train.x):
        problem = replace(problem, bar=replace(bar, train=whole.train, test=whole.test))
        state = problem.restored(problem.judged(state.choice, state.model, steps=_STEPS_ON_ALL))
    new = _as_before(state.model, model).to(model.device, model.dtype)
    if not state.choice:
        keep_replaced(new, model.replaced)
    kinds = {edge: new.edge_kind(*edge) for edge in reachable_edges(new)}
    formulas = {
        (l, i, j): kind_of(new.layers[l].formula.get(i, j)[0])
        for (l, i, j), kind in kinds.items()
        if kind == "formula"
    }
    splines = tuple(edge for edge, kind in kinds.items() if kind != "formula")
    levels = tuple(whole.noise.tolist())
    return Symbolified(new, formulas, splines, state.unexplained, whole.unexplained(work), levels, data)


def _bar(model: Network, data: Any, noise: float | Sequence[float] | None, r2: float | None) -> Bar:
    """What formulas must reach on the data."""
    x, y = inputs_and_targets(data, model, "symbolify")
    targets = _targets(model, x, y, "y")
    test = _held_out(model, data) if targets is not None else None
    with torch.no_grad():
        train = Sample(x, model(x) if targets is None else targets.double())
    if noise is not None:
        level = given_noise(noise, train.y.shape[1], "symbolify")
    elif targets is None:
        level = torch.zeros(train.y.shape[1], dtype=torch.float64)
    else:
        level = estimate_noise(model, x, targets, *(() if test is None else (test.x, test.y)))
    return Bar(model, train, test, level, None if r2 is None else 1 - r2, targets is not None)


def _held_out(model: Network, data: Any) -> Sample | None:
    """The test samples that come with the data."""
    if isinstance(data, Mapping):
        x, y = data.get("test_input"), data.get("test_label")
    else:
        x, y = getattr(data, "test_x", None), getattr(data, "test_y", None)
    if x is None or y is None:
        return None
    inputs = without_targets(x, model, "symbolify").reshape(-1, model.n_columns)
    targets = _targets(model, inputs, y, "test_y")
    return None if targets is None or not len(inputs) else Sample(inputs, targets.double())


def _options(model: Network, bar: Bar, choice: Choice) -> dict[Edge, list[Option]]:
    """The best functions of every edge that is not yet a formula, where they explain enough of it."""
    edges = [edge for edge in reachable_edges(model) if model.edge_kind(*edge) != "formula"]
    if not edges:
        return {}
    inputs, outputs = edge_curves(model, edges, bar.train.x)
    variances, gains = outputs.var(0, correction=0), edge_gains(model, bar.train.x)
    shares = noise_shares(model, edges, gains, variances, bar.noise, len(bar.train.x))
    curves = curves_between(model, edges, inputs, outputs, shares)
    scale = bar.train.y.std(0, correction=0).clamp_min(1e-300)
    origins = [origin(model, edge) for edge in edges]
    found = candidates(inputs, outputs, choice, shares, origins)
    options = {}
    for place, (edge, row) in enumerate(zip(edges, found, strict=True)):
        fits = _admitted(row, curves[place], shares[place], bar.allowed)
        weight = float(variances[place].sqrt() * (gains[edge[0]][:, edge[2]] / scale).amax())
        if fits:
            options[edge] = [
                Option(
                    fit.function,
                    fit.affine,
                    candidate_bits(fit, shares[place]),
                    weight * math.sqrt(fit.unexplained),
                )
                for fit in _varied(fits, shares[place])
            ]
    return options


def _admitted(row: list[Candidate], curve: Curve, share: float, allowed: float | None) -> list[Candidate]:
    """Candidates that explain enough of an edge, on the samples and between them: the shortest, and the simplest."""
    limit = (_ADMITTED if allowed is None else allowed) + _NOISE_ADMITTED * share
    found: list[Candidate] = []
    near = [candidate for candidate in row if candidate.unexplained <= limit]
    for candidate in near:
        if plausible(candidate, curve):
            found.append(candidate)
        if len(found) == _PLAUSIBLE:
            break
    simplest = min(near, key=lambda candidate: function_bits(candidate.function), default=None)
    if simplest is not None and simplest not in found and plausible(simplest, curve):
        found.append(simplest)
    return found


def _varied(fits: list[Candidate], share: float) -> list[Candidate]:
    """A few options, best first: those that none is both cheaper and better than, then the next best.

    A sine, a Gaussian and a sinc can all take the shape of one parabola: without this rule they would
    fill the list, and the parabola would not be in it.
    """
    length = {
        fit: candidate_bits(fit, share) - math.log2(fit.unexplained + max(share, 1e-14)) for fit in fits
    }

    def beaten(option: Candidate) -> bool:
        cheaper = (other for other in fits if length[other] < length[option])
        equal = (other for other in fits if length[other] == length[option])
        return any(o.unexplained <= 1.05 * option.unexplained for o in cheaper) or any(
            o.unexplained < option.unexplained for o in equal
        )

    front = [option for option in fits if not beaten(option)]
    rest = [option for option in fits if option not in front]
    simplest = min(fits, key=lambda fit: function_bits(fit.function))
    return list(dict.fromkeys([*[*front[: _BEAM - 1], *rest][:_BEAM], simplest]))


def _as_before(new: Model, old: Model) -> Model:
    """Training mode as it was; everything else of a copy is."""
    return new.train(old.training)


def _targets(model: Network, x: Tensor, y: Any, name: str) -> Tensor | None:
    """Targets in float64; None where there are none that fit the outputs."""
    found = matching_targets(y, len(x), model, "symbolify", name)
    return found if found is not None and found.is_floating_point() else None
