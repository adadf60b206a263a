from __future__ import annotations

from edgewise.plots.edge_selection import ROW_BEST, ROW_LIMIT, select_edges
from edgewise.plots.layout import NodeLevel


def scores(inputs: int, outputs: int) -> dict[tuple[int, int, int], float]:
    return {(0, i, j): float(i * outputs + j) for i in range(inputs) for j in range(outputs)}


def test_a_legible_network_is_shown_whole():
    choice = select_edges([NodeLevel(10), NodeLevel(10)], scores(10, 10))
    assert len(choice.edges) == ROW_LIMIT and choice.note == ""


def test_of_a_wide_layer_the_best_edges_are_kept():
    choice = select_edges([NodeLevel(17), NodeLevel(14)], scores(17, 14))
    assert len(choice.edges) == ROW_BEST
    assert min(i * 14 + j for _, i, j in choice.edges) == 17 * 14 - ROW_BEST
    assert choice.note == "60 of 238 edges shown"


def test_max_edges_is_kept_layer_by_layer():
    both = scores(3, 3) | {(1, j, 0): float(j) for j in range(3)}
    choice = select_edges([NodeLevel(3), NodeLevel(3), NodeLevel(1)], both, max_edges=2)
    assert choice.edges == [(0, 2, 1), (0, 2, 2), (1, 1, 0), (1, 2, 0)]


def test_equal_scores_give_the_first_edges():
    choice = select_edges([NodeLevel(2), NodeLevel(2)], dict.fromkeys(scores(2, 2), 0.5), max_edges=3)
    assert choice.edges == [(0, 0, 0), (0, 0, 1), (0, 1, 0)]


def test_of_a_crowded_level_only_nodes_with_an_edge_are_kept():
    choice = select_edges([NodeLevel(784), NodeLevel(10)], scores(784, 10), max_edges=20)
    assert choice.nodes == [[782, 783], list(range(10))]
    assert choice.note == "20 of 7840 edges, 2 of 784 inputs shown"


def test_a_hidden_product_is_kept_for_one_of_its_factors():
    levels = [NodeLevel(1), NodeLevel(0, (2,) * 50), NodeLevel(1)]
    choice = select_edges(levels, {(0, 0, 5): 1.0, (0, 0, 9): 0.5, (1, 2, 0): 0.7}, max_edges=1)
    assert choice.nodes == [[0], [2], [0]]
    assert choice.note == "2 of 3 edges, 1 of 50 hidden nodes shown"
