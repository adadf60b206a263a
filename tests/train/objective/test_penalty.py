from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from edgewise.errors import InputError, UnknownName
from edgewise.layers import KANLayer
from edgewise.network import build, trace
from edgewise.train.objective import penalty as module
from edgewise.train.objective.feature_cache import FeatureCache
from edgewise.train.objective.penalty import (
    MAGNITUDES,
    Penalty,
    outputs_and_penalty,
    share_entropy,
)

BATCH, IN, OUT = 67, 5, 31
X = torch.rand(BATCH, IN, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2 - 1


class Sizes(TorchDispatchMode):
    """The most numbers in a tensor that any operation gave."""

    most = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for value in result if isinstance(result, (tuple, list)) else (result,):
            if isinstance(value, torch.Tensor):
                self.most = max(self.most, value.numel())
        return result


def test_penalty_builds_no_batch_in_out_tensor():
    model = build([IN, OUT], seed=0, dtype=torch.float64, init="paper")
    with Sizes() as sizes:
        outputs_and_penalty(model, X, Penalty(1.0, 1.0, 2.0, 1.0, 1.0))[1].backward()
    assert 0 < sizes.most < BATCH * IN * OUT
    with Sizes() as sizes:
        model.layers[0].edges(X)
    assert sizes.most >= BATCH * IN * OUT


@pytest.mark.parametrize("width", [[IN, 2], [IN, 3, 1], [IN, (2, 1), 1]])
def test_magnitudes_are_the_deviations_of_naive_edge_outputs(width):
    model = build(width, seed=0, dtype=torch.float64, init="paper")
    seen = []

    def look(edges, inputs, sums):
        seen.append((edges, inputs, sums))
        return edges

    prediction, _ = outputs_and_penalty(model, X, Penalty(1.0, 1.0, 0.0, magnitude=look))
    torch.testing.assert_close(prediction, model(X))
    for (edges, inputs, sums), layer in zip(seen, trace(model, X).layers, strict=True):
        torch.testing.assert_close(edges.sqrt(), layer.edges.std(0, correction=0), rtol=1e-6, atol=1e-8)
        torch.testing.assert_close(inputs, layer.inputs.var(0, correction=0))
        torch.testing.assert_close(sums, layer.sums.var(0, correction=0))


def test_kept_features_change_nothing():
    model, penalty = build([IN, 2, 1], seed=0, dtype=torch.float64), Penalty(1.0, 1.0, 2.0, 1.0, 1.0)
    plain = outputs_and_penalty(model, X, penalty)
    kept = outputs_and_penalty(model, X, penalty, FeatureCache(model, X))
    torch.testing.assert_close(plain, kept)


def test_layers_inside_another_module_count_the_same():
    layer = KANLayer(IN, 2, seed=0, dtype=torch.float64)
    module = nn.Sequential(layer, nn.Identity())
    penalty = Penalty(1.0, 1.0, 2.0, 1.0, 1.0)
    output, value = outputs_and_penalty(module, X, penalty)
    edges = layer.edges(X)
    torch.testing.assert_close(value, penalty.layer(layer, edges.var(0, correction=0), X, edges.sum(1)))
    torch.testing.assert_close(output, layer(X))
    assert not layer._forward_pre_hooks
    with pytest.raises(InputError, match="KANLayer"):
        outputs_and_penalty(nn.Linear(IN, 1), X.float(), penalty)


@pytest.mark.parametrize("count", [1, 2, 10])
def test_entropy_of_equal_shares_is_the_logarithm(count):
    value = share_entropy(torch.full((count,), 0.3, dtype=torch.float64)).item()
    assert value == pytest.approx(math.log(count), abs=2e-3)


def test_entropy_at_zero_has_a_finite_gradient():
    sizes = torch.zeros(4, requires_grad=True)
    value = share_entropy(sizes)
    (gradient,) = torch.autograd.grad(value, sizes)
    assert value.item() == 0 and gradient.isfinite().all()


@pytest.mark.parametrize("name", ["gain", "share"])
def test_relative_magnitudes_do_not_grow_with_the_unit(name):
    edges, inputs, sums = torch.tensor([[4.0], [9.0]]), torch.tensor([100.0, 400.0]), torch.tensor([13.0])
    small = MAGNITUDES[name](edges, inputs, sums)
    large = MAGNITUDES[name](1e4 * edges, 1e4 * inputs, 1e4 * sums)
    torch.testing.assert_close(small, large, rtol=0.02, atol=0)


@pytest.mark.parametrize("name", ["lamb", "l1", "entropy", "coef", "coefdiff"])
@pytest.mark.parametrize("bad", [-1, math.nan, math.inf, "1"])
def test_weights_must_be_finite_and_not_negative(name, bad):
    with pytest.raises(InputError, match=name):
        Penalty(**{name: bad})


def test_unknown_magnitude():
    with pytest.raises(UnknownName, match="Did you mean 'share'"):
        Penalty(magnitude="shares")


def test_the_fused_kernels_have_the_same_constants():
    text = (Path(__file__).parents[3] / "native" / "sparsity.hpp").read_text("utf-8")
    theirs = {
        name: float(value) for name, value in re.findall(r"constexpr double k(\w+) = ([\d.e-]+);", text)
    }
    ours = {name: getattr(module, f"_{re.sub('(?<=[a-z])(?=[A-Z])', '_', name).upper()}") for name in theirs}
    assert theirs == ours and len(theirs) == 4
