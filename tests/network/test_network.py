from __future__ import annotations

import copy
import io
import pickle

import numpy as np
import pytest
import torch
from torch import nn

from edgewise.errors import InputError, ShapeError
from edgewise.functions import make_function
from edgewise.network import Network, Scaler, build, mask_edges, select_nodes, set_formula, unset_formula
from edgewise.testing import check_quiet, check_same_function, state_bits


def softsign(x):
    return x / (1 + x.abs())


def samples(rows=20, columns=2, dtype=torch.float64) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return (torch.rand(rows, columns, generator=generator, dtype=torch.float64) * 2 - 1).to(dtype)


def everything() -> Network:
    """Products, formulas, a user's function and base, scalers, names, a pruned input, an edge off."""
    scaler = Scaler(torch.tensor([0.1, -0.2, 0.3]), torch.tensor([2.0, 0.5, 1.5]))
    model = build(
        [3, (2, [2, 3]), 2], base=softsign, affine_trainable=True, dtype=torch.float64,
        input_names=["a", "b", "c"], input_scaler=scaler,
        output_scaler=Scaler(torch.ones(2), 3 * torch.ones(2)),
    )  # fmt: skip
    model = set_formula(model, (0, 0, 0), "sin", (1.5, 0.2, 0.7, 0.1))
    model = set_formula(model, (1, 0, 1), make_function("softsign", softsign), (1.0, 0.3, -0.7, 0.1))
    model = mask_edges(model, [(0, 2, 1)])
    return select_nodes(model, [[0, 2], [0, 1, 2, 3], [0, 1]])


def test_drops_in_for_linear_inside_a_sequential():
    model = nn.Sequential(build([4, 3, 5], seed=1), nn.Linear(5, 2))
    assert model(torch.zeros(2, 7, 4)).shape == (2, 7, 2)
    assert model(torch.zeros(0, 4)).shape == (0, 2)


# Dynamo itself instantiates the autograd function it traces.
@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")
def test_a_training_step_compiles_in_one_graph():
    model = set_formula(build([2, (2, 1), 1]), (0, 0, 0), "sin")
    x = samples(dtype=torch.float32)

    def step(x):
        return (model(x) - x[:, :1]).square().mean()

    step(x).backward()
    want = {name: value.grad.clone() for name, value in model.named_parameters() if value.grad is not None}
    model.zero_grad()
    torch.compile(step, fullgraph=True, backend="aot_eager")(x).backward()
    for name, value in model.named_parameters():
        if name in want:
            torch.testing.assert_close(value.grad, want[name], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.zeros((3, 2)), InputError, "x must be a tensor; got ndarray. Use predict"),
        ([[0.0, 0.0]], InputError, "x must be a tensor; got list"),
        ("data", InputError, "x must be a tensor; got str"),
        (torch.zeros(3, 3), ShapeError, r"x must have 2 columns; got shape \(3, 3\)"),
        (torch.zeros(3, 1), ShapeError, r"x must have 2 columns; got shape \(3, 1\)"),
        (torch.tensor(1.0), ShapeError, r"x must have 2 columns; got shape \(\)"),
        (torch.zeros(3, 2, dtype=torch.float64), InputError, r"dtype torch.float32; got torch.float64"),
        (torch.zeros(3, 2, dtype=torch.int64), InputError, r"dtype torch.float32; got torch.int64"),
    ],
)
def test_input_that_does_not_fit_is_a_clear_error_and_never_cut_to_size(x, error, message):
    with pytest.raises(error, match=message):
        build([2, 3, 1])(x)


def test_forward_keeps_nothing_and_draws_nothing():
    model, x = everything(), samples(columns=3)
    attributes, before = set(vars(model)), state_bits(model)
    check_quiet(lambda: model(x))
    assert set(vars(model)) == attributes
    assert state_bits(model) == before


def test_formula_edges_are_always_part_of_the_function():
    # pykan's speed mode drops them silently.
    model = set_formula(
        mask_edges(build([1, 1], dtype=torch.float64), [(0, 0, 0)]), (0, 0, 0), "sin", (2, 0, 3, 1)
    )
    x = samples(columns=1)
    for mode in (model.train(), model.eval()):
        torch.testing.assert_close(mode(x), 3 * torch.sin(2 * x) + 1)


@pytest.mark.parametrize("when", ["before a forward", "after a forward"])
def test_deepcopy_pickle_and_torch_save_of_a_network_with_everything(when):
    model, x = everything(), samples(columns=3).requires_grad_()
    if when == "after a forward":
        model(x).sum().backward()
        model.zero_grad()
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    for other in (
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
        torch.load(file, weights_only=False),
    ):
        assert state_bits(other) == state_bits(model)
        assert other.names == ("a", "c")
        check_same_function(other, model, x)


def test_nothing_stays_behind_when_a_network_moves_to_another_device():
    # On the meta device every operation that mixes in a tensor of the CPU is an error.
    model = everything().to("meta")
    assert {value.device.type for value in model.state_dict().values() if value.dtype != torch.uint8} == {
        "meta"
    }
    assert model(samples(columns=3).to("meta")).shape == (20, 2)
    y = torch.zeros(5, 2, 3, device="meta", dtype=torch.float64, requires_grad=True)
    model(y).sum().backward()
    assert y.grad.is_meta


def test_state_dict_keeps_formula_edges_and_is_safe_to_load():
    model = everything()
    other = build(
        [3, (2, [2, 3]), 2], base=softsign, dtype=torch.float64,
        input_scaler=Scaler(torch.zeros(3), torch.ones(3)),
        output_scaler=Scaler(torch.zeros(2), torch.ones(2)),
    )  # fmt: skip
    other = select_nodes(other, [[0, 1], [0, 1, 2, 3], [0, 1]])
    other = unset_formula(set_formula(other, (1, 0, 1), make_function("softsign", softsign)), (1, 0, 1))
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    other.load_state_dict(torch.load(file, weights_only=True))
    check_same_function(other, model, samples(columns=3))


def test_state_dict_of_a_pruned_model_is_refused_by_one_that_reads_fewer_columns():
    pruned = select_nodes(build([3, 1]), [[0, 2], [0]])
    with pytest.raises(ShapeError, match="columns must be among this model's 2"):
        build([2, 1]).load_state_dict(pruned.state_dict())


def test_scaler_of_another_dtype_is_copied_and_converted():
    scaler = Scaler.of(samples())
    model = build([2, 1], input_scaler=scaler, dtype=torch.float32)
    assert model(samples(dtype=torch.float32)).dtype == torch.float32
    assert scaler.shift.dtype == torch.float64
    assert model.input_scaler is not scaler


def test_scalers_wrap_the_stages():
    shift, scale = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    plain = build([2, 1])
    scaled = build([2, 1], input_scaler=Scaler(shift, scale), output_scaler=Scaler(shift[:1], scale[:1]))
    x = samples(dtype=torch.float32)
    torch.testing.assert_close(scaled(x), plain((x - shift) / scale) * 3 + 1)


def test_width_grid_names_and_edges_of_a_pruned_network():
    model = everything()
    assert model.width == (2, (2, (2, 3)), 2)
    assert (model.grid, model.depth, model.n_columns) == ((3, 3), 2, 3)
    assert model.names == ("a", "c")
    assert len(list(model.active_edges())) == 2 * 7 - 1 + 4 * 2
    assert build([2, 1]).names == ("x_1", "x_2")


def test_kinds_of_edges():
    model = set_formula(mask_edges(build([2, 2]), [(0, 0, 0)]), (0, 1, 1), "exp")
    kinds = [model.edge_kind(0, i, j) for i in range(2) for j in range(2)]
    assert kinds == ["off", "spline", "spline", "formula"]
    assert model.edge_kind(np.int64(0), np.int64(1), np.int64(1)) == "formula"
    assert list(model.active_edges()) == [(0, 0, 1), (0, 1, 0), (0, 1, 1)]


@pytest.mark.parametrize(
    "edge", [(0, 2, 0), (0, 0, 1), (1, 0, 0), (-1, 0, 0), (0, 0), "abc", None, (0, 0.5, 0), 3]
)
def test_edges_that_do_not_exist_are_a_clear_error(edge):
    with pytest.raises(InputError, match=r"edge.*must be.*got"):
        mask_edges(build([2, 1]), [edge])


def test_stages_that_do_not_chain_are_refused():
    with pytest.raises(ShapeError, match="layers must chain; got 3 nodes below 2 inputs"):
        Network([*build([2, 3]).layers, *build([2, 1]).layers])
    with pytest.raises(InputError, match="must not be empty"):
        Network([])


@pytest.mark.parametrize("names", [["a"], ["a", "a"], ["a", "b", "c"]])
def test_input_names_that_do_not_fit_are_refused(names):
    with pytest.raises(ShapeError, match="input_names must be 2 different names"):
        build([2, 1], input_names=names)


def test_scalers_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="input_scaler must have 2 columns; got 3"):
        build([2, 1], input_scaler=Scaler(torch.zeros(3), torch.ones(3)))


def test_repr_is_short_and_counts_edges_by_kind():
    model = build([2, 5, 1], dtype=torch.float64)
    want = "Network(width=(2, 5, 1), grid=(3, 3), k=3, edges=15, parameters=105, dtype=float64)"
    assert repr(model) == want
    fixed = set_formula(mask_edges(model, [(0, 0, 0)]), (0, 1, 1), "sin")
    assert "edges=14 (13 spline, 1 formula)" in repr(fixed)
    assert "inputs=1 of 2" in repr(select_nodes(model, [[1], [0, 1, 2, 3, 4], [0]]))
    assert len(repr(build([30] * 8))) < 200
