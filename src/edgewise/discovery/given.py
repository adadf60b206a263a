"""Samples as the user gives them to `discover`: columns, one or more targets, and what is known of their errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._checks import is_number
from .._tensors import to_tensor
from ..errors import InputError, ShapeError
from .problem import Array
from .split import Split

_FEWEST = 10
_LARGEST = 1e150


@dataclass(frozen=True)
class Weighted:
    """How much each sample counts, for the argument `noise` of `discover`.

    Attributes:
        weights: Of the squared errors, (n,), 0 or more.
        noise: As `discover` takes it.

    Example:
        >>> from edgewise import discover
        >>> x = np.linspace(1, 2, 40)[:, None]
        >>> discover(x, 2 * x[:, 0] ** 2, noise=Weighted(np.arange(40.0), noise=0)).best.expression
        2*x_1**2
    """

    weights: Any
    noise: Any = None


@dataclass(frozen=True)
class Given:
    """Samples in float64.

    Attributes:
        x: Inputs (n, columns).
        y: Targets (n, outputs).
        names: Of the columns.
        outputs: Names of the targets.
        noise: Deviation of the targets' noise, (outputs,), root mean square where it differs between samples; None if not known.
        weights: What each squared error counts, (n, outputs), 1 in the mean; None where all count alike.
    """

    x: Array
    y: Array
    names: tuple[str, ...]
    outputs: tuple[str, ...]
    noise: Array | None
    weights: Array | None

    @classmethod
    def of(cls, x: Any, y: Any, names: Sequence[str] | None, noise: Any, units: Any) -> Given:
        """Read and check what the user gave.

        Raises:
            InputError: something is no finite number, or names do not fit.
            ShapeError: shapes do not fit.
        """
        inputs = to_tensor(x, "discover", "x").cpu().double().numpy()
        targets = to_tensor(y, "discover", "y").cpu().double().numpy()
        targets = targets[:, None] if targets.ndim == 1 else targets
        fits = inputs.ndim == targets.ndim == 2 and len(inputs) == len(targets) >= _FEWEST
        if not fits or 0 in (inputs.shape[1], targets.shape[1]):
            raise ShapeError(
                f"discover: x must be (n, columns) and y (n,) or (n, outputs), n at least {_FEWEST}; got shapes "
                f"{inputs.shape} and {tuple(np.shape(y))}. Pass a row for each sample."
            )
        labels = _names(x, names, inputs.shape[1])
        _refuse_sizes("x", inputs)
        _refuse_sizes("y", targets)
        noise, weights = (noise.noise, noise.weights) if isinstance(noise, Weighted) else (noise, None)
        deviations = _deviations(noise, targets.shape)
        level, by_noise = _noise_and_weights(deviations, targets.shape)
        outputs = _outputs(y, targets.shape[1], units, labels)
        return cls(inputs, targets, labels, outputs, level, _weighted(by_noise, weights, targets.shape))

    def split(self, output: int, test: float, seed: int) -> Split:
        """Samples of one output, a share of them held out."""
        order = np.random.default_rng(seed).permutation(len(self.y))
        held = order[: max(2, round(test * len(order)))]
        train = order[len(held) :]
        y = self.y[:, output]
        weights = None if self.weights is None else self.weights[:, output]
        samples = Split(self.x[train], y[train], self.x[held], y[held])
        return samples.weighted(None if weights is None else weights[np.concatenate([train, held])])


def _refuse_sizes(argument: str, values: Array) -> None:
    """Squares of sizes and of spreads have to be numbers."""
    for column in values.T:
        size, spread = float(np.abs(column).max()), float(np.ptp(column))
        if size > _LARGEST or 0 < spread < 1 / _LARGEST:
            raise InputError(
                f"discover: {argument} must hold columns of sizes from {1 / _LARGEST:.0e} to {_LARGEST:.0e}; got one from "
                f"{column.min():.3g} to {column.max():.3g}. Give it in another unit, or "
                "its logarithm where it ranges over so much."
            )


def _names(x: Any, names: Sequence[str] | None, count: int) -> tuple[str, ...]:
    if names is None:
        columns = getattr(x, "columns", None)
        names = [f"x_{n + 1}" for n in range(count)] if columns is None else [str(c) for c in columns]
    elif isinstance(names, str):
        names = list(names)
    if len(names) != count or len({*map(str, names)}) != len(names):
        raise InputError(
            f"discover: names must be different, one for each of {count} columns; got {list(names)}. For example "
            f"names={[f'x_{n + 1}' for n in range(count)]}."
        )
    return tuple(map(str, names))


def _outputs(y: Any, count: int, units: Any, names: Sequence[str]) -> tuple[str, ...]:
    """Names of the targets: in `units`, of the frame or series, or y, y_2, ...."""
    others = [str(name) for name in units if name not in names] if isinstance(units, Mapping) else []
    if len(others) == count:
        return tuple(others)
    columns = getattr(y, "columns", [getattr(y, "name", None)])
    found = [str(c) for c in columns] if len(columns) == count and None not in list(columns) else []
    if len({*found}) == count and not {*found} & {*names}:
        return tuple(found)
    return ("y",) if count == 1 else tuple(f"y_{n + 1}" for n in range(count))


def _deviations(noise: Any, shape: tuple[int, ...]) -> Array | float | None:
    if noise is None or is_number(noise):
        if noise is not None and not 0 <= noise < np.inf:
            raise InputError(
                f"discover: noise must be a standard deviation, 0 or more; got {noise!r}. Leave it out."
            )
        return None if noise is None else float(noise)
    if isinstance(noise, (str, bool)):
        raise InputError(
            f"discover: noise must be a standard deviation or one for each sample; got {noise!r}. Leave it out."
        )
    found = to_tensor(noise, "discover", "noise").cpu().double().numpy()
    found = found[:, None] if found.ndim == 1 else found
    if found.shape not in (shape, (shape[0], 1)):
        raise ShapeError(
            f"discover: noise must be a number or have the shape of y, {shape}; got shape {found.shape}. Pass a standard "
            f"deviation for each sample."
        )
    if not (found > 0).all():
        raise InputError(
            f"discover: noise of single samples must be above 0; got {found.min():.3g} at one. Leave out what has no error "
            f"bar, or give it a small one."
        )
    return np.broadcast_to(found, shape)


def _weighted(by_noise: Array | None, weights: Any, shape: tuple[int, ...]) -> Array | None:
    """Weights by errors of samples times those that the user gives, 1 in the mean."""
    if weights is None:
        return by_noise
    given = to_tensor(weights, "discover", "weights").cpu().double().numpy()
    if given.shape != shape[:1]:
        raise ShapeError(
            f"discover: weights must have shape {shape[:1]}, one for each sample; got shape {given.shape}. Pass as many as rows."
        )
    if not (given >= 0).all() or not given.sum() > 0:
        raise InputError(
            f"discover: weights must be 0 or more, and not all 0; got {given.min():.3g} to {given.max():.3g}. Leave them out."
        )
    every = given[:, None] * (1.0 if by_noise is None else by_noise)
    return np.broadcast_to(every / every.mean(0), shape)


def _noise_and_weights(
    deviations: Array | float | None, shape: tuple[int, ...]
) -> tuple[Array | None, Array | None]:
    """Weights of 1 in the mean, and the deviation that weighted errors then have."""
    if deviations is None:
        return None, None
    if isinstance(deviations, float):
        return np.full(shape[1], deviations), None
    largest = deviations.max(0)
    weights = (largest / deviations) ** 2
    mean = weights.mean(0)
    level = largest / np.sqrt(mean)
    same = bool((deviations == largest).all())
    return level, None if same else weights / mean
