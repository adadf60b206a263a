"""Points and values that a formula is judged by."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.errors import InputError
from edgewise.explain.symbolic.verdict import Evidence, FormulaSamples
from edgewise.network import build, stand_for

X = torch.linspace(-1, 1, 40, dtype=torch.float64)[:, None]


def test_values_come_in_parts():
    model = build([1, 1], dtype=torch.float64)
    found = Evidence.of(model, FormulaSamples(X, X, X[:7], X[:7]))
    parts = found.split(found.model)
    assert [len(part) for part in parts[:2]] == [40, 7] and sum(map(len, parts)) == len(found.points)
    assert np.array_equal(parts[0], model(X).detach().numpy())
    assert [len(part) for part in found.targets] == [40, 7]


def test_the_reference_is_what_was_replaced():
    model, other = build([1, 1], dtype=torch.float64), build([1, 2, 1], seed=1, dtype=torch.float64)
    found = Evidence.of(stand_for(model, other.float()), FormulaSamples(X))
    assert np.allclose(found.split(found.reference)[0], other.double()(X).detach().numpy(), atol=1e-6)
    assert found.targets is None and found.noise is None


def test_splines_that_end_with_an_error_say_nothing_beyond():
    model = build([1, 1], dtype=torch.float64, extrapolation="error")
    found = Evidence.of(model, FormulaSamples(X))
    parts = found.split(found.model)
    assert np.isfinite(parts[0]).all() and np.isnan(parts[5]).all()


def test_the_coarsest_type_counts():
    model = build([1, 1], dtype=torch.float64)
    samples = FormulaSamples(X, X, precision=torch.float32)
    assert Evidence.of(model, samples).eps == torch.finfo(torch.float32).eps
    assert (
        Evidence.of(model, FormulaSamples(X), precision=torch.bfloat16).eps == torch.finfo(torch.bfloat16).eps
    )


def test_noise_is_checked():
    model = build([1, 2], dtype=torch.float64)
    assert Evidence.of(model, FormulaSamples(X), 0.5).noise.tolist() == [0.5, 0.5]
    assert Evidence.of(model, FormulaSamples(X), torch.tensor([0.5, 1.0])).noise.tolist() == [0.5, 1.0]
    for wrong in (-1.0, [1.0, 2.0, 3.0], float("nan")):
        with pytest.raises(InputError, match="noise must be"):
            Evidence.of(model, FormulaSamples(X), wrong)
