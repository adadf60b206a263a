"""Files: what is saved comes back, to the last bit."""

from __future__ import annotations

import os
import stat

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from edgewise.errors import FileError, InputError
from edgewise.functions import make_function
from edgewise.layers import BASES
from edgewise.network import (
    Network,
    Scaler,
    build,
    load,
    mask_edges,
    save,
    select_nodes,
    set_formula,
    update_grid,
)
from edgewise.testing import check_quiet, check_same_function, state_bits

DTYPES = [torch.float32, torch.float64, torch.bfloat16]


def softsign(x):
    return x / (1 + x.abs())


def everything(dtype: torch.dtype) -> Network:
    """Products, formulas, masks, scalers, names, pruned inputs, adapted knots, frozen parts."""
    model = build(
        [3, (3, [2, 3]), 2], affine_trainable=True, dtype=dtype, input_names=["a b", "größe", "c"],
        grid=[3, 5], k=2, extrapolation="constant", grid_eps=0.3, base="identity",
        input_scaler=Scaler(torch.tensor([0.1, -0.2, 0.3]), torch.tensor([2.0, 0.5, 1.5])),
        output_scaler=Scaler(torch.ones(2), 3 * torch.ones(2)),
    )  # fmt: skip
    model = set_formula(model, (0, 1, 0), "sin", (1.5, 0.2, 0.7, 0.1))
    model = set_formula(model, (0, 0, 5), "x^2", (1.1, 0.3, -0.7, 0.1))
    model = set_formula(model, (1, 2, 1), "sin", (0.1, 0.2, 0.3, 0.4))
    model = select_nodes(mask_edges(model, [(0, 2, 1)]), [[0, 1], [0, 1, 2, 3, 4], [0, 1]])
    model.layers[0].basis.scale_base.requires_grad_(False)
    model.layers[1].formula.affine.requires_grad_(False)
    model.layers[1].nodes.node_bias.data.add_(0.25)
    update_grid(model, samples(dtype, 60))
    return model


def samples(dtype=torch.float64, rows=25) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return (torch.rand(rows, 3, generator=generator, dtype=torch.float64) * 3 - 1.5).to(dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_round_trip_is_bit_exact_with_everything(tmp_path, dtype):
    model, path = everything(dtype), tmp_path / "model.safetensors"
    before = state_bits(model)
    check_quiet(lambda: save(model, path))
    other = check_quiet(lambda: load(path))
    assert state_bits(model) == before
    assert state_bits(other) == before
    check_same_function(other, model, samples(dtype))
    assert (other.names, other.width, other.grid) == (model.names, model.width, model.grid)
    assert other.input_names == ("a b", "größe", "c")
    for ours, theirs in zip(other.layers, model.layers, strict=True):
        assert ours.basis.extra_repr() == theirs.basis.extra_repr()
        assert (ours.basis.grid_eps, ours.basis.extrapolation) == (0.3, "constant")
        assert ours.formula.names == theirs.formula.names


@pytest.mark.parametrize("trained", [True, False])
def test_what_is_trained_comes_back_parameter_by_parameter(tmp_path, trained):
    model = set_formula(build([2, 3, 1]), (0, 0, 0), "exp")
    for number, value in enumerate(model.parameters()):
        value.requires_grad_(bool(number % 2) == trained)
    save(model, tmp_path / "m")
    loaded = load(tmp_path / "m")
    want = [value.requires_grad for value in model.parameters()]
    assert [value.requires_grad for value in loaded.parameters()] == want


@pytest.mark.parametrize("base", BASES)
def test_named_bases_come_back(tmp_path, base):
    model = build([3, 2], base=base, dtype=torch.float64)
    save(model, tmp_path / "m")
    check_same_function(load(tmp_path / "m"), model, samples())


def test_own_base_is_asked_for_by_name(tmp_path):
    model = build([3, 2, 1], base=softsign, dtype=torch.float64)
    save(model, tmp_path / "m")
    with pytest.raises(
        FileError, match=r"uses the base 'softsign' of your own. Pass bases=\{'softsign': function\}"
    ):
        load(tmp_path / "m")
    check_same_function(load(tmp_path / "m", bases={"softsign": softsign}), model, samples())


def test_own_base_with_the_name_of_a_known_one_is_asked_for_too(tmp_path):
    def silu(x):
        return x * torch.sigmoid(2 * x)

    model = build([3, 1], base=silu, dtype=torch.float64)
    save(model, tmp_path / "m")
    with pytest.raises(FileError, match="uses the base 'own silu'"):
        load(tmp_path / "m")
    check_same_function(load(tmp_path / "m", bases={"own silu": silu}), model, samples())


def test_own_symbolic_function_is_asked_for_by_name(tmp_path):
    model = set_formula(build([3, 1], dtype=torch.float64), (0, 1, 0), make_function("soft", softsign))
    save(model, tmp_path / "m")
    with pytest.raises(
        FileError, match=r"uses the function 'soft', .*Pass functions=\{'soft': make_function"
    ):
        load(tmp_path / "m")
    loaded = load(tmp_path / "m", functions={"soft": make_function("soft", softsign)})
    check_same_function(loaded, model, samples())


def test_an_anonymous_function_loads_again(tmp_path):
    anonymous = make_function("<lambda>", lambda x: x.square())
    model = set_formula(build([3, 1], base=lambda x: x.sin()), (0, 1, 0), anonymous)
    save(model, tmp_path / "m")
    loaded = load(tmp_path / "m", functions={"<lambda>": anonymous}, bases={"<lambda>": torch.sin})
    check_same_function(loaded, model, samples(torch.float32))


def test_saving_again_gives_the_same_function_after_loading(tmp_path):
    model = everything(torch.float32)
    save(model, tmp_path / "a")
    save(load(tmp_path / "a"), tmp_path / "b")
    check_same_function(load(tmp_path / "b"), model, samples(torch.float32))


def test_a_pruned_model_comes_back_and_can_be_pruned_again(tmp_path):
    model = build([4, 2, 1], input_names="abcd", dtype=torch.float64)
    save(select_nodes(model, [[1, 2, 3], [0, 1], [0]]), tmp_path / "m")
    twice = select_nodes(load(tmp_path / "m"), [[1, 2], [0, 1], [0]])
    assert (twice.columns.tolist(), twice.names) == ([2, 3], ("c", "d"))


def test_columns_in_another_order_come_back(tmp_path):
    model = select_nodes(build([3, 2], dtype=torch.float64), [[2, 0, 1], [0, 1]])
    save(model, tmp_path / "m")
    check_same_function(load(tmp_path / "m"), model, samples())


def test_numpy_settings_can_be_saved_and_loaded(tmp_path):
    model = build(
        [np.int64(3), 2], grid=np.int64(4), k=np.int64(2), seed=np.int64(1), grid_eps=np.float64(0.5)
    )
    save(model, tmp_path / "m")
    check_same_function(load(tmp_path / "m"), model, samples(torch.float32))


def test_a_loaded_model_trains(tmp_path):
    save(everything(torch.float32), tmp_path / "m")
    model = load(tmp_path / "m")
    model(samples(torch.float32)).square().mean().backward()
    assert any(value.grad is not None for value in model.parameters())


def test_nothing_but_the_file_is_left_and_an_old_one_is_replaced(tmp_path):
    path = tmp_path / "model"
    save(build([2, 1], seed=0), path)
    save(build([2, 3, 1], seed=1), str(path))
    assert os.listdir(tmp_path) == ["model"]
    assert load(path).width == (2, 3, 1)


def test_a_save_that_fails_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch):
    path = tmp_path / "model"
    save(build([2, 1]), path)
    before = path.read_bytes()

    def full(*args, **kwargs):
        raise OSError("no space left on device")

    for step in ("edgewise.network.files.tensor_file.save_file", "os.replace"):
        with monkeypatch.context() as patch:
            patch.setattr(step, full)
            with pytest.raises(OSError, match="no space"):
                save(build([2, 3, 1]), path)
        assert os.listdir(tmp_path) == ["model"]
        assert path.read_bytes() == before


def test_files_have_the_permissions_of_any_new_file(tmp_path):
    save(build([2, 1]), tmp_path / "model")
    (tmp_path / "plain").touch()
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("model", "plain")]
    assert modes[0] == modes[1]


def test_saving_into_a_missing_folder_or_onto_a_folder_is_a_clear_error(tmp_path):
    with pytest.raises(InputError, match="folder of path must exist"):
        save(build([2, 1]), tmp_path / "missing" / "model")
    with pytest.raises(InputError, match="path must name a file"):
        save(build([2, 1]), tmp_path)
    assert os.listdir(tmp_path) == []


def test_device_is_chosen_on_loading(tmp_path):
    save(build([2, 1]), tmp_path / "m")
    assert {value.device.type for value in load(tmp_path / "m", device=torch.device("cpu")).parameters()} == {
        "cpu"
    }


COUNTS = st.tuples(st.integers(1, 3), st.lists(st.integers(2, 3), max_size=2))


@settings(deadline=None, derandomize=True, max_examples=20)
@given(
    st.lists(COUNTS, min_size=1, max_size=3), st.integers(1, 9), st.integers(0, 5),
    st.sampled_from(["linear", "constant", "decay", "periodic"]), st.sampled_from(DTYPES),
)  # fmt: skip
def test_networks_of_any_shape_come_back_with_every_bit(tmp_path_factory, levels, grid, k, rule, dtype):
    model = build([3, *levels], grid=grid, k=k, extrapolation=rule, dtype=dtype)
    path = tmp_path_factory.mktemp("any") / "model"
    save(model, path)
    loaded = load(path)
    assert state_bits(loaded) == state_bits(model)
    check_same_function(loaded, model, samples(dtype))
