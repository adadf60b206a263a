"""The 120 equations of physics that symbolic regression is judged by, with units and two sets of ranges.

Sources: Udrescu and Tegmark 2020, "AI Feynman" (the equations, from Feynman's lectures and a set of bonus equations, and
the original ranges: narrow, positive, constants of nature drawn as variables); Matsubara et al. 2024, "Rethinking
symbolic regression datasets and benchmarks" (SRSD: ranges as in nature, constants of nature as they are); Martinek
2025, "Fast symbolic regression benchmarking" (the same with units, MIT licence). Equations, ranges and units are facts;
the table `feynman_equations.json` was written for this package and is under its licence.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch

from .._formula_text import FormulaReader
from ..errors import InputError, unknown_name
from .create_dataset import Dataset

Array = npt.NDArray[np.float64]
Ranges = Literal["srsd", "original"]

CONSTANTS: Mapping[str, tuple[float, str]] = {
    "c": (2.99792458e8, "m s^-1"),
    "G": (6.6743e-11, "kg^-1 m^3 s^-2"),
    "g": (9.80665, "m s^-2"),
    "h": (6.626e-34, "kg m^2 s^-1"),
    "hbar": (1.054571817e-34, "kg m^2 s^-1"),
    "k_B": (1.380649e-23, "kg m^2 s^-2 K^-1"),
    "eps_0": (8.854e-12, "kg m s^-2 V^-2"),
    "mu_B": (9.2740100783e-24, "kg m^4 s^-3 V^-1"),
    "m_e": (9.10938356e-31, "kg"),
    "alpha_f": (7.2973525693e-3, "1"),
}
"""Constants of nature in the equations: value and unit (kg, m, s, K, V), as SRSD has them."""

_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    name: getattr(np, name)
    for name in ("sin", "cos", "tanh", "exp", "expm1", "log", "sqrt", "arcsin", "arccos")
}
_DRAWS = 200
_LEVELS = ("easy", "medium", "hard")
_SOURCE = "Udrescu and Tegmark 2020, AI Feynman"
_SRSD = "; ranges of Matsubara et al. 2024, SRSD"


@dataclass(frozen=True)
class Variable:
    """A variable of an equation, and how it is drawn.

    Attributes:
        name: As in the expression.
        unit: In powers of kg, m, s, K and V; "1" for none.
        low: Least size.
        high: Greatest size.
        sampling: "uniform", "log" (uniform in the logarithm) or "integer".
        signed: Whether half of the values are negative.
    """

    name: str
    unit: str
    low: float
    high: float
    sampling: str = "uniform"
    signed: bool = False

    def draw(self, count: int, random: np.random.Generator) -> Array:
        """So many values (count,)."""
        if self.sampling == "integer":
            values = random.integers(int(self.low), int(self.high) + 1, count).astype(np.float64)
        elif self.sampling == "log":
            values = np.exp(random.uniform(math.log(self.low), math.log(self.high), count))
        else:
            values = random.uniform(self.low, self.high, count)
        return values * random.choice([-1.0, 1.0], count) if self.signed else values


@dataclass(frozen=True)
class Equation:
    """One equation: what it says, and where it is sampled.

    Attributes:
        name: Such as "I.9.18", or "B7" for a bonus equation.
        level: "easy", "medium" or "hard", by SRSD.
        output: Name of the result.
        unit: Of the result.
        expression: The right-hand side as text; constants of nature stand in it by name.
        variables: Those that are drawn, in the order of the columns.
        constants: Value of each constant of nature that is not drawn.
        computed: An equal expression that keeps its digits where those of the first would cancel; "" for none.
        source: Where the equation and its ranges were published.
        licence: Of the table that it stands in.
    """

    name: str
    level: str
    output: str
    unit: str
    expression: str
    variables: tuple[Variable, ...]
    constants: Mapping[str, float]
    computed: str = ""
    source: str = ""
    licence: str = "MIT"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables."""
        return tuple(variable.name for variable in self.variables)

    @property
    def text(self) -> str:
        """The expression with the values of constants in place of their names, for `edgewise.compile`."""
        values = {name: f"({value!r})" for name, value in self.constants.items()}
        return re.sub(r"[A-Za-z_]\w*", lambda found: values.get(found[0], found[0]), self.expression)

    def __call__(self, x: Any) -> Array:
        """Values (n,) at inputs (n, variables), in float64; NaN where there is none."""
        columns = np.asarray(x, dtype=np.float64)
        known = {**dict(zip(self.names, columns.T, strict=True)), **self.constants, "pi": math.pi}
        reader = FormulaReader[Any](float, known.__getitem__, _FUNCTIONS.__getitem__)
        with np.errstate(all="ignore"):
            values = np.asarray(reader.read(self.computed or self.expression), dtype=np.float64)
        return np.broadcast_to(values, (len(columns),)).copy()

    def sample(
        self,
        train_num: int = 2000,
        test_num: int = 1000,
        *,
        noise: float = 0.0,
        irrelevant: int = 0,
        seed: int = 0,
    ) -> Dataset:
        """Draw samples; those at which the equation has no real value are drawn anew.

        Args:
            train_num: Training samples.
            test_num: Test samples; they have no noise.
            noise: Deviation of normal noise on the training targets, as a share of the targets' deviation.
            irrelevant: Further columns that play no part, each with the range of one of the variables.
            seed: The same seed gives the same samples.

        Returns:
            Float64 tensors; columns in the order of `names`, irrelevant ones last.

        Raises:
            InputError: a count or the noise is negative, or the equation has hardly a real value in its ranges.

        Example:
            >>> data = feynman("I.12.1").sample(100, 20, noise=0.01)
            >>> data["train_input"].shape, data["test_label"].shape
            (torch.Size([100, 2]), torch.Size([20, 1]))
        """
        if min(train_num, test_num, irrelevant) < 0 or train_num == 0 or not 0 <= noise < math.inf:
            raise InputError(
                f"sample: train_num must be positive, and test_num, noise and irrelevant at least 0; got {train_num}, "
                f"{test_num}, {noise} and {irrelevant}."
            )
        random = np.random.default_rng(seed)
        x, y = self._drawn(train_num + test_num, random)
        others = [
            self.variables[place].draw(len(x), random)
            for place in random.integers(0, len(self.variables), irrelevant)
        ]
        x = np.column_stack([x, *others])
        size = np.abs(y).max() or 1.0
        deviation = (y[:train_num] / size).std() * size  # where squares of the targets overflow
        y[:train_num] += noise * deviation * random.standard_normal(train_num)
        inputs, labels = torch.from_numpy(x), torch.from_numpy(y)[:, None]
        return Dataset(inputs[:train_num], labels[:train_num], inputs[train_num:], labels[train_num:])

    def _drawn(self, count: int, random: np.random.Generator) -> tuple[Array, Array]:
        x = np.empty((0, len(self.variables)))
        for _ in range(_DRAWS):
            more = np.stack([variable.draw(count, random) for variable in self.variables], 1)
            x = np.concatenate([x, more[np.isfinite(self(more))]])[:count]
            if len(x) == count:
                return x, self(x)
        raise InputError(
            f"sample: {self.name} must have real values in its ranges; got {len(x)} of {count} in {_DRAWS} draws."
        )


def feynman(name: str, ranges: Ranges = "srsd") -> Equation:
    """One of the 120 equations.

    Args:
        name: See `feynman_names`.
        ranges: "srsd": as in nature, constants of nature fixed. "original": narrow and positive, constants of nature
            drawn as variables.

    Raises:
        UnknownName: there is no such equation or set of ranges.

    Example:
        >>> law = feynman("I.10.7")
        >>> law.expression, law.names, law.unit
        ('m_0/sqrt(1 - v^2/c^2)', ('m_0', 'v'), 'kg')
        >>> feynman("I.10.7", "original").names
        ('m_0', 'v', 'c')
    """
    if name not in _table():
        raise unknown_name("feynman", "name", name, list(_table()))
    if ranges not in ("srsd", "original"):
        raise unknown_name("feynman", "ranges", ranges, ("srsd", "original"))
    entry = _table()[name]
    return _as_in_nature(entry) if ranges == "srsd" else _as_at_first(entry)


def feynman_names(level: str | None = None) -> list[str]:
    """Names of the equations: 100 of the lectures, and B1 to B20.

    Args:
        level: "easy", "medium" or "hard"; all if None.

    Raises:
        UnknownName: there is no such level.

    Example:
        >>> len(feynman_names()), feynman_names("easy")[:2]
        (120, ['II.38.3', 'II.38.14'])
    """
    if level is not None and level not in _LEVELS:
        raise unknown_name("feynman_names", "level", level, _LEVELS)
    return [name for name, entry in _table().items() if level in (None, entry["level"])]


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, Any]]:
    entries = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
    return {entry["name"]: entry for entry in entries}


def _as_in_nature(entry: Mapping[str, Any]) -> Equation:
    variables = []
    for name, (unit, sampling, low, high, *_) in entry["variables"].items():
        kind, _, sign = sampling.partition(" ")
        variables.append(Variable(name, unit, low, high, kind, sign == "signed"))
    constants = {name: CONSTANTS[name][0] for name in entry.get("constants", ())}
    return _equation(entry, {}, variables, constants)


def _as_at_first(entry: Mapping[str, Any]) -> Equation:
    other = entry.get("original", {})
    units = {**{name: one[0] for name, one in entry["variables"].items()}, entry["output"]: entry["unit"]}
    ranges = other.get("ranges") or {
        **{name: one[4:] for name, one in entry["variables"].items()},
        **entry.get("constants", {}),
    }
    variables = [
        Variable(name, units.get(name) or CONSTANTS[name][1], low, high)
        for name, (low, high) in ranges.items()
    ]
    unit = units.get(other.get("output", entry["output"]), "1")
    return _equation({**entry, "unit": unit}, other, variables, None)


def _equation(
    entry: Mapping[str, Any],
    other: Mapping[str, Any],
    variables: list[Variable],
    constants: Mapping[str, float] | None,
) -> Equation:
    return Equation(
        entry["name"],
        entry["level"],
        other.get("output", entry["output"]),
        entry["unit"],
        other.get("expression", entry["expression"]),
        tuple(variables),
        constants or {},
        "" if "expression" in other else entry.get("computed", ""),
        _SOURCE if constants is None else _SOURCE + _SRSD,
    )
