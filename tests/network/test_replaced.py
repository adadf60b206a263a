"""What formulas replaced is remembered by every copy and edit, and forgotten with the last formula."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch

from edgewise import KAN, load, save
from edgewise.errors import FileError
from edgewise.explain import fix, unfix
from edgewise.network import build, mask_edges, select_nodes, set_formula, stand_for, unset_formula, widen
from edgewise.network.files.saving import model_header, model_tensors
from edgewise.network.files.tensor_file import write_container


def fitted(width=(2, 3, 1), **settings):
    x = torch.rand(60, width[0], dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    y = torch.stack([(x[:, 0] + k).sin() + x[:, -1] ** 2 for k in range(width[-1])], 1)
    model = KAN(list(width), grid=3, seed=0, dtype=torch.float64, **settings)
    model.fit((x, y), steps=3)
    return model, x


def test_it_is_the_network_before_the_first_formula():
    model, x = fitted()
    before = model(x).detach()
    new = model.fix((0, 0, 0), "sin").fix((0, 1, 0), "x^2").set_formula((1, 0, 0), "exp")
    assert torch.equal(new.replaced(x), before)
    assert model.replaced is None


def test_it_is_no_part_of_the_parameters_the_state_or_the_modules():
    model, _ = fitted()
    new = model.fix((0, 0, 0), "sin")
    assert new.state_dict().keys() == model.state_dict().keys()
    assert len(list(new.parameters())) == len(list(model.parameters()))
    assert len(list(new.modules())) == len(list(model.modules()))
    assert not any(parameter.requires_grad for parameter in new.replaced.parameters())


def test_changing_the_model_in_place_does_not_change_it():
    model, x = fitted()
    new = model.fix((0, 0, 0), "sin")
    before = new.replaced(x)
    with torch.no_grad():
        for parameter in (*model.parameters(), *new.parameters()):
            parameter.add_(1.0)
    new.float()
    assert torch.equal(new.replaced(x), before)


EDITS = {
    "copy": lambda model: model.copy(),
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "of": KAN.of,
    "refine": lambda model: model.refine(6),
    "prune": lambda model: model.prune(edge_threshold=1e-9, node_threshold=1e-9),
    "widen": lambda model: widen(model, 1, sums=1),
    "swap": lambda model: model.swap(1, 0, 1),
    "deepen": lambda model: model.deepen(),
    "mask": lambda model: mask_edges(model, [(0, 1, 2)]),
    "float": lambda model: model.copy().float(),
    "unfix one": lambda model: model.unfix((0, 0, 0)),
}


@pytest.mark.parametrize("edit", EDITS)
def test_edits_and_copies_keep_it(edit):
    model, x = fitted()
    new = model.fix((0, 0, 0), "sin").fix((0, 1, 0), "x^2")
    found = EDITS[edit](new)
    assert torch.equal(found.replaced(x), new.replaced(x))


def test_a_file_keeps_it(tmp_path):
    model, x = fitted(input_names=["a", "b"])
    new = model.fix((0, 0, 0), "sin")
    new.save(tmp_path / "model")
    again = KAN.load(tmp_path / "model")
    assert torch.equal(again.replaced(x), new.replaced(x)) and torch.equal(again(x), new(x))
    save(model, tmp_path / "plain")
    assert load(tmp_path / "plain").replaced is None


@pytest.mark.parametrize("edit", ["header", "tensors", "columns", "outputs"])
def test_a_file_whose_part_is_damaged_is_refused(tmp_path, edit):
    model, _ = fitted()
    other = build([3, 1]) if edit == "columns" else build([2, 2])
    new = stand_for(model, other if edit in ("columns", "outputs") else model)
    tensors, header = model_tensors(new), model_header(new)
    part = {f"replaced.{name}": value for name, value in model_tensors(new.replaced).items()}
    header |= {"format": 2} if edit == "header" else {"format": 2, "replaced": model_header(new.replaced)}
    tensors |= {} if edit == "tensors" else part
    write_container(tmp_path / "model", tensors, header, "edgewise")
    with pytest.raises(FileError, match="load"):
        load(tmp_path / "model")


def test_outputs_that_are_selected_are_selected_in_it():
    model, x = fitted((2, 3, 2))
    new = model.fix((0, 0, 0), "sin")
    found = select_nodes(new, [[0, 1], [0, 1, 2], [1]])
    assert torch.equal(found.replaced(x), new.replaced(x)[:, 1:])


def test_it_is_forgotten_with_the_last_formula():
    model, _ = fitted()
    new = model.fix((0, 0, 0), "sin").fix((0, 1, 0), "x^2")
    assert unfix(unfix(new, (0, 0, 0)), (0, 1, 0)).replaced is None
    assert unset_formula(unset_formula(new, (0, 0, 0)), (0, 1, 0)).replaced is None
    assert mask_edges(new, [(0, 0, 0), (0, 1, 0)]).replaced is None


def test_a_formula_set_where_nothing_was_trained_replaces_nothing():
    assert set_formula(build([2, 1]), (0, 0, 0), "sin").replaced is None
    assert fix(build([2, 1]), (0, 0, 0), "sin", a=1, b=0, c=1, d=0).replaced is None
    off = mask_edges(fitted()[0], [(0, 0, 0)])
    assert set_formula(off, (0, 0, 0), "sin").replaced is None


def test_what_stands_for_something_is_copied():
    model, other = build([2, 1]), build([2, 4, 1])
    new = stand_for(model, other)
    assert new.replaced is not other and new.replaced.width == (2, 4, 1)
    assert stand_for(new, None).replaced is None and model.replaced is None
