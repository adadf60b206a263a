"""The best candidates come from different neighbourhoods."""

import torch

from edgewise.explain.symbolic.edge_search.peaks import best_of_groups, peaks


def test_neighbours_of_a_peak_are_no_peaks():
    best = torch.tensor([[0.1, 0.8, 0.9, 0.3, 0.5]])
    assert (peaks(best, torch.arange(5)) == best).tolist() == [[False, False, True, False, True]]


def test_a_gap_in_the_labels_separates():
    best = torch.tensor([[0.9, 0.8]])
    assert (peaks(best, torch.tensor([0, 5])) == best).all()


def test_one_candidate_of_each_of_the_best_groups():
    score = torch.tensor([[0.1, 0.7, 0.6, 0.9, 0.2]])
    groups = torch.tensor([0, 0, 1, 2, 2])
    assert best_of_groups(score, groups, 2).tolist() == [[3, 1]]
    assert best_of_groups(score, groups, 4).tolist() == [[3, 1, 2, 2]]
