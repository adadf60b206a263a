"""The compiled objective is the objective: value, parts and gradient."""

from __future__ import annotations

import pytest
import torch

from edgewise import KAN
from edgewise.edges import native
from edgewise.network import Scaler
from edgewise.train.compiled import compiled_objective
from edgewise.train.data import Data
from edgewise.train.loss import as_loss
from edgewise.train.objective import Objective
from edgewise.train.parameters import FlatParameters, trainable
from edgewise.train.penalty import Penalty

pytestmark = pytest.mark.skipif(not native.AVAILABLE, reason="built without the compiled part")


def some_case(width, penalty, batch=37, scaled=False, weighted=False, loss="mse", dtype=torch.float64):
    scaler = Scaler(torch.tensor([0.3]), torch.tensor([2.0])) if scaled else None
    model = KAN(width, grid=4, seed=0, dtype=dtype, affine_trainable=True, output_scaler=scaler)
    generator = torch.Generator().manual_seed(1)

    def random(*shape):
        return torch.rand(*shape, generator=generator, dtype=dtype)

    with torch.no_grad():
        for part in model.parameters():
            part.add_(0.2 * random(*part.shape) - 0.1)
        for stage in model.stages:
            stage.spline.mask[0, 0] = 0
    data = Data(
        random(batch, width[0]) * 2.4 - 1.2, random(batch, 1), weights=random(batch) if weighted else None
    )
    return Objective(model, as_loss(loss), penalty), data, FlatParameters(trainable(model))


@pytest.mark.parametrize("width", [[2, 5, 1], [3, (2, 2), 4, 1]], ids=str)
@pytest.mark.parametrize("magnitude", ["gain", "deviation", "share"])
@pytest.mark.parametrize("batch", [1, 37, 3000])
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_value_parts_and_gradient(width, magnitude, batch, scaled, weighted):
    penalty = Penalty(1e-2, 1.0, 2.0, 0.1, 0.2, magnitude)
    objective, data, flat = some_case(width, penalty, batch, scaled, weighted)
    report, gradient = compiled_objective(objective, data, flat)(flat.read())
    terms = objective(data.x, data.y, data.weights)
    expected = flat.gradient(terms.objective)
    assert report.objective == pytest.approx(terms.objective.item(), abs=1e-9)
    assert report.loss == pytest.approx(terms.loss.item(), abs=1e-9)
    assert report.penalty == pytest.approx(terms.penalty.item(), abs=1e-9)
    assert (gradient - expected).abs().max() <= 1e-9 * expected.abs().max()


@pytest.mark.parametrize("lamb", [0.0, 1e-2])
def test_the_gradient_is_that_of_finite_differences(lamb):
    objective, data, flat = some_case([2, 3, 1], Penalty(lamb, 1.0, 2.0, 0.0, 0.0, "gain"))
    compiled, start, step = compiled_objective(objective, data, flat), flat.read(), 1e-6
    rise = [
        compiled(start + step * way)[0].objective - compiled(start - step * way)[0].objective
        for way in torch.eye(len(start), dtype=start.dtype)
    ]
    expected = torch.tensor(rise, dtype=start.dtype) / (2 * step)
    assert (compiled(start)[1] - expected).abs().max() <= 1e-7


def test_the_model_is_left_alone():
    objective, data, flat = some_case([2, 3, 1], Penalty())
    before = flat.read()
    compiled_objective(objective, data, flat)(before + 1)
    assert torch.equal(flat.read(), before)


def test_other_losses_are_left_to_torch():
    assert compiled_objective(*some_case([2, 3, 1], Penalty(), loss="mae")) is None


def test_magnitudes_of_the_user_are_left_to_torch():
    penalty = Penalty(1e-2, magnitude=lambda edges, inputs, sums: edges)
    assert compiled_objective(*some_case([2, 3, 1], penalty)) is None
