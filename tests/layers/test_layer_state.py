"""Settings that travel in a state dict: another base, rule or product is refused."""

from __future__ import annotations

import io

import pytest
import torch

from edgewise import KAN, KANLayer
from edgewise.errors import FileError, InputError
from edgewise.layers import NodeLayer
from edgewise.layers.layer_state import check_settings, pack_settings


def layer(**settings):
    return KANLayer(2, 3, seed=0, **settings)


@pytest.mark.parametrize(
    ("saved", "into", "word"),
    [
        ({"base": "silu"}, {"base": "identity"}, "base"),
        ({"base": torch.tanh}, {"base": torch.sin}, "base"),
        ({"base": "zero"}, {"base": torch.nn.GELU()}, "base"),
        ({"extrapolation": "linear"}, {"extrapolation": "constant"}, "extrapolation"),
        ({"extrapolation": "periodic"}, {"extrapolation": "error"}, "extrapolation"),
    ],
)
@pytest.mark.parametrize("assign", [False, True])
def test_the_state_of_another_kind_is_refused_and_changes_nothing(saved, into, word, assign):
    target = layer(**into)
    before = target.coef.detach().clone()
    with torch.no_grad():
        source = layer(**saved)
        source.coef.add_(1)
    with pytest.raises(InputError, match=rf"load_state_dict: {word} of the KANLayer must be"):
        target.load_state_dict(source.state_dict(), assign=assign)
    assert torch.equal(target.coef, before)


@pytest.mark.parametrize("arities", [((2, 4), (3, 3)), ((4, 2), (2, 4))])
def test_products_of_other_factors_are_refused(arities):
    one, other = (NodeLayer(1, found) for found in arities)
    with pytest.raises(InputError, match="arities of the NodeLayer must be"):
        other.load_state_dict(one.state_dict())


@pytest.mark.parametrize(
    "make",
    [layer, lambda: KAN([2, 3, 1], seed=0), lambda: KAN([2, (2, 2), 1], seed=0, base=torch.tanh)],
    ids=["layer", "network", "products"],
)
def test_a_state_goes_through_a_file_of_weights_only(make):
    model, file = make(), io.BytesIO()
    with torch.no_grad():
        for part in model.parameters():
            part.add_(1)
    torch.save(model.state_dict(), file)
    file.seek(0)
    again = make()
    again.load_state_dict(torch.load(file, weights_only=True))
    x = torch.rand(5, 2)
    assert torch.equal(again(x), model(x))


def test_an_older_state_has_no_settings_and_a_scale_of_the_splines():
    source, target = layer(), layer()
    scale = torch.tensor([[2.0, 1.0, 0.5], [1.0, 3.0, 1.0]])
    state = {name: value for name, value in source.state_dict().items() if name != "_extra_state"}
    target.load_state_dict({**state, "scale_spline": scale})
    assert torch.equal(target.coef, source.coef * scale.unsqueeze(1))


def test_averages_of_states_are_states():
    one, other = layer().state_dict(), layer().state_dict()
    mean = {name: 0.7 * one[name] + 0.3 * other[name] for name in one}
    layer().load_state_dict(mean)


@pytest.mark.parametrize("state", [torch.zeros(3), torch.zeros(3, dtype=torch.uint8), "silu", None])
def test_what_is_no_state_is_refused(state):
    with pytest.raises(FileError, match="must be its own JSON"):
        check_settings(state, {}, "KANLayer")


def test_a_newer_version_is_refused():
    state = pack_settings({"version": 99})
    with pytest.raises(FileError, match="version of a KANLayer's state must be 1; got 99"):
        check_settings(state, {}, "KANLayer")


def test_states_have_one_length():
    assert len({len(pack_settings({"base": name})) for name in ("silu", "identity", "own silu")}) == 1
