"""`plot_tree`: what a function is made of, as a tree."""

from __future__ import annotations

from typing import Any

from ..explain import StructureNode
from .figure import axes_or_new, font
from .style import plain

_SIGNS = {"sum": "$+$", "product": "$\\times$", "function": "$f$"}
_WIDTH, _HEIGHT = 0.85, 0.75
_LONGEST = 14


def plot_tree(tree: StructureNode, *, ax: Any = None) -> Any:
    """Draw the structure of a function: inputs at the bottom, the sums, products and functions of them above.

    Args:
        tree: What `structure_tree` gave.
        ax: Axes to draw on; a new figure if None.

    Returns:
        The `matplotlib.figure.Figure`.

    Example:
        >>> import torch
        >>> from edgewise import structure_tree
        >>> x = torch.rand(200, 3, dtype=torch.float64)
        >>> figure = plot_tree(structure_tree(lambda x: torch.exp(x[:, 0]) * x[:, 1] + x[:, 2], x))
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['$+$', '$\\\\times$', 'x_1', 'x_2', 'x_3']

    Source: Liu et al. 2024, "KAN 2.0", arXiv:2408.10205, figure 11, for the idea.
    """
    places = tree_places(tree)
    across, depth = max(place[1] for place in places) + 1, max(place[2] for place in places) + 1
    new = ax is None
    ax = axes_or_new(ax, max(1.6, _WIDTH * across), max(1.0, _HEIGHT * depth))
    for _, right, down, parent in places:
        if parent is not None:
            _, from_right, from_down, _ = places[parent]
            ax.plot([from_right, right], [-from_down, -down], color="0.6", linewidth=1.0, zorder=1)
    for node, right, down, _ in places:
        text = (
            plain(node.inputs[0], _LONGEST)
            if node.kind == "input"
            else _SIGNS[node.kind]
            if node.parts
            else "1"
        )
        box = {
            "boxstyle": "round,pad=0.3" if node.kind == "input" else "circle,pad=0.3",
            "facecolor": "white",
        }
        edge = "0.6" if node.kind == "input" else "black"
        ax.text(
            right, -down, text, ha="center", va="center", font=font(11), zorder=2, bbox={**box, "edgecolor": edge}
        )  # fmt: skip
    ax.set_xlim(-0.6, across - 0.4)
    ax.set_ylim(0.5 - depth, 0.5)
    ax.axis("off")
    if new:
        ax.get_figure().set_layout_engine("constrained")
    return ax.get_figure()


def tree_places(tree: StructureNode) -> list[tuple[StructureNode, float, int, int | None]]:
    """Each node with its place to the right, its depth, and the number of its parent: inputs side by side.

    Example:
        >>> leaves = tuple(StructureNode("input", (name,)) for name in "ab")
        >>> [place[1:] for place in tree_places(StructureNode("sum", ("a", "b"), leaves))]
        [(0.5, 0, None), (0.0, 1, 0), (1.0, 1, 0)]
    """
    found: list[tuple[StructureNode, float, int, int | None]] = []
    _place(tree, 0, None, found, 0)
    return found


def _place(
    node: StructureNode,
    depth: int,
    parent: int | None,
    found: list[tuple[StructureNode, float, int, int | None]],
    leaves: int,
) -> int:
    """Add a node and what is below it; the number of leaves so far is given back."""
    own = len(found)
    found.append((node, float(leaves), depth, parent))
    if not node.parts:
        return leaves + 1
    first = len(found)
    for part in node.parts:
        leaves = _place(part, depth + 1, own, found, leaves)
    below = [place for _, place, _, above in found[first:] if above == own]
    found[own] = (node, (below[0] + below[-1]) / 2, depth, parent)
    return leaves
