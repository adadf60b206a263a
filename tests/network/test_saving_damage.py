"""Files that are damaged, foreign or newer: a clear error, or the model as it was."""

from __future__ import annotations

import json
import random

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from edgewise.errors import FileError
from edgewise.network import build, load, save, set_formula
from edgewise.network.files.tensor_file import digest
from edgewise.testing import state_bits


@pytest.fixture
def saved(tmp_path):
    model = set_formula(build([2, (2, 1), 1], input_names=["a", "b"]), (0, 0, 1), "sin")
    path = tmp_path / "model"
    save(model, path)
    return model, path


def parts(path):
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return tensors, json.loads(file.metadata()["edgewise"])


def write(path, tensors, header):
    save_file(tensors, path, metadata={"edgewise": json.dumps(header)})


def check_load(path, model):
    """Either `FileError`, or the model with every bit it had."""
    try:
        loaded = load(path)
    except FileError as error:
        assert str(error).startswith("load: ")
        return
    assert state_bits(loaded) == state_bits(model)


def test_every_random_change_of_a_byte_is_refused_or_harmless(saved):
    model, path = saved
    content, numbers = path.read_bytes(), random.Random(0)
    for _ in range(300):
        damaged = bytearray(content)
        for _ in range(numbers.choice((1, 1, 1, 4))):
            damaged[numbers.randrange(len(damaged))] ^= 1 << numbers.randrange(8)
        path.write_bytes(damaged)
        check_load(path, model)


def test_every_change_in_the_header_is_refused_or_harmless(saved):
    model, path = saved
    content, numbers = path.read_bytes(), random.Random(1)
    size = 8 + int.from_bytes(content[:8], "little")
    for place in range(0, size, 7):
        damaged = bytearray(content)
        damaged[place] = numbers.randrange(256)
        path.write_bytes(damaged)
        check_load(path, model)


def test_one_flipped_bit_in_a_weight_is_refused(saved):
    _, path = saved
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(FileError, match="do not match their checksum"):
        load(path)


def test_a_truncated_file_is_refused_wherever_it_ends(saved):
    _, path = saved
    content = path.read_bytes()
    for length in (0, 1, 7, 8, 9, 100, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(FileError, match="damaged"):
            load(path)


def test_a_longer_file_is_refused(saved):
    _, path = saved
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(FileError, match="damaged"):
        load(path)


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x80\x04K\x01.", b"PK\x03\x04" + bytes(100), bytes(64), b"\xff" * 64]
)
def test_a_foreign_file_is_refused(tmp_path, content):
    (tmp_path / "foreign").write_bytes(content)
    with pytest.raises(FileError, match="must be a whole edgewise file"):
        load(tmp_path / "foreign")


def test_a_pickle_is_refused_and_not_executed(tmp_path):
    torch.save(build([2, 1]), tmp_path / "model.pt")
    with pytest.raises(FileError, match="must be a whole edgewise file"):
        load(tmp_path / "model.pt")


def test_the_safetensors_file_of_another_program_is_refused(tmp_path):
    save_file({"weight": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(FileError, match="it is another program's"):
        load(tmp_path / "other.safetensors")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(FileError, match="path must be a file"):
            load(path)


def test_a_newer_format_is_refused_with_advice(saved):
    _, path = saved
    tensors, header = parts(path)
    write(path, tensors, {**header, "format": 99})
    with pytest.raises(FileError, match=r"format up to 2; got 99\. Upgrade edgewise"):
        load(path)


@pytest.mark.parametrize("header", [[], "text", 3, None, {}, {"format": "1"}, {"format": None}])
def test_a_header_of_another_form_is_refused(saved, header):
    _, path = saved
    write(path, parts(path)[0], header)
    with pytest.raises(FileError, match="header is damaged"):
        load(path)


def sealed(tensors, header):
    return {**header, "digest": digest(tensors, header)}


@pytest.mark.parametrize(
    "name", ["layers.0.basis.knots", "layers.1.nodes.node_bias", "columns", "layers.0.formula.affine"]
)
def test_a_file_that_lacks_a_tensor_is_refused_even_with_a_valid_checksum(saved, name):
    _, path = saved
    tensors, header = parts(path)
    del tensors[name]
    write(path, tensors, sealed(tensors, header))
    with pytest.raises(FileError, match="load: "):
        load(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("layers.0.basis.mask", torch.ones(1, 1)),
        ("layers.0.basis.coef", torch.ones(3)),
        ("layers.0.formula.edge_index", torch.tensor([[9, 9]])),
        ("layers.0.formula.edge_index", torch.tensor([0.5])),
        ("layers.0.formula.affine", torch.tensor([[float("nan")] * 4])),
        ("layers.1.nodes.subnode_scale", torch.ones(7)),
        ("columns", torch.tensor([0, 5])),
        ("columns", torch.tensor([0])),
    ],
)
def test_tensors_that_do_not_fit_are_refused_even_with_a_valid_checksum(saved, name, value):
    _, path = saved
    tensors, header = parts(path)
    tensors[name] = value
    write(path, tensors, sealed(tensors, header))
    with pytest.raises(FileError, match="load: "):
        load(path)


@pytest.mark.parametrize(
    "change",
    [
        {"layers": []}, {"layers": None}, {"layers": 3}, {"layers": [{}, {}]}, {"n_columns": "many"},
        {"n_columns": 1}, {"input_names": ["a"]}, {"input_names": 7},
    ],
    ids=str,
)  # fmt: skip
def test_a_header_that_does_not_fit_is_refused_even_with_a_valid_checksum(saved, change):
    _, path = saved
    tensors, header = parts(path)
    write(path, tensors, sealed(tensors, {**header, **change}))
    with pytest.raises(FileError, match="load: "):
        load(path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("k", 7), ("k", -1), ("k", "three"), ("k", float("inf")), ("grid_eps", "x"), ("trained", 3),
        ("extrapolation", "wild"), ("base", "rm -rf"), ("base", None), ("formulas", []),
        ("formulas", ["__import__('os')"]), ("sums", -1), ("arities", [1]), ("arities", "22"),
    ],
)  # fmt: skip
def test_a_layer_that_does_not_fit_is_refused_even_with_a_valid_checksum(saved, key, value):
    _, path = saved
    tensors, header = parts(path)
    layer = header["layers"][0]
    (layer["settings"] if key in layer["settings"] else layer)[key] = value
    write(path, tensors, sealed(tensors, header))
    with pytest.raises(FileError, match="load: "):
        load(path)
