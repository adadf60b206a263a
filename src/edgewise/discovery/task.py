"""One discovery: the samples of one output, what is prescribed, and how it is run."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import sympy

from ..errors import Cancelled
from ..events import emit
from .clock import Clock
from .conclusion import concluded, with_splines
from .deadline import TimeUpError, noticing_interrupts, within
from .dimensional import Dimensional
from .findings import Findings
from .given import Given
from .journal import Journal, fingerprint
from .judging import doubt
from .lattices import lines_on_waves
from .law import Law
from .origins import Origins
from .outliers import line_on_outliers, outliers, stand_apart, without
from .prescription import Prescription
from .progress import progress_shown
from .relative import line_on_relative_errors, weighed_by
from .resolution import distinct_values, line_on_columns, line_on_rare_values
from .result import Discovery
from .search import Search
from .splines import spline_network
from .split import Split

_FEW_GROUPS = 2
_OF_FIRST, _OF_NEXT = 0.5, (0.5, 1.0)
_OF_SPLINES = 0.1
_ENDED = ("interrupted", "cancelled")


@dataclass(frozen=True)
class Task:
    """What `discover` does for one output.

    Attributes:
        given: The samples.
        place: Number of the output.
        prescription: What laws have to be like.
        dimensional: Units; None where there are none.
        networks: Whether formulas are read off networks too.
        test: Share of the samples that are held out.
        seed: Of the split and the networks.
        progress: Whether a line shows it; None for on a terminal.
        resume: File that keeps laws; None for none.
    """

    given: Given
    place: int
    prescription: Prescription
    dimensional: Dimensional | None
    networks: bool
    test: float
    seed: int
    progress: bool | None
    resume: str | os.PathLike[str] | None

    @property
    def output(self) -> str:
        """Name of the output."""
        return self.given.outputs[self.place]

    def done(self, clock: Clock) -> Discovery:
        """Search for so long, or until it is interrupted."""
        samples = self.given.split(self.place, self.test, self.seed)
        if self.dimensional is not None:
            constants = {name: one.value for name, one in self.dimensional.constants.items()}
            samples = replace(samples, known=constants)
        spread = float(samples.y.std())
        journal = self._journal(samples)
        if spread == 0:
            return concluded((), samples, stopped="all searched")
        found = self._searched(samples, clock.part(1 - _OF_SPLINES) if self.networks else clock, journal)
        found = self._with_splines(found, clock)
        return replace(found, seconds=clock.used, notes=(*self._notes(samples, found), *found.notes))

    def _searched(self, samples: Split, clock: Clock, journal: Journal) -> Discovery:
        """One search, and others without outliers where there are some."""
        wild = stand_apart(samples.all_y)
        found = now = self._found(samples, clock.part(_OF_FIRST) if wild else clock, journal)
        if found.stopped in _ENDED or found.samples.weights is not samples.weights:
            return found
        for share in _OF_NEXT:  # the first may leave some of them, and take others for some
            rest = outliers(now, samples) if clock.left() else None
            others = None if rest is None else without(samples, rest)
            if rest is None or others is None or float(others.y.std()) == 0:
                break
            now = self._found(others, clock.part(share), Journal())
            if self._is_better(now, found):
                return replace(now, notes=(line_on_outliers(samples, rest),))
        return found

    def _with_splines(self, found: Discovery, clock: Clock) -> Discovery:
        """Beside laws that do not explain the samples, a network of splines."""
        explained = found.best is not None and found.best.verdict != "approximation"
        if not self.networks or explained or found.stopped in _ENDED:
            return found
        emit("message", "discover", text="a network of splines")
        symbols = tuple(map(sympy.Symbol, self.given.names))
        share = found.noise / float(found.samples.y.std())
        try:
            with noticing_interrupts(clock.stop):
                splines = spline_network(found.samples, symbols, noise=share, seed=self.seed, clock=clock)
        except KeyboardInterrupt:
            return replace(found, stopped="interrupted")
        except Cancelled:
            return replace(found, stopped="cancelled")
        found = with_splines(found, splines)
        return replace(found, stopped="interrupted") if clock.stopped else found

    def _found(self, samples: Split, clock: Clock, journal: Journal) -> Discovery:
        """One search."""
        spread = float(samples.y.std())
        label = "discover" if len(self.given.outputs) == 1 else f"discover {self.output}"
        with (
            np.errstate(all="ignore"),  # proposals that overflow are no laws
            progress_shown(self.progress, clock, label),
            noticing_interrupts(clock.stop),
        ):
            search = self._search(samples, spread, clock, journal)
            stopped = self._ran(search, clock)
        found = search.found
        if found.relative is not None and stopped == "relative":
            return self._weighed(weighed_by(samples, found.relative), clock)
        return concluded(
            self._of_right_units(found.laws.values()),
            samples,
            noise=found.share * spread,
            rounding=found.precision.name,
            seconds=clock.used,
            stopped=stopped,
        )

    def _weighed(self, samples: Split, clock: Clock) -> Discovery:
        """What is found where errors are shares of values."""
        found = self._found(samples, clock.part(1), Journal())
        return replace(found, notes=(line_on_relative_errors(found.best, samples),))

    @staticmethod
    def _is_better(again: Discovery, found: Discovery) -> bool:
        """Whether a law is right without outliers, and shorter than any that is right with them."""
        if again.best is None or again.best.verdict == "approximation":
            return False
        right = found.best is not None and found.best.verdict != "approximation"
        return not right or found.best is None or found.best.complexity > again.best.complexity

    def _of_right_units(self, laws: Iterable[Law]) -> list[Law]:
        """Laws without numbers that have units, where these explain the samples; else all."""
        every = list(laws)
        if self.dimensional is None:
            return every
        right = [law for law in every if not self.dimensional.units_in(law.shown)]
        return right if any(law.verdict != "approximation" for law in right) else every

    def _ran(self, search: Search, clock: Clock) -> str:
        try:
            stopped = within(clock.remaining, lambda: search.run(self.networks))
        except TimeUpError:
            stopped = "time"
        except KeyboardInterrupt:
            return "interrupted"
        except Cancelled:
            if not search.found.laws:
                raise
            return "cancelled"
        return "interrupted" if clock.stopped else stopped

    def _search(self, samples: Split, spread: float, clock: Clock, journal: Journal) -> Search:
        noise = None if self.given.noise is None else float(self.given.noise[self.place]) / spread
        names, given = self.given.names, self.prescription
        if self.dimensional is None:
            origins = None if given.form is not None else Origins.of(samples.all_x, samples.all_y, names)
            found = Findings(samples, names, noise, prescription=given, origins=origins, journal=journal)
            return Search(found, clock, self.seed)
        known, factors = self.dimensional.known, self.dimensional.factors
        found = Findings(samples, names, noise, known, factors, given, journal=journal)
        views = self.dimensional.views(samples.x)
        many = bool(views) and len(views[0].exponents) > _FEW_GROUPS
        return Search(found, clock, self.seed, [None, *views] if many else [*views, None])

    def _journal(self, samples: Split) -> Journal:
        if self.resume is None:
            return Journal()
        settings = [
            self.output, self.given.names, self.prescription, self.dimensional, self.given.noise, self.networks, self.test, self.seed
        ]  # fmt: skip
        task = fingerprint([str(one) for one in settings], samples.all_x, samples.all_y, samples.all_weights)
        known = [] if self.dimensional is None else list(self.dimensional.known)
        several = len(self.given.outputs) > 1
        path = f"{os.fspath(self.resume)}.{self.place}" if several else self.resume
        return Journal.of(path, task, self.given.names, known)

    def _notes(self, samples: Split, found: Discovery) -> list[str]:
        notes = [f"Prescribed: {self.prescription}."] if str(self.prescription) else []
        notes += line_on_columns(samples.x, self.given.names)
        notes += line_on_rare_values(samples.all_x, self.given.names)
        if found.best is not None:
            law, x, y = found.best, found.samples.all_x, found.samples.all_y
            origins = Origins.of(x, y, self.given.names)
            why = doubt(law, x, float(found.samples.y.std()), distinct_values(x), origins)
            notes += [f"Between the samples the law may be another: {why}."] if why else []
            notes += lines_on_waves(law.expression, law.symbols, x)
        if self.dimensional is not None:
            notes += self.dimensional.notes(samples.x)
            with_units = [] if found.best is None else self.dimensional.units_in(found.best.shown)
            if with_units:
                notes.append(
                    f"Numbers of the law have units: {', '.join(with_units)}. No law without such numbers was found to fit."
                )
        return notes
