"""Programs fitted in compiled code, many at once; the twin in NumPy is in polish.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from .. import edges
from ..optim import LevenbergMarquardt
from .problem import Array
from .program import Program

AVAILABLE = edges.AVAILABLE


class Found(NamedTuple):
    """What a fit led to.

    Args:
        constants: Their values.
        jacobian: Slopes in them, (n, constants), each row times the root of its weight.
        rmse: Root mean square error, weighted.
    """

    constants: Array
    jacobian: Array
    rmse: float


def fit_programs(
    programs: Sequence[Program],
    starts: Sequence[Array],
    samples: tuple[Array, Array, Array],
    solver: LevenbergMarquardt,
    iterations: int,
) -> list[Found | None]:
    """The best fit of each program; None where it has no real value at all samples.

    Args:
        programs: Of the same columns.
        starts: For each, where to start, (starts, constants).
        samples: Columns (n, columns), targets (n,) and roots of weights (n,).
        solver: Settings, of the solver "qr".
        iterations: From each start, at most.
    """
    if not programs:
        return []
    x, y, root = (np.ascontiguousarray(part, dtype=np.float64) for part in (samples[0].T, *samples[1:]))
    kept, tasks, found = [], [], []
    for program, start in zip(programs, starts, strict=True):
        arrays = _Arrays.of(program, start, len(y))
        sizes = (program.constants, program.columns, len(program.numbers), len(program.steps), program.result)
        number, step, varying, first, constants, jacobian = (part.ctypes.data for part in arrays)
        tasks.append((sizes, (number, step, varying), (len(start), first, constants, jacobian)))
        kept.append(arrays)
    settings = solver.numbers(iterations)
    places = (len(y), x.ctypes.data, y.ctypes.data, root.ctypes.data)
    errors = edges.fit_programs(tasks, places, settings, solver.damping, torch.get_num_threads())
    for arrays, rmse in zip(kept, errors, strict=True):
        found.append(Found(arrays.constants, arrays.jacobian, rmse) if np.isfinite(rmse) else None)
    return found


class _Arrays(NamedTuple):
    """What is handed over by address."""

    numbers: Array
    steps: np.ndarray
    varying: np.ndarray
    starts: Array
    constants: Array
    jacobian: Array

    @classmethod
    def of(cls, program: Program, starts: Array, count: int) -> _Arrays:
        steps = [(op, places[0], places[-1]) for op, places in program.steps]
        return cls(
            np.array(program.numbers, dtype=np.float64),
            np.array(steps, dtype=np.int32),
            np.array(program.varying, dtype=np.bool_),
            np.ascontiguousarray(starts, dtype=np.float64),
            np.zeros(program.constants),
            np.zeros((count, program.constants)),
        )
