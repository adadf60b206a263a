"""The portfolio: searches of growing cost, whose proposals one judge compares."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import sympy

from ..events import check_cancelled, emit
from .arguments import products_of_waves, waves_of
from .beyond_constant import beyond_constant
from .clock import Clock
from .enumeration import enumerated
from .factors import Products
from .journal import Journal
from .judge import data_bits, law_bits
from .judging import Measure, judged
from .kinks import kinks
from .law import Law
from .needed_columns import fewer_columns
from .networks import by_networks
from .offset import constant_and_product
from .operon import by_operon, is_installed
from .pairs_of_shapes import pairs_of_shapes
from .part_searches import costly_searches, laws_of_part, products_of, simple_searches
from .parts import by_parts
from .polish import fitted
from .prescribed import prescribed_steps
from .prescription import Prescription
from .problem import Array, telling
from .proposal import Proposal, Step, Steps
from .quadratics import quadratics
from .relations import plain_variables, relations, roots_of_variables, variables_and_waves, waves_alone
from .relative import values_with_relative_errors
from .resolution import distinct_values, telling_columns
from .rivalry import is_hardly_chance, is_short
from .rounding import FINE, WITHIN_ROUNDING, Precision
from .shapes import one_shape, shapes
from .simpler import by_simpler
from .split import Split, with_known
from .structure import is_noise
from .sums import sums, terms
from .view import View
from .written import Written, written

_FINISHED = 3
_TRIED = 12
_OF_PART, _OF_VIEW = 0.25, 0.4
_EXACT = 1e-12
_QUICK, _OPERON, _NETWORKS = 0.25, 0.5, 0.65
_TOLD = 6
_MOST_CONSTANTS = 12
_LOW = 0.03  # of what a law leaves that may be far from right: noise may be so much less
_MANY_COLUMNS = 6
_TRUSTED = 0.5  # of the variance, from which values of a law say where the targets are


@dataclass
class Search:
    """One run of the portfolio.

    `share` is the deviation of the noise as a share of the targets', as given or estimated. A search ends as "relative"
    where errors are shares of values, which are then `relative`: it is to be done again with weights.

    Args:
        samples: Those that laws are fitted to and judged by, in their own units.
        names: Of the columns.
        noise: Deviation of the noise as a share of the targets'; None to estimate it.
        clock: The time there is.
        seed: Of networks.
        known: Value of each constant that has a name: further columns of `views`.
        written: What is written in laws in place of some of these names.
        views: Coordinates to work in, one after the other; None for the columns.
        prescription: What laws have to be like.
        journal: Where laws are kept as they come, and searches that are done.
    """

    samples: Split
    names: tuple[str, ...]
    noise: float | None
    clock: Clock
    seed: int
    known: Mapping[str, float] = field(default_factory=dict)
    written: Mapping[str, sympy.Expr] = field(default_factory=dict)
    views: Sequence[View | None] = ()
    prescription: Prescription = field(default_factory=Prescription)
    journal: Journal = field(default_factory=Journal)
    laws: dict[sympy.Expr, Law] = field(default_factory=dict)
    relative: Array | None = None
    share: float = field(default=0.0, init=False)
    precision: Precision = field(default=Precision(None, (), 0.0), init=False)

    def _prepare(self) -> None:
        self._columns = (*self.names, *self.known)
        self._symbols = tuple(map(sympy.Symbol, self._columns))
        self._all = with_known(self.samples.x, self.known.values())
        self.share, self._spread = self.noise or 0.0, float(self.samples.y.std()) or 1.0
        forbidden = {symbol.name for symbol in self.prescription.forbidden}
        required = {symbol.name for symbol in self.prescription.required}
        telling = telling_columns(self.samples.x)
        kept = [
            place
            for place, name in enumerate(self.names)
            if name not in forbidden and (place in telling or name in required)
        ]
        self._values = distinct_values(self.samples.all_x)
        self.precision = Precision.of(self.samples.all_x, self.samples.all_y)
        self._kept = kept
        self._own = View.of_columns(len(self._columns), kept)
        self._look(self._own)

    def _look(self, view: View) -> None:
        """Work in other coordinates from here on."""
        self._view = view
        problem = view.problem(
            self._all, self.samples.y, self._columns, self._least_noise, self.samples.weights
        )
        self._problem = replace(problem, functions=self.prescription.functions)
        self._rows = self._problem.some

    @property
    def _least_noise(self) -> float:
        """Of the targets, as a share of their deviation: as given, or what rounding took."""
        return self.noise or self.precision.deviation / self._spread

    def run(self, networks: bool) -> str:
        """Search until a law is exact, all is searched, or the time is up; say which."""
        self._prepare()
        for form, source in self.journal.laws:
            self._finish(form, source)
        steps = prescribed_steps(self._problem, self.prescription, self.seed, self._laws_of)
        stopped = self._go("prescribed", steps)
        views = () if self.prescription.form is not None else self.views or (None,)
        whole = self.clock
        for number, view in enumerate(views):
            ended = self._is("exact") or self._is_rounded() or self.relative is not None
            if ended or not whole.left() or self._settled():
                break
            self._look(view or self._own)
            # What is hard in one view may be simple in the next.
            self.clock = whole if number == len(views) - 1 else whole.part(_OF_VIEW)
            stopped = self._go(f"view {number}", self._steps(products_of(self._problem), networks))
        self.clock = whole
        self._settled(even=False)
        return stopped if whole.left() or stopped == "exact" else "time"

    def _go(self, part: str, steps: Iterable[Step]) -> str:
        for name, proposals in steps:
            emit("message", "discover", text=name)
            check_cancelled("discover")
            if f"{part}: {name}" not in self.journal.done:
                self._take(proposals)
            if self._is("exact") or self._is_rounded():
                return "exact"
            if self._has_relative_errors():
                return "relative"
            if not self.clock.left():
                return "time"
            self.journal.add_done(f"{part}: {name}")
        return "all searched"

    def _laws_of(self, x: Array, y: Array, names: tuple[str, ...], share: float) -> list[Law]:
        """Laws for a function of which values are known, the shortest descriptions first."""
        clock = self.clock.part(_OF_PART, least=0.5)
        held = np.arange(len(y)) % 5 == 0
        samples = Split(x[~held], y[~held], x[held], y[held])
        part = Search(samples, names, share, clock, self.seed)
        part.prescription = Prescription(functions=self.prescription.functions)
        part.run(networks=False)
        return sorted(part.laws.values(), key=lambda law: law.bits)

    def _steps(self, products: Products | None, networks: bool) -> Steps:
        """Names and proposals of the searches; those that cost more are left out where the given noise is reached."""
        problem = self._problem
        if not problem.names:
            yield "units alone", [Proposal(sympy.Float(float(problem.y.mean())), 0.0, "units")]
            return
        if self.noise:
            yield "a constant", [Proposal(sympy.Float(float(problem.y.mean()) or 1.0), 1.0, "a constant")]
        yield "kinks", kinks(problem)
        if len(problem.names) > _MANY_COLUMNS:
            found = sums(problem.some, terms(problem.some), problem.spread)
            yield "sums of few terms of many columns", found
            if (yield from self._with_fewer_columns(networks)):
                return
        yield from self._simple(products)
        self._rows = self._problem  # what is left has noise, or is not so simple
        yield from self._few_in_noise()
        if self._settled():
            return
        self._rows = self._problem.some
        if not self.noise and not self._settled(costly=True):
            yield "simpler problems", by_simpler(problem, simple_searches, self.clock.part(_QUICK).left)
            if products is not None:
                yield "one function of any argument", products.one_function(wide=True)
            left = self.clock.part(_QUICK).left
            yield "parts", by_parts(problem, laws_of_part(left, costly=False), laws_of_part(left), left)
        self._rows = self._problem
        yield from self._more_in_noise()
        if self._settled():
            return
        if (yield from self._with_fewer_columns(networks)):
            return
        self._rows = self._problem.some
        yield "polynomials with a wave", relations(problem, variables_and_waves(problem))
        self._rows = self._problem
        if self.share:
            products = Products.in_noise(self._problem, *self._so_far())
        if products is not None:
            if self.noise or self.share:
                yield "one function of any argument, again", products.one_function(wide=True)
            yield "a second function", products.next_function()
        if products is not None and not self.share:
            yield "two functions", products.two_functions()
        if not self._settled(costly=True):
            yield "enumeration", self._enumerated()
        if not self.noise and not self._settled(costly=True):
            left = self.clock.part(_QUICK).left
            yield "simpler problems, again", by_simpler(problem, partial(costly_searches, left=left), left)
        if not self._settled():
            yield "polynomials of roots", relations(self._problem, roots_of_variables(self._problem))
        if networks and not self._settled(costly=True):
            left = self.clock.part(_NETWORKS).left
            yield "networks", by_networks(self._problem, self.seed, left)
        if is_installed() and not self._settled(costly=True):
            yield "genetic programming", by_operon(self._problem, self.seed, self.clock.part(_OPERON))

    def _simple(self, products: Products | None) -> Steps:
        """Searches that cost little, and find what has no noise and is simple."""
        problem = self._problem
        if products is not None:
            yield "power laws", products.powers()
            yield "one function of a simple argument", products.one_function(wide=False)
        yield "a constant and a product", constant_and_product(problem)
        yield "a constant and a changed polynomial", beyond_constant(problem.some, 0.0)
        yield "polynomials and quotients", relations(problem, plain_variables(problem))
        yield "polynomials of waves", relations(problem, waves_alone(problem))
        if not self.noise:
            yield "solutions of quadratic equations", quadratics(problem.some)
            left = self.clock.part(_QUICK).left
            yield "simple parts", by_parts(problem, laws_of_part(left, costly=False), None, left)

    def _with_fewer_columns(self, networks: bool) -> Generator[Step, None, bool]:
        """All searches in the columns that the best law needs or should need; whether these are not all."""
        best = self._shortest
        if best is None or self._view is not self._own:
            return False
        kept = fewer_columns(best, self.samples, self._kept, self.prescription.required)
        if kept is None:
            return False
        self._look(View.of_columns(len(self._columns), kept))
        for name, proposals in self._steps(products_of(self._problem), networks):
            yield f"fewer columns: {name}", proposals
        return True

    def _enumerated(self) -> Iterator[Proposal]:
        level, near = self._so_far() if self.noise or self.share else (0.0, None)
        return enumerated(self._problem, level, near, self.clock.left)

    def _few_in_noise(self) -> Steps:
        """Searches that noise does not lead astray, each from what the best law so far says of the targets."""
        problem = self._problem
        level, near = self._so_far()
        rows = telling(problem.y if near is None else near)
        some = problem.rows(rows)
        yield "sums of few terms", sums(some, terms(some), level, None if near is None else near[rows])
        yield "a constant and a changed polynomial in noise", beyond_constant(some, self._so_far()[0])
        products = Products.in_noise(problem, _LOW * self._so_far()[0])
        if products is not None:
            yield "power laws in noise", products.powers()
            yield "one function in noise", products.one_function(wide=False)

    def _more_in_noise(self) -> Steps:
        """The same at greater cost."""
        problem = self._problem
        level, near = self._so_far()
        products = Products.in_noise(problem, level, near)
        if products is not None:
            yield "one function in noise, again", products.one_function(wide=False)
            yield "one function of any argument in noise", products.one_function(wide=True)
            yield "two functions in noise", products.two_functions()
            missed, closer = self._so_far()
            if missed < level and not self._settled():
                products = Products.in_noise(problem, missed, closer)
                if products is not None:
                    yield "two functions near a better law", products.two_functions()
        some = problem.rows(telling(problem.y if near is None else near))
        if not self._settled():
            yield "sums with waves", sums(some, terms(some, waves_of(some)), level, changes=("y", "y^2"))
            both = products_of_waves(some)
            if len(both):
                found = sums(some, terms(some, both), level, changes=("y", "y^2", "cos(y)"))
                yield "sums with products of waves", found
        if not self._settled():
            kinds = shapes(some)
            yield "a shape and a line", one_shape(some, kinds)
            if not self._settled():
                yield "pairs of shapes", pairs_of_shapes(some, kinds, level)
            if not self._settled():
                yield "sums of shapes", sums(some, kinds, level, largest=4, changes=("y",))

    def _so_far(self) -> tuple[float, Array | None]:
        """What the best law leaves, weighted, and its values; both in units of the search."""
        if not self.laws:
            return self._problem.spread, None
        best = min(self.laws.values(), key=lambda law: law.test_rmse)
        level = best.test_rmse / self._spread * self._problem.spread
        others = self._view.problem(self._all, best.predict(self.samples.x), self._columns, 0.0, None)
        near = others.y * (others.y_scale / self._problem.y_scale)
        trusted = best.r2 > _TRUSTED and bool(np.isfinite(near).all())
        return level, near if trusted else None

    @property
    def _shortest(self) -> Law | None:
        """The law of the shortest description so far."""
        return min(self.laws.values(), key=lambda law: law.bits, default=None)

    def _settled(self, even: bool = True, costly: bool = False) -> bool:
        """Whether a law is within the noise, which is what a law leaves that follows from nothing.

        Args:
            even: Whether the sizes of what it leaves must follow from nothing either, and no shorter law is to be hoped for.
            costly: Whether no shorter law is to be hoped for of a search that takes long.
        """
        best = self._shortest
        enough = is_hardly_chance if costly else is_short
        if self.noise is not None or best is None:
            right = (law for law in self.laws.values() if law.verdict in ("within noise", WITHIN_ROUNDING))
            ended = (law for law in right if not even or enough(law))
            return bool(self.share) and any(not costly or self._rest(law, even) > 0 for law in ended)
        if best.verdict == WITHIN_ROUNDING:
            self._set_noise(best.test_rmse / self._spread)
            return not even or enough(best)
        share = self._rest(best, even) / self._spread
        self._set_noise(share)
        return share > 0 and (not even or enough(best))

    def _rest(self, law: Law, even: bool) -> float:
        """Root mean square of what a law leaves, if that is noise; else 0."""
        x, weights = self.samples.all_x, self.samples.all_weights
        values = law.predict(x)
        rest = (self.samples.all_y - values) * (1.0 if weights is None else np.sqrt(weights))
        is_right = law.r2 > _TRUSTED and is_noise(x, values, rest, even)
        return float(np.sqrt(np.mean(rest**2))) if is_right else 0.0

    def _has_relative_errors(self) -> bool:
        """Whether errors are even as shares of the best law's values: samples should weigh by these."""
        if self.noise is None:
            self.relative = values_with_relative_errors(self.laws.values(), self.samples)
        return self.relative is not None

    def _is_rounded(self) -> bool:
        """Whether the best law is short, and misses no more than rounding to many digits makes of the targets."""
        best = self._shortest
        if best is None or best.verdict != WITHIN_ROUNDING:
            return False
        return is_hardly_chance(best) and best.test_rmse < FINE * self._spread

    def _set_noise(self, noise: float) -> None:
        """Judge all laws anew."""
        self.share = noise
        self.laws = {law.expression: self._judged(law) for law in self.laws.values()}

    def _take(self, proposals: Iterable[Proposal]) -> None:
        """Fit proposals to some samples, and finish those that describe them best."""
        some, fits = self._rows, []
        for proposal in proposals:
            if len(proposal.form.atoms(sympy.Float)) > _MOST_CONSTANTS:
                continue
            fit = fitted(proposal.form, some.symbols, some.x, some.y, weights=some.weights)
            if fit is not None:
                count, spread = len(some.y), some.spread
                bits = law_bits(fit.source, fit.bits) + data_bits(fit.rmse, spread, count, self.noise or 0.0)
                fits.append((bits, fit, proposal))
                if fit.rmse < _EXACT * spread:
                    break
            if not self.clock.left():
                break
        finished = 0
        for _, fit, proposal in sorted(fits, key=lambda one: one[0])[:_TRIED]:
            own = self._view.back(self._problem.in_units(fit.form), self._columns)
            finished += self.prescription.may_be(own) and self._finish(own, proposal.source)
            if finished == _FINISHED:
                break

    def _finish(self, form: sympy.Expr, source: str) -> bool:
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
        if plain in self.laws or not self.prescription.is_kept_by(plain, symbols, self.samples.x):
            return plain in self.laws
        fit = replace(best.fit, source=best.fit.source.xreplace(values))
        named = None if plain == law else law
        nan = float("nan")
        blank = Law(plain, symbols, fit.rmse, nan, nan, nan, best.constants, "", source, named, fit)
        found = self._judged(blank)
        if np.isfinite(found.test_rmse):
            told = self._shortest is None or found.bits < self._shortest.bits
            self.laws[plain] = found
            self.journal.add_law(best.fitted, source)
            if told:
                values = {"bits": found.bits, "test_rmse": found.test_rmse, "r2": found.r2}
                emit("step", "discover", values=values, text=f"{found.text(_TOLD)} ({found.verdict})")
        return plain in self.laws

    def _written(self, form: sympy.Expr) -> Written | None:
        samples = self.samples
        noise = self.noise or 0.0
        return written(form, self._symbols, self._all, samples.y, weights=samples.weights, noise=noise)

    def _judged(self, law: Law) -> Law:
        by = Measure(self._spread, self.noise or 0.0, self.share, self.precision, self._values)
        return judged(law, self.samples, by)

    def _is(self, verdict: str) -> bool:
        return any(law.verdict == verdict for law in self.laws.values())
