from __future__ import annotations

import json
import struct

import pytest
import torch
from safetensors.torch import save_file

from edgewise.errors import FileError
from edgewise.network.files.tensor_file import digest, read_container, write_container


def read(path):
    return read_container(path, "thing", newest=2, where="open")


def test_what_is_written_comes_back(tmp_path):
    tensors = {"a": torch.arange(6.0).reshape(2, 3).T, "b": torch.tensor(3), "c": torch.empty(0, 4)}
    write_container(tmp_path / "file", tensors, {"format": 2, "x": [1, None, "ü"]}, "thing")
    got, header = read(tmp_path / "file")
    assert header["x"] == [1, None, "ü"]
    assert all(
        torch.equal(got[name], value) and got[name].dtype == value.dtype for name, value in tensors.items()
    )


def test_a_file_of_another_kind_is_refused(tmp_path):
    write_container(tmp_path / "file", {}, {"format": 1}, "other")
    with pytest.raises(FileError, match="open: .* must be an thing file; it is another program's"):
        read(tmp_path / "file")


def test_a_header_that_claims_to_be_huge_is_refused_before_it_is_read(tmp_path):
    (tmp_path / "file").write_bytes(struct.pack("<Q", 2**62) + bytes(100))
    with pytest.raises(FileError, match="its header would be 4611686018427387904 bytes"):
        read(tmp_path / "file")


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"format":' + "9" * 10_000 + "}", "{", '{"format": true}', '{"format": 1e400}', "NaN"],
)
def test_json_made_to_break_its_reader_is_refused(tmp_path, text):
    save_file({"a": torch.zeros(1)}, tmp_path / "file", metadata={"thing": text})
    with pytest.raises(FileError, match="damaged"):
        read(tmp_path / "file")


def test_the_digest_covers_names_types_shapes_values_and_header():
    x = torch.zeros(2, 3)
    found = {
        digest(tensors, header)
        for tensors in ({"x": x}, {"y": x}, {"x": x.T}, {"x": x.int()}, {"x": x + 1})
        for header in ({}, {"a": 1})
    }
    assert len(found) == 10
    assert digest({"x": x}, {"digest": "old"}) == digest({"x": x}, {})


def test_the_digest_is_checked(tmp_path):
    x = {"x": torch.zeros(1)}
    save_file(x, tmp_path / "file", metadata={"thing": json.dumps({"format": 1, "digest": digest(x, {})})})
    with pytest.raises(FileError, match="do not match their checksum"):
        read(tmp_path / "file")
