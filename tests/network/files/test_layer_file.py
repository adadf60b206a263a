from __future__ import annotations

import json

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import save_file

from edgewise.errors import FileError
from edgewise.network import Network, build, load, save, set_formula, stand_for
from edgewise.network.files.tensor_file import digest

HUGE = [
    0,
    -1,
    2**31,
    2**63,
    10**30,
    1.5,
    float("inf"),
    float("nan"),
    True,
    None,
    "",
    "1e9",
    [],
    [[]],
    {},
    [10**9],
]
JSON = st.recursive(
    st.sampled_from(HUGE) | st.integers() | st.floats() | st.text(max_size=5) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
FIELDS = [(key,) for key in ("format", "n_columns", "input_names", "layers", "replaced")] + [
    ("layers", layer, *keys)
    for layer in (0, 1)
    for keys in (
        *((key,) for key in ("kind", "settings", "trained", "formulas", "sums", "arities")),
        *(("settings", key) for key in ("grid", "k", "grid_eps", "extrapolation", "base", "init", "x")),
    )
]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "model"
    model = build([2, (2, 1), 1], input_names=["a", "b"])
    save(stand_for(set_formula(model, (0, 0, 1), "sin"), model), path)
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return path, tensors, file.metadata()["edgewise"]


def seal(path, tensors, header):
    content = json.dumps({**header, "digest": digest(tensors, header)})
    save_file(
        {name: value.contiguous() for name, value in tensors.items()}, path, metadata={"edgewise": content}
    )


def whole_or_refused(path):
    """Either a clear error, or a network that can be asked for its names and outputs."""
    try:
        model = load(path)
    except FileError as error:
        assert str(error).startswith("load: ")
        return
    assert isinstance(model, Network) and len(model.names) == 2
    if model.n_columns < 1000:
        assert model(torch.zeros(3, model.n_columns)).shape == (3, 1)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=st.sampled_from(FIELDS), value=JSON)
def test_any_value_in_a_signed_header_is_refused_or_harmless(saved, tmp_path, field, value):
    _, tensors, text = saved
    header = json.loads(text)
    place = header
    for key in field[:-1]:
        place = place[key]
    place[field[-1]] = value
    seal(tmp_path / "m", tensors, header)
    whole_or_refused(tmp_path / "m")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_tensor_in_a_signed_file_is_refused_or_harmless(saved, tmp_path, data):
    _, tensors, text = saved
    name = data.draw(st.sampled_from(sorted(tensors)))
    shape = data.draw(st.lists(st.integers(0, 7), max_size=4) | st.just(list(tensors[name].shape)))
    dtype = data.draw(st.sampled_from([torch.float32, torch.float64, torch.int64, torch.uint8, torch.bool]))
    fill = data.draw(st.sampled_from([0.0, 1.0, -5.0, float("nan"), float("inf"), 1e30]))
    value = torch.full(shape, fill, dtype=torch.float64).nan_to_num(3.0, 4.0).to(dtype)
    value = torch.full(shape, fill, dtype=dtype) if dtype.is_floating_point else value
    seal(tmp_path / "m", {**tensors, name: value}, json.loads(text))
    whole_or_refused(tmp_path / "m")


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("knots", lambda t: t * float("nan"), "knots must be finite and rise"),
        ("knots", lambda t: t.flip(1), "knots must be finite and rise"),
        ("knots", lambda t: t * 0, "knots must be finite and rise"),
        ("knots", lambda t: t.double(), "knots must have shape"),
        ("coef", lambda t: t.int(), "coef must have shape .* of a floating type"),
        ("coef", lambda t: t[:0], "coef must have shape"),
        ("mask", lambda t: t.bool(), "mask must have shape"),
        ("mask", lambda t: t / 0, "masks be finite"),
    ],
)
def test_tensors_that_make_no_splines_are_refused(saved, tmp_path, name, change, message):
    _, tensors, text = saved
    whole = f"layers.0.basis.{name}"
    seal(tmp_path / "m", {**tensors, whole: change(tensors[whole])}, json.loads(text))
    with pytest.raises(FileError, match=message):
        load(tmp_path / "m")


@pytest.mark.parametrize("key", ["sums", "k", "grid", "n_columns"])
@pytest.mark.parametrize("value", [10**9, 10**15, 10**40])
def test_huge_sizes_are_refused_before_anything_of_the_size_is_made(saved, tmp_path, key, value):
    _, tensors, text = saved
    header = json.loads(text)
    layer = header["layers"][0]
    places = {"n_columns": header, "k": layer["settings"], "grid": layer["settings"]}
    places.get(key, layer)[key] = value
    seal(tmp_path / "m", tensors, header)
    if (key, value) == ("n_columns", 10**9):
        header["input_names"] = None
        header["replaced"] |= {"n_columns": value, "input_names": None}
        seal(tmp_path / "m", tensors, header)
        assert load(tmp_path / "m").n_columns == 10**9  # nothing has to be made of that size
        return
    with pytest.raises(FileError, match="load: "):
        load(tmp_path / "m")


def test_a_tensor_too_many_is_refused(saved, tmp_path):
    _, tensors, text = saved
    for name in ("layers.0.more", "layers.7.basis.coef", "else", "input_scaler.more"):
        seal(tmp_path / "m", {**tensors, name: torch.zeros(1)}, json.loads(text))
        with pytest.raises(FileError, match="load: "):
            load(tmp_path / "m")
