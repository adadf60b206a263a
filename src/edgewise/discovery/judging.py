"""What a law is worth: its error on held-out samples, the bits of its description, and a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .judge import data_bits, expected_error, is_near_most, law_bits
from .law import Law
from .origins import Origins
from .problem import Array
from .resolution import undecided, undetermined
from .rounding import WITHIN_ROUNDING, Precision
from .split import Split
from .written import digits_of

_EXACT = 1e-12


@dataclass(frozen=True)
class Measure:
    """What all laws of a search are measured by.

    Attributes:
        spread: Deviation of the targets.
        given: Deviation of the noise as a share of it, as given or of rounding; 0 where none is known.
        share: The same, as given or estimated.
        precision: Of the samples.
        values: How many distinct values each column has.
        origins: Of columns far from 0; None where there are none.
    """

    spread: float
    given: float
    share: float
    precision: Precision
    values: Sequence[int]
    origins: Origins | None = None


def judged(law: Law, samples: Split, by: Measure) -> Law:
    """The law with its error, bits and verdict.

    Args:
        law: Fitted.
        samples: That it was fitted to, and those held out.
        by: What it is measured by.
    """
    held_y = samples.held_y
    rmse = samples.held_error(law.predict)
    spread = float(held_y.std()) or 1.0
    law = replace(law, test_rmse=rmse, r2=1 - (rmse / spread) ** 2, verdict=_verdict(law, rmse, samples, by))
    return replace(law, bits=_bits(law, samples, by))


def doubt(law: Law, x: Array, spread: float, values: Sequence[int], origins: Origins | None) -> str | None:
    """Why samples that a law agrees with do not certify it, or None.

    Args:
        law: Fitted.
        x: Samples (n, columns).
        spread: Deviation of the targets.
        values: How many distinct values each column has.
        origins: Of columns far from 0, whose numbers are not counted.
    """
    plain = law.expression if origins is None else origins.beside(law.expression)
    return undetermined(plain, law.symbols, values, x) or undecided(law, spread)


def _bits(law: Law, samples: Split, by: Measure) -> float:
    count, held = len(samples.y), len(samples.held_y)
    shared, free = (0.0, 0) if law.fit is None else (law.fit.shared_bits, len(law.fit.values))
    unseen = expected_error(law.train_rmse, count, free, law.test_rmse, held)
    if law.verdict == "exact":  # which of two laws misses less of rounding tells nothing
        unseen = 0.0
    numbers = digits_of(law.constants) + shared
    own = law_bits(law.shown, numbers) if by.origins is None else by.origins.bits(law.shown, numbers)
    return own + data_bits(unseen, by.spread, count + held, by.given)


def _verdict(law: Law, rmse: float, samples: Split, by: Measure) -> str:
    x, y = samples.held_x, samples.held_y
    exact = (
        rmse < _EXACT * (float(y.std()) or 1.0) and is_near_most(law.predict(x), y) and by.precision.is_full
    )
    if exact or by.precision.allows(law, x, y, slice(len(samples.y), None)):
        if doubt(law, samples.x, by.spread, by.values, by.origins):
            return "approximation"
        return "exact" if exact else WITHIN_ROUNDING
    limit = by.share * by.spread * (1 + 3 / np.sqrt(2 * len(y)))
    return "within noise" if 0 < rmse <= limit else "approximation"
