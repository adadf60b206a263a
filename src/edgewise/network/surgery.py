"""Structural edits. Each takes a network and returns a new, independent one; the input is unchanged."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from .._checks import as_generator
from ..errors import InputError
from ..functions import Function, get_function
from ..layers import FormulaLayer, NodeLayer, ProductStart, reinitialise_
from .layer import Layer
from .network import Edge, Network
from .replaced import forget_if_undone, keep_replaced, keep_what_is_replaced

Model = TypeVar("Model", bound=Network)


def duplicate(model: Model) -> Model:
    """An independent copy: no tensor is shared.

    Example:
        >>> from edgewise.network import build
        >>> duplicate(build([2, 1])).width
        (2, 1)
    """
    return copy.deepcopy(model)


def adopt(new: Model, model: Network) -> Model:
    """Copy everything in `model` to `new`: the same network as another class.

    Example:
        >>> from edgewise.network import build
        >>> adopt(build([1, 1]), build([2, 3, 1])).width
        (2, 3, 1)
    """
    state = copy.deepcopy(model).__dict__
    for name in state["_modules"]:  # a scaler that `new` has not is a plain None there, which would hide it
        new.__dict__.pop(name, None)
    new.__dict__.update(state)
    return new


def replace_layers(model: Network, other: Network) -> None:
    """Give a network the layers of another of the same inputs and outputs, in place: for training that refines.

    Parameters become other tensors: what was made from the old ones (an optimiser, say) must be made anew.

    Example:
        >>> from edgewise.network import build
        >>> model = build([2, 1], grid=3)
        >>> replace_layers(model, build([2, 1], grid=6))
        >>> model.grid
        (6,)
    """
    model.layers = copy.deepcopy(other.layers)
    model.input_scaler, model.output_scaler = map(copy.deepcopy, (other.input_scaler, other.output_scaler))


def with_layers(model: Model, layers: Iterable[Layer]) -> Model:
    """A copy of `model` with other layers; names, columns and scalers are kept.

    Example:
        >>> from edgewise.network import build
        >>> model = build([2, 1])
        >>> with_layers(model, model.layers).width
        (2, 1)
    """
    new = copy.deepcopy(model)
    new.layers = torch.nn.ModuleList(copy.deepcopy(layer) for layer in layers)
    return new.train(model.training)


def select_nodes(model: Model, nodes: Sequence[Sequence[int]]) -> Model:
    """Keep some nodes of every level, in the order given, and drop the others with their edges.

    Args:
        model: Not modified.
        nodes: One list of node numbers per level, inputs and outputs included; sums before products.

    Returns:
        A smaller network. It still takes all input columns and reads only those it kept.

    Raises:
        InputError: a level would be empty, or a node does not exist.

    Example:
        >>> from edgewise.network import build
        >>> select_nodes(build([2, 5, 1]), [[0, 1], [3], [0]]).width
        (2, 1, 1)
    """
    sizes = [model.layers[0].in_features, *(layer.out_features for layer in model.layers)]
    if len(nodes) != len(sizes):
        raise InputError(
            f"select_nodes: nodes must list every level, {len(sizes)} of them; got {len(nodes)} lists."
        )
    for level, (chosen, size) in enumerate(zip(nodes, sizes, strict=True)):
        if not len(chosen) or len(set(chosen)) != len(chosen) or not all(0 <= node < size for node in chosen):
            raise InputError(
                f"select_nodes: nodes of level {level} must be different numbers in 0..{size - 1}, at least one; "
                f"got {list(chosen)}."
            )
    layers = [
        layer.select(below, above)
        for layer, below, above in zip(model.layers, nodes, nodes[1:], strict=False)
    ]
    new = with_layers(model, layers)
    new.select_columns(model.columns[list(nodes[0])].clone())
    if model.input_scaler is not None:
        new.input_scaler = model.input_scaler.select(list(nodes[0]))
    if model.output_scaler is not None:
        new.output_scaler = model.output_scaler.select(list(nodes[-1]))
    if model.replaced is not None and list(nodes[-1]) != list(range(sizes[-1])):
        keep_replaced(new, select_nodes(model.replaced, [*_every_node(model.replaced)[:-1], nodes[-1]]))
    return new


def mask_edges(model: Model, edges: Iterable[Edge], *, on: bool = False) -> Model:
    """Turn edges off, or on again; turning off also removes the edge's formula.

    A formula edge is on and remains a formula; `unset_formula` makes it learnable again.

    Example:
        >>> from edgewise.network import build
        >>> mask_edges(build([2, 1]), [(0, 1, 0)]).edge_kind(0, 1, 0)
        'off'
    """
    new = copy.deepcopy(model)
    for edge in edges:
        l, i, j = new.check_edge(edge)
        layer = new.layers[l]
        is_formula = layer.formula.get(i, j) is not None
        layer.basis.mask[i, j] = float(on and not is_formula)
        if is_formula and not on:
            layer.formula = layer.formula.without_edge(i, j)
    forget_if_undone(new)
    return new


def set_formula(
    model: Model,
    edge: Edge,
    function: str | Function,
    affine: Sequence[float] = (1.0, 0.0, 1.0, 0.0),
    *,
    hold: Iterable[str] | bool = (),
) -> Model:
    """Make one edge the formula c f(a x + b) + d; its learnable function is turned off but kept.

    The first time that an edge that was trained becomes a formula, the network as it was is kept as `replaced`.

    Args:
        model: Not modified.
        edge: Address (layer, in, out).
        function: A name of the library, or a `Function`.
        affine: (a, b, c, d), in the units of the layer: where the network has scalers, those of the scaled columns.
        hold: Names of those that nothing is to change as long as the edge is this formula, as ("a", "b"); "all" or
            True for all four.

    Example:
        >>> from edgewise.network import build
        >>> set_formula(build([2, 1]), (0, 0, 0), "sin").edge_kind(0, 0, 0)
        'formula'
    """
    return set_formulas(model, {edge: (function, affine, hold)})


def set_formulas(
    model: Model,
    formulas: Mapping[
        Edge,
        tuple[str | Function, Sequence[float] | Tensor]
        | tuple[str | Function, Sequence[float] | Tensor, Iterable[str] | bool],
    ],
) -> Model:
    """`set_formula` of many edges at once, with one copy of the network.

    Args:
        model: Not modified.
        formulas: For each address (layer, in, out) a function and its (a, b, c, d), and perhaps what of it to hold.

    Example:
        >>> from edgewise.network import build
        >>> new = set_formulas(build([2, 1]), {(0, 0, 0): ("sin", (1, 0, 1, 0)), (0, 1, 0): ("x^2", (1, 0, 2, 0))})
        >>> [new.edge_kind(*edge) for edge in new.active_edges()]
        ['formula', 'formula']
    """
    new = copy.deepcopy(model)
    keep_what_is_replaced(new, model, map(new.check_edge, formulas))
    for edge, (function, affine, *hold) in formulas.items():
        l, i, j = new.check_edge(edge)
        layer = new.layers[l]
        function = get_function(function) if isinstance(function, str) else function
        layer.basis.mask[i, j] = 0.0
        layer.formula = layer.formula.with_edge(i, j, function, affine, *hold)
    return new


@torch.no_grad()
def add_to_biases(model: Model, shifts: Mapping[Edge, float]) -> Model:
    """Add to each edge's sub-node a constant output of that edge, such as the mean of one that is cut.

    Args:
        model: Not modified.
        shifts: For each address (layer, in, out) the constant, in the units of the edge's output.

    Example:
        >>> from edgewise.network import build
        >>> add_to_biases(build([2, 1]), {(0, 0, 0): 0.5, (0, 1, 0): 0.25}).layers[0].nodes.subnode_bias.item()
        0.75
    """
    new = copy.deepcopy(model)
    for edge, shift in shifts.items():
        l, _, j = new.check_edge(edge)
        nodes = new.layers[l].nodes
        nodes.subnode_bias[j] += nodes.subnode_scale[j] * shift
    return new


def unset_formula(model: Model, edge: Edge) -> Model:
    """Remove the formula of an edge and turn its learnable function on again.

    Where it was the last formula, the network that was replaced is forgotten.

    Example:
        >>> from edgewise.network import build
        >>> model = set_formula(build([2, 1]), (0, 0, 0), "sin")
        >>> unset_formula(model, (0, 0, 0)).edge_kind(0, 0, 0)
        'spline'
    """
    l, i, j = model.check_edge(edge)
    new = copy.deepcopy(model)
    layer = new.layers[l]
    if layer.formula.get(i, j) is None:
        raise InputError(
            f"unset_formula: edge {tuple(edge)} must be a formula edge; got a {layer.basis.kind}. Nothing to undo."
        )
    layer.formula = layer.formula.without_edge(i, j)
    layer.basis.mask[i, j] = 1.0
    forget_if_undone(new)
    return new


def swap(model: Model, level: int, first: int, second: int) -> Model:
    """Exchange two nodes of a hidden level; the function the network computes does not change.

    Args:
        model: Not modified.
        level: 1 for the first hidden level.
        first: A node of it.
        second: Another of the same kind (both sums, or both products).

    Example:
        >>> from edgewise.network import build
        >>> swap(build([2, 5, 1]), 1, 0, 4).width
        (2, 5, 1)
    """
    if not 1 <= level < model.depth:
        raise InputError(f"swap: level must be a hidden one, in 1..{model.depth - 1}; got {level}.")
    orders = _every_node(model)
    size = len(orders[level])
    if not (0 <= first < size and 0 <= second < size):
        raise InputError(f"swap: nodes of level {level} are 0..{size - 1}; got {first} and {second}.")
    order = orders[level]
    order[first], order[second] = order[second], order[first]
    return select_nodes(model, orders)


def widen(model: Model, level: int, sums: int = 0, arities: Sequence[int] = (), *, seed: int = 0) -> Model:
    """Add nodes to a hidden level; the function computed does not change.

    New nodes get newly initialised incoming edges, and outgoing edges with zero
    weights, so that training can use them.

    Args:
        model: Not modified.
        level: 1 for the first hidden level.
        sums: Addition nodes to add.
        arities: Factors of each product node to add.
        seed: Seed of the new incoming edges.

    Raises:
        InputError: the level is not hidden, or nothing is added.

    Example:
        >>> from edgewise.network import build
        >>> widen(build([2, 5, 1]), 1, sums=2).width
        (2, 7, 1)
    """
    if not 1 <= level < model.depth:
        raise InputError(f"widen: level must be a hidden one, in 1..{model.depth - 1}; got {level}.")
    if sums < 0 or sums + len(arities) == 0:
        raise InputError(
            f"widen: sums or arities must add at least one node; got sums={sums}, arities={arities}."
        )
    layers = list(model.layers)
    generator = as_generator(seed)
    layers[level - 1] = _with_new_nodes(layers[level - 1], sums, tuple(arities), generator)
    layers[level] = _with_new_inputs(layers[level], model.layers[level - 1].nodes, sums, len(arities))
    return with_layers(model, layers)


def deepen(model: Model, level: int | None = None) -> Model:
    """Insert a layer of identity formulas; the function computed does not change.

    Args:
        model: Not modified.
        level: Where: after this level (0 for right after the inputs); after the last if None.

    Returns:
        A network one layer deeper. Edges off the diagonal are off; switch them on with `mask_edges`.

    Example:
        >>> from edgewise.network import build
        >>> deepen(build([2, 5, 1])).width
        (2, 5, 1, 1)
    """
    level = model.depth if level is None else level
    if not 0 <= level <= model.depth:
        raise InputError(f"deepen: level must be in 0..{model.depth}; got {level}.")
    like = model.layers[min(level, model.depth - 1)].basis
    size = model.layers[level].in_features if level < model.depth else model.layers[-1].out_features
    options = {"dtype": like.dtype, "device": like.device}
    basis = like.resized(size, size, 0)
    basis.mask.zero_()
    identity = [(node, node, get_function("x"), (1.0, 0.0, 1.0, 0.0)) for node in range(size)]
    formula = FormulaLayer(size, size, **options).with_edges(identity)
    layers = list(model.layers)
    layers.insert(level, Layer(basis, formula, NodeLayer(size, **options)))
    return with_layers(model, layers)


def _every_node(model: Network) -> list[list[int]]:
    return [
        list(range(model.layers[0].in_features)),
        *(list(range(layer.out_features)) for layer in model.layers),
    ]


def _with_new_nodes(layer: Layer, sums: int, arities: tuple[int, ...], generator: torch.Generator) -> Layer:
    old, basis = layer.nodes, layer.basis
    fresh = basis.resized(basis.in_features, sums + sum(arities), generator)
    if arities:
        reinitialise_(fresh, generator, ProductStart("power", sums, arities))
    # Sums stay before products: new sums go between the old sums and the old products.
    cut = old.sums
    order = [*range(cut), *range(old.subnodes, old.subnodes + sums), *range(cut, old.subnodes)]
    order += range(old.subnodes + sums, old.subnodes + sums + sum(arities))
    joined = {
        name: torch.cat([getattr(basis, name), getattr(fresh, name)], dim=-1)[..., order]
        for name in basis.edge_tensors
    }
    subnodes = old.subnodes + sums + sum(arities)
    formula = FormulaLayer(basis.in_features, subnodes, dtype=basis.dtype, device=basis.device)
    places = {subnode: place for place, subnode in enumerate(order)}
    formula = _with_edges_of(layer.formula, formula, inputs=lambda i: i, outputs=lambda j: places[j])
    return Layer(basis.with_tensors(**joined), formula, _wider_nodes(old, sums, arities, order))


def _wider_nodes(old: NodeLayer, sums: int, arities: tuple[int, ...], order: list[int]) -> NodeLayer:
    weight = old.node_scale
    new = NodeLayer(
        old.sums + sums, old.arities + arities, affine_trainable=weight.requires_grad,
        dtype=weight.dtype, device=weight.device,
    )  # fmt: skip
    products = len(old.arities)
    node_order = [
        *range(old.sums),
        *([-1] * sums),
        *range(old.sums, old.sums + products),
        *([-1] * len(arities)),
    ]
    with torch.no_grad():
        for name, sources in (("subnode", order), ("node", node_order)):
            limit = old.subnodes if name == "subnode" else old.nodes
            for place, source in enumerate(sources):
                if 0 <= source < limit:
                    for suffix in ("scale", "bias"):
                        getattr(new, f"{name}_{suffix}")[place] = getattr(old, f"{name}_{suffix}")[source]
    return new


def _with_new_inputs(layer: Layer, below: NodeLayer, sums: int, products: int) -> Layer:
    basis = layer.basis
    added = sums + products
    order = [*range(below.sums), *range(below.nodes, below.nodes + sums), *range(below.sums, below.nodes)]
    order += range(below.nodes + sums, below.nodes + added)
    silent = basis.resized(added, basis.out_features, 0).silence_()
    fresh = {name: getattr(silent, name) for name in basis.edge_tensors}
    for name in basis.input_tensors:
        old = getattr(basis, name)
        fresh[name] = old.mean(0, keepdim=True).expand(added, *old.shape[1:])
    joined = {name: torch.cat([getattr(basis, name), value])[order] for name, value in fresh.items()}
    formula = FormulaLayer(below.nodes + added, basis.out_features, dtype=basis.dtype, device=basis.device)
    places = {node: place for place, node in enumerate(order)}
    formula = _with_edges_of(layer.formula, formula, inputs=lambda i: places[i], outputs=lambda j: j)
    return Layer(basis.with_tensors(**joined), formula, copy.deepcopy(layer.nodes))


def _with_edges_of(
    old: FormulaLayer, new: FormulaLayer, *, inputs: Callable[[int], int], outputs: Callable[[int], int]
) -> FormulaLayer:
    new = new.with_edges((inputs(i), outputs(j), *rest) for i, j, *rest in old.formulas())
    if len(old.edge_index):
        new.affine.requires_grad_(old.affine.requires_grad)
    return new
