"""What a user's type checker sees: checked by mypy (`make types`), where an error that is expected is marked."""

from __future__ import annotations

from typing import Any

import torch
from typing_extensions import assert_type

from edgewise import KAN, FitResult, KANLayer, Network, Scores, build, fit


def a_network_shows_its_arguments() -> None:
    assert_type(KAN([2, 5, 1], grid=[3, 5], k=3, base=torch.tanh, seed=0), KAN)
    assert_type(build([2, 1], extrapolation="constant"), Network)
    KAN([2, 1], gird=3)  # type: ignore[call-arg]
    KAN([2, 1], base="sillu")  # type: ignore[arg-type]
    KAN()  # type: ignore[call-arg]
    build([2, 1], nosuch=3)  # type: ignore[call-arg]
    KANLayer(2, 1, extrapolation="none")  # type: ignore[arg-type]


def methods_show_the_arguments_of_their_verbs(model: KAN, data: Any) -> None:
    assert_type(model.fit(data, steps=3, lamb=1e-3), FitResult)
    assert_type(fit(model, data), FitResult)
    assert_type(model.prune(edge_threshold=0.1), KAN)
    assert_type(model.attribute(), Scores)
    model.fit(data, step=3)  # type: ignore[call-arg]
    model.prune(threshold=0.1)  # type: ignore[call-arg]
