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
    with pytest.raises(InputError, match=r"^predict: the columns must be in the model's order"):
        predict(model, frame[["b", "a"]])


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
