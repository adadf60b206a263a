from __future__ import annotations

import torch
from torch import nn

from edgewise.network import build
from edgewise.train.data.spec import data_spec
from edgewise.train.objective.loss import as_loss


def test_a_network_tells_by_itself():
    wanted = data_spec(build([2, 3], dtype=torch.float64, input_names=["a", "b"]), as_loss("mse"), "predict")
    assert (wanted.dtype, wanted.inputs, wanted.outputs) == (torch.float64, 2, 3)
    assert (wanted.targets, wanted.names, wanted.where) == ("values", ("a", "b"), "predict")


def test_another_module_is_asked_with_one_sample():
    wanted = data_spec(nn.Linear(2, 3))
    assert wanted.inputs is None and wanted.knowing(torch.zeros(9, 2)).outputs == 3
    flat = nn.Sequential(nn.Linear(2, 1), nn.Flatten(0))
    assert data_spec(flat).knowing(torch.zeros(9, 2)).outputs == 0


def test_without_parameters_or_model():
    assert data_spec(nn.Identity()).dtype == torch.get_default_dtype()
    assert data_spec(None).targets == "values"
    assert data_spec(None, as_loss("cross_entropy")).targets == "classes"
