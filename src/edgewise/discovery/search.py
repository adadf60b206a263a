"""The portfolio: searches of growing cost, whose proposals one judge compares."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import sympy

from ..events import check_cancelled, emit
from .factors import Products
from .gauge import gauge_fixed
from .judge import data_bits, law_bits, spread_share
from .law import Law
from .networks import Samples, by_networks, noise_level
from .polish import fitted
from .problem import Array, Problem
from .proposal import Proposal
from .relations import plain_variables, relations, roots_of_variables, variables_and_waves
from .snapping import snapped
from .tidy import tidied

_FINISHED = 3
_EXACT = 1e-12
_MOST_CONSTANTS = 12
_FAR_BELOW = 0.7
_MOST_NONZERO = 0.5
_UNDERFLOW = 1e-200


@dataclass
class Clock:
    """The time there is.

    Attributes:
        seconds: Wall-clock time from the start.
        start: When it started.
    """

    seconds: float
    start: float = field(default_factory=time.monotonic)

    def left(self) -> bool:
        """Whether there is some."""
        return time.monotonic() - self.start < self.seconds

    @property
    def used(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.start


@dataclass
class Search:
    """One run of the portfolio.

    Args:
        x: Training inputs in their own units (n, columns).
        y: Training targets (n,).
        held_x: Held-out inputs.
        held_y: Held-out targets.
        names: Of the columns.
        noise: Deviation of the noise as a share of the targets'; None to estimate it.
        clock: The time there is.
        seed: Of networks.
    """

    x: Array
    y: Array
    held_x: Array
    held_y: Array
    names: tuple[str, ...]
    noise: float | None
    clock: Clock
    seed: int
    laws: dict[sympy.Expr, Law] = field(default_factory=dict)

    def run(self, networks: bool) -> str:
        """Search until a law is exact, all is searched, or the time is up; say which."""
        self._problem = Problem.of(self.x, self.y, self.names, self.noise or 0.0)
        self._estimated = False
        sizes = np.abs(self._problem.y)  # targets may underflow, or be 0 where a factor is
        nonzero = sizes > _UNDERFLOW * sizes.max()
        products = Products(self._problem.rows(nonzero)) if nonzero.mean() > _MOST_NONZERO else None
        for name, proposals in self._steps(products, networks):
            emit("message", "discover", text=name)
            check_cancelled("discover")
            self._take(proposals)
            if self._is("exact"):
                return "exact"
            if not self.clock.left():
                return "time"
        return "all searched"

    def _steps(self, products: Products | None, networks: bool) -> Iterator[tuple[str, Iterable[Proposal]]]:
        """Names and proposals of the searches; those that cost more are left out where the given noise is reached."""
        problem = self._problem
        if products is not None:
            yield "power laws", products.powers()
            yield "one function of a simple argument", products.one_function(wide=False)
        yield "polynomials and quotients", relations(problem, plain_variables(problem))
        if self.noise and self._is("within noise"):
            return
        yield "polynomials with a wave", relations(problem, variables_and_waves(problem))
        if self.noise is None:
            yield "the noise", ()
            self._measure_noise()
            if self.noise:
                yield "polynomials with noise", relations(self._problem, plain_variables(self._problem))
        if products is not None:
            yield "one function of any argument", products.one_function(wide=True)
            yield "two functions", products.two_functions()
        if not self._is("within noise"):
            yield "polynomials of roots", relations(self._problem, roots_of_variables(self._problem))
        if networks and not self._is("within noise"):
            yield "networks", by_networks(self._problem, self._samples(), self.seed, self.clock.left)

    def _samples(self) -> Samples:
        return Samples.of(self._problem, self._problem.of_others(self.held_x, self.held_y))

    def _measure_noise(self) -> None:
        self._estimated = True
        self._set_noise(noise_level(self._samples(), self.seed))

    def _set_noise(self, noise: float) -> None:
        """Judge all laws anew: no noise is larger than what a law leaves."""
        self.noise = noise
        self._problem = replace(self._problem, noise=noise)
        self.laws = {law.expression: self._judged(law) for law in self.laws.values()}

    def _take(self, proposals: Iterable[Proposal]) -> None:
        """Fit proposals to some samples, and finish those that describe them best."""
        some, fits = self._problem.some, []
        for proposal in proposals:
            if len(proposal.form.atoms(sympy.Float)) > _MOST_CONSTANTS:
                continue
            fit = fitted(proposal.form, some.symbols, some.x, some.y)
            if fit is not None:
                noise = self._problem.noise
                bits = law_bits(fit.form, len(some.y)) + data_bits(fit.rmse, some.y, len(some.y), noise)
                fits.append((bits, fit, proposal))
                if spread_share(fit.rmse, some.y) < _EXACT:
                    break
            if not self.clock.left():
                break
        for _, fit, proposal in sorted(fits, key=lambda one: one[0])[:_FINISHED]:
            self._finish(fit.form, proposal.source)
        if self._estimated and self._best_share() < _FAR_BELOW * self._problem.noise:
            self._set_noise(self._best_share())

    def _finish(self, form: sympy.Expr, source: str) -> None:
        """A law in own units, its constants set to exact numbers where the samples allow it."""
        symbols = self._problem.symbols
        fit = fitted(gauge_fixed(self._problem.in_units(form)), symbols, self.x, self.y)
        if fit is None:
            return
        law, fit, constants = snapped(fit, symbols, self.x, self.y, self._problem.noise)
        law = tidied(law, symbols, self.x)
        if law in self.laws:
            return
        blank = Law(law, symbols, fit.rmse, np.nan, np.nan, np.nan, tuple(constants), "", source)
        found = self._judged(blank)
        if np.isfinite(found.test_rmse):
            self.laws[law] = found

    def _judged(self, law: Law) -> Law:
        rest = self.held_y - law.predict(self.held_x)
        rmse = float(np.sqrt(np.mean(rest**2)))
        r2 = 1 - rmse**2 / (float(self.held_y.var()) or 1.0)
        count, noise = len(self.y), self._problem.noise
        bits = law_bits(law.expression, count) + data_bits(rmse, self.held_y, count, noise)
        share = spread_share(rmse, self.held_y)
        limit = noise * (1 + 3 / np.sqrt(2 * len(rest)))
        verdict = "exact" if share < _EXACT else "within noise" if 0 < share <= limit else "approximation"
        return replace(law, test_rmse=rmse, r2=r2, bits=bits, verdict=verdict)

    def _best_share(self) -> float:
        return min((spread_share(law.test_rmse, self.held_y) for law in self.laws.values()), default=np.inf)

    def _is(self, verdict: str) -> bool:
        return any(law.verdict == verdict for law in self.laws.values())
