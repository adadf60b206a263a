"""Checkpoints that were changed and signed anew: each is refused by a clear error, or a run goes on from it."""

from __future__ import annotations

import json
import math

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import save_file

from edgewise import Checkpoint
from edgewise.errors import EdgewiseError
from edgewise.network import build
from edgewise.network.files.tensor_file import digest
from edgewise.train import fit

KIND = "edgewise-checkpoint"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
RUNS = {"lbfgs": {"steps": 4}, "adam": {"steps": 4, "opt": "Adam", "batch": 8, "scheduler": "cosine"}}


def run(name, path):
    x = torch.linspace(-1, 1, 20, dtype=torch.float64)[:, None]
    model = build([1, 1], dtype=torch.float64)
    return fit(model, (x, x**2), checkpoint=Checkpoint(path, 1), **RUNS[name])


@pytest.fixture(scope="module", params=sorted(RUNS))
def whole(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoint") / "run.ckpt"

    def stop(done, values):
        if done == 2:
            raise KeyboardInterrupt

    x = torch.linspace(-1, 1, 20, dtype=torch.float64)[:, None]
    model = build([1, 1], dtype=torch.float64)
    fit(model, (x, x**2), checkpoint=Checkpoint(path, 1), callback=stop, **RUNS[request.param])
    with safe_open(str(path), framework="pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        return request.param, path, tensors, file.metadata()[KIND]


def seal(path, tensors, header):
    header["digest"] = digest(tensors, header)
    save_file(tensors, path, metadata={KIND: json.dumps(header)})


def goes_on_or_is_refused(name, path):
    try:
        found = run(name, path)
    except EdgewiseError as error:
        assert str(error).startswith("fit: ")
        return
    assert isinstance(found.stop.reason, str)
    assert all(isinstance(value, float) or math.isnan(value) for value in found.history["train_loss"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_value_in_a_signed_checkpoint_is_refused_or_harmless(whole, data):
    name, path, tensors, text = whole
    header = json.loads(text)
    place, key = header, "state"
    while isinstance(place[key], (dict, list)) and place[key] and data.draw(st.integers(0, 4)):
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
    place[key] = data.draw(JSON)
    seal(path, tensors, header)
    goes_on_or_is_refused(name, path)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_tensor_in_a_signed_checkpoint_is_refused_or_harmless(whole, data):
    name, path, tensors, text = whole
    chosen = data.draw(st.sampled_from(sorted(tensors)))
    shape = data.draw(st.lists(st.integers(0, 7), max_size=3) | st.just(list(tensors[chosen].shape)))
    dtype = data.draw(st.sampled_from([torch.float32, torch.float64, torch.int64, torch.uint8, torch.bool]))
    fill = data.draw(st.sampled_from([0.0, 1.0, -5.0, 1e30]))
    value = torch.full(shape, fill, dtype=torch.float64).clamp(-9, 9 if not dtype.is_floating_point else None)
    seal(path, {**tensors, chosen: value.to(dtype)}, json.loads(text))
    goes_on_or_is_refused(name, path)
