"""What training uses where the user leaves a choice open, by the number of samples."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._checks import is_int, is_number
from ..errors import InputError

SMOOTHING_WEIGHTS = tuple(10.0 ** (-power / 2) for power in range(-2, 10))
"""Weights of roughness that are tried for additive networks, the strongest first."""

CLASS_SMOOTHING_WEIGHTS = SMOOTHING_WEIGHTS[::2]
"""The same for classes, whose fits are iterations."""

LOSS_SMOOTHING_WEIGHTS = SMOOTHING_WEIGHTS[1::2]
"""The same for values whose loss is not the squared error, which are found by iteration too."""

RIDGES = (1.0, 0.1, 0.01)
"""Shares of plain shrinkage in it that are tried."""

DEEP_SMOOTHING_WEIGHTS = (1e-1, 1e-2, 1e-3, 1e-4)
"""Weights that are tried for deeper networks, the strongest first."""

DEEP_SMOOTHING_WEIGHTS_OF_MANY = (1e-2, 1e-3, 1e-4, 1e-5)
"""The same where samples are many and speak for themselves."""

LEAST_FOR_HIDDEN = 50
"""Below so many samples "auto" has no hidden level: what they say about it is luck."""

ROWS_TO_CHOOSE = 20000
"""So many samples decide every choice; the others join in the last training."""


@dataclass(frozen=True)
class Settings:
    """How a network is found.

    Attributes:
        hidden: Fresh nodes of each hidden level; empty for an additive network.
        compare: Whether an additive network is good enough where it is as good.
        grid: Intervals of the curves of the inputs.
        grid_above: Intervals of the curves above.
        k: Degree of the splines.
        smoothing_weights: Weights of roughness to choose from; one where it was given.
        deep_smoothing_weights: The same for deeper networks.
        ridges: Shares of shrinkage to choose from.
        share: Of the samples that are set aside.
        folds: How often, by turns.
        patience: Steps without improvement that are borne.
        steps: Most steps for one weight.
        seed: Of splits and start values.
    """

    hidden: tuple[int, ...]
    compare: bool
    grid: int
    grid_above: int
    k: int
    smoothing_weights: tuple[float, ...]
    deep_smoothing_weights: tuple[float, ...]
    ridges: tuple[float, ...]
    share: float
    folds: int
    patience: int
    steps: int
    seed: int


def resolve(
    samples: int,
    *,
    hidden: int | Sequence[int] | str,
    grid: int | str,
    k: int,
    smoothness: float | str,
    validation: float | str,
    patience: int,
    steps: int,
    seed: int,
    classes: bool = False,
    one_step: bool = True,
    different: int | None = None,
) -> Settings:
    """Fill in what was left open.

    Args:
        samples: How much there is to learn from: rows, or different samples where copies say nothing new.
        hidden: Nodes of the hidden level, or of each; "auto" compares none with a few.
        grid: Intervals, or "auto".
        k: Degree.
        smoothness: Weight of roughness, or "auto".
        validation: Share that is set aside, or "auto": by turns where samples are few.
        patience: Steps.
        steps: Steps.
        seed: Seed.
        classes: Whether classes are predicted.
        one_step: Whether additive networks are found in one step, as those of least squares are.
        different: Number of different samples, which say how long a fit takes; `samples` if None.

    Example:
        >>> resolve(100, hidden="auto", grid="auto", k=3, smoothness="auto", validation="auto", patience=3,
        ...        steps=30, seed=0).folds
        3
    """
    few = samples < 2000
    quick = (samples if different is None else different) < 2000
    if isinstance(hidden, str):
        levels: tuple[int, ...] = () if samples < LEAST_FOR_HIDDEN else (4 if few else 8,)
    else:
        levels = tuple(np.atleast_1d(hidden).tolist())
    free = isinstance(smoothness, str)
    weights = (
        CLASS_SMOOTHING_WEIGHTS if classes else SMOOTHING_WEIGHTS if one_step else LOSS_SMOOTHING_WEIGHTS
    )
    return Settings(
        hidden=tuple(level for level in levels if level),
        compare=isinstance(hidden, str),
        grid=(3 if samples < 50 else 5 if few else 8) if isinstance(grid, str) else grid,
        grid_above=(3 if few else 5) if isinstance(grid, str) else grid,
        k=k,
        smoothing_weights=weights if free else (float(smoothness),),
        deep_smoothing_weights=(DEEP_SMOOTHING_WEIGHTS if few else DEEP_SMOOTHING_WEIGHTS_OF_MANY)
        if free
        else (float(smoothness),),
        ridges=(RIDGES if one_step and not classes else RIDGES[1:]) if free else (0.1,),
        share=0.2 if isinstance(validation, str) else validation,
        folds=3 if quick and isinstance(validation, str) else 1,
        patience=patience,
        steps=steps,
        seed=seed,
    )


def checked_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `resolve` from the parameters of an estimator, each checked.

    Raises:
        InputError: one is out of its bounds.

    Example:
        >>> checked_settings({"hidden": 3, "grid": 5, "k": 3, "smoothness": "auto", "validation": 0.2,
        ...                   "patience": 3, "max_iter": 6})["steps"]
        6
    """
    hidden = given["hidden"]
    levels = hidden if isinstance(hidden, Sequence) and not isinstance(hidden, str) else [hidden]
    for level in levels:
        _require(
            "hidden", hidden, level == "auto" or _whole(level, 0), 'whole numbers of at least 0, or "auto"'
        )
    _require(
        "grid", given["grid"], given["grid"] == "auto" or _whole(given["grid"], 1), 'at least 1, or "auto"'
    )
    _require("k", given["k"], _whole(given["k"], 0), "a whole number of at least 0")
    _require(
        "smoothness", given["smoothness"], _number(given["smoothness"], 0, math.inf), 'above 0, or "auto"'
    )
    _require("validation", given["validation"], _number(given["validation"], 0, 1), 'from 0 to 1, or "auto"')
    for name in ("patience", "max_iter"):
        _require(name, given[name], _whole(given[name], 1), "a whole number of at least 1")
    kept = {name: given[name] for name in ("hidden", "grid", "k", "smoothness", "validation", "patience")}
    return {**kept, "steps": int(given["max_iter"])}


def _whole(value: object, least: int) -> bool:
    return is_int(value) and int(value) >= least  # type: ignore[call-overload]


def _number(value: object, low: float, high: float) -> bool:
    if isinstance(value, str):
        return value == "auto"
    return is_number(value) and low < float(value) < high  # type: ignore[arg-type]


def _require(name: str, value: object, holds: bool, rule: str) -> None:
    if not holds:
        raise InputError(f"fit: {name} must be {rule}; got {value!r}. The default suits most tables.")
