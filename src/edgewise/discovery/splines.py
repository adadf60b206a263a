"""A network of splines beside the laws: what the samples tell without a formula."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy
import torch

from .._tensors import even_places
from ..network import Network, build
from ..train import Data, GridExtension, fit
from .clock import Clock
from .deadline import TimeUpError, within
from .judge import data_bits
from .law import columns_in_order
from .problem import Array
from .split import Split

_HIDDEN: tuple[tuple[int, ...], ...] = ((), (3,), (6,))
_GRID, _FINEST, _STARTS, _STEPS = 3, 24, 3, 60
_ASIDE = 5  # one sample of so many decides which network is kept
_FEWEST = 30  # samples for a hidden layer
_MOST_ROWS = 10_000
_LEAST_BITS = 2.0


@dataclass(frozen=True)
class SplineNetwork:
    """A network of splines that was trained to the samples that laws are fitted to.

    It is no law: it says how well the samples can be told, and beyond them it says nothing.

    Attributes:
        model: Takes the columns and gives the targets, both in their own units.
        symbols: A symbol for each input column, in order.
        train_rmse: Root mean square error on the samples it was trained and chosen with.
        test_rmse: The same on samples held out, which had no part in it.
        r2: Of the held-out samples.
        bits: Length of the description of its numbers and of what it misses, as for laws.
    """

    model: Network = field(repr=False)
    symbols: tuple[sympy.Symbol, ...]
    train_rmse: float
    test_rmse: float
    r2: float
    bits: float

    @property
    def numbers(self) -> int:
        """How many numbers were trained."""
        return _numbers(self.model)

    @property
    def width(self) -> tuple[Any, ...]:
        """Nodes of each layer."""
        return self.model.width

    def predict(self, x: Any) -> Array:
        """Values (n,) at inputs (n, columns), in float64.

        Args:
            x: An array or tensor, or a frame, whose columns are found by name.
        """
        return _values(self.model, columns_in_order(x, self.symbols))

    def __str__(self) -> str:
        return f"a network of splines, width {list(self.width)}, {self.numbers} numbers"


def spline_network(
    samples: Split, symbols: Sequence[sympy.Symbol], *, noise: float = 0.0, seed: int = 0, clock: Clock
) -> SplineNetwork | None:
    """Train networks of a few sizes, and keep the one that is best on samples set aside for that.

    Args:
        samples: Of a discovery; those held out only measure what comes of it.
        symbols: Of the columns.
        noise: Deviation of the targets' noise as a share of theirs; 0 where it is not known.
        seed: Of start values.
        clock: The time there is. What was trained by then counts.

    Returns:
        None where no network gives finite values.

    Example:
        >>> x = np.random.default_rng(0).uniform(-2, 2, (200, 1))
        >>> y = np.sin(3 * x[:, 0])
        >>> samples = Split(x[:160], y[:160], x[160:], y[160:])
        >>> spline_network(samples, sympy.symbols("a,"), clock=Clock(10)).r2 > 0.999
        True
    """
    tried: list[tuple[float, Network]] = []
    with suppress(TimeUpError):
        within(clock.remaining, lambda: _train(samples, seed, clock, tried))
    kept = [one for one in tried if math.isfinite(one[0])]
    if not kept:
        return None
    model = min(kept, key=lambda one: one[0])[1]
    train, test = samples.errors(lambda x: _values(model, x))
    if not math.isfinite(train + test):
        return None
    count, spread = len(samples.y), float(samples.y.std())
    each = max(_LEAST_BITS, math.log2(count) / 2)
    bits = _numbers(model) * each + data_bits(test, spread, count + len(samples.held_y), noise)
    r2 = 1 - (test / (float(samples.held_y.std()) or 1.0)) ** 2
    return SplineNetwork(model, tuple(symbols), train, test, r2, bits)


def _train(samples: Split, seed: int, clock: Clock, tried: list[tuple[float, Network]]) -> None:
    """Append each network when it is trained, with what it misses of the samples set aside."""
    rows = even_places(len(samples.y), _MOST_ROWS).numpy()
    aside = np.arange(len(rows)) % _ASIDE == _ASIDE - 1
    weights = None if samples.weights is None else samples.weights[rows]
    if weights is not None and not (weights[~aside].any() and weights[aside].any()):
        return
    x, y = samples.x[rows], samples.y[rows]
    data = Data(
        torch.from_numpy(x[~aside]),
        torch.from_numpy(y[~aside])[:, None],
        validation_x=torch.from_numpy(x[aside]),
        validation_y=torch.from_numpy(y[aside])[:, None],
        weights=None if weights is None else torch.from_numpy(weights[~aside]),
    )
    for model in _sizes(x.shape[1], int((~aside).sum()), seed):
        if not clock.left():
            break
        grids = GridExtension("auto", n_starts=_STARTS, max_grid=_FINEST)
        fit(model, data, opt="LM", steps=_STEPS, grids=grids, progress=False)
        squares = (y[aside] - _values(model, x[aside])) ** 2
        tried.append((float(np.mean(squares if weights is None else weights[aside] * squares)), model))


def _sizes(columns: int, rows: int, seed: int) -> Iterator[Network]:
    """Untrained networks that have fewer numbers than there are samples, the additive one in any case."""
    for hidden in _HIDDEN:
        model = build([columns, *hidden, 1], grid=_GRID, seed=seed, dtype=torch.float64)
        if not hidden or (rows >= _FEWEST and _numbers(model) < rows):
            yield model


def _numbers(model: Network) -> int:
    return sum(part.numel() for part in model.parameters() if part.requires_grad)


def _values(model: Network, x: Array) -> Array:
    with torch.no_grad():
        found: Array = model(torch.from_numpy(np.ascontiguousarray(x)))[:, 0].numpy()
    return found
