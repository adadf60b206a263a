from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from edgewise.plots.layout import Layout, Margins, NodeLevel, lay_out

NETWORKS = {
    "2-5-1": [NodeLevel(2), NodeLevel(5), NodeLevel(1)],
    "4-9-5-1": [NodeLevel(4), NodeLevel(9), NodeLevel(5), NodeLevel(1)],
    "17-1-14": [NodeLevel(17), NodeLevel(1), NodeLevel(14)],
    "products": [NodeLevel(2), NodeLevel(5, (2, 2)), NodeLevel(1)],
    "product of three": [NodeLevel(3), NodeLevel(2, (3,)), NodeLevel(2)],
    "products only": [NodeLevel(3), NodeLevel(0, (2, 3)), NodeLevel(1)],
    "10-10": [NodeLevel(10), NodeLevel(10)],
    "1-1": [NodeLevel(1), NodeLevel(1)],
}


def every_edge(levels: list[NodeLevel]) -> list[tuple[int, int, int]]:
    edges = []
    for layer, (below, above) in enumerate(pairwise(levels)):
        subnodes = above.sums + sum(above.arities)
        edges += [(layer, i, j) for i, j in product(range(len(below.members)), range(subnodes))]
    return edges


def boxes_overlap(places: Layout) -> bool:
    for one, other in product(places.boxes.values(), repeat=2):
        if one is not other:
            room = 0.5 * (one.size + other.size) - 1e-9
            if abs(one.x - other.x) < room and abs(one.y - other.y) < room:
                return True
    return False


def inside(places: Layout) -> bool:
    return all(
        box.x - 0.5 * box.size >= 0 and box.x + 0.5 * box.size <= places.width + 1e-9
        and box.y - 0.5 * box.size >= 0 and box.y + 0.5 * box.size <= places.height + 1e-9
        for box in places.boxes.values()
    )  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("size", [None, (3.0, 2.0), (12.0, 1.0)])
def test_every_edge_has_a_box_and_none_overlap(name, size):
    levels = NETWORKS[name]
    places = lay_out(levels, every_edge(levels), size=size)
    assert sorted(places.boxes) == sorted(places.wires) == every_edge(levels)
    assert not boxes_overlap(places)
    assert inside(places)
    assert all(box.size > 0 for box in places.boxes.values())


@pytest.mark.parametrize("name", NETWORKS)
def test_levels_rise_and_boxes_lie_between_them(name):
    levels = NETWORKS[name]
    places = lay_out(levels, every_edge(levels))
    heights = [{y for _, y in nodes.values()} for nodes in places.nodes]
    assert all(len(ys) == 1 for ys in heights)
    ys = [ys.pop() for ys in heights]
    assert ys == sorted(set(ys))
    for (layer, _, _), box in places.boxes.items():
        assert ys[layer] < box.y - 0.5 * box.size < box.y + 0.5 * box.size < ys[layer + 1]
    for nodes in places.nodes:
        xs = [nodes[node][0] for node in sorted(nodes)]
        assert all(a < b for a, b in pairwise(xs))


def test_wires_lead_from_node_to_box_to_subnode():
    levels = NETWORKS["products"]
    places = lay_out(levels, every_edge(levels))
    for (layer, i, j), (below, above) in places.wires.items():
        box = places.boxes[layer, i, j]
        assert below == (places.nodes[layer][i], (box.x, box.y - 0.5 * box.size))
        assert above == ((box.x, box.y + 0.5 * box.size), places.subnodes[layer][j])


def test_boxes_stand_in_the_order_of_their_edges():
    levels = NETWORKS["4-9-5-1"]
    places = lay_out(levels, every_edge(levels))
    for layer in range(3):
        row = [places.boxes[edge].x for edge in sorted(places.boxes) if edge[0] == layer]
        assert row == sorted(row)


def test_a_lone_edge_has_a_straight_wire():
    places = lay_out([NodeLevel(4), NodeLevel(3)], [(0, 3, 0)])
    box = places.boxes[0, 3, 0]
    assert box.x == pytest.approx(0.5 * (places.nodes[0][3][0] + places.subnodes[0][0][0]))


def test_signs_stand_where_edges_meet():
    places = lay_out(
        [NodeLevel(2), NodeLevel(2), NodeLevel(1)], [(0, 0, 0), (0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 1, 0)]
    )
    assert [symbol.kind for symbol in places.symbols] == ["dot", "dot", "sum", "dot", "sum"]


def test_products_stand_above_their_factors():
    levels = [NodeLevel(2), NodeLevel(1, (3,)), NodeLevel(1)]
    places = lay_out(levels, every_edge(levels))
    x, y = places.nodes[1][1]
    factors = [places.subnodes[0][j] for j in (1, 2, 3)]
    assert np.mean([factor[0] for factor in factors]) == pytest.approx(x)
    assert all(factor[1] < y for factor in factors)
    assert len(places.links) == 4  # the sum node has one too
    assert [symbol.kind for symbol in places.symbols].count("product") == 1


def test_width_grows_with_the_widest_layer_up_to_a_bound():
    widths = []
    for inputs in (2, 10, 40, 100, 1000):
        levels = [NodeLevel(inputs), NodeLevel(1)]
        widths.append(lay_out(levels, every_edge(levels)).width)
    assert widths == sorted(widths)
    assert widths[0] < widths[2] < widths[-1] < 16


def test_hidden_edges_count_for_signs_but_have_no_box():
    places = lay_out([NodeLevel(3), NodeLevel(1)], [(0, 0, 0), (0, 1, 0)], shown=[(0, 1, 0)])
    assert list(places.boxes) == [(0, 1, 0)]
    assert places.symbols[-1].kind == "sum"


def test_the_size_asked_for_is_kept():
    levels = NETWORKS["2-5-1"]
    places = lay_out(levels, every_edge(levels), size=(4.0, 5.0), margins=Margins(0.3, 0.3, 0.5, 0.7))
    assert (places.width, places.height) == (4.0, 5.0)
    assert places.nodes[0][0][1] == pytest.approx(0.5)
    assert places.nodes[-1][0][1] == pytest.approx(5.0 - 0.7)


def test_nodes_left_out_have_no_place():
    places = lay_out([NodeLevel(100), NodeLevel(1)], [(0, 7, 0)], nodes=[[7], [0]])
    assert list(places.nodes[0]) == [7]
