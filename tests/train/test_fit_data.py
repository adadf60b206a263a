from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from edgewise.errors import InputError, ShapeError
from edgewise.network import build
from edgewise.testing import state_bits
from edgewise.train import fit, predict

XY = np.random.default_rng(0).uniform(-1, 1, (40, 2))
Z = XY[:, 0] * 2 + XY[:, 1] ** 2


def surface(**settings):
    return build([2, 1], seed=0, **settings)


def bits(data, **settings) -> dict[str, bytes]:
    model = surface()
    fit(model, data, steps=2, **settings)
    return state_bits(model)


def test_every_form_of_the_data_trains_to_the_same_bits():
    expected = bits((XY, Z))
    tensors = torch.from_numpy(XY), torch.from_numpy(Z)
    forms = [
        tensors,
        list(tensors),
        (XY.tolist(), Z.tolist()),
        (XY.tolist(), [[z] for z in Z]),
        ([torch.from_numpy(row) for row in XY], Z),
        (np.asfortranarray(XY), Z[:, None]),
        (XY[::-1][::-1], Z[::-1][::-1]),
        {"train_input": XY, "train_label": Z},
        {"train_input": XY, "train_label": Z, "test_input": XY[:3], "test_label": Z[:3]},
        DataLoader(TensorDataset(*tensors), batch_size=7),
    ]
    for form in forms:
        assert bits(form) == expected


def test_dict_with_pykans_four_keys():
    data = {"train_input": XY, "train_label": Z, "test_input": XY[:5], "test_label": Z[:5]}
    result = fit(surface(), data, steps=2)
    assert {"train_loss", "test_loss"} <= set(result.keys())
    assert len(result["test_loss"]) == result.steps


def test_a_frame_keeps_names():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(XY, columns=["mass", "speed"], index=range(100, 140))
    model = surface()
    fit(model, (frame, pd.Series(Z)), steps=1)
    assert model.input_names == ("mass", "speed")
    out = predict(model, frame)
    assert isinstance(out, pd.DataFrame) and list(out.index) == list(frame.index)
    again = surface()
    fit(again, (frame, Z), steps=1)
    fit(again, (frame[["speed", "mass"]], Z), steps=0)  # columns are found by their names
    assert again.input_names == ("mass", "speed")
    pd.testing.assert_frame_equal(predict(again, frame[["speed", "mass"]]), out)


def test_names_that_are_there_stay():
    pd = pytest.importorskip("pandas")
    model = surface(input_names=["a", "b"])
    fit(model, (pd.DataFrame(XY, columns=["mass", "speed"]), Z), steps=1)
    assert model.input_names == ("a", "b")


def test_steps_zero_gives_no_names():
    pd = pytest.importorskip("pandas")
    model = surface()
    fit(model, (pd.DataFrame(XY, columns=["mass", "speed"]), Z), steps=0)
    assert model.input_names is None


def test_a_loader_streams_its_own_batches():
    loader = DataLoader(TensorDataset(torch.from_numpy(XY), torch.from_numpy(Z)), batch_size=16)
    model = surface()
    result = fit(model, loader, opt="Adam", steps=2)
    assert result.evaluations == 6
    expected = np.mean((predict(model, XY)[:, 0] - Z) ** 2)
    assert result.loss == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("opt", ["LBFGS", "Adam"])
def test_nan_in_inputs_names_the_column(bad, opt):
    broken = XY.copy()
    broken[3, 1] = bad
    model = surface()
    before = state_bits(model)
    with pytest.raises(InputError, match=r"x must be finite.*1 of 40 rows.*column 1"):
        fit(model, (broken, Z), opt=opt, steps=1)
    assert state_bits(model) == before


def test_nan_in_a_frame_names_the_column():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(XY.copy(), columns=["mass", "speed"])
    frame.loc[2, "speed"] = np.nan
    with pytest.raises(InputError, match="column 'speed'"):
        fit(surface(), (frame, Z), steps=1)


@pytest.mark.parametrize("part", ["train_label", "test_input", "test_label"])
def test_nan_elsewhere_is_refused(part):
    data = {"train_input": XY, "train_label": Z, "test_input": XY, "test_label": Z}
    data[part] = data[part].copy()
    data[part].flat[0] = np.nan
    with pytest.raises(InputError, match="must be finite"):
        fit(surface(), data, steps=1)


@pytest.mark.parametrize("x", [XY[:, :1], np.zeros((40, 3)), np.zeros(40), np.zeros((40, 2, 1))])
def test_wrong_width(x):
    with pytest.raises(ShapeError, match="x must have 2 columns"):
        fit(surface(), (x, Z), steps=1)


@pytest.mark.parametrize("y", [np.zeros((40, 2)), np.zeros((40, 1, 2))])
def test_wrong_width_of_labels(y):
    with pytest.raises(ShapeError, match="y must have 1 columns"):
        fit(surface(), (XY, y), steps=1)


@pytest.mark.parametrize(
    "x",
    [
        [["a", "b"]] * 40,
        np.full((40, 2), "1.0"),
        np.array([["a", 1.0]] * 40, dtype=object),
        np.zeros((40, 2)) * 1j,
    ],
)
def test_strings_and_complex_numbers_are_refused(x):
    with pytest.raises(InputError, match=r"x must be (numbers|real)"):
        fit(surface(), (x, Z), steps=1)


@pytest.mark.parametrize(
    "data", ["data", 3, None, XY, (XY,), {"train_input": XY}, {"x": XY, "y": Z}, torch.zeros(3)]
)
def test_what_is_no_data_is_refused(data):
    with pytest.raises(InputError, match="data must"):
        fit(surface(), data, steps=1)


def test_empty_data():
    with pytest.raises(InputError, match="at least one sample"):
        fit(surface(), (XY[:0], Z[:0]), steps=1)
    with pytest.raises(InputError, match="at least one sample"):
        fit(surface(), DataLoader(TensorDataset(torch.zeros(0, 2), torch.zeros(0, 1))), steps=1)


def test_different_lengths():
    with pytest.raises(ShapeError, match="one row for each of the 40 rows"):
        fit(surface(), (XY, Z[:-1]), steps=1)
    with pytest.raises(InputError, match="rows of different lengths"):
        fit(surface(), ([[1.0, 2.0], [3.0]], [1.0, 2.0]), steps=1)


@pytest.mark.parametrize("settings", [{}, {"opt": "Adam"}, {"opt": "Adam", "batch": 4}, {"lamb": 0.1}])
def test_one_sample(settings):
    result = fit(surface(), (XY[:1], Z[:1]), steps=2, **settings)
    assert math.isfinite(result.train_loss)


def test_a_constant_column_and_duplicated_rows():
    x = np.repeat(XY[:3], 10, axis=0)
    x[:, 1] = 5.0
    assert math.isfinite(fit(surface(), (x, x[:, 0]), steps=3).train_loss)


@pytest.mark.parametrize("kind", [np.int64, np.uint8, bool, np.float16])
def test_other_number_types_are_taken(kind):
    x = (XY > 0).astype(kind)
    assert math.isfinite(fit(surface(), (x, x[:, 0]), steps=1).train_loss)


def test_labels_that_are_no_classes():
    model = build([2, 3], seed=0)
    with pytest.raises(InputError, match="classes from 0 to 2"):
        fit(model, (XY, np.arange(40)), loss="cross_entropy", steps=1)
    with pytest.raises(InputError, match="whole class number"):
        fit(model, (XY, Z), loss="cross_entropy", steps=1)
    with pytest.raises(InputError, match="between 0 and 1"):
        fit(surface(), (XY, 2 * np.sign(Z)), loss="bce", steps=1)


def test_validation_split_is_seeded_and_disjoint():
    seen = [fit(surface(), (XY, Z), steps=1, validation=0.25, seed=s)["validation_loss"] for s in (0, 0, 1)]
    assert seen[0] == seen[1] != seen[2]
    with pytest.raises(InputError, match="leave samples"):
        fit(surface(), (XY[:1], Z[:1]), validation=0.5, steps=1)


def test_metrics_are_measured_on_every_part():
    data = {"train_input": XY, "train_label": Z, "test_input": XY[:9], "test_label": Z[:9]}
    metrics = ["r2", "max_error"]
    result = fit(surface(), data, steps=2, metrics=metrics)
    assert all(len(result[f"{part}{name}"]) == result.steps for part in ("", "test_") for name in metrics)
    own = fit(surface(), data, steps=1, metrics={"bias": lambda p, t: (p - t).mean()})
    assert math.isfinite(own["bias"][0])
