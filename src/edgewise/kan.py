"""The front door: the network users meet, and the library's table of contents.

Each method is one line and calls the verb of its name. Verbs that need samples take them as an argument
and otherwise use those of the last `fit`, which the model remembers by reference: they are neither copied,
nor saved, nor pickled.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, TypeVar

import torch
from torch import Tensor

from . import explain, exports, network, plots, train
from .explain import Scores, Suggestions
from .functions import Function
from .last_data import LastData
from .network import Edge, Network, Trace
from .train import FitResult

if TYPE_CHECKING:
    from .explain import Equations, Formula
    from .plots import Scene


_Settings = ParamSpec("_Settings")
_Result = TypeVar("_Result")


def _as(
    verb: Callable[Concatenate[Any, _Settings], Any],
) -> Callable[[Callable[..., _Result]], Callable[Concatenate[Any, _Settings], _Result]]:
    """Show a method with the arguments of the verb it calls: in `help`, completion and type checkers."""

    def shown(method: Callable[..., _Result]) -> Callable[Concatenate[Any, _Settings], _Result]:
        given = inspect.signature(method)
        own, theirs = list(given.parameters.values())[:-1], list(inspect.signature(verb).parameters.values())
        method.__signature__ = given.replace(parameters=own + theirs[len(own) :])  # type: ignore[attr-defined]
        return method

    return shown


def _made_by(
    maker: Callable[_Settings, Any],
) -> Callable[[Callable[..., None]], Callable[Concatenate[Any, _Settings], None]]:
    """Show a constructor with the arguments of the function that makes the same."""

    def shown(method: Callable[..., None]) -> Callable[Concatenate[Any, _Settings], None]:
        given, theirs = inspect.signature(method), inspect.signature(maker)
        own = given.parameters["self"]
        method.__signature__ = given.replace(  # type: ignore[attr-defined]
            parameters=[own, *theirs.parameters.values()]
        )
        return method

    return shown


class KAN(Network):
    """A Kolmogorov-Arnold network: every edge carries a learnable function of one variable.

    Args:
        width: Nodes of each level, inputs and outputs included: counts, or (sums, products), or
            (sums, [arity, ...]).
        grid: Intervals of each spline; one number, or one a layer.
        k: Degree of the splines.
        mult_arity: Factors of each product node where `width` gives counts.
        base: Residual base beside each spline: "silu", "identity", "zero" or an elementwise callable.
        grid_range: Ends of the start grid; `fit` moves it to the data.
        extrapolation: Outside the grid: "linear", "constant", "decay", "periodic" or "error".
        grid_eps: When the grid follows the data: 1 keeps it uniform, 0 puts knots at quantiles.
        init: Start values: "power", "glorot", "paper", or a function. With a name, product nodes start as products
            of distinct inputs.
        affine_trainable: Whether node and sub-node affine maps are trained.
        seed: Seed of the start values; global random state is never touched.
        input_names: Names of the input columns.
        input_scaler: Applied to inputs first; folded into formulas.
        output_scaler: Undone on outputs last; folded into formulas.
        dtype: Data type; torch's default if None.
        device: Where the model lives; move it with `.to()`.

    Raises:
        InputError: an argument is out of its bounds, or there is none of its name.

    Example:
        >>> model = KAN([2, 5, 1], grid=3, k=3, seed=0)
        >>> model(torch.zeros(10, 2)).shape
        torch.Size([10, 1])
    """

    @_made_by(network.build)
    def __init__(self, *arguments: Any, **settings: Any) -> None:
        made = network.build(*arguments, **settings)
        super().__init__(
            made.layers,
            input_names=made.input_names,
            input_scaler=made.input_scaler,
            output_scaler=made.output_scaler,
        )
        self._seen = LastData()

    @_as(train.fit)
    def fit(self, data: Any, **settings: Any) -> FitResult:
        """Train in place and say how it went; see `edgewise.fit`."""
        return self._seen.keep(train.fit, self, data, **settings)

    def predict(self, x: Any) -> Any:
        """Outputs for an array, table or tensor, of the kind that came in; see `edgewise.predict`."""
        return train.predict(self, x)

    @_as(train.evaluate)
    def evaluate(self, data: Any, **settings: Any) -> dict[str, float]:
        """Loss and metrics on data; see `edgewise.evaluate`."""
        return train.evaluate(self, data, **settings)

    def trace(self, x: Any = None) -> Trace:
        """What every edge and node produced; see `edgewise.trace`."""
        return network.trace(self, self._seen.inputs(x, "trace"))

    def attribute(self, x: Any = None) -> Scores:
        """Scores of edges, nodes and inputs; see `edgewise.attribute`."""
        return explain.attribute(self, self._seen.inputs(x, "attribute"))

    def prune(
        self,
        x: Any = None,
        *,
        node_threshold: float = 1e-2,
        edge_threshold: float = 3e-2,
        input_threshold: float | None = None,
    ) -> KAN:
        """A smaller network without what does not matter; see `edgewise.prune`."""
        return explain.prune(
            self,
            self._seen.inputs(x, "prune"),
            node_threshold=node_threshold,
            edge_threshold=edge_threshold,
            input_threshold=input_threshold,
        ).model

    def prune_inputs(self, x: Any = None, *, threshold: float = 1e-2) -> KAN:
        """A network that reads fewer columns; see `edgewise.prune_inputs`."""
        return explain.prune_inputs(self, self._seen.inputs(x, "prune_inputs"), threshold=threshold).model

    def prune_edges(self, x: Any = None, *, threshold: float = 3e-2) -> KAN:
        """A network without weak edges, all nodes kept; see `edgewise.prune_edges`."""
        return explain.prune_edges(self, self._seen.inputs(x, "prune_edges"), threshold=threshold).model

    @_as(explain.merge_nodes)
    def merge_nodes(self, data: Any = None, **settings: Any) -> KAN:
        """One node in place of two that compute the same up to scale and shift; see `edgewise.merge_nodes`."""
        return explain.merge_nodes(self, self._seen.data(data, "merge_nodes"), **settings).model

    def mask_edges(self, edges: Iterable[Edge], *, on: bool = False) -> KAN:
        """Switch edges off, or on again; see `edgewise.mask_edges`."""
        return network.mask_edges(self, edges, on=on)

    def select_nodes(self, nodes: Sequence[Sequence[int]]) -> KAN:
        """The network of these nodes only; see `edgewise.select_nodes`."""
        return network.select_nodes(self, nodes)

    def swap(self, level: int, first: int, second: int) -> KAN:
        """Exchange two hidden nodes; see `edgewise.swap`."""
        return network.swap(self, level, first, second)

    def reorder_nodes(self, x: Any = None) -> KAN:
        """Hidden nodes in an order in which edges cross little; see `edgewise.reorder_nodes`."""
        return explain.reorder_nodes(self, self._seen.inputs_if_any(x))

    def widen(self, level: int, sums: int = 0, arities: Sequence[int] = (), *, seed: int = 0) -> KAN:
        """Add hidden nodes that change nothing yet; see `edgewise.widen`."""
        return network.widen(self, level, sums, arities, seed=seed)

    def deepen(self, level: int | None = None) -> KAN:
        """Add a layer that changes nothing yet; see `edgewise.deepen`."""
        return network.deepen(self, level)

    def perturb(self, scale: float = 0.1, *, edges: Iterable[Edge] | None = None, seed: int = 0) -> KAN:
        """Turn edges that are off into small random curves; see `edgewise.perturb`."""
        return network.perturb(self, scale, edges=edges, seed=seed)

    def refine(self, grid: int | Sequence[int], x: Any = None, *, knots: str = "nested") -> KAN:
        """The same function on a finer grid; see `edgewise.refine`."""
        return network.refine(self, grid, self._seen.inputs_if_any(x), knots=knots).model

    def update_grid(self, x: Any = None) -> float:
        """Move the knots to the data, in place; see `edgewise.update_grid`."""
        return network.update_grid(self, self._seen.inputs(x, "update_grid"))

    def suggest(
        self,
        edge: Edge,
        x: Any = None,
        *,
        functions: Iterable[str | Function] | None = None,
        max_rows: int = 5,
    ) -> Suggestions:
        """A table of formulas for one edge; see `edgewise.suggest`."""
        return explain.suggest(
            self, edge, self._seen.inputs(x, "suggest"), functions=functions, max_rows=max_rows
        )

    @_as(explain.suggest_all)
    def suggest_all(self, x: Any = None, **settings: Any) -> dict[Edge, Suggestions]:
        """Tables of formulas for all edges; see `edgewise.suggest_all`."""
        return explain.suggest_all(self, self._seen.inputs(x, "suggest_all"), **settings)

    def set_formula(
        self,
        edge: Edge,
        function: str | Function,
        affine: Sequence[float] = (1.0, 0.0, 1.0, 0.0),
        *,
        hold: Iterable[str] | bool = (),
    ) -> KAN:
        """Make one edge this very formula, without a fit; see `edgewise.set_formula`."""
        return network.set_formula(self, edge, function, affine, hold=hold)

    def unset_formula(self, edge: Edge) -> KAN:
        """Make a formula edge learnable as it was before; see `edgewise.unset_formula`."""
        return network.unset_formula(self, edge)

    @_as(explain.fix)
    def fix(self, edge: Edge, function: str | Function, x: Any = None, **settings: Any) -> KAN:
        """Make one edge a formula; see `edgewise.fix`."""
        return explain.fix(self, edge, function, self._seen.inputs_if_any(x), **settings)

    def unfix(self, edge: Edge, *, curve: bool = False) -> KAN:
        """Make a formula edge a spline again; see `edgewise.unfix`."""
        return explain.unfix(self, edge, curve=curve)

    def symbolify(
        self,
        data: Any = None,
        *,
        functions: Iterable[str | Function] | None = None,
        noise: float | Sequence[float] | None = None,
        r2: float | None = None,
        refit: bool = True,
        max_trials: int = 30,
    ) -> KAN:
        """Turn edges into formulas where one earns its place; see `edgewise.symbolify`."""
        return explain.symbolify(
            self,
            self._seen.data(data, "symbolify"),
            functions=functions,
            noise=noise,
            r2=r2,
            refit=refit,
            max_trials=max_trials,
        ).model

    # Written out, as `explain.formula` is imported when it is called: it needs sympy.
    def formula(
        self,
        data: Any = None,
        *,
        names: Sequence[str] | None = None,
        snap: bool = True,
        tolerance: float | None = None,
        digits: int | None = None,
        splines: Literal["refuse", "named"] = "refuse",
        noise: float | Sequence[float] | None = None,
    ) -> Formula:
        """The network as a formula, with how well it does; see `edgewise.formula`."""
        return explain.formula(
            self,
            self._seen.data_if_any(data),
            names=names,
            snap=snap,
            tolerance=tolerance,
            digits=digits,
            splines=splines,
            noise=noise,
        )

    # Written out as `formula` is.
    def equations(self, *, names: Sequence[str] | None = None) -> Equations:
        """Exact equations, node by node, splines as piecewise polynomials; see `edgewise.equations`."""
        return explain.equations(self, names=names)

    @_as(plots.plot)
    def plot(self, x: Any = None, **settings: Any) -> Any:
        """The picture of the network, as a matplotlib figure; see `edgewise.plot`."""
        return plots.plot(self, self._seen.inputs_if_any(x), **settings)

    def plot_edge(self, edge: Edge, x: Any = None, *, ax: Any = None) -> Any:
        """The picture of one edge, as a matplotlib figure; see `edgewise.plot_edge`."""
        return plots.plot_edge(self, edge, self._seen.inputs_if_any(x), ax=ax)

    @_as(plots.scene)
    def scene(self, x: Any = None, **settings: Any) -> Scene:
        """The picture of the network as plain numbers; see `edgewise.scene`."""
        return plots.scene(self, self._seen.inputs_if_any(x), **settings)

    def export(self, format: str, path: str | os.PathLike[str] | None = None, **settings: Any) -> Any:
        """The network as NumPy, C99, ONNX, torch, JSON, SciPy splines or equations; see `edgewise.export`."""
        return exports.export(self, format, path, **self._seen.settings_of(format, settings))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to one file; see `edgewise.save`."""
        network.save(self, path)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        functions: Mapping[str, Function] | None = None,
        bases: Mapping[str, Callable[[Tensor], Tensor]] | None = None,
        device: torch.device | str = "cpu",
    ) -> KAN:
        """Read a model from a file; see `edgewise.load`."""
        return cls.of(network.load(path, functions=functions, bases=bases, device=device))

    @classmethod
    def from_formula(cls, expression: Any, variables: Sequence[Any] | None = None, **settings: Any) -> KAN:
        """A network that computes a formula; see `edgewise.compile`."""
        return cls.of(explain.compile(expression, variables, **settings))

    @classmethod
    def of(cls, model: Network) -> KAN:
        """Any network through the front door: an independent copy."""
        return network.adopt(cls([1, 1]), model)

    def copy(self) -> KAN:
        """An independent copy."""
        return network.duplicate(self)
