"""The portfolio: searches of growing cost, whose proposals one judge compares."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import sympy

from ..events import check_cancelled, emit
from .arguments import products_of_waves, waves_of
from .beyond_constant import beyond_constant
from .clock import Clock
from .enumeration import enumerated
from .factors import Products
from .findings import TRUSTED, Findings
from .judge import data_bits, law_bits
from .kinks import kinks
from .law import Law
from .needed_columns import fewer_columns
from .networks import by_networks
from .offset import constant_and_product
from .operon import by_operon, is_installed
from .origins import Origins
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
from .resolution import telling_columns
from .shapes import one_shape, shapes
from .simpler import by_simpler
from .split import Split
from .sums import sums, terms
from .view import View

_FINISHED = 3
_TRIED = 12
_OF_PART, _OF_VIEW = 0.25, 0.4
_OF_COLUMNS, _OF_ORIGINS = 0.15, 0.6  # of the time, where columns are far from 0
_EXACT = 1e-12
_QUICK, _OPERON, _NETWORKS = 0.25, 0.5, 0.65
_MOST_CONSTANTS = 12
_LOW = 0.03  # of what a law leaves that may be far from right: noise may be so much less
_MANY_COLUMNS = 6


class Search:
    """One run of the portfolio.

    It ends as "relative" where errors are shares of values, which are then those of `found.relative`: it is to be done
    again with weights.

    Args:
        found: Where laws are judged and kept, with the samples.
        clock: The time there is.
        seed: Of networks.
        views: Coordinates to work in, one after the other; None for the columns.
    """

    def __init__(self, found: Findings, clock: Clock, seed: int, views: Sequence[View | None] = ()) -> None:
        self.found, self.clock, self.seed, self.views = found, clock, seed, views
        forbidden = {symbol.name for symbol in found.prescription.forbidden}
        required = {symbol.name for symbol in found.prescription.required}
        telling = telling_columns(found.samples.x)
        self._kept = [
            place
            for place, name in enumerate(found.names)
            if name not in forbidden and (place in telling or name in required)
        ]
        self._own = View.of_columns(len(found.columns), self._kept)
        self._look(self._own)

    def _look(self, view: View) -> None:
        """Work in other coordinates from here on."""
        self._view, found = view, self.found
        problem = view.problem(
            found.all_columns, found.samples.y, found.columns, found.least_noise, found.samples.weights
        )
        self._problem = replace(problem, functions=found.prescription.functions)
        self._rows = self._problem.some

    def run(self, networks: bool) -> str:
        """Search until a law is exact, all is searched, or the time is up; say which."""
        for form, source in self.found.journal.laws:
            self.found.finish(form, source)
        steps = prescribed_steps(self._problem, self.found.prescription, self.seed, self._laws_of)
        stopped = self._go("prescribed", steps)
        views = () if self.found.prescription.form is not None else self.views or (None,)
        whole = self.clock
        if self.found.origins is not None:
            stopped = self._look_beside(self.found.origins, networks)
        for number, view in enumerate(views):
            ended = self.found.has("exact") or self.found.is_rounded() or self.found.relative is not None
            if ended or not whole.left() or self.found.settled():
                break
            self._look(view or self._own)
            # What is hard in one view may be simple in the next.
            self.clock = whole if number == len(views) - 1 else whole.part(_OF_VIEW)
            stopped = self._go(f"view {number}", self._steps(products_of(self._problem), networks))
        self.clock = whole
        self.found.settled(even=False)
        return stopped if whole.left() or stopped == "exact" else "time"

    def _look_beside(self, origins: Origins, networks: bool) -> str:
        """A first look at the samples as they are, and a search beside their origins; why it ended.

        In noise laws of the columns themselves are as near over a short range as those beside origins, and less simple.
        """
        whole, step, found = self.clock, "beside origins: all", self.found
        self.clock = whole.part(_OF_COLUMNS)
        stopped = self._go("view 0", self._of_little_cost(products_of(self._problem)))
        self.clock = whole
        exact = stopped == "exact"
        if stopped == "relative" or step in found.journal.done or (exact and found.is_all_exact()):
            return stopped
        beside = Findings(
            origins.taken_off(found.samples),
            origins.names_beside,
            found.noise,
            prescription=origins.prescribed(found.prescription),
            digits=replace(found.precision, origins=origins.values),
        )
        try:
            clock = whole.part(_OF_COLUMNS if exact else _OF_ORIGINS)
            stopped = Search(beside, clock, self.seed).run(networks)
        finally:  # of a search that is broken off too
            for law in beside.laws.values():
                found.add_put_back(law)
        found.relative = beside.relative
        found.journal.add_done(step)
        return "exact" if exact else stopped

    def _go(self, part: str, steps: Iterable[Step]) -> str:
        for name, proposals in steps:
            emit("message", "discover", text=name)
            check_cancelled("discover")
            if f"{part}: {name}" not in self.found.journal.done:
                self._take(proposals)
            if self.found.has("exact") or self.found.is_rounded():
                return "exact"
            if self.found.has_relative_errors():
                return "relative"
            if not self.clock.left():
                return "time"
            self.found.journal.add_done(f"{part}: {name}")
        return "all searched"

    def _laws_of(self, x: Array, y: Array, names: tuple[str, ...], share: float) -> list[Law]:
        """Laws for a function of which values are known, the shortest descriptions first."""
        clock = self.clock.part(_OF_PART, least=0.5)
        held = np.arange(len(y)) % 5 == 0
        samples = Split(x[~held], y[~held], x[held], y[held])
        functions = self.found.prescription.functions
        part = Findings(samples, names, share, prescription=Prescription(functions=functions))
        Search(part, clock, self.seed).run(networks=False)
        return sorted(part.laws.values(), key=lambda law: law.bits)

    def _steps(self, products: Products | None, networks: bool) -> Steps:
        """Names and proposals of the searches; those that cost more are left out where the given noise is reached."""
        problem = self._problem
        if not problem.names:
            yield "units alone", [Proposal(sympy.Float(float(problem.y.mean())), 0.0, "units")]
            return
        if self.found.noise:
            yield "a constant", [Proposal(sympy.Float(float(problem.y.mean()) or 1.0), 1.0, "a constant")]
        yield "kinks", kinks(problem)
        if len(problem.names) > _MANY_COLUMNS:
            found = sums(problem.some, terms(problem.some), problem.spread)
            yield "sums of few terms of many columns", found
            if (yield from self._with_fewer_columns(networks)):
                return
        yield from self._of_little_cost(products)
        if self.found.settled():
            return
        self._rows = self._problem.some
        if not self.found.noise and not self.found.settled(costly=True):
            yield "simpler problems", by_simpler(problem, simple_searches, self.clock.part(_QUICK).left)
            if products is not None:
                yield "one function of any argument", products.one_function(wide=True)
            left = self.clock.part(_QUICK).left
            yield "parts", by_parts(problem, laws_of_part(left, costly=False), laws_of_part(left), left)
        self._rows = self._problem
        yield from self._more_in_noise()
        if self.found.settled():
            return
        if (yield from self._with_fewer_columns(networks)):
            return
        self._rows = self._problem.some
        yield "polynomials with a wave", relations(problem, variables_and_waves(problem))
        self._rows = self._problem
        if self.found.share:
            products = Products.in_noise(self._problem, *self._so_far())
        if products is not None:
            if self.found.noise or self.found.share:
                yield "one function of any argument, again", products.one_function(wide=True)
            yield "a second function", products.next_function()
        if products is not None and not self.found.share:
            yield "two functions", products.two_functions()
        if not self.found.settled(costly=True):
            yield "enumeration", self._enumerated()
        if not self.found.noise and not self.found.settled(costly=True):
            left = self.clock.part(_QUICK).left
            yield "simpler problems, again", by_simpler(problem, partial(costly_searches, left=left), left)
        if not self.found.settled():
            yield "polynomials of roots", relations(self._problem, roots_of_variables(self._problem))
        if networks and not self.found.settled(costly=True):
            left = self.clock.part(_NETWORKS).left
            yield "networks", by_networks(self._problem, self.seed, left)
        if is_installed() and not self.found.settled(costly=True):
            yield "genetic programming", by_operon(self._problem, self.seed, self.clock.part(_OPERON))

    def _of_little_cost(self, products: Products | None) -> Steps:
        """Searches without noise, then in it."""
        yield from self._simple(products)
        self._rows = self._problem  # what is left has noise, or is not so simple
        yield from self._few_in_noise()

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
        if not self.found.noise:
            yield "solutions of quadratic equations", quadratics(problem.some)
            left = self.clock.part(_QUICK).left
            yield "simple parts", by_parts(problem, laws_of_part(left, costly=False), None, left)

    def _with_fewer_columns(self, networks: bool) -> Generator[Step, None, bool]:
        """All searches in the columns that the best law needs or should need; whether these are not all."""
        best = self.found.shortest
        if best is None or self._view is not self._own:
            return False
        kept = fewer_columns(best, self.found.samples, self._kept, self.found.prescription.required)
        if kept is None:
            return False
        self._look(View.of_columns(len(self.found.columns), kept))
        for name, proposals in self._steps(products_of(self._problem), networks):
            yield f"fewer columns: {name}", proposals
        return True

    def _enumerated(self) -> Iterator[Proposal]:
        level, near = self._so_far() if self.found.noise or self.found.share else (0.0, None)
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
            if missed < level and not self.found.settled():
                products = Products.in_noise(problem, missed, closer)
                if products is not None:
                    yield "two functions near a better law", products.two_functions()
        some = problem.rows(telling(problem.y if near is None else near))
        if not self.found.settled():
            yield "sums with waves", sums(some, terms(some, waves_of(some)), level, changes=("y", "y^2"))
            both = products_of_waves(some)
            if len(both):
                found = sums(some, terms(some, both), level, changes=("y", "y^2", "cos(y)"))
                yield "sums with products of waves", found
        if not self.found.settled():
            kinds = shapes(some)
            yield "a shape and a line", one_shape(some, kinds)
            if not self.found.settled():
                yield "pairs of shapes", pairs_of_shapes(some, kinds, level)
            if not self.found.settled():
                yield "sums of shapes", sums(some, kinds, level, largest=4, changes=("y",))

    def _so_far(self) -> tuple[float, Array | None]:
        """What the best law leaves, weighted, and its values; both in units of the search."""
        if not self.found.laws:
            return self._problem.spread, None
        best = min(self.found.laws.values(), key=lambda law: law.test_rmse)
        level = best.test_rmse / self.found.spread * self._problem.spread
        others = self._view.problem(
            self.found.all_columns, best.predict(self.found.samples.x), self.found.columns, 0.0, None
        )
        near = others.y * (others.y_scale / self._problem.y_scale)
        trusted = best.r2 > TRUSTED and bool(np.isfinite(near).all())
        return level, near if trusted else None

    def _take(self, proposals: Iterable[Proposal]) -> None:
        """Fit proposals to some samples, and finish those that describe them best."""
        some, fits = self._rows, []
        for proposal in _sound(proposals):
            if len(proposal.form.atoms(sympy.Float)) > _MOST_CONSTANTS:
                continue
            fit = fitted(proposal.form, some.symbols, some.x, some.y, weights=some.weights)
            if fit is not None:
                count, spread = len(some.y), some.spread
                bits = law_bits(fit.source, fit.bits) + data_bits(
                    fit.rmse, spread, count, self.found.noise or 0.0
                )
                fits.append((bits, fit, proposal))
                if fit.rmse < _EXACT * spread:
                    break
            if not self.clock.left():
                break
        finished = 0
        for _, fit, proposal in sorted(fits, key=lambda one: one[0])[:_TRIED]:
            own = self._view.back(self._problem.in_units(fit.form), self.found.columns)
            finished += self.found.prescription.may_be(own) and self.found.finish(own, proposal.source)
            if finished == _FINISHED:
                break


def _sound(proposals: Iterable[Proposal]) -> Iterator[Proposal]:
    """Those of a search until numbers leave the range where linear algebra works: the other searches go on."""
    try:
        yield from proposals
    except (np.linalg.LinAlgError, ArithmeticError) as error:
        emit("message", "discover", text=f"this search ended early: {error}")
