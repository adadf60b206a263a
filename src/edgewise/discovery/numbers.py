"""The numbers of a law as it is written: how well the samples know each, and how they hang together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy

from .law import Law
from .problem import Array
from .snapping import Constant
from .split import Split
from .template import Template

_UNDECIDED = 1e-9
_IN_THE_WAY = 1e-6
_ROUNDING = 1e-14


@dataclass(frozen=True)
class Numbers:
    """The floats that stand in a law.

    Attributes:
        values: In ascending order.
        covariance: Of these; infinite on the diagonal where the samples do not decide a number.
    """

    values: Array
    covariance: Array

    @property
    def errors(self) -> Array:
        """Standard errors."""
        return np.sqrt(np.diag(self.covariance))

    @cached_property
    def correlations(self) -> Array:
        """Correlations, from -1 to 1; NaN where the samples do not decide a number."""
        errors = np.where(np.isfinite(self.errors) & (self.errors > 0), self.errors, np.nan)
        return self.covariance / errors / errors[:, None]

    @property
    def constants(self) -> tuple[Constant, ...]:
        """One by one."""
        pairs = zip(self.values.tolist(), self.errors.tolist(), strict=True)
        return tuple(Constant(value, error, sympy.Float(value)) for value, error in pairs)

    @classmethod
    def of(cls, law: Law, samples: Split) -> Numbers:
        """Carry the covariance of a law's fit over to the numbers that stand in it.

        A law is tidied after its constants were fitted, so that one of them may stand in several places, or be
        multiplied into another. Values that a small change of the fitted constants gives are those that a change of the
        numbers gives, which are solved for.

        Args:
            law: Of a discovery.
            samples: What it was fitted to.
        """
        template = Template(law.shown, law.symbols, samples.known)
        values = template.numbers
        if not len(values):
            return cls(values, np.zeros((0, 0)))
        counted = np.ones(len(samples.y), bool) if samples.weights is None else samples.weights > 0
        rows = template.slopes(samples.x[counted])
        if samples.weights is not None:
            kept = samples.weights[counted]
            rows = rows * np.sqrt(kept / kept.mean())[:, None]
        if not np.isfinite(rows).all():
            return cls(values, np.diag(np.full(len(values), np.inf)))
        free = rows if law.fit is None else law.fit.jacobian
        known = 0.0 if law.fit is None else law.fit.least_error
        deviation = max(law.train_rmse, known, _ROUNDING * float(np.abs(samples.y).max()))
        deviation *= (len(rows) / max(1, len(rows) - free.shape[1])) ** 0.5
        return cls(values, deviation**2 * _covariance(rows, free))


def _covariance(rows: Array, free: Array) -> Array:
    """Of numbers with these slopes, of which changes within the column space of `free` are possible; for noise of deviation 1."""
    scale = np.maximum(np.linalg.norm(rows, axis=0), 1e-300)
    left, sizes, right = np.linalg.svd(rows / scale, full_matrices=False)
    told = sizes > _UNDECIDED * sizes[0]
    seen = left[:, told].T @ _basis(free)
    back = right[told].T / sizes[told] @ seen / scale[:, None]
    found = back @ back.T
    lost = (np.abs(right[~told]) > _IN_THE_WAY).any(0)
    found[lost], found[:, lost] = 0.0, 0.0
    found[lost, lost] = np.inf
    return found


def _basis(free: Array) -> Array:
    """An orthonormal basis of the column space."""
    if not free.shape[1]:
        return np.zeros((len(free), 1))
    left, sizes, _ = np.linalg.svd(
        free / np.maximum(np.linalg.norm(free, axis=0), 1e-300), full_matrices=False
    )
    return left[:, sizes > _UNDECIDED * sizes[0]]
