from __future__ import annotations

import copy
import pickle
import random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from edgewise.datasets import Dataset, create_dataset, create_dataset_from_data
from edgewise.errors import InputError, ShapeError, UnknownName

KEYS = {"train_input", "train_label", "test_input", "test_label"}


def product(x):
    return x[:, 0] * x[:, 1]


def test_it_has_the_four_keys_with_inputs_and_labels_as_columns():
    data = create_dataset(product, n_var=2, train_num=30, test_num=7)
    assert isinstance(data, dict) and set(data) == KEYS
    assert data["train_input"].shape == (30, 2) and data["test_input"].shape == (7, 2)
    assert data["train_label"].shape == (30, 1) and data["test_label"].shape == (7, 1)
    assert torch.equal(data["test_label"][:, 0], product(data["test_input"]))


def test_labels_may_have_several_outputs():
    data = create_dataset(lambda x: torch.stack([x[:, 0], x.sum(1), x[:, 1]], dim=1), train_num=5, test_num=4)
    assert data["train_label"].shape == (5, 3) and data["test_label"].shape == (4, 3)
    assert data.label_shift.shape == (3,)


def test_f_mode_row_gives_the_function_its_variables_as_rows():
    rows = create_dataset(lambda x: x[0] * x[1], f_mode="row", train_num=20)
    columns = create_dataset(product, train_num=20)
    assert all(torch.equal(rows[key], columns[key]) for key in KEYS)


def test_the_samples_are_those_of_pykan_for_the_same_seed():
    data = create_dataset(product, ranges=[(-1, 1), (2, 5)], train_num=6, test_num=3, seed=4)
    expected = {"train_input": torch.zeros(6, 2), "test_input": torch.zeros(3, 2)}
    with torch.random.fork_rng():
        torch.manual_seed(4)
        for i, (low, high) in enumerate([(-1, 1), (2, 5)]):
            for points in expected.values():
                points[:, i] = torch.rand(len(points)) * (high - low) + low
    assert all(torch.equal(data[key], points) for key, points in expected.items())


@settings(max_examples=30)
@given(
    bounds=st.lists(
        st.tuples(st.floats(-1e3, 1e3), st.floats(0, 1e3)).map(lambda pair: (pair[0], pair[0] + pair[1])),
        min_size=1,
        max_size=4,
    ),
    seed=st.integers(0, 2**32),
)
def test_every_point_lies_in_its_range(bounds, seed):
    data = create_dataset(
        lambda x: x.sum(1), len(bounds), bounds, train_num=20, test_num=5, seed=seed, dtype=torch.float64
    )
    for points in (data["train_input"], data["test_input"]):
        low, high = torch.tensor(bounds, dtype=torch.float64).T
        slack = 1e-12 * (1 + high.abs())
        assert ((points >= low - slack) & (points <= high + slack)).all()


@pytest.mark.parametrize(
    "ranges",
    [
        [2, 3],
        (2, 3),
        np.array([2, 3]),
        torch.tensor([2, 3]),
        [[2, 3], [2, 3]],
        np.array([[2.0, 3.0], [2.0, 3.0]]),
        torch.tensor([[2.0, 3.0], [2.0, 3.0]], requires_grad=True),
        [torch.tensor([2.0, 3.0]), np.array([2, 3])],
    ],
    ids=repr,
)
def test_ranges_may_be_a_pair_or_a_pair_to_a_variable_of_any_kind(ranges):
    data = create_dataset(product, 2, ranges, train_num=50)
    assert torch.equal(data["train_input"], create_dataset(product, 2, (2, 3), train_num=50)["train_input"])
    assert ((data["train_input"] >= 2) & (data["train_input"] <= 3)).all()


def test_fault_numpy_pair_as_ranges_crashes():
    assert create_dataset(product, ranges=np.array([-1, 1]))["train_input"].shape == (1000, 2)


def test_fault_global_seeds_are_reset(no_side_effects):
    random.seed(11)
    torch.manual_seed(11)
    no_side_effects.restart()
    create_dataset(product, seed=3)
    create_dataset_from_data(torch.rand(9, 2, generator=torch.Generator()), torch.ones(9))


def test_fault_normalisation_cannot_be_inverted():
    ranges = [(-3, 5), (100, 101)]
    plain = create_dataset(product, ranges=ranges, dtype=torch.float64)
    data = create_dataset(
        product, ranges=ranges, dtype=torch.float64, normalize_input=True, normalize_label=True
    )
    for key in ("train_input", "train_label"):
        assert data[key].mean(0).abs().max() < 1e-12
        assert (data[key].std(0) - 1).abs().max() < 1e-12
    for part in ("train", "test"):
        inputs = data.original_inputs(data[f"{part}_input"])
        labels = data.original_labels(data[f"{part}_label"])
        torch.testing.assert_close(inputs, plain[f"{part}_input"], rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(labels, plain[f"{part}_label"], rtol=1e-12, atol=1e-12)


def test_without_normalisation_the_shifts_are_zero_and_the_scales_one():
    data = create_dataset(product)
    assert torch.equal(data.input_shift, torch.zeros(2)) and torch.equal(data.input_scale, torch.ones(2))
    assert torch.equal(data.original_labels(data["train_label"]), data["train_label"])


@pytest.mark.parametrize("train_num", [1, 2, 1000])
def test_fault_constant_columns_normalise_to_nan(train_num):
    data = create_dataset(
        lambda x: 0.1 + 0 * x[:, 0],
        ranges=[(0.1, 0.1), (0, 1)],
        train_num=train_num,
        normalize_input=True,
        normalize_label=True,
    )
    assert all(torch.isfinite(tensor).all() for tensor in data.values())
    assert data["train_input"][:, 0].abs().max() < 1e-6 and data["train_label"].abs().max() < 1e-6


def test_fault_unknown_f_mode_is_printed_and_crashes_later():
    with pytest.raises(UnknownName, match="f_mode must be one of col, row; got 'rows'"):
        create_dataset(product, f_mode="rows")


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_fault_only_the_default_dtype_is_possible(dtype):
    data = create_dataset(product, dtype=dtype, normalize_input=True)
    assert (
        {tensor.dtype for tensor in data.values()}
        == {dtype}
        == {data.input_scale.dtype, data.label_shift.dtype}
    )
    assert data["train_input"].unique().numel() > 200


def test_a_function_that_works_in_place_leaves_the_inputs_alone():
    def careless(x):
        x *= 100
        return x[:, 0]

    assert create_dataset(careless)["train_input"].abs().max() <= 1


def test_a_function_with_parameters_gives_labels_without_a_graph():
    layer = torch.nn.Linear(2, 1)
    assert not create_dataset(layer)["train_label"].requires_grad


def test_labels_may_be_derivatives():
    def slope(x):
        x = x.detach().requires_grad_()
        return torch.autograd.grad((x**2).sum(), x)[0][:, 0]

    data = create_dataset(slope)
    torch.testing.assert_close(data["train_label"][:, 0], 2 * data["train_input"][:, 0])


def test_the_same_seed_gives_the_same_bits_and_another_seed_others():
    first, second, other = (create_dataset(product, seed=seed)["train_input"] for seed in (5, 5, 6))
    assert torch.equal(first, second) and not torch.equal(first, other)


def test_test_num_zero_gives_empty_test_tensors():
    data = create_dataset(product, test_num=0, normalize_input=True, normalize_label=True)
    assert data["test_input"].shape == (0, 2) and data["test_label"].shape == (0, 1)


def test_it_copies_and_pickles_with_its_scales():
    data = create_dataset(product, normalize_label=True)
    for twin in (copy.deepcopy(data), copy.copy(data), pickle.loads(pickle.dumps(data))):
        assert isinstance(twin, Dataset) and set(twin) == KEYS
        assert torch.equal(twin.label_scale, data.label_scale)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_var": 0}, InputError, "n_var must be an integer of at least 1; got 0"),
        ({"n_var": 2.5}, InputError, "n_var must be an integer"),
        ({"n_var": True}, InputError, "n_var must be an integer"),
        ({"train_num": 0}, InputError, "train_num must be an integer of at least 1"),
        ({"test_num": -1}, InputError, "test_num must be an integer of at least 0"),
        ({"seed": "zero"}, InputError, "seed must be a 64-bit integer"),
        ({"seed": None}, InputError, "seed must be a 64-bit integer"),
        ({"dtype": torch.int64}, InputError, "dtype must be a floating torch dtype"),
        ({"dtype": "float64"}, InputError, "dtype must be a floating torch dtype"),
        ({"ranges": "col"}, InputError, "ranges must be numbers; got 'col'"),
        ({"ranges": (-1, 0, 1)}, ShapeError, r"got shape \(3,\)"),
        (
            {"ranges": [(-1, 1)] * 3},
            ShapeError,
            r"shape \(2, 2\), a pair to a variable; got shape \(3, 2\)",
        ),
        ({"ranges": (1, -1)}, InputError, "low <= high"),
        ({"ranges": (0, float("inf"))}, InputError, "ranges must be finite"),
        ({"ranges": (0, float("nan"))}, InputError, "ranges must be finite"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=f"create_dataset: .*{message}"):
        create_dataset(product, **arguments)


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda x: x[0] * x[1], ShapeError, r"got shape \(2,\).*else pass f_mode='row'"),
        (lambda x: x.sum(), ShapeError, r"got shape \(\)"),
        (lambda x: x[:, :0], ShapeError, r"got shape \(1000, 0\)"),
        (lambda x: 1.0, InputError, "f must give a torch tensor; got float"),
        (lambda x: np.ones(len(x)), InputError, "f must give a torch tensor; got ndarray"),
        (lambda x: torch.sqrt(x[:, 0]), InputError, "inf or nan at .* of 1000 points. Narrow the ranges"),
        (lambda x: torch.complex(x[:, 0], x[:, 1]), InputError, "real labels"),
    ],
)
def test_bad_functions_are_told_what_to_do(f, error, message):
    with pytest.raises(error, match=message):
        create_dataset(f)


def test_from_data_splits_every_sample_once():
    inputs = torch.arange(50.0).reshape(25, 2)
    data = create_dataset_from_data(inputs, inputs.sum(1), train_ratio=0.8)
    assert data["train_input"].shape == (20, 2) and data["test_label"].shape == (5, 1)
    together = torch.cat([data["train_input"], data["test_input"]])
    assert sorted(together[:, 0].tolist()) == inputs[:, 0].tolist()
    for part in ("train", "test"):
        assert torch.equal(data[f"{part}_label"][:, 0], data[f"{part}_input"].sum(1))


def test_fault_from_data_has_no_seed():
    inputs, labels = torch.arange(40.0)[:, None], torch.arange(40.0)
    first, second, other = (create_dataset_from_data(inputs, labels, seed=seed) for seed in (1, 1, 2))
    assert all(torch.equal(first[key], second[key]) for key in KEYS)
    assert not torch.equal(first["test_input"], other["test_input"])


@pytest.mark.parametrize(
    ("samples", "ratio", "train"), [(10, 1.0, 10), (1, 0.8, 1), (3, 0.1, 1), (10, 0.7, 7)]
)
def test_fault_from_data_crashes_on_empty_splits(samples, ratio, train):
    data = create_dataset_from_data(torch.ones(samples, 2), torch.ones(samples, 3), train_ratio=ratio)
    assert data["train_input"].shape == (train, 2) and data["train_label"].shape == (train, 3)
    assert data["test_input"].shape == (samples - train, 2) and data["test_label"].shape == (
        samples - train,
        3,
    )


def test_from_data_takes_arrays_lists_and_integers_and_copies_them():
    array = np.arange(20.0).reshape(10, 2)
    data = create_dataset_from_data(array, list(range(10)), train_ratio=1.0)
    assert data["train_input"].dtype == torch.float64 and data["train_label"].dtype == torch.float32
    data["train_input"].zero_()
    assert array.sum() == 190
    assert create_dataset_from_data(array, array, dtype=torch.float32)["test_label"].dtype == torch.float32


def test_from_data_leaves_a_tensor_and_its_graph_alone():
    inputs = torch.ones(6, 1, requires_grad=True)
    data = create_dataset_from_data(inputs, inputs.detach(), train_ratio=1.0)
    data["train_label"].zero_()
    assert not data["train_input"].requires_grad and bool((inputs == 1).all())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((torch.ones(5), torch.ones(5)), ShapeError, r"inputs must be .*x\[:, None\]"),
        ((torch.ones(0, 2), torch.ones(0)), ShapeError, "neither of them 0"),
        ((torch.ones(5, 2), torch.ones(4)), ShapeError, "a row to each row of inputs"),
        ((torch.ones(5, 2), torch.ones(5, 1, 1)), ShapeError, r"got shape \(5, 1, 1\)"),
        (([["a"], ["b"]], [1, 2]), InputError, "inputs must be real numbers"),
        (([[1], [2]], ["a", "b"]), InputError, "labels must be real numbers"),
        (([[1, 2], [3]], [1, 2]), InputError, "inputs must be real numbers"),
        (([[1j], [2]], [1, 2]), InputError, "inputs must be real numbers"),
        ((torch.ones(5, 2), torch.ones(5), 0.0), InputError, "train_ratio must be above 0"),
        (
            (torch.ones(5, 2), torch.ones(5), 80),
            InputError,
            "train_ratio must be above 0 and at most 1; got 80",
        ),
        ((torch.ones(5, 2), torch.ones(5), "most"), InputError, "train_ratio must be"),
        ((torch.ones(5, 2), torch.ones(5), 0.5, 1.5), InputError, "seed must be"),
    ],
)
def test_from_data_names_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=f"create_dataset_from_data: .*{message}"):
        create_dataset_from_data(*arguments)
