from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from edgewise import Data
from edgewise.errors import InputError, ShapeError
from edgewise.network import Network, Scaler, as_inputs, build, default_inputs, select_nodes, set_formula
from edgewise.network.inputs import by_name, inputs_and_targets, inputs_or_default, split_targets

X = torch.arange(12.0).reshape(6, 2)


def named(*names: str, **settings: object) -> Network:
    return build([len(names), 1], seed=0, input_names=names, **settings)


class Frame:
    """As much of a polars frame as the door asks for."""

    def __init__(self, columns: dict[str, np.ndarray]) -> None:
        self.values = columns

    @property
    def columns(self) -> list[str]:
        return list(self.values)

    def __getitem__(self, names: list[str]) -> Frame:
        return Frame({name: self.values[name] for name in names})

    def to_numpy(self) -> np.ndarray:
        return np.stack(list(self.values.values()), 1)


def test_every_form_is_read():
    pandas = pytest.importorskip("pandas")
    y = X[:, :1]
    forms = [
        X, X.int(), X.double(), X.half(), X.reshape(2, 3, 2), X.clone().requires_grad_(),
        X.numpy(), X.numpy().astype(object), X.numpy().astype(">f8"), X.numpy()[::-1][::-1],
        X.tolist(), list(X), tuple(X), tuple(map(tuple, X.tolist())),
        pandas.DataFrame(X.numpy()), Frame({"a": X[:, 0].numpy(), "b": X[:, 1].numpy()}),
        (X, y), [X, y], (X.tolist(), y.tolist()), (pandas.DataFrame(X.numpy()), y), (X, None),
        {"train_input": X}, {"train_input": X.numpy(), "train_label": y}, Data(X, y), Data(X.numpy(), y),
    ]  # fmt: skip
    for form in forms:
        found = as_inputs(form, build([2, 1]), "trace")
        assert torch.equal(found, X) and not found.requires_grad


def test_for_one_input_a_vector_will_do():
    model, x = build([1, 1]), torch.tensor([[1.0], [2.0]])
    y = torch.zeros(2)
    for form in ([1.0, 2.0], np.array([1, 2]), (1.0, 2.0), x[:, 0], (x[:, 0], y), (x, y), [[1.0], [2.0]]):
        assert torch.equal(as_inputs(form, model, "trace"), x)


def test_two_rows_are_no_pair():
    rows = [[0.0, 1.0], [2.0, 3.0]]
    for form in (rows, tuple(map(tuple, rows)), list(map(torch.tensor, rows)), tuple(map(np.array, rows))):
        assert as_inputs(form, build([2, 1]), "trace").tolist() == rows


def test_booleans_count_as_0_and_1():
    assert as_inputs([[True, False]], build([2, 1]), "trace").tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_samples_get_the_dtype_of_the_model(dtype):
    for x in (None, np.zeros((4, 2), dtype=np.float32), [[0, 1]]):
        assert inputs_or_default(x, build([2, 1], dtype=dtype), "plot").dtype == dtype


def test_what_already_fits_is_not_copied():
    assert as_inputs(X, build([2, 1]), "trace").data_ptr() == X.data_ptr()


def test_other_modules_take_samples_as_they_come():
    x = as_inputs([[0, 1, 2]], torch.nn.Linear(3, 1).double(), "predict")
    assert x.dtype == torch.float64
    with pytest.raises(InputError, match=r"predict: x must be finite"):
        as_inputs([[0, torch.nan]], torch.nn.Linear(2, 1), "predict")


@pytest.mark.parametrize("kind", ["pandas", "polars", "stand-in"])
def test_columns_are_taken_by_name(kind):
    make = Frame if kind == "stand-in" else pytest.importorskip(kind).DataFrame
    model = named("mass", "age")
    for columns in (["mass", "age"], ["age", "mass"], ["age", "size", "mass"]):
        values = {"mass": X[:, 0].numpy(), "age": X[:, 1].numpy(), "size": np.full(6, np.nan)}
        frame = make({name: values[name] for name in columns})
        assert torch.equal(as_inputs(frame, model, "trace"), X)
    with pytest.raises(InputError, match=r"trace: x must have the columns .* Add or rename age\.$"):
        as_inputs(frame[["mass", "size"]], model, "trace")


def test_columns_of_other_names_are_taken_in_their_order():
    pandas = pytest.importorskip("pandas")
    assert torch.equal(as_inputs(pandas.DataFrame(X.numpy()), named("mass", "age"), "trace"), X)
    assert by_name(X, "trace", "x", ("mass", "age")) is X


def test_a_column_called_x_makes_no_data_of_a_frame():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X.numpy(), columns=["x", "y"])
    assert torch.equal(as_inputs(frame, build([2, 1]), "trace"), X)


def test_columns_that_are_not_read_may_hold_anything():
    model = select_nodes(named("mass", "age", "size"), [[0, 2], [0]])
    x = torch.tensor([[1.0, torch.nan, 2.0]])
    assert as_inputs(x, model, "trace").shape == (1, 3)
    x[0, 2] = torch.inf
    with pytest.raises(InputError, match=r"infinity in 1 of 1 rows, the first in column size"):
        as_inputs(x, model, "trace")


def test_values_beyond_the_models_dtype_are_refused():
    with pytest.raises(InputError, match=r"trace: x must be finite"):
        as_inputs(np.array([[1e300, 0.0]]), build([2, 1]), "trace")


def test_what_overflows_when_it_is_scaled_is_refused():
    scaler = Scaler(torch.zeros(2), torch.tensor([1e-10, 1.0]))
    with pytest.raises(InputError, match=r"trace: x must be finite.*column x_1"):
        as_inputs([[1e37, 0.0]], build([2, 1], input_scaler=scaler), "trace")


@pytest.mark.parametrize("x", [torch.zeros(3, 1), torch.zeros(2), torch.zeros(0), 3.0])
def test_wrong_shapes_are_refused(x):
    with pytest.raises(ShapeError, match="plot: x must have 2 columns"):
        as_inputs(x, build([2, 1]), "plot")


@dataclass
class Empty:
    x: object = None


@pytest.mark.parametrize(
    "x",
    [
        torch.zeros(0, 2), {"x": 1}, {}, torch.tensor([[0.0, float("nan")]]), [["a", "b"]], "ab", [], (), object(),
        [[1j, 0]], torch.zeros(1, 2, dtype=torch.complex64), [[None, 1.0]], [[1.0, 2.0], [3.0]], iter([1.0]), {1, 2},
        np.array([[1, "a"]], dtype=object), np.array([["2020-01-01", "2020-01-02"]], dtype="datetime64[D]"),
        np.ma.masked_less(np.ones((2, 2)) * [[0], [1]], 0.5), torch.eye(2).to_sparse(), Empty(),
    ],
)  # fmt: skip
def test_what_is_no_sample_is_refused(x):
    with pytest.raises(InputError, match=r"^plot: x must"):
        as_inputs(x, build([2, 1]), "plot")


def test_none_is_refused():
    with pytest.raises(InputError, match="trace: samples are needed; got None"):
        as_inputs(None, build([2, 1]), "trace")


def test_three_tables_are_no_samples():
    with pytest.raises(InputError, match=r"^trace: x must be one table or a pair \(x, y\); got 3 tables"):
        as_inputs((X, X, X), build([2, 1]), "trace")


def test_targets_come_as_they_are():
    y = ["anything"] * 6
    for data in ((X, y), {"train_input": X, "train_label": y}, Data(X, y)):
        assert split_targets(data, build([2, 1]), "symbolify") == (X, y)
        assert inputs_and_targets(data, build([2, 1]), "symbolify")[1] is y
    assert split_targets(X, None, "symbolify") == (X, None)


def test_default_inputs_cover_the_grid():
    model = build([2, 1], seed=0, grid_range=(-3, 2))
    x = default_inputs(model)
    low, high = model.layers[0].basis.interval()
    assert x.shape == (1000, 2)
    assert bool((x >= low).all() and (x <= high).all())
    assert torch.equal(x, default_inputs(model))
    np.testing.assert_allclose([x.min(), x.max()], [-3, 2], atol=0.01)


def test_default_inputs_are_in_the_units_of_the_data():
    scaler = Scaler(torch.tensor([100.0, 0.0, 0.0]), torch.tensor([10.0, 1.0, 1.0]))
    model = select_nodes(build([3, 1], seed=0, input_scaler=scaler), [[0], [0]])
    x = default_inputs(model)
    assert x.shape == (1000, 3)
    np.testing.assert_allclose([x[:, 0].min(), x[:, 0].max()], [90, 110], atol=0.05)
    assert bool((x[:, 1:] == 0).all())


def test_default_inputs_lie_where_the_functions_are_defined():
    model = set_formula(build([2, 1]), (0, 0, 0), "log", (1.0, 0.0, 1.0, 0.0))
    x = default_inputs(model)
    assert len(x) == 1000
    assert bool((x[:, 0] > 0).all())


def test_default_inputs_pass_a_strict_grid():
    scaler = Scaler(torch.tensor([0.1, 1e3]), torch.tensor([3.0, 1e-2]))
    model = build([2, 1], grid_range=(-0.7, 0.3), extrapolation="error", input_scaler=scaler)
    assert len(default_inputs(model)) == 1000
