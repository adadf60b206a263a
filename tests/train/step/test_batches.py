from __future__ import annotations

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from edgewise.errors import InputError, ShapeError
from edgewise.network import build
from edgewise.train.data.data import Data, as_data
from edgewise.train.objective.loss import as_loss
from edgewise.train.step.batches import ShuffledBatches, StreamedBatches, make_batches

DATA = Data(torch.arange(7.0)[:, None], 10 * torch.arange(7.0)[:, None], weights=100 * torch.arange(7.0))


def test_an_epoch_has_every_sample_once_and_keeps_rows_together():
    epochs = ShuffledBatches(DATA, 3, seed=1)
    orders = []
    for _ in range(2):
        x, y, weights = (torch.cat(parts) for parts in zip(*epochs(), strict=True))
        assert sorted(x[:, 0].tolist()) == list(range(7))
        assert torch.equal(y, 10 * x) and torch.equal(weights, 100 * x[:, 0])
        orders.append(x[:, 0].tolist())
    assert orders[0] != orders[1]


def test_orders_follow_the_seed():
    def first(seed):
        return [x[:, 0].tolist() for x, _, _ in ShuffledBatches(DATA, 2, seed)()]

    assert first(3) == first(3) != first(4)


def test_streamed_batches_are_checked():
    model, loss = build([2, 1], seed=0, dtype=torch.float64), as_loss("mse")
    loader = DataLoader(TensorDataset(torch.zeros(5, 2), torch.zeros(5)), batch_size=2)
    batches = list(StreamedBatches(loader, model, loss)())
    assert [tuple(x.shape) for x, _, _ in batches] == [(2, 2), (2, 2), (1, 2)]
    assert batches[0][0].dtype == torch.float64 and batches[0][1].shape == (2, 1)
    with pytest.raises(ShapeError):
        list(StreamedBatches([(torch.zeros(5, 3), torch.zeros(5))], model, loss)())
    with pytest.raises(InputError, match="pairs"):
        list(StreamedBatches([torch.zeros(5, 3)], model, loss)())


@pytest.mark.parametrize("batch", [None, -1, 7, 100])
def test_all_samples_are_no_mini_batches(batch):
    assert make_batches(DATA, batch, build([1, 1]), as_loss("mse"), 0) is None


@pytest.mark.parametrize("batch", [0, -2, 1.0, True, "8"])
def test_sizes_that_are_refused(batch):
    with pytest.raises(InputError, match="batch must be a positive whole number"):
        make_batches(DATA, batch, build([1, 1]), as_loss("mse"), 0)


def test_a_loader_keeps_its_own_batches():
    model = build([1, 1])
    loader = DataLoader(TensorDataset(DATA.x, DATA.y), batch_size=2)
    made = make_batches(as_data(loader, model), None, model, as_loss("mse"), 0)
    assert isinstance(made, StreamedBatches)
    part = Data(DATA.x, DATA.y, batches=loader, complete=False)
    with pytest.raises(InputError, match="batches of its own"):
        make_batches(part, 2, model, as_loss("mse"), 0)
