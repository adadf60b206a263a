"""`formula`: the network as sympy expressions, with how well they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import sympy
import torch
from torch import Tensor

from ....errors import InputError, NotAFormula, ShapeError
from ....network import Edge, Network
from ..network_views import count_constants, float64_copy, reachable_edges
from ..verdict import Evidence, Judgement, formula_samples, judge
from .assembly import Draft, assemble
from .numeric import Array, Numeric, compiled, evaluate
from .printing import equations_text, latex
from .readable import readable
from .snapping import snap as snap_constants

_TOLERANCE = 1e-10
_ERRORS, _MOST_UNKNOWN = 3.0, 0.03


@dataclass(frozen=True, kw_only=True)
class Formula(Judgement):
    """The expressions a network computes, and how well they do.

    What is said of `Judgement` holds here too: `error`, `r2`, `model_error`, `train_rmse`, `test_rmse`,
    `loss_ratio`, `noise`, `verdict` and `reason`.

    Attributes:
        expressions: One sympy expression per output.
        symbols: The input variables, one per input column that is in use.
        splines: Edges that are not symbolic; they occur as functions named spline_layer_in_out.
        constants: Every number of the formula before and after rounding to exact ones, in order.
    """

    expressions: tuple[sympy.Expr, ...]
    symbols: tuple[sympy.Symbol, ...]
    splines: tuple[Edge, ...]
    constants: tuple[tuple[float, sympy.Expr], ...] = field(repr=False)
    _evidence: Evidence = field(repr=False, compare=False)
    _functions: Mapping[str, Numeric] = field(repr=False, compare=False)

    @property
    def expr(self) -> sympy.Expr:
        """The expression of a network with one output.

        Raises:
            InputError: When there are several outputs.
        """
        if len(self.expressions) != 1:
            raise InputError(
                f"Formula.expr: the network must have one output; got {len(self.expressions)}. "
                "Use Formula.expressions."
            )
        return self.expressions[0]

    def latex(self) -> str:
        """LaTeX of the expression, or of a system of equations y_1 = ... for several outputs.

        Where the formula is undefined, the word and the place follow.
        """
        word = f" \\quad \\text{{(undefined: {self._place})}}" if self.verdict == "undefined" else ""
        if len(self.expressions) == 1:
            return latex(self.expr) + word
        rows = [f"y_{{{n + 1}}} &= {latex(e)}" for n, e in enumerate(self.expressions)]
        return "\\begin{aligned} " + " \\\\ ".join(rows) + " \\end{aligned}" + word

    def text(self) -> str:
        """One line an equation, with all digits of its numbers; a comment before them where it is undefined."""
        word = f"# {self.line()}\n" if self.verdict == "undefined" else ""
        return word + equations_text(self._rows())

    @property
    def _place(self) -> str:
        """The reason as LaTeX's text mode takes it."""
        return self.reason.replace("_", "\\_").replace("%", "\\%").replace("#", "\\#").replace("&", "\\&")

    def rounded(self, digits: int) -> Formula:
        """The formula with floats of so many significant digits, compared and judged anew.

        Args:
            digits: At least 1. Exact numbers stay.
        """
        digits = _checked_digits(digits)
        new = tuple(_rounded(expression, digits) for expression in self.expressions)
        found = _judged(new, self.symbols, self._evidence, self._functions)
        return replace(self, expressions=new, **vars(found))

    def __call__(self, x: Any) -> Array:
        """Values of the formula in float64.

        Args:
            x: Samples (n, variables), a column per symbol.

        Returns:
            Array (n, outputs).
        """
        array = np.asarray(x.detach().cpu() if isinstance(x, Tensor) else x, dtype=np.float64)
        if array.ndim != 2 or array.shape[1] != len(self.symbols):
            names = ", ".join(str(symbol) for symbol in self.symbols)
            raise ShapeError(
                f"Formula: x must have a column for each of {names}; got shape {array.shape}. Reshape it."
            )
        return evaluate(self.expressions, self.symbols, array, self._functions)

    def equations(self) -> str:
        """One line an equation, as sympy prints it, and one more where the formula is undefined."""
        word = f"\n{self.line()}" if self.verdict == "undefined" else ""
        return "\n".join(f"{name} = {e}" for name, e in self._rows()) + word

    def _rows(self) -> list[tuple[str, sympy.Expr]]:
        names = ["y"] if len(self.expressions) == 1 else [f"y_{n + 1}" for n in range(len(self.expressions))]
        return list(zip(names, self.expressions, strict=True))

    def __str__(self) -> str:
        return "\n".join([*(f"{name} = {e}" for name, e in self._rows()), self.line()])


def formula(
    model: Network,
    data: Any = None,
    *,
    names: Sequence[str] | None = None,
    snap: bool = True,
    tolerance: float | None = None,
    digits: int | None = None,
    splines: Literal["refuse", "named"] = "refuse",
    noise: float | Sequence[float] | None = None,
) -> Formula:
    """Write a symbolic network as sympy expressions, and say how well they do.

    They are compared with the network that they replaced, with the targets where there are some, and with the
    model as it is. `print` shows the verdict: "exact", "within noise", "approximation" or "undefined".

    Numbers are collected until each says something by itself (scales and shifts are pulled out of powers,
    exponentials, logarithms and sines), and then become exact numbers where one is within the tolerance, takes
    fewer bits than the tolerance stands for, and leaves the formula as near to the network as it was. Terms that
    agree to the tolerance are added, and powers and products multiplied out where the formula is shorter so. A tanh
    of a logarithm is written as powers, and a constant less a reciprocal as a quotient where one cancels the other.

    Args:
        model: The network; it stays as it is. Edges that are off, and what leads nowhere, do not occur.
        data: What to compare with: a pair (x, y), a dict with "train_input", "train_label" and perhaps
            "test_input", "test_label", a `Data`, or inputs alone in any form `trace` takes; if None, 1000
            points spread over the first layer's grid on which every function of the formula is defined.
        names: Names of the variables; the model's input names if None.
        snap: Whether to look for exact numbers.
        tolerance: Largest relative change of a number that becomes exact, and largest change of the outputs
            relative to their spread. If None 1e-10, or 20 times the rounding of a narrower dtype, so that
            the formula equals the network; constants that symbolify has refitted to data without noise are
            known better than that. For constants fitted to measured data give what they are known to, such
            as 1e-2. Left out, of powers and products that are multiplied out those terms are dropped
            besides that a network whose formulas were fitted to these samples cannot know: two squares
            that noise keeps from being a product exactly are said as the product.
        digits: Significant digits of the floats left; all if None.
        splines: "refuse" a network that is not symbolic, or leave its splines as "named" functions.
        noise: Standard deviation of the targets' noise, one number or one an output; estimated from the
            targets if None.

    Returns:
        The formula with its comparisons and verdict.

    Raises:
        NotAFormula: When spline edges are left and `splines` is "refuse".
        InputError: When an argument is not as above.

    Example:
        >>> import torch
        >>> from edgewise.network import build, set_formula
        >>> model = build([2, 1], dtype=torch.float64)
        >>> model = set_formula(model, (0, 0, 0), "sin", (3.141592653589793, 0, 1, 0))
        >>> model = set_formula(model, (0, 1, 0), "x^2", (2, 0, 0.25, 0))
        >>> found = formula(model)
        >>> found.expr
        x_2**2 + sin(pi*x_1)
        >>> found.model_error < 1e-14
        True
    """
    edges = _spline_edges(model, splines)
    reader = float64_copy(model)
    samples = formula_samples(data, reader)
    inputs = samples.x
    labels = _checked_names(names, model)
    symbols = tuple(sympy.Symbol(label) for label in labels)
    # Real stand-ins for the variables keep sympy from weighing complex ones at every step.
    variables = {sympy.Dummy(label, real=True): symbol for label, symbol in zip(labels, symbols, strict=True)}
    evidence = Evidence.of(reader, samples, noise, model.dtype)
    unknown = _unknown_share(evidence) if tolerance is None else 0.0
    tolerance = _default_tolerance(model) if tolerance is None else float(tolerance)
    columns = inputs[:, model.columns.cpu()].numpy()
    target = evidence.model[: len(inputs)]
    draft = _drafted(model, reader, inputs, tuple(variables), target, tolerance if snap else 0.0, unknown)
    exact = _snapped(draft, tuple(variables), columns, target, tolerance) if snap else {}
    final = {dummy: exact.get(dummy, sympy.Float(c.value)) for dummy, c in draft.constants.known.items()}
    found = tuple(expression.xreplace(final) for expression in draft.expressions)
    if snap:
        found = _readable(found, tuple(variables), columns, draft.functions, tolerance)
    expressions = tuple(expression.xreplace(variables) for expression in found)
    if digits is not None:
        expressions = tuple(_rounded(expression, _checked_digits(digits)) for expression in expressions)
    return Formula(
        expressions=expressions,
        symbols=symbols,
        splines=edges,
        constants=tuple((c.value, final[dummy]) for dummy, c in draft.constants.known.items()),
        _evidence=evidence,
        _functions=draft.functions,
        **vars(_judged(expressions, symbols, evidence, draft.functions)),
    )


def _judged(
    expressions: Sequence[sympy.Expr],
    symbols: Sequence[sympy.Symbol],
    evidence: Evidence,
    functions: Mapping[str, Numeric],
) -> Judgement:
    points = evidence.points[:, evidence.current.columns].numpy()
    return judge(evaluate(expressions, symbols, points, functions), evidence, tuple(map(str, symbols)))


def _drafted(
    model: Network,
    reader: Network,
    inputs: Tensor,
    symbols: Sequence[sympy.Symbol],
    target: Array,
    tolerance: float,
    unknown: float,
) -> Draft:
    """The network with its terms collected, or as it stands where collecting them costs accuracy."""
    columns = inputs[:, model.columns.cpu()].numpy()
    draft = assemble(model, reader, inputs, symbols, tolerance, unknown)
    lost = _distance(draft, symbols, columns, target)({})
    if tolerance and not lost <= max(tolerance, unknown):
        plain = assemble(model, reader, inputs, symbols)
        if not lost <= _distance(plain, symbols, columns, target)({}) + tolerance:
            return plain
    return draft


def _unknown_share(evidence: Evidence) -> float:
    """To which share of its deviation the samples tell an output of K constants fitted to them: three sqrt(K/n) of what is left."""
    if not evidence.replaced or evidence.targets is None:
        return 0.0
    targets = evidence.targets[0]
    left = np.sqrt(np.square(targets - evidence.model[: len(targets)]).mean(0))
    share = (left / np.maximum(targets.std(0), 1e-300)).min()
    known = _ERRORS * float(share) * (count_constants(evidence.current) / len(targets)) ** 0.5
    return min(known, _MOST_UNKNOWN) if np.isfinite(known) else 0.0


def _distance(
    draft: Draft, symbols: Sequence[sympy.Symbol], columns: Array, target: Array
) -> Callable[[Mapping[sympy.Dummy, sympy.Expr]], float]:
    """How far a draft is from the network with some of its constants exact: the largest gap, in deviations."""
    known = draft.constants.known
    run = compiled(draft.expressions, [*symbols, *known], draft.functions)
    spread = np.maximum(target.std(0), 1e-300)

    def distance(exact: Mapping[sympy.Dummy, sympy.Expr]) -> float:
        numbers = [float(exact[dummy]) if dummy in exact else c.value for dummy, c in known.items()]
        gap = np.abs(run([*columns.T, *numbers]) - target) / spread
        return float(gap.max()) if np.isfinite(gap).all() else np.inf

    return distance


def _snapped(
    draft: Draft, symbols: Sequence[sympy.Symbol], columns: Array, target: Array, tolerance: float
) -> dict[sympy.Dummy, sympy.Expr]:
    """Exact numbers for the constants of a draft, as far as they keep it equal to the network."""
    distance = _distance(draft, symbols, columns, target)
    bound = distance({}) + tolerance
    if not np.isfinite(bound):
        return {}  # any number would do where the formula is not defined
    return snap_constants(draft.constants.known, tolerance, distance, bound)


def _readable(
    expressions: tuple[sympy.Expr, ...],
    symbols: Sequence[sympy.Symbol],
    columns: Array,
    functions: Mapping[str, Numeric],
    tolerance: float,
) -> tuple[sympy.Expr, ...]:
    """Forms that read better, where their values are the same."""
    new = tuple(readable(expression, tolerance) for expression in expressions)
    if new == expressions:
        return expressions
    before, after = (evaluate(one, symbols, columns, functions) for one in (expressions, new))
    spread = np.maximum(before.std(0), 1e-300)
    same = (np.abs(after - before) <= tolerance * spread).all(0)
    return tuple(pair[int(fine)] for pair, fine in zip(zip(expressions, new, strict=True), same, strict=True))


def _checked_digits(digits: int) -> int:
    if digits < 1:
        raise InputError(f"formula: digits must be at least 1; got {digits}. Three are common.")
    return digits


def _rounded(expression: sympy.Expr, digits: int) -> sympy.Expr:
    swap = {
        number: sympy.Float(f"{float(number):.{digits - 1}e}") for number in expression.atoms(sympy.Float)
    }
    return expression.xreplace(swap)


def _default_tolerance(model: Network) -> float:
    dtype = model.dtype
    return max(_TOLERANCE, 20 * torch.finfo(dtype).eps)


def _checked_names(names: Sequence[str] | None, model: Network) -> list[str]:
    if names is None:
        return list(model.names)
    chosen = [str(name) for name in names]
    if len(chosen) == model.n_columns != len(model.columns):
        chosen = [chosen[column] for column in model.columns.tolist()]
    if len(chosen) != len(model.columns) or len(set(chosen)) != len(chosen):
        raise InputError(
            f"formula: names must be {len(model.columns)} different names; got {list(names)}. Name every input."
        )
    return chosen


def _spline_edges(model: Network, splines: str) -> tuple[Edge, ...]:
    if splines not in ("refuse", "named"):
        raise InputError(f"formula: splines must be 'refuse' or 'named'; got {splines!r}. Pick one.")
    edges = tuple(edge for edge in reachable_edges(model) if model.edge_kind(*edge) != "formula")
    if edges and splines == "refuse":
        shown = ", ".join(str(edge) for edge in edges[:10])
        more = f" and {len(edges) - 10} more" if len(edges) > 10 else ""
        raise NotAFormula(
            f"formula: every edge must be symbolic; {len(edges)} still are splines: {shown}{more}. Use symbolify "
            "(or fix) first, or pass splines='named' to keep them as named functions."
        )
    return edges
