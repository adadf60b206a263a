from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.errors import InputError, ShapeError
from edgewise.network import build
from edgewise.testing import state_bits
from edgewise.train import evaluate, predict

X = torch.rand(6, 2, generator=torch.Generator().manual_seed(0))


def test_the_container_is_that_of_the_inputs():
    model = build([2, 1], seed=0)
    expected = model(X).detach()
    tensor = predict(model, X)
    assert torch.equal(tensor, expected) and not tensor.requires_grad
    for x in (X.numpy(), X.tolist()):
        array = predict(model, x)
        assert isinstance(array, np.ndarray)
        np.testing.assert_allclose(array, expected.numpy(), rtol=1e-6)


def test_a_frame_keeps_its_index():
    pd = pytest.importorskip("pandas")
    model = build([2, 1], seed=0, input_names=["a", "b"])
    frame = pd.DataFrame(X.numpy(), columns=["a", "b"], index=list("uvwxyz"))
    assert list(predict(model, frame).index) == list("uvwxyz")
    np.testing.assert_array_equal(predict(model, frame[["b", "a"]]), predict(model, frame))
    with pytest.raises(InputError, match=r"^predict: x must have the columns .*Add or rename b\.$"):
        predict(model, frame.rename(columns={"b": "c"}))


def test_targets_beside_the_inputs_are_not_looked_at():
    model = build([2, 1], seed=0)
    y = torch.full((6,), torch.nan)
    assert torch.equal(predict(model, (X, y)), predict(model, X))
    array = predict(model, {"train_input": X.numpy(), "train_label": y})
    assert isinstance(array, np.ndarray)
    np.testing.assert_array_equal(array, predict(model, X.numpy()))


def test_leading_dimensions_stay():
    model = build([2, 1], seed=0)
    assert predict(model, X.reshape(2, 3, 2)).shape == (2, 3, 1)


def test_wrong_inputs_are_refused():
    model = build([2, 1], seed=0)
    with pytest.raises(ShapeError, match=r"^predict: x must have 2 columns"):
        predict(model, X[:, :1])
    with pytest.raises(InputError, match=r"^predict: x must be finite"):
        predict(model, X * torch.nan)


def test_evaluate_measures_and_changes_nothing():
    model = build([2, 1], seed=0)
    before = state_bits(model)
    y = X.sum(1)
    data = {"train_input": X, "train_label": y, "test_input": X[:2], "test_label": y[:2]}
    values = evaluate(model, data, loss="mae", metrics="r2")
    assert set(values) == {"train_loss", "mae", "r2", "test_loss", "test_r2"}
    expected = (model(X)[:, 0] - y).abs().mean().item()
    assert values["train_loss"] == values["mae"] == pytest.approx(expected)
    assert state_bits(model) == before
