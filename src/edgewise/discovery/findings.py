"""What a search has found: laws judged by the same samples, and what they tell of the noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field, replace

import numpy as np
import sympy

from ..events import emit
from .journal import Journal
from .judging import Measure, judged
from .law import Law
from .origins import Origins
from .prescription import Prescription
from .problem import Array
from .relative import values_with_relative_errors
from .resolution import distinct_values
from .rivalry import is_hardly_chance, is_short
from .rounding import FINE, WITHIN_ROUNDING, Precision
from .split import Split, with_known
from .structure import is_noise
from .written import Written, written

TRUSTED = 0.5  # of the variance, from which values of a law say where the targets are
_TOLD = 6


@dataclass
class Findings:
    """Laws, and what they are judged by.

    `share` is the deviation of the noise as a share of the targets', as given or estimated; `relative` are the values
    that errors are shares of, where they are; `precision` says what is known of the samples' digits.

    Args:
        samples: Those that laws are fitted to and judged by, in their own units.
        names: Of the columns.
        noise: Deviation of the noise as a share of the targets'; None to estimate it.
        known: Value of each constant that has a name: further columns.
        written: What is written in laws in place of some of these names.
        prescription: What laws have to be like.
        origins: Of columns far from 0.
        journal: Where laws are kept as they come.
        digits: What is known of the samples' digits; None to look at them.
    """

    samples: Split
    names: tuple[str, ...]
    noise: float | None
    known: Mapping[str, float] = field(default_factory=dict)
    written: Mapping[str, sympy.Expr] = field(default_factory=dict)
    prescription: Prescription = field(default_factory=Prescription)
    origins: Origins | None = None
    journal: Journal = field(default_factory=Journal)
    laws: dict[sympy.Expr, Law] = field(default_factory=dict)
    relative: Array | None = None
    share: float = field(init=False)
    precision: Precision = field(init=False)
    digits: InitVar[Precision | None] = None

    def __post_init__(self, digits: Precision | None) -> None:
        self.columns = (*self.names, *self.known)
        self.all_columns = with_known(self.samples.x, self.known.values())
        self.spread = float(self.samples.y.std()) or 1.0
        self.share = self.noise or 0.0
        self.precision = digits or Precision.of(self.samples.all_x, self.samples.all_y)
        self._symbols = tuple(map(sympy.Symbol, self.columns))
        self._values = distinct_values(self.samples.all_x)

    @property
    def least_noise(self) -> float:
        """Of the targets, as a share of their deviation: as given, or what rounding took."""
        return self.noise or self.precision.deviation / self.spread

    @property
    def shortest(self) -> Law | None:
        """The law of the shortest description so far."""
        return min(self.laws.values(), key=lambda law: law.bits, default=None)

    def has(self, verdict: str) -> bool:
        """Whether a law is judged so."""
        return any(law.verdict == verdict for law in self.laws.values())

    def is_rounded(self) -> bool:
        """Whether the best law is short, and misses no more than rounding to many digits makes of the targets."""
        best = self.shortest
        if best is None or best.verdict != WITHIN_ROUNDING:
            return False
        return is_hardly_chance(best) and best.test_rmse < FINE * self.spread

    def is_all_exact(self) -> bool:
        """Whether the best law has no number that was fitted."""
        return self.shortest is not None and not self.shortest.expression.atoms(sympy.Float)

    def settled(self, even: bool = True, costly: bool = False) -> bool:
        """Whether a law is within the noise, which is what a law leaves that follows from nothing.

        Args:
            even: Whether the sizes of what it leaves must follow from nothing either, and no shorter law is to be hoped for.
            costly: Whether no shorter law is to be hoped for of a search that takes long.
        """
        best = self.shortest
        enough = is_hardly_chance if costly else is_short
        if self.noise is not None or best is None:
            right = (law for law in self.laws.values() if law.verdict in ("within noise", WITHIN_ROUNDING))
            ended = (law for law in right if not even or enough(law))
            return bool(self.share) and any(not costly or self._rest(law, even) > 0 for law in ended)
        if best.verdict == WITHIN_ROUNDING:
            self._set_noise(best.test_rmse / self.spread)
            return not even or enough(best)
        share = self._rest(best, even) / self.spread
        self._set_noise(share)
        return share > 0 and (not even or enough(best))

    def has_relative_errors(self) -> bool:
        """Whether errors are even as shares of the best law's values: samples should weigh by these."""
        if self.noise is None:
            self.relative = values_with_relative_errors(self.laws.values(), self.samples)
        return self.relative is not None

    def finish(self, form: sympy.Expr, source: str) -> bool:
        """A law in own units, its constants set to exact numbers where the samples allow it; whether it may stand."""
        try:
            return self._finished(form, source)
        except RecursionError:  # sympy turns the sign of some odd functions' arguments for ever
            return False

    def _finished(self, form: sympy.Expr, source: str) -> bool:
        best = self._written(form)
        if best is None:
            return False
        law = best.law.xreplace({sympy.Symbol(name): number for name, number in self.written.items()})
        values = {sympy.Symbol(name): sympy.Float(value) for name, value in self.known.items()}
        plain = law.xreplace(values)
        symbols = self._symbols[: len(self.names)]
        fit = replace(best.fit, source=best.fit.source.xreplace(values))
        named = None if plain == law else law
        nan = float("nan")
        blank = Law(plain, symbols, fit.rmse, nan, nan, nan, best.constants, "", source, named, fit)
        return self.add(blank, best.fitted)

    def add(self, law: Law, form: sympy.Expr | None = None) -> bool:
        """Judge a law, and keep it if it has a value at all samples and is as it has to be; whether it is.

        Args:
            law: Fitted.
            form: What the journal keeps of it: as it was before numbers were made exact. None for the law itself.
        """
        plain = law.expression
        if plain in self.laws or not self.prescription.is_kept_by(plain, law.symbols, self.samples.x):
            return plain in self.laws
        found = self._judged(law)
        if np.isfinite(found.test_rmse):
            told = self.shortest is None or found.bits < self.shortest.bits
            self.laws[plain] = found
            self.journal.add_law(plain if form is None else form, law.source)
            if told:
                values = {"bits": found.bits, "test_rmse": found.test_rmse, "r2": found.r2}
                emit("step", "discover", values=values, text=f"{found.text(_TOLD)} ({found.verdict})")
        return plain in self.laws

    def add_put_back(self, law: Law) -> bool:
        """Keep a law that was found beside the origins."""
        if self.origins is None:
            return False
        try:
            return self.add(self.origins.back(law, self.samples, (self.noise or 0.0) * self.spread))
        except (RecursionError, ArithmeticError, np.linalg.LinAlgError):
            return False

    def _written(self, form: sympy.Expr) -> Written | None:
        samples = self.samples
        noise = self.noise or 0.0
        return written(form, self._symbols, self.all_columns, samples.y, weights=samples.weights, noise=noise)

    def _judged(self, law: Law) -> Law:
        by = Measure(self.spread, self.least_noise, self.share, self.precision, self._values, self.origins)
        return judged(law, self.samples, by)

    def _rest(self, law: Law, even: bool) -> float:
        """Root mean square of what a law leaves, if that is noise; else 0."""
        x, weights = self.samples.all_x, self.samples.all_weights
        values = law.predict(x)
        rest = (self.samples.all_y - values) * (1.0 if weights is None else np.sqrt(weights))
        is_right = law.r2 > TRUSTED and is_noise(x, values, rest, even)
        return float(np.sqrt(np.mean(rest**2))) if is_right else 0.0

    def _set_noise(self, noise: float) -> None:
        """Judge all laws anew."""
        self.share = noise
        self.laws = {law.expression: self._judged(law) for law in self.laws.values()}
