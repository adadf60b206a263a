"""The network: a chain of stages between optional scalers. It has parameters, a forward pass and a shape.

Everything else (training, pruning, plotting, formulas) is a function that takes a network.
"""

from __future__ import annotations

import copy
import operator
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import InputError, ShapeError
from .chain import chain_forward
from .scaler import Scaler
from .stage import EdgeKind, Stage

Edge = tuple[int, int, int]
"""An edge's address (layer, in, out), from 0; `out` counts sub-nodes."""


class Network(nn.Module):
    """A Kolmogorov-Arnold network made of stages.

    Args:
        stages: At least one; each must take as many features as the one before gives.
        input_names: Names of the input columns; `x_1`, `x_2`, ... if None.
        input_scaler: Applied to the inputs first; copied, in the stages' data type.
        output_scaler: Its inverse is applied to the last stage's outputs; copied too.

    Attributes:
        columns: Which input columns the first stage sees (all, until inputs are pruned); a buffer.
        in_columns: Number of columns `forward` takes.

    Raises:
        ShapeError: the stages do not chain, or names and scalers do not fit.

    Example:
        >>> from edgewise.network import build
        >>> network = build([2, 5, 1], seed=0)
        >>> network(torch.zeros(10, 2)).shape
        torch.Size([10, 1])
    """

    columns: Tensor

    def __init__(
        self,
        stages: Iterable[Stage],
        *,
        input_names: Sequence[str] | None = None,
        input_scaler: Scaler | None = None,
        output_scaler: Scaler | None = None,
    ) -> None:
        super().__init__()
        self.stages: nn.ModuleList = nn.ModuleList(stages)
        self._check_chain()
        first, last = self.stages[0].in_features, self.stages[-1].out_features
        self.in_columns = first
        like = self.stages[0].spline.coef
        self.register_buffer("columns", torch.arange(first, device=like.device))
        self._reads_all = True
        self.input_names = _checked_names(input_names, first)
        for name, scaler, size in (("input", input_scaler, first), ("output", output_scaler, last)):
            if scaler is not None and len(scaler.shift) != size:
                raise ShapeError(f"Network: {name}_scaler must have {size} columns; got {len(scaler.shift)}.")
        self.input_scaler = None if input_scaler is None else copy.deepcopy(input_scaler).to(like)
        self.output_scaler = None if output_scaler is None else copy.deepcopy(output_scaler).to(like)

    def _check_chain(self) -> None:
        if not len(self.stages):
            raise InputError("Network: stages must not be empty; give at least one.")
        for below, above in zip(self.stages, self.stages[1:], strict=False):
            if below.out_features != above.in_features:
                raise ShapeError(
                    f"Network: stages must chain; got {below.out_features} nodes below {above.in_features} "
                    f"inputs. Give each stage as many inputs as the one before has nodes."
                )

    @property
    def depth(self) -> int:
        """Number of stages."""
        return len(self.stages)

    @property
    def width(self) -> tuple[int | tuple[int, tuple[int, ...]], ...]:
        """Nodes of each level: an int, or (sums, arities of the products) where there are products.

        The first entry counts the inputs in use.
        """
        levels = [
            (stage.nodes.sums, stage.nodes.arities) if stage.nodes.arities else stage.nodes.sums
            for stage in self.stages
        ]
        return (self.stages[0].in_features, *levels)

    @property
    def grid(self) -> tuple[int, ...]:
        """Intervals of each stage's splines."""
        return tuple(stage.spline.grid for stage in self.stages)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the inputs in use, pruned ones left out."""
        names = self.input_names
        return tuple(f"x_{c + 1}" if names is None else names[c] for c in self.columns.tolist())

    def forward(self, x: Tensor) -> Tensor:
        """Outputs at `x`, (..., in_columns) to (..., outputs)."""
        x = self.enter(x)
        h = chain_forward(self.stages, x)
        if h is None:
            h = x
            for stage in self.stages:
                h = stage(h)
        return h if self.output_scaler is None else self.output_scaler.inverse(h)

    def read_columns(self, columns: Tensor) -> None:
        """Feed the first stage with these input columns, in this order.

        Args:
            columns: Numbers below `in_columns`, shape (inputs,), int64.
        """
        self.columns = columns
        # Known beforehand, so that a forward pass need not look.
        self._reads_all = _is_every(columns, self.in_columns)

    def enter(self, x: Tensor) -> Tensor:
        """What the first stage sees of `x`: checked, columns in use selected, scaled."""
        self._check_input(x)
        if not self._reads_all:
            x = x.index_select(-1, self.columns)
        return x if self.input_scaler is None else self.input_scaler(x)

    def _check_input(self, x: Tensor) -> None:
        if not isinstance(x, Tensor):
            raise InputError(
                f"{type(self).__name__}: x must be a tensor; got {type(x).__name__}. "
                f"Use predict for arrays and tables."
            )
        if x.ndim == 0 or x.shape[-1] != self.in_columns:
            raise ShapeError(
                f"{type(self).__name__}: x must have {self.in_columns} columns; got shape {tuple(x.shape)}. "
                f"Pass the inputs the model was built for."
            )
        dtype = self.stages[0].spline.coef.dtype
        if x.dtype != dtype and not torch.is_autocast_enabled(x.device.type):
            raise InputError(
                f"{type(self).__name__}: x must have the model's dtype {dtype}; got {x.dtype}. "
                f"Use x.to({dtype}), or bring the model to another dtype."
            )

    def edge_kind(self, layer: int, i: int, j: int) -> EdgeKind:
        """What the edge (layer, i, j) is: "spline", "formula", "both" or "off".

        Raises:
            InputError: the network has no such edge.
        """
        layer, i, j = self.check_edge((layer, i, j))
        return self.stages[layer].edge_kind(i, j)

    def check_edge(self, edge: Edge) -> Edge:
        """Give the address as plain ints, or raise `InputError` unless the network has this edge."""
        try:
            layer, i, j = (operator.index(number) for number in edge)
        except (TypeError, ValueError):
            raise InputError(
                f"edge must be (layer, in, out), three whole numbers; got {edge!r}. Count from 0."
            ) from None
        if not 0 <= layer < self.depth:
            raise InputError(f"edge: layer must be in 0..{self.depth - 1}; got {edge}. Count layers from 0.")
        stage = self.stages[layer]
        if not (0 <= i < stage.in_features and 0 <= j < stage.subnodes):
            raise InputError(
                f"edge: in must be in 0..{stage.in_features - 1} and out in 0..{stage.subnodes - 1} on layer "
                f"{layer}; got {tuple(edge)}. Count from 0."
            )
        return layer, i, j

    def live_edges(self) -> Iterator[Edge]:
        """Addresses of all edges that are not off, in order."""
        for layer, stage in enumerate(self.stages):
            on = (stage.spline.mask != 0) | (stage.formula.mask != 0)
            for i, j in on.nonzero().tolist():
                yield layer, i, j

    def __repr__(self) -> str:
        degrees = {stage.spline.k for stage in self.stages}
        weight = self.stages[0].spline.coef
        pruned = (
            f"inputs={len(self.columns)} of {self.in_columns}, "
            if len(self.columns) < self.in_columns
            else ""
        )
        device = "" if weight.device.type == "cpu" else f", device={weight.device}"
        return (
            f"{type(self).__name__}({pruned}width={self.width}, grid={self.grid}, "
            f"k={degrees.pop() if len(degrees) == 1 else tuple(stage.spline.k for stage in self.stages)}, "
            f"edges={self._count_edges()}, "
            f"parameters={sum(p.numel() for p in self.parameters() if p.requires_grad)}, "
            f"dtype={str(weight.dtype).removeprefix('torch.')}{device})"
        )

    def _count_edges(self) -> str:
        counts = Counter[str]()
        for stage in self.stages:
            spline, formula = stage.spline.mask != 0, stage.formula.mask != 0
            counts["spline"] += int((spline & ~formula).sum())
            counts["formula"] += int((formula & ~spline).sum())
            counts["both"] += int((formula & spline).sum())
        shown = [f"{count} {kind}" for kind, count in counts.items() if count]
        kinds = "" if counts["spline"] == counts.total() else f" ({', '.join(shown)})"
        return f"{counts.total()}{kinds}"

    def _load_from_state_dict(self, state_dict: Mapping[str, Any], prefix: str, *args: Any) -> None:
        columns = state_dict.get(f"{prefix}columns")
        if isinstance(columns, Tensor) and columns.numel() and int(columns.max()) >= self.in_columns:
            raise ShapeError(
                f"load_state_dict: the state's columns must be among this model's {self.in_columns}; got "
                f"{columns.tolist()}. It is of a pruned model that takes more columns: use save and load."
            )
        super()._load_from_state_dict(state_dict, prefix, *args)
        if isinstance(columns, Tensor):
            self._reads_all = _is_every(columns, self.in_columns)


def _is_every(columns: Tensor, count: int) -> bool:
    """Whether these are all columns in order; a file may claim any number of them."""
    return len(columns) == count and columns.tolist() == list(range(count))


def _checked_names(names: Sequence[str] | None, inputs: int) -> tuple[str, ...] | None:
    if names is None:
        return None
    names = tuple(str(name) for name in names)
    if len(names) != inputs or len(set(names)) != inputs:
        raise ShapeError(
            f"Network: input_names must be {inputs} different names; got {names}. Name every column."
        )
    return names
