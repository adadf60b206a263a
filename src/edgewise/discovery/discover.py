"""`discover`: from data to formulas that can be trusted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .._checks import check_int, is_number
from ..errors import InputError
from .clock import Clock
from .dimensional import Dimensional
from .discoveries import Discoveries
from .given import Given
from .prescription import Prescription
from .result import Discovery
from .task import Task


def discover(
    x: Any,
    y: Any,
    *,
    names: Sequence[str] | None = None,
    noise: Any = None,
    units: Mapping[str, Any] | None = None,
    constants: Any = (),
    guess: Any = None,
    form: Any = None,
    functions: str | Iterable[str] | None = None,
    required: str | Iterable[str] = (),
    forbidden: str | Iterable[str] = (),
    limits: Mapping[str, Any] | None = None,
    seconds: float = 60.0,
    networks: bool = True,
    test: float = 0.2,
    seed: int = 0,
    progress: bool | None = None,
    resume: str | os.PathLike[str] | None = None,
) -> Discovery | Any:
    """Look for the law behind data.

    A portfolio of searches under one judge, the cheap ones first: power laws; products of powers and of one or two
    functions; polynomials and quotients of polynomials in the columns, their roots, and waves of angles, for the targets
    as they are and for their inverse, square, root, logarithm, sine and cosine; the same for simpler problems that
    factors, scalings and symmetries lead to; formulas read off sparse networks; and genetic programming, where pyoperon
    is installed.
    Every proposal's constants are fitted together, set to exact numbers where the samples allow one, and judged by the
    bits of its description and of what it is expected to miss; samples that were held out have their say in that, and
    alone give the verdict. The search ends when a law is exact, all is searched, or the time is up.

    Args:
        x: Inputs (n, columns), at least 10 samples; an array, tensor or frame.
        y: Targets (n,), or (n, outputs) of several laws.
        names: Of the columns; those of a frame, or x_1, x_2, ..., if None.
        noise: Standard deviation of the targets' noise, in their units; 0 for none; None to estimate it. One for each
            sample (n,) weighs them, and errors are then root mean squares with these weights.
            `Weighted(weights, noise)` has weights of any other origin.
        units: Unit of each column and of the targets, by name: the key that is no column names the targets. Text such
            as "m/s", or "1". Laws are then looked for between products without a unit, and have the right unit.
        constants: With units, constants of nature that a law may hold by name: names such as "c" or "k_B", or a
            mapping of names to values such as "9.81 m/s^2".
        guess: A formula to start from, as text or sympy expression: floats, and names that are no columns, are constants.
        form: What a law consists of, such as "a*f(x_1) + g(x_2, x_3)": functions and constants are found.
        functions: Names of functions that may occur, such as "sin", "sqrt" or "power"; all if None.
        required: Columns that have to occur.
        forbidden: Columns that must not.
        limits: What laws come to, such as {"x_1 -> oo": 0, "v -> 0": "m*v^2/2"}.
        seconds: Time there is. What was found by then is given back, as it is after Ctrl-C.
        networks: Whether formulas are read off networks too.
        test: Share of the samples that are held out.
        seed: Of the split and the networks.
        progress: Whether a line on standard error says what the search has; None for on a terminal.
        resume: File in which laws are kept as they come; a search of the same samples and settings goes on from it.

    Returns:
        The laws from simple to accurate, the one chosen, and why. `print` shows them. For several outputs a
        `Discoveries`, with one for each.

    Raises:
        InputError: an argument is out of bounds, or data are not finite numbers.
        ShapeError: shapes do not fit.
        UnknownName: a name is none of a column, constant or function.
        MissingExtra: units are given, and pint is not installed.

    Example:
        >>> x = np.random.default_rng(0).uniform(1, 3, (200, 2))
        >>> found = discover(x, x[:, 0] / np.sqrt(1 - x[:, 1] ** 2 / 16), names=["m", "v"])
        >>> found.best.expression, found.best.verdict
        (4*m/sqrt(16 - v**2), 'exact')
    """
    clock = Clock(_checked_seconds(seconds))
    _check(test, networks, progress)
    check_int("seed", seed, 0, where="discover")
    given = Given.of(x, y, names, noise, units)
    prescription = Prescription.of(
        given.names, functions=functions, required=required, forbidden=forbidden, limits=limits, guess=guess, form=form
    )  # fmt: skip
    tasks = [
        Task(given, place, prescription, one, bool(networks), float(test), int(seed), progress, resume)
        for place, one in enumerate(dimensional(given, units, constants))
    ]
    found = {}
    for left, task in zip(range(len(tasks), 0, -1), tasks, strict=True):
        found[task.output] = task.done(clock if left == 1 else clock.part(1 / left))
        if found[task.output].stopped == "interrupted":
            break
    return found[tasks[0].output] if len(tasks) == 1 else Discoveries(found)


def _checked_seconds(seconds: Any) -> float:
    if not is_number(seconds) or not seconds > 0:
        raise InputError(f"discover: seconds must be above 0; got {seconds!r}. For example seconds=60.")
    return float(seconds)


def _check(test: Any, networks: Any, progress: Any) -> None:
    if not is_number(test) or not 0 < test < 1:
        raise InputError(f"discover: test must be between 0 and 1; got {test!r}. For example test=0.2.")
    for name, value in (("networks", networks), ("progress", progress)):
        if value is not None and not isinstance(value, (bool, np.bool_)):
            raise InputError(f"discover: {name} must be True or False; got {value!r}. Leave it out.")


def dimensional(given: Given, units: Any, constants: Any) -> list[Dimensional | None]:
    """Units for each output.

    Raises:
        InputError: there are constants, and no units; or units are missing.
    """
    if units is None:
        if constants is not None and len(constants):
            raise InputError(
                f"discover: constants must come with units; got {constants!r}. Pass units= of the columns and the "
                f"targets; without, a constant is found as a number."
            )
        return [None] * len(given.outputs)
    if not isinstance(units, Mapping):
        raise InputError(
            f"discover: units must be a mapping of names to units; got {units!r}. For example {{'m': 'kg'}}."
        )
    return [
        Dimensional.of(given.names, output, {k: v for k, v in units.items() if k == output or k not in given.outputs}, constants)
        for output in given.outputs
    ]  # fmt: skip
