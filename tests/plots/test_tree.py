from __future__ import annotations

import torch

from edgewise.explain import structure_tree
from edgewise.plots.tree import plot_tree, tree_places


def tree():
    x = torch.rand(200, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return structure_tree(lambda x: torch.exp(x[:, 0]) * x[:, 1] + x[:, 2], x, names=["$a", "b", "long " * 9])


def test_leaves_are_side_by_side_and_parents_above_them():
    places = tree_places(tree())
    assert [place[1] for place in places if not place[0].parts] == [0, 1, 2]
    assert all(places[parent][2] == down - 1 for _, _, down, parent in places if parent is not None)


def test_the_picture_has_a_text_a_node_and_draws(no_side_effects):
    figure = plot_tree(tree())
    figure.canvas.draw()
    assert len(figure.axes[0].texts) == 5
    assert len(figure.axes[0].lines) == 4
