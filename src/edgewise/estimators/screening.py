"""Which columns of a wide table are given curves.

A table is wide where its curves have more basis functions than there are samples to choose by, or more than 2,000.
The rule: columns are ranked by a stagewise sum of curves; additive networks of the first 1, 2, 3, 4, 6, 8, 12, ... 64 of
them, and of all columns where samples are few, are compared by the samples set aside, by which the ranking was not made;
the least loss decides. A column that matters only together with another is not found this way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..events import check_cancelled, emit
from ..network import Layer, Network, build, with_layers
from .additive import Additive, Roughness
from .growth import additive_layer
from .samples import Samples
from .settings import Settings
from .stagewise import Stagewise
from .task import Task
from .wide_additive import WideAdditive

Pairs = list[tuple[Samples, Samples]]

MOST_FEATURES = 2000
"""So many basis functions are fitted together without a choice of columns."""

_FEWEST_COLUMNS = 20
_SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
_MOST_ROWS = 4000
_MOST_FOR_ALL = 1500
_RIDGE = 0.1
_STRAIGHT = (1e-3, 1e-4)
_STRONGEST = 100.0


@dataclass(frozen=True)
class Screened:
    """The columns that are given curves.

    Attributes:
        columns: Their numbers, rising; None for all.
        pairs: Training and validation samples of these columns, or in each pair of those that its training samples
            chose: what they say of the loss is then true.
    """

    columns: Tensor | None
    pairs: Pairs

    def of(self, samples: Samples) -> Samples:
        """Samples of the columns."""
        return samples if self.columns is None else _of_columns(samples, self.columns)


def is_wide(samples: Samples, settings: Settings) -> bool:
    """Whether columns are to be chosen.

    Args:
        samples: Those to choose by.
        settings: With the size of a curve.
    """
    columns = samples.x.shape[1]
    most = min(samples.size, MOST_FEATURES)
    return columns > _FEWEST_COLUMNS and columns * (settings.grid + settings.k) > most


def screen(samples: Samples, pairs: Pairs, task: Task, settings: Settings) -> Screened:
    """Choose columns by the rule.

    Args:
        samples: Those to choose by.
        pairs: The same, divided into training and validation samples.
        task: What is to be predicted.
        settings: Of the curves.
    """
    if not pairs:
        return Screened(None, pairs)
    emit("message", "fit", text=f"choosing among {samples.x.shape[1]} columns")
    paths = [Stagewise(_some(train, settings.seed), task, settings.k).run(aside) for train, aside in pairs]
    rankings = [path.ranking() for path in paths]
    most = max(map(len, rankings))
    sizes = sorted({*(size for size in _SIZES if size < most), min(most, _SIZES[-1])})
    losses = [_loss(_first(pairs, rankings, size), task, settings) for size in sizes]
    best = min(range(len(sizes)), key=lambda place: losses[place])
    check_cancelled("fit")
    few = max(len(train) for train, _ in pairs) <= _MOST_FOR_ALL
    if few and _loss(pairs, task, nearly_straight(settings)) < losses[best]:
        return Screened(None, pairs)
    steps = sorted(path.best for path in paths)[len(paths) // 2]
    ranking = Stagewise(_some(samples, settings.seed), task, settings.k).run(steps=steps).ranking()
    return Screened(ranking[: sizes[best]].sort().values, _first(pairs, rankings, sizes[best]))


def nearly_straight(settings: Settings) -> Settings:
    """The same with choices added by which curves are all but straight lines: few rows say no more of many columns.

    Args:
        settings: As for a table that is not wide.
    """
    if len(settings.smoothing_weights) == 1:
        return settings
    weights = (_STRONGEST, *settings.smoothing_weights)
    return replace(settings, smoothing_weights=weights, ridges=(*settings.ridges, *_STRAIGHT))


def additive_problem(samples: Samples, task: Task, settings: Settings) -> tuple[Layer, Additive]:
    """A layer of zero curves whose knots lie where the samples lie, and the problem of finding them.

    Args:
        samples: With the task's targets.
        task: What is to be predicted.
        settings: Of the curves.
    """
    layer = additive_layer(samples.x, samples.weights, task.outputs, settings.grid, settings.k)
    features = layer.in_features * layer.basis.size
    make = WideAdditive if layer.in_features > _FEWEST_COLUMNS and features > len(samples) else Additive
    return layer, make(layer.basis, samples, task)


def with_all_columns(model: Network, columns: Tensor, count: int) -> Network:
    """The same network for all columns of a table, with the edges of those it does not read switched off.

    Args:
        model: Reads the chosen columns; left as it is.
        columns: Their numbers.
        count: How many there are in all.

    Example:
        >>> model = build([1, 1], base="zero", seed=0, dtype=torch.float64)
        >>> x = torch.rand(5, 3, dtype=torch.float64)
        >>> torch.allclose(with_all_columns(model, torch.tensor([2]), 3)(x), model(x[:, 2:]))
        True
    """
    first = model.layers[0]
    (layer,) = build(
        [count, first.out_features], grid=first.basis.grid, k=first.basis.k, base="zero", dtype=torch.float64
    ).layers
    tensors = {name: getattr(layer.basis, name).detach().clone() for name in ("coef", "knots", "mask")}
    tensors["coef"].zero_()
    tensors["mask"].zero_()
    for name, tensor in tensors.items():
        tensor[columns] = getattr(first.basis, name).detach()
    whole = Layer(layer.basis.with_tensors(**tensors), layer.formula, layer.nodes)
    return Network([whole, *with_layers(model, model.layers).layers[1:]])


def _of_columns(samples: Samples, columns: Tensor) -> Samples:
    return replace(samples, x=samples.x[:, columns])


def _some(samples: Samples, seed: int) -> Samples:
    order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(seed))
    return samples.rows(order[:_MOST_ROWS].sort().values)


def _first(pairs: Pairs, rankings: list[Tensor], size: int) -> Pairs:
    chosen = [ranking[:size].sort().values for ranking in rankings]
    return [
        (_of_columns(train, columns), _of_columns(aside, columns))
        for (train, aside), columns in zip(pairs, chosen, strict=True)
    ]


def _loss(pairs: Pairs, task: Task, settings: Settings) -> float:
    """Least mean loss of additive networks, over some of the choices."""
    strengths = settings.smoothing_weights[::2]
    ridges = [_RIDGE, *(ridge for ridge in _STRAIGHT if ridge in settings.ridges)]
    choices = [Roughness(strength, ridge) for ridge in ridges for strength in strengths]
    losses = torch.zeros(len(choices), dtype=torch.float64)
    for train, aside in pairs:
        _, problem = additive_problem(train, task, settings)
        features = problem.features(aside.x)
        for place, choice in enumerate(choices):
            losses[place] += problem.loss(problem.fit(choice), features, aside)
    return float(losses.nan_to_num(torch.inf).min()) / len(pairs)
