"""`Network`: a sequence of layers between optional scalers, with parameters, a forward pass and a shape.

Everything else (training, pruning, plotting, formulas) is a function that takes a network.
"""

from __future__ import annotations

import copy
import operator
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import InputError, ShapeError
from ..layers import StructuredModule
from .execution.choose import fast_forward
from .layer import EdgeKind, Layer
from .scaler import Scaler

Edge = tuple[int, int, int]
"""An edge's address (layer, in, out), from 0; `out` counts sub-nodes."""


class Kept:
    """Holds the network that formulas replaced: outside of modules and state dict, shared by copies."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def __deepcopy__(self, memo: dict[int, object]) -> Kept:
        return self


class Network(StructuredModule):
    """A Kolmogorov-Arnold network made of layers.

    Args:
        layers: At least one; each must take as many features as the one before gives.
        input_names: Names of the input columns; `x_1`, `x_2`, ... if None.
        input_scaler: Applied to the inputs first; copied, in the layers' data type.
        output_scaler: Its inverse is applied to the last layer's outputs; copied too.

    Attributes:
        columns: Which input columns the first layer sees (all, until inputs are pruned); a buffer.
        n_columns: Number of columns `forward` takes.
        is_trained: Whether a `fit` has trained it, or values were loaded: its units are settled then, and a later
            `fit` gives it no scalers.

    Raises:
        ShapeError: the layers do not chain, or names and scalers do not fit.

    Example:
        >>> from edgewise.network import build
        >>> network = build([2, 5, 1], seed=0)
        >>> network(torch.zeros(10, 2)).shape
        torch.Size([10, 1])
    """

    structure = MappingProxyType({"columns": lambda columns: torch.arange(len(columns))})
    columns: Tensor
    _kept: Kept | None = None
    _trained = False

    def __init__(
        self,
        layers: Iterable[Layer],
        *,
        input_names: Sequence[str] | None = None,
        input_scaler: Scaler | None = None,
        output_scaler: Scaler | None = None,
    ) -> None:
        super().__init__()
        self.layers: nn.ModuleList = nn.ModuleList(layers)
        self._check_chain()
        first, last = self.layers[0].in_features, self.layers[-1].out_features
        self.n_columns = first
        self.register_buffer("columns", torch.arange(first, device=self.device))
        self._reads_all = True
        self.is_trained = False
        self.input_names = _checked_names(input_names, first)
        for name, scaler, size in (("input", input_scaler, first), ("output", output_scaler, last)):
            if scaler is not None and len(scaler.shift) != size:
                raise ShapeError(f"Network: {name}_scaler must have {size} columns; got {len(scaler.shift)}.")
        self.input_scaler = (
            None if input_scaler is None else copy.deepcopy(input_scaler).to(self.device, self.dtype)
        )
        self.output_scaler = (
            None if output_scaler is None else copy.deepcopy(output_scaler).to(self.device, self.dtype)
        )

    def reset_parameters(self) -> None:
        """Draw the start values of all layers anew, in place; the structure, formulas and scalers stay.

        With the seed that `KAN` and `build` take they are those of the construction. A network that was made on
        the meta device, or emptied by `to_empty`, works afterwards.
        """
        for part in (*self.layers, self.input_scaler, self.output_scaler):
            if part is not None:
                part.reset_parameters()
        self.restore_structure()

    def _check_chain(self) -> None:
        if not len(self.layers):
            raise InputError("Network: layers must not be empty; give at least one.")
        for below, above in zip(self.layers, self.layers[1:], strict=False):
            if below.out_features != above.in_features:
                raise ShapeError(
                    f"Network: layers must chain; got {below.out_features} nodes below {above.in_features} "
                    f"inputs. Give each layer as many inputs as the one before has nodes."
                )

    @property
    def depth(self) -> int:
        """Number of layers."""
        return len(self.layers)

    @property
    def width(self) -> tuple[int | tuple[int, tuple[int, ...]], ...]:
        """Nodes of each level: an int, or (sums, arities of the products) if there are products.

        The first entry counts the inputs in use.
        """
        levels = [
            (layer.nodes.sums, layer.nodes.arities) if layer.nodes.arities else layer.nodes.sums
            for layer in self.layers
        ]
        return (self.layers[0].in_features, *levels)

    @property
    def grid(self) -> tuple[int, ...]:
        """Intervals of each layer's splines; 0 for a layer that has no grid."""
        return tuple(getattr(layer.basis, "grid", 0) for layer in self.layers)

    @property
    def dtype(self) -> torch.dtype:
        """Data type of the parameters and of the input."""
        # Modules' own dictionaries: every call of the network asks, and their attributes cost a microsecond each.
        layer = self._modules["layers"]._modules["0"]  # type: ignore[union-attr]
        return layer._modules["basis"].coef.dtype  # type: ignore[union-attr]

    @property
    def device(self) -> torch.device:
        """Device of the parameters."""
        return self.layers[0].basis.coef.device

    @property
    def replaced(self) -> Network | None:
        """The network as it was before its first spline became a formula, which formulas are judged by.

        None where no spline was replaced: what `set_formula` puts in place of an edge that was never trained
        replaces nothing. It is kept by copies, edits, pickles and files, in the data type
        and on the device it had then, and is not part of the state dict; where the last formula is undone, it
        is forgotten. Do not change it.
        """
        return None if self._kept is None else self._kept.network

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the inputs in use, without pruned ones."""
        names = self.input_names
        columns = range(len(self.columns)) if self.columns.is_meta else self.columns.tolist()
        return tuple(f"x_{c + 1}" if names is None else names[c] for c in columns)

    def forward(self, x: Tensor) -> Tensor:
        """Outputs at `x`, (..., n_columns) to (..., outputs)."""
        return self.finish_outputs(self.run_layers(self.prepare_inputs(x)))

    def run_layers(self, x: Tensor) -> Tensor:
        """The last layer's outputs from the first layer's inputs, (..., inputs) to (..., outputs): no scaling."""
        h = fast_forward(self.layers, x)
        if h is None:
            h = x
            for layer in self.layers:
                h = layer(h)
        return h

    def select_columns(self, columns: Tensor) -> None:
        """Feed the first layer with these input columns, in this order.

        Args:
            columns: Numbers below `n_columns`, shape (inputs,), int64.
        """
        self.columns = columns
        # Known beforehand, so that a forward pass need not look.
        self._reads_all = _is_every(columns, self.n_columns)

    def prepare_inputs(self, x: Tensor) -> Tensor:
        """The first layer's inputs: `x` checked, columns in use selected, scaled."""
        self._check_input(x)
        if not self._reads_all:
            x = x.index_select(-1, self.columns)
        return x if self.input_scaler is None else self.input_scaler(x)

    def finish_outputs(self, h: Tensor) -> Tensor:
        """The last layer's outputs in the units of the targets."""
        return h if self.output_scaler is None else self.output_scaler.inverse(h)

    def _check_input(self, x: Tensor) -> None:
        if not isinstance(x, Tensor):
            raise InputError(
                f"{type(self).__name__}: x must be a tensor; got {type(x).__name__}. "
                f"Use predict for arrays and tables."
            )
        if x.ndim == 0 or x.shape[-1] != self.n_columns:
            raise ShapeError(
                f"{type(self).__name__}: x must have {self.n_columns} columns; got shape {tuple(x.shape)}. "
                f"Pass the inputs the model was built for."
            )
        dtype = self.dtype
        if x.dtype != dtype and not torch.is_autocast_enabled(x.device.type):
            raise InputError(
                f"{type(self).__name__}: x must have the model's dtype {dtype}; got {x.dtype}. "
                f"Use x.to({dtype}), or bring the model to another dtype."
            )

    def edge_kind(self, layer: int, i: int, j: int) -> EdgeKind:
        """Kind of the edge (layer, i, j): "formula", "off", or that of its layer, such as "spline".

        Raises:
            InputError: the network has no such edge.
        """
        layer, i, j = self.check_edge((layer, i, j))
        return self.layers[layer].edge_kind(i, j)

    def check_edge(self, edge: Edge) -> Edge:
        """Return the address as plain ints; raise `InputError` unless the network has this edge."""
        try:
            l, i, j = (operator.index(number) for number in edge)
        except (TypeError, ValueError):
            raise InputError(
                f"edge must be (layer, in, out), three whole numbers; got {edge!r}. Count from 0."
            ) from None
        if not 0 <= l < self.depth:
            raise InputError(f"edge: layer must be in 0..{self.depth - 1}; got {edge}. Count layers from 0.")
        layer = self.layers[l]
        if not (0 <= i < layer.in_features and 0 <= j < layer.subnodes):
            raise InputError(
                f"edge: in must be in 0..{layer.in_features - 1} and out in 0..{layer.subnodes - 1} on layer "
                f"{l}; got {tuple(edge)}. Count from 0."
            )
        return l, i, j

    def active_edges(self) -> Iterator[Edge]:
        """Addresses of all edges that are not off, in order."""
        for l, layer in enumerate(self.layers):
            on = (layer.basis.mask != 0) | (layer.formula.mask != 0)
            for i, j in on.nonzero().tolist():
                yield l, i, j

    def __repr__(self) -> str:
        pruned = (
            f"inputs={len(self.columns)} of {self.n_columns}, " if len(self.columns) < self.n_columns else ""
        )
        device = "" if self.device.type == "cpu" else f", device={self.device}"
        return (
            f"{type(self).__name__}({pruned}width={self.width}, {self._settings()}edges={self._count_edges()}, "
            f"parameters={sum(p.numel() for p in self.parameters() if p.requires_grad)}, "
            f"dtype={str(self.dtype).removeprefix('torch.')}{device})"
        )

    def _settings(self) -> str:
        """The settings of the layers' edges that are worth showing, one for all or one per layer."""
        bases = [layer.basis for layer in self.layers]
        known = [basis.describe() for basis in bases]
        shown = ""
        for name in dict.fromkeys(name for basis in bases for name in basis.settings_shown):
            values = tuple(settings.get(name) for settings in known)
            alike = name != "grid" and len(set(values)) == 1
            shown += f"{name}={values[0] if alike else values}, "
        return shown

    def _count_edges(self) -> str:
        counts = Counter[str]()
        for layer in self.layers:
            formulas, mask = len(layer.formula.functions), layer.basis.mask
            on = mask.numel() - formulas if mask.is_meta else int((mask != 0).sum())
            counts[layer.basis.kind] += on
            counts["formula"] += formulas
        shown = [f"{count} {kind}" for kind, count in counts.items() if count]
        kinds = "" if counts["spline"] == counts.total() else f" ({', '.join(shown)})"
        return f"{counts.total()}{kinds}"

    def _load_from_state_dict(self, state_dict: Mapping[str, Any], prefix: str, *args: Any) -> None:
        columns = state_dict.get(f"{prefix}columns")
        if isinstance(columns, Tensor) and columns.numel() and int(columns.max()) >= self.n_columns:
            raise ShapeError(
                f"load_state_dict: the state's columns must be among this model's {self.n_columns}; got "
                f"{columns.tolist()}. It is of a pruned model that takes more columns: use save and load."
            )
        super()._load_from_state_dict(state_dict, prefix, *args)
        self.is_trained = True
        if isinstance(columns, Tensor):
            self._reads_all = _is_every(columns, self.n_columns)


def _is_every(columns: Tensor, count: int) -> bool:
    """Whether these are all columns in order; a file may claim any number of them."""
    return len(columns) == count and (columns.is_meta or columns.tolist() == list(range(count)))


def _checked_names(names: Sequence[str] | None, inputs: int) -> tuple[str, ...] | None:
    if names is None:
        return None
    names = tuple(str(name) for name in names)
    if len(names) != inputs or len(set(names)) != inputs:
        raise ShapeError(
            f"Network: input_names must be {inputs} different names; got {names}. Name every column."
        )
    return names
