"""The best of many starting values, from different neighbourhoods."""

from __future__ import annotations

import torch
from torch import Tensor


def best_of_groups(score: Tensor, groups: Tensor, keep: int) -> Tensor:
    """Pick per edge the best candidate of the `keep` best groups that beat their neighbours.

    Args:
        score: Score of each candidate for each edge (E, C).
        groups: Group of each candidate (C,); consecutive numbers are neighbours.
        keep: Candidates to pick; with fewer groups the last one is repeated.

    Returns:
        Indices of candidates (E, keep), best first.
    """
    labels, number = torch.unique(groups, return_inverse=True)
    count = len(labels)
    best = torch.full((score.shape[0], count), -2.0, dtype=score.dtype)
    best.scatter_reduce_(1, number.expand(score.shape[0], -1), score, "amax")
    peak = peaks(best, labels) if count > 12 else best
    chosen = peak.topk(min(keep, count), dim=1).indices
    chosen = chosen[:, torch.arange(keep).clamp_max(chosen.shape[1] - 1)]
    picked = [torch.where(number == column[:, None], score, -3.0).argmax(1) for column in chosen.T]
    return torch.stack(picked, 1)


def peaks(best: Tensor, labels: Tensor) -> Tensor:
    """Leave local maxima along consecutive labels as they are and push everything else below.

    Args:
        best: Scores (E, G) of at most about 1.
        labels: Ascending numbers (G,); those that differ by 1 are neighbours.
    """
    joined = torch.diff(labels) == 1
    after = torch.where(joined, best[:, 1:], -9.0)
    before = torch.where(joined, best[:, :-1], -9.0)
    pad = torch.nn.functional.pad
    peak = (best >= pad(before, (1, 0), value=-9.0)) & (best >= pad(after, (0, 1), value=-9.0))
    return torch.where(peak, best, best - 2)
