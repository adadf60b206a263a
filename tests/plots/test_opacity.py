from __future__ import annotations

import pytest
import torch

from edgewise.errors import ShapeError, UnknownName
from edgewise.explain import attribute
from edgewise.network import build, mask_edges, trace
from edgewise.plots.opacity import edge_scores


@pytest.fixture
def x(generator):
    return torch.rand(60, 2, generator=generator) * 2 - 1


def test_one_output_has_the_scores_of_attribute(x):
    model = build([2, (2, 1), 1], seed=0)
    scores = edge_scores(model, trace(model, x), "attribution")
    expected = attribute(model, x).edges
    assert scores == pytest.approx(
        {edge: float(expected[edge[0]][edge[1:]]) for edge in model.active_edges()}
    )
    assert edge_scores(model, trace(model, x), "std", attribute(model, x)) == pytest.approx(scores)


def test_of_many_outputs_the_best_counts(x):
    model = build([2, 3, 4], seed=0)
    scores = edge_scores(model, trace(model, x), "attribution")
    alone = []
    for output in range(4):
        others = [(1, i, j) for i in range(3) for j in range(4) if j != output]
        single = mask_edges(model, others)
        alone.append(attribute(single, x).edges[0] * 4)  # the mean is over four outputs, three of them still
    best = torch.stack(alone).amax(0)
    for i in range(2):
        for j in range(3):
            assert scores[0, i, j] == pytest.approx(float(best[i, j]), rel=1e-4)


def test_std_is_over_the_largest_of_the_layer(x):
    model = build([2, 3, 1], seed=0)
    seen = trace(model, x)
    scores = edge_scores(model, seen, "std")
    assert max(score for edge, score in scores.items() if edge[0] == 0) == 1
    ratio = seen.layers[0].edge_std[0, 1] / seen.layers[0].edge_std[1, 2]
    assert scores[0, 0, 1] / scores[0, 1, 2] == pytest.approx(float(ratio))


@pytest.mark.parametrize("metric", ["attribution", "std"])
def test_where_nothing_varies_all_edges_are_equal(metric):
    model = build([2, 3, 1], seed=0)
    assert set(edge_scores(model, trace(model, torch.zeros(1, 2)), metric).values()) == {1.0}


def test_masked_edges_have_no_score(x):
    model = mask_edges(build([2, 1], seed=0), [(0, 1, 0)])
    assert list(edge_scores(model, trace(model, x), "std")) == [(0, 0, 0)]


def test_scores_given_are_taken_as_they_are(x):
    model = build([2, 1], seed=0)
    given = [torch.tensor([[0.25], [float("nan")]])]
    assert edge_scores(model, trace(model, x), "std", given) == {(0, 0, 0): 0.25, (0, 1, 0): 0.0}


def test_bad_arguments_are_refused(x):
    model = build([2, 1], seed=0)
    with pytest.raises(UnknownName, match="metric"):
        edge_scores(model, trace(model, x), "forward_u")
    with pytest.raises(ShapeError, match="scores must be one matrix a layer"):
        edge_scores(model, trace(model, x), "std", [torch.zeros(1, 2)])
