"""Which function each edge takes: the choice that makes the whole network shortest, among those that pass the bar."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...events import check_cancelled, emit
from ...functions import POWERS, Function, power, simple_fraction
from ...network import Edge, Network, defined_rows, set_formulas
from .bar import Bar
from .edge_search.description_length import constants, function_bits
from .refit import refit as refit_constants
from .singularities import kept_out, singularities

_EXACT = 1e-24  # share of variance below which a network counts as equal to its target
_STEPS, _QUICK_STEPS, _FIRST_STEPS = (
    60,
    25,
    8,
)  # of a refit: a whole one, one of a trial, and before it is given up
_HOPELESS = 10.0  # times what is to be reached: a refit that leaves more after its first steps is given up
_CHEAP = 40  # constants of a network whose trial counts as one; the cost grows with their square
_TOLD = 10.0  # bits by which a singularity just outside the samples must be told by them
_BITS_PER_NUMBER = 5.0  # what a number of a spline costs: half the logarithm of a thousand samples
_BITS_PER_CURVE = 5.0  # logarithm of how many functions are tried
_DECIMALS = (2, 3, 4, 6, 8, 10)


@dataclass(frozen=True, eq=False)
class Option:
    """A function that an edge may become.

    Attributes:
        function: The function.
        affine: Its constants a, b, c, d.
        bits: Its length on the edge alone.
        harm: Root mean square by which it would change the outputs, in units of their noise or deviation.
    """

    function: Function
    affine: tuple[float, float, float, float]
    bits: float
    harm: float


Assignment = dict[Edge, int]  # which option of an edge is taken; edges left out stay splines


@dataclass(frozen=True)
class State:
    """A choice, the network it makes, and what that is worth."""

    choice: Assignment
    model: Network
    unexplained: float
    bits: float
    passes: bool

    def beats(self, other: State) -> bool:
        """Whether it passes the bar and the other does not, or is shorter where both do or neither does."""
        if self.passes != other.passes:
            return self.passes
        return self.bits < other.bits - 1


@dataclass(frozen=True)
class Problem:
    """Everything a choice of functions is judged by.

    Attributes:
        model: The network with splines, in float64.
        options: What each edge may become, the shortest first.
        bar: What the result must reach.
        fitted: Whether constants are refitted.
    """

    model: Network
    options: dict[Edge, list[Option]]
    bar: Bar
    fitted: bool

    def first(self) -> State:
        """The shortest function for each edge; or the simplest for every one, where these together are shorter.

        Where a node passes what it gets through a curve, its edges are known up to curves that this one undoes: a
        square of two bent lines may be one of two straight lines.
        """
        state = self.state(dict.fromkeys(self.options, 0))
        if self.fitted and state.unexplained > _EXACT:
            simplest = self.state(
                {
                    edge: min(range(len(options)), key=lambda n: function_bits(options[n].function))
                    for edge, options in self.options.items()
                },
                aim=state.unexplained,
            )
            return simplest if simplest.beats(state) else state
        return state

    def state(self, choice: Assignment, steps: int = _STEPS, aim: float | None = None) -> State:
        """The network of a choice, its constants refitted, and its length; `aim` as for `judged`."""
        chosen = {edge: self.options[edge][n] for edge, n in choice.items()}
        new = set_formulas(self.model, {edge: (o.function, o.affine) for edge, o in chosen.items()})
        return self.judged(choice, new, steps, aim)

    def judged(self, choice: Assignment, model: Network, steps: int, aim: float | None = None) -> State:
        """A network with its constants refitted, and its length.

        Args:
            choice: What it was made by.
            model: The network.
            steps: Of the refit.
            aim: Share of variance that it is to leave: where a few steps lead nowhere near, the refit ends.
        """
        unexplained = self.bar.unexplained(model)
        if self.fitted:
            train = self.bar.train
            first = steps if aim is None else min(steps, _FIRST_STEPS)
            better = refit_constants(model, train.x, train.y, steps=first)
            if aim is not None and first < steps and better.unexplained <= _HOPELESS * aim:
                better = refit_constants(better.model, train.x, train.y, steps=steps - first)
            # Constants that leave a function's domain on the data would make a formula that is not defined.
            if better.unexplained < unexplained and self._defined(better.model):
                model, unexplained = better.model, better.unexplained
        rows = self.bar.train.y.numel() / 2
        bits = rows * math.log2(unexplained + _EXACT) if math.isfinite(unexplained) else math.inf
        passes = self.bar.passes(model) and self._defined_within(model)
        return State(choice, model, unexplained, bits + self._price(model), passes)

    def _defined(self, model: Network) -> bool:
        samples = [self.bar.train] + ([self.bar.test] if self.bar.test is not None else [])
        return all(bool(defined_rows(model, sample.x).all()) for sample in samples)

    def _defined_within(self, model: Network) -> bool:
        """Whether no function ends among values of the columns that the samples do not keep out of."""
        seen, points = self.bar.train.x, self.bar.combined
        found = singularities(model, seen, points) if len(points) else ()
        return all(kept_out(len(one.rows), len(points), len(seen)) for one in found)

    def regular(self, state: State) -> State:
        """The state with functions that have no end and no pole a little beyond the samples, where they do as well.

        So near to the samples a pole or a branch point must be told by them: by ten bits more than any other function.
        """
        if not state.passes or state.unexplained <= _EXACT:
            return state
        seen, beyond = self.bar.train.x, self.bar.beyond
        for one in list(singularities(state.model, seen, beyond)):
            if one.edge not in state.choice:
                continue
            for place, _ in enumerate(self.options[one.edge]):
                check_cancelled("symbolify")
                if place == state.choice[one.edge]:
                    continue
                trial = self.state({**state.choice, one.edge: place}, aim=state.unexplained)
                left = [other.edge for other in singularities(trial.model, seen, beyond)]
                if trial.passes and one.edge not in left and trial.bits <= state.bits + _TOLD:
                    state = trial
                    break
        return state

    def _price(self, model: Network) -> float:
        """Bits of functions, their constants at half the logarithm of the samples each, and the numbers of splines."""
        each = max(2.0, math.log2(max(2, len(self.bar.train.y))) / 2)
        functions = _functions(model)
        formulas = sum(function.complexity + each * constants(function) for function in functions)
        # The best of many curves follows the noise better than any one: a curve must tell more than a line.
        formulas += _BITS_PER_CURVE * sum(function.kind not in ("zero", "linear") for function in functions)
        numbers = ((layer.basis.size + 1) * int((layer.basis.mask != 0).sum()) for layer in model.layers)
        return float(formulas) + _BITS_PER_NUMBER * sum(numbers)

    def improved(self, state: State, max_trials: int) -> State:
        """The state after trying other functions, the closest choices first, until none makes it shorter.

        A network of many constants counts as several trials, as its refit takes so much longer.
        """
        tried: set[tuple[tuple[Edge, int], ...]] = set()
        moves, spent = self._moves(state.choice), 0.0
        while state.unexplained > _EXACT and spent < max_trials and moves:
            choice = {**state.choice, **moves.pop(0)}
            key = tuple(sorted(choice.items()))
            if key in tried:
                continue
            tried.add(key)
            spent += max(1.0, (sum(map(constants, _functions(state.model))) / _CHEAP) ** 2)
            _report(math.ceil(spent), max_trials, state)
            trial = self.state(choice, _QUICK_STEPS, state.unexplained)
            if trial.beats(state):
                state = self.state(choice)
                moves = self._moves(choice)
        return state

    def _moves(self, choice: Assignment) -> list[Assignment]:
        """Other choices for one edge, or for all edges that have the same function, the closest first."""
        moves: list[tuple[float, Assignment]] = []
        joint: dict[tuple[str, str], Assignment] = {}
        gaps: dict[tuple[str, str], float] = {}
        for edge in choice:
            options = self.options[edge]
            now = options[choice[edge]]
            for place, option in enumerate(options):
                if place == choice[edge]:
                    continue
                moves.append((option.bits - now.bits, {edge: place}))
                pair = (kind_of(now.function), kind_of(option.function))
                joint.setdefault(pair, {})[edge] = place
                gaps[pair] = gaps.get(pair, 0.0) + option.bits - now.bits
        moves += [(gaps[pair] / len(move), move) for pair, move in joint.items() if len(move) > 1]
        return [move for _, move in sorted(moves, key=lambda item: item[0])]

    def restored(self, state: State) -> State:
        """The state after putting splines back, those first whose function harms most, until the bar is passed.

        How many are put back is found by bisection.
        """
        if state.passes:
            return state
        harmless = sorted(state.choice, key=lambda edge: self.options[edge][state.choice[edge]].harm)
        passing, failing, found = 0, len(harmless), None
        aim = self.bar.reachable
        while failing - passing > 1:
            check_cancelled("symbolify")
            middle = (passing + failing) // 2
            trial = self.state({e: state.choice[e] for e in harmless[:middle]}, aim=aim)
            if trial.passes:
                passing, found = middle, trial
            else:
                failing = middle
        for edge in harmless[passing:]:
            emit("message", "symbolify", text=f"edge {edge} stays a spline")
        return self.state({}) if found is None else found

    def snapped(self, state: State) -> State:
        """The state with exponents that are simple fractions or short decimals, where that costs nothing."""
        for edge in state.choice:
            l, i, j = edge
            found = state.model.layers[l].formula.get(i, j)
            if found is None or found[0].family is not POWERS or simple_fraction(found[0].numbers[0]):
                continue
            for exponent in _short(found[0].numbers[0]):
                new = set_formulas(state.model, {edge: (power(exponent), found[1])})
                trial = self.judged(state.choice, new, _QUICK_STEPS)
                if trial.bits <= state.bits and trial.passes:
                    state = trial
                    break
        return state


def kind_of(function: Function) -> str:
    """Name of a function, or of the family it belongs to.

    Example:
        >>> kind_of(power(0.6)), kind_of(power(0.5))
        ('x^p', 'sqrt')
    """
    return function.name if function.family is None else function.family.name


def _functions(model: Network) -> list[Function]:
    return [function for layer in model.layers for function in layer.formula.functions]


def _short(exponent: float) -> list[float]:
    """Shorter numbers near an exponent, the shortest first."""
    halves = [round(exponent * bottom) / bottom for bottom in (2, 3, 4, 5, 6, 8, 10)]
    near = [number for number in halves if abs(number - exponent) < 0.05 * (1 + abs(exponent))]
    decimals = [round(exponent, places) for places in _DECIMALS]
    return [number for number in dict.fromkeys([*near, *decimals]) if not number.is_integer()]


def _report(step: int, total: int, state: State) -> None:
    emit("step", "symbolify", step=step, total=total, values={"unexplained": state.unexplained})
    check_cancelled("symbolify")
