"""`FormulaLayer`: edges that compute a named function, `c f(a x + b) + d`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ..errors import InputError, ShapeError, UnknownName
from ..functions import LIBRARY, Function, get_function
from .formula_state import check_edges, pack_structure, unpack_structure
from .held_constants import FREE, held_row, names_of_held
from .structure import StructuredModule

Affine = Sequence[float] | Tensor


class _Edge(NamedTuple):
    i: int
    j: int
    function: Function
    affine: Tensor
    held: tuple[str, ...] = ()


def _plain_affine(affine: Tensor) -> Tensor:
    """Constants of f(x) itself."""
    return affine.new_tensor([1.0, 0.0, 1.0, 0.0]).expand(affine.shape)


def _all_free(held: Tensor) -> Tensor:
    return torch.full_like(held, FREE)


class FormulaLayer(StructuredModule):
    """Formula edges between `in_features` inputs and `out_features` outputs; every other edge is 0.

    Cost is proportional to the number of formula edges, with one function call per distinct function in a
    forward pass. Safe versions are evaluated, so values and gradients are finite outside the functions' domains too.
    The edges of a layer are fixed; methods that change them return a new layer.

    Args:
        in_features: Number of inputs.
        out_features: Number of outputs.
        functions: Functions that you defined and that a state dict to be loaded may name.
        dtype: Dtype of the affine numbers; PyTorch's default if None.
        device: Where they are made; PyTorch's default if None.

    Attributes:
        edge_index: Buffer (n, 2), int64: input and output of each edge.
        affine: Parameter (n, 4): columns a, b, c, d of each edge as they are trained; requires gradients if n > 0.
        held: Buffer (n, 4): values of the constants that no training changes, inf where a constant is free; (0, 4)
            where all are.

    Example:
        >>> layer = FormulaLayer(2, 1).with_edge(0, 0, "sin").with_edge(1, 0, "x^2", (1, 0, 3, 1))
        >>> layer(torch.tensor([[0.0, 2.0]]))
        tensor([[13.]], grad_fn=<IndexAddBackward0>)
    """

    structure = MappingProxyType({"edge_index": torch.zeros_like, "affine": _plain_affine, "held": _all_free})
    edge_index: Tensor
    held: Tensor

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        functions: Iterable[Function] = (),
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        for name, value in (("in_features", in_features), ("out_features", out_features)):
            if not isinstance(value, int) or value < 0:
                raise InputError(
                    f"FormulaLayer: {name} must be a number of nodes, 0 or more; got {value!r}. Give an int."
                )
        self.in_features = in_features
        self.out_features = out_features
        self.functions: tuple[Function, ...] = ()
        self._groups: tuple[tuple[Function, int, int], ...] = ()
        self._own = {function.name: function for function in functions if function.name not in LIBRARY}
        self.register_buffer("edge_index", torch.empty(0, 2, dtype=torch.int64, device=device))
        self.affine = nn.Parameter(torch.empty(0, 4, dtype=dtype, device=device), requires_grad=False)
        self.register_buffer("held", torch.empty(0, 4, dtype=dtype, device=device))

    @property
    def constants(self) -> Tensor:
        """Columns a, b, c, d of each edge as they are computed with, (n, 4): held ones do not follow `affine`."""
        return torch.where(self.is_held, self.held, self.affine) if len(self.held) else self.affine

    @property
    def is_held(self) -> Tensor:
        """Which constants of each edge no training changes, bool (n, 4)."""
        if len(self.held):
            return self.held.isfinite()
        return torch.zeros_like(self.affine, dtype=torch.bool)

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each edge's function, in the order of `edge_index`."""
        return tuple(function.name for function in self.functions)

    @property
    def mask(self) -> Tensor:
        """Tensor (in, out) with 1 where there is a formula edge and 0 elsewhere."""
        mask = self.affine.new_zeros(self.in_features, self.out_features)
        mask[self.edge_index[:, 0], self.edge_index[:, 1]] = 1
        return mask

    def extra_repr(self) -> str:
        """Size and number of edges per function, for `repr`."""
        counted = ", ".join(f"{function.name}: {high - low}" for function, low, high in self._groups)
        return f"in_features={self.in_features}, out_features={self.out_features}, edges={{{counted}}}"

    # Evaluation

    def forward(self, x: Tensor) -> Tensor:
        """Sum the edges into each output.

        Args:
            x: Inputs, shape (..., in).

        Returns:
            Sums, shape (..., out); 0 for outputs without formula edges.

        Raises:
            ShapeError: `x` has another number of columns.
        """
        self._check_columns(x)
        if not self.functions:
            return x.new_zeros(*x.shape[:-1], self.out_features)
        return _scattered(self._values(x), self.edge_index[:, 1], self.out_features)

    def edges(self, x: Tensor) -> Tensor:
        """Evaluate each edge separately.

        Args:
            x: Inputs, shape (..., in).

        Returns:
            Values, shape (..., in, out); 0 where there is no formula edge.

        Raises:
            ShapeError: `x` has another number of columns.
        """
        self._check_columns(x)
        shape = (*x.shape[:-1], self.in_features, self.out_features)
        if not self.functions:
            return x.new_zeros(shape)
        cell = self.edge_index[:, 0] * self.out_features + self.edge_index[:, 1]
        return _scattered(self._values(x), cell, self.in_features * self.out_features).reshape(shape)

    def _check_columns(self, x: Tensor) -> None:
        if x.ndim == 0 or x.shape[-1] != self.in_features:
            raise ShapeError(
                f"FormulaLayer: x must have {self.in_features} columns; got shape {tuple(x.shape)}. "
                "Pass the inputs the layer was built for, as (..., in)."
            )

    def _values(self, x: Tensor) -> Tensor:
        a, b, c, d = self.constants.unbind(1)
        inner = a * x.index_select(-1, self.edge_index[:, 0]) + b
        values = [function.safe(inner[..., low:high]) for function, low, high in self._groups]
        return c * torch.cat(values, -1) + d

    # Edits: each gives a new, independent layer

    def get(self, i: int, j: int) -> tuple[Function, Tensor] | None:
        """Look up an edge.

        Args:
            i: Input.
            j: Output.

        Returns:
            The function and a copy of `(a, b, c, d)`, shape (4,); None where there is no formula edge.

        Raises:
            InputError: There is no such input or output.

        Example:
            >>> FormulaLayer(2, 1).with_edge(1, 0, "exp").get(1, 0)[0]
            Function('exp')
        """
        self._check_edge("get", i, j)
        found = [edge for edge in self._edges() if (edge.i, edge.j) == (i, j)]
        return (found[0].function, found[0].affine.clone()) if found else None

    def formulas(self) -> list[tuple[int, int, Function, Tensor, tuple[str, ...]]]:
        """Every formula edge as `with_edges` takes it: input, output, function, `(a, b, c, d)`, names of held ones.

        Example:
            >>> [edge[:3] for edge in FormulaLayer(2, 1).with_edge(1, 0, "exp").formulas()]
            [(1, 0, Function('exp'))]
        """
        return [(*edge[:3], edge.affine.clone(), edge.held) for edge in self._edges()]

    def with_edge(
        self,
        i: int,
        j: int,
        function: Function | str,
        affine: Sequence[float] | Tensor = (1.0, 0.0, 1.0, 0.0),
        hold: Iterable[str] = (),
    ) -> FormulaLayer:
        """Set the formula of an edge, replacing any that is there.

        Args:
            i: Input.
            j: Output.
            function: A `Function`, or the name of one in the library or known to this layer.
            affine: a, b, c, d of `c f(a x + b) + d`, shape (4,).
            hold: Names of those that no training is to change.

        Returns:
            A new layer; this one is unchanged.

        Raises:
            UnknownName: There is no such function.
            InputError: There is no such input or output, `affine` is not four finite numbers, or another
                function of the same name is in use.

        Example:
            >>> FormulaLayer(2, 1).with_edge(0, 0, "sin", (2, 0, 1, 0))
            FormulaLayer(in_features=2, out_features=1, edges={sin: 1})
        """
        return self.with_edges([(i, j, function, affine, hold)])

    def with_edges(self, edges: Iterable[Sequence[Any]]) -> FormulaLayer:
        """Set the formulas of many edges at once; of two for one edge the later one wins.

        Args:
            edges: `(i, j, function, affine)` or `(i, j, function, affine, hold)` each, as for `with_edge`.

        Returns:
            A new layer; this one is unchanged.

        Raises:
            UnknownName: There is no such function.
            InputError: As for `with_edge`.

        Example:
            >>> edges = [(0, 0, "sin", (2, 0, 1, 0)), (1, 0, "exp", (1, 0, 1, 0))]
            >>> FormulaLayer(2, 1).with_edges(edges).names
            ('sin', 'exp')
        """
        placed = {(edge.i, edge.j): edge for edge in self._edges()}
        for i, j, function, affine, *held in edges:
            self._check_edge("with_edge", i, j)
            cell = (int(i), int(j))
            placed.pop(cell, None)
            function, row = get_function(function, self._own), _checked_affine(affine, self.affine)
            placed[cell] = _Edge(*cell, function, row, *map(names_of_held, held))
        _check_names(placed.values())
        return self._rebuilt(list(placed.values()))

    def without_edge(self, i: int, j: int) -> FormulaLayer:
        """Remove the formula of an edge.

        Args:
            i: Input.
            j: Output.

        Returns:
            A new layer; this one is unchanged.

        Raises:
            InputError: There is no formula edge from `i` to `j`.

        Example:
            >>> FormulaLayer(2, 1).with_edge(0, 0, "sin").without_edge(0, 0).names
            ()
        """
        if self.get(i, j) is None:
            raise InputError(
                f"without_edge: (i, j) must be a formula edge; got ({i}, {j}). "
                f"The formula edges are {[tuple(edge) for edge in self.edge_index.tolist()]}."
            )
        return self._rebuilt([edge for edge in self._edges() if (edge.i, edge.j) != (i, j)])

    def select(self, inputs: Sequence[int], outputs: Sequence[int]) -> FormulaLayer:
        """Keep some inputs and outputs, renumbered in the order given, and the edges between them.

        Args:
            inputs: Inputs to keep, each at most once.
            outputs: Outputs to keep, each at most once.

        Returns:
            A new layer with `len(inputs)` inputs and `len(outputs)` outputs; this one is unchanged.

        Raises:
            InputError: An index is out of range or given twice.

        Example:
            >>> FormulaLayer(3, 2).with_edge(2, 1, "sin").select([2, 0], [1]).edge_index
            tensor([[0, 0]])
        """
        new_i = _renumbering("inputs", inputs, self.in_features)
        new_j = _renumbering("outputs", outputs, self.out_features)
        kept = [
            edge._replace(i=new_i[edge.i], j=new_j[edge.j])
            for edge in self._edges()
            if edge.i in new_i and edge.j in new_j
        ]
        return self._rebuilt(kept, len(new_i), len(new_j))

    def _edges(self) -> list[_Edge]:
        rows = self.constants.detach().unbind(0)
        pairs = self.edge_index.tolist()
        held = map(names_of_held, self.held) if len(self.held) else [()] * len(rows)
        columns = zip(pairs, self.functions, rows, held, strict=True)
        return [_Edge(i, j, function, row, names) for (i, j), function, row, names in columns]

    def _rebuilt(
        self, edges: list[_Edge], in_features: int | None = None, out_features: int | None = None
    ) -> FormulaLayer:
        new = FormulaLayer(
            self.in_features if in_features is None else in_features,
            self.out_features if out_features is None else out_features,
            functions=[*self._own.values(), *(edge.function for edge in edges)],
            dtype=self.affine.dtype,
            device=self.affine.device,
        ).train(self.training)
        if not edges:
            return new
        rank = {name: n for n, name in enumerate(dict.fromkeys(edge.function.name for edge in edges))}
        edges = sorted(edges, key=lambda edge: rank[edge.function.name])
        new._set_functions([edge.function for edge in edges])
        new.edge_index = self.edge_index.new_tensor([(edge.i, edge.j) for edge in edges])
        trainable = self.affine.requires_grad or not self.functions
        new.affine = nn.Parameter(torch.stack([edge.affine for edge in edges]), requires_grad=trainable)
        if any(edge.held for edge in edges):
            new.held = torch.stack([held_row(edge.affine, edge.held) for edge in edges])
        return new

    def _set_functions(self, functions: Iterable[Function]) -> None:
        self.functions = tuple(functions)
        groups, low = [], 0
        for function, run in groupby(self.functions):
            high = low + len(list(run))
            groups.append((function, low, high))
            low = high
        self._groups = tuple(groups)

    def _check_edge(self, where: str, i: int, j: int) -> None:
        for name, index, size in (("i", i, self.in_features), ("j", j, self.out_features)):
            if not hasattr(index, "__index__") or not 0 <= index < size:
                side = "input" if name == "i" else "output"
                raise InputError(
                    f"{where}: {name} must be an {side} index from 0 to {size - 1}; got {index!r}. "
                    "Edges are addressed (input, output)."
                )

    # State: the structure travels with the numbers

    def get_extra_state(self) -> Tensor:
        """Return the functions' names and the layer's size, as JSON in a uint8 tensor."""
        return pack_structure(self.names, (self.in_features, self.out_features))

    def set_extra_state(self, state: Tensor) -> None:
        """Restore the functions from another layer's `get_extra_state`.

        Raises:
            UnknownName: A function is neither in the library nor known to this layer.
            ShapeError: The other layer had another size.
            FileError: The state cannot be read.
        """
        self._set_functions(self._saved_functions(state))

    def _saved_functions(self, state: Tensor) -> list[Function]:
        return [
            self._resolve(name) for name in unpack_structure(state, (self.in_features, self.out_features))
        ]

    def _resolve(self, name: str) -> Function:
        try:
            return get_function(name, self._own)
        except UnknownName as error:
            raise UnknownName(
                f"load_state_dict: the state's functions must be known; got {name!r}, which is not in the "
                "library. Pass it on: FormulaLayer(..., functions=[make_function(...)])."
            ) from error

    def _load_from_state_dict(
        self, state_dict: Mapping[str, Any], prefix: str, *args: Any, **options: Any
    ) -> None:
        state, *tensors = (
            state_dict.get(prefix + name) for name in ("_extra_state", "edge_index", "affine", "held")
        )
        found = [tensor for tensor in tensors if isinstance(tensor, Tensor)]
        if isinstance(state, Tensor) and len(found) == len(tensors):
            self._take_structure(state, *found)
        super()._load_from_state_dict(state_dict, prefix, *args, **options)

    def _take_structure(self, state: Tensor, edge_index: Tensor, affine: Tensor, held: Tensor) -> None:
        """Check that what is to be loaded fits together, then make room for it."""
        n = len(self._saved_functions(state))
        check_edges(n, edge_index, affine, held, (self.in_features, self.out_features))
        if len(held) != len(self.held):
            self.held = self.held.new_empty(len(held), 4)
        if n != len(self.functions):
            trainable = n > 0 and (self.affine.requires_grad or not self.functions)
            self.edge_index = self.edge_index.new_empty(n, 2)
            self.affine = nn.Parameter(self.affine.new_empty(n, 4), requires_grad=trainable)


def _scattered(values: Tensor, where: Tensor, size: int) -> Tensor:
    return values.new_zeros(*values.shape[:-1], size).index_add(-1, where, values)


def _checked_affine(affine: Affine, like: Tensor) -> Tensor:
    advice = "Give a, b, c, d of c f(a x + b) + d."
    try:
        row = torch.as_tensor(affine, dtype=torch.float64).detach().to(like)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"with_edge: affine must be four numbers; got {affine!r}. {advice}") from error
    if row.shape != (4,) or not bool(row.isfinite().all()):
        raise InputError(f"with_edge: affine must be four finite numbers; got {affine!r}. {advice}")
    return row.clone()


def _check_names(edges: Iterable[_Edge]) -> None:
    held: dict[str, Function] = {}
    for edge in edges:
        other = held.setdefault(edge.function.name, edge.function)
        if other.fn is not edge.function.fn:
            raise InputError(
                f"with_edge: function must be the only one of its name in the layer; got two {other.name!r}. "
                "Give the new one another name, or use layer.get(i, j)[0] for the one there is."
            )


def _renumbering(argument: str, indices: Sequence[int], size: int) -> dict[int, int]:
    new = {int(old): position for position, old in enumerate(indices)}
    if len(new) != len(indices) or not all(0 <= old < size for old in new):
        raise InputError(
            f"select: {argument} must be different indices from 0 to {size - 1}; got {list(indices)}. "
            "List the nodes to keep, in their new order."
        )
    return new
