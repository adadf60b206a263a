"""Constants that are held stay what they are through every verb."""

import copy
import pickle

import numpy as np
import pytest
import torch

from edgewise import KAN, create_dataset, export, fit, fix, load, merge_nodes, prune, refine, save, symbolify
from edgewise.errors import FileError, InputError
from edgewise.explain import compile
from edgewise.explain.symbolic.refit import refit
from edgewise.functions import power
from edgewise.network import build, deepen, set_formula, set_formulas, swap, unset_formula, widen
from edgewise.train import Checkpoint

EDGE = (0, 0, 0)


def data(dtype=torch.float64):
    return create_dataset(
        lambda x: torch.sin(3 * x[:, 0] + 0.3) + x[:, 1] ** 2,
        n_var=2,
        train_num=200,
        test_num=50,
        dtype=dtype,
    )


def held(hold=("a", "b"), dtype=torch.float64, **settings):
    model = KAN([2, 2, 1], grid=3, seed=1, dtype=dtype, **settings)
    return model.fix(EDGE, "sin", a=2.5, b=0.25, c=1.5, d=-0.5, hold=hold)


def constants(model, edge=EDGE):
    layer, i, j = edge
    return model.layers[layer].formula.get(i, j)[1].tolist()


@pytest.mark.parametrize(
    "opt",
    [
        "LBFGS",
        "BFGS",
        "LM",
        "auto",
        "Adam",
        "SGD",
        lambda parameters: torch.optim.AdamW(parameters, lr=0.1, weight_decay=0.5),
        lambda parameters: torch.optim.SGD(parameters, lr=0.01, momentum=0.9, weight_decay=0.5),
    ],
    ids=["LBFGS", "BFGS", "LM", "auto", "Adam", "SGD", "AdamW", "SGD with decay"],
)
@pytest.mark.parametrize("hold", [("a", "b"), ("d",), "all"], ids=str)
def test_no_optimiser_moves_them(opt, hold):
    model = held(hold)
    fit(model, data(), opt=opt, steps=4, progress=False)
    chosen = [name in hold or hold == "all" for name in "abcd"]
    for now, before, stays in zip(constants(model), [2.5, 0.25, 1.5, -0.5], chosen, strict=True):
        assert (now == before) == stays


def test_a_loop_of_the_users_own_does_not_move_them_either():
    model, x = held(), data()["train_input"]
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.1, weight_decay=0.9)
    for _ in range(3):
        optimiser.zero_grad()
        model(x).square().mean().backward()
        optimiser.step()
    assert constants(model)[:2] == [2.5, 0.25] and constants(model)[2] != 1.5
    again = held()
    with torch.no_grad():
        again.layers[0].formula.affine.fill_(7.0)
    assert constants(again) == [2.5, 0.25, 7.0, 7.0]


def test_what_is_computed_is_what_is_held():
    free, locked = held(()), held("all")
    x = data()["test_input"]
    assert torch.equal(free(x), locked(x))
    assert torch.equal(free.layers[0].edges(x), locked.layers[0].edges(x))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_grids_are_extended_with_them(dtype):
    model = held(dtype=dtype)
    fit(model, data(dtype), steps=2, grids=[3, 6], progress=False)
    assert constants(model)[:2] == [2.5, 0.25] and constants(model)[2] != 1.5
    assert constants(refine(model, 8).model)[:2] == [2.5, 0.25]


def moved_grid(model):
    model.update_grid(data()["train_input"].to(model.dtype))
    return model


def edits():
    yield "double", lambda model: model.double()
    yield "float32", lambda model: model.to(torch.float32)
    yield "copy", copy.deepcopy
    yield "pickle", lambda model: pickle.loads(pickle.dumps(model))
    yield "widen", lambda model: widen(widen(model, 1, 1, [2]), 1, 2)
    yield "deepen", deepen
    yield "swap", lambda model: swap(swap(model, 1, 0, 1), 1, 0, 1)
    yield "mask", lambda model: model.mask_edges([(0, 1, 1)])
    yield "select", lambda model: model.select_nodes([[0, 1], [0], [0]])
    yield "other edges", lambda model: set_formula(model, (0, 1, 0), "sin")
    yield "without one", lambda model: unset_formula(set_formula(model, (0, 1, 0), "sin"), (0, 1, 0))
    yield "update_grid", moved_grid
    yield "prune", lambda model: prune(model, data()["train_input"].to(model.dtype)).model
    yield "KAN.of", KAN.of


@pytest.mark.parametrize("edit", [edit for _, edit in edits()], ids=[name for name, _ in edits()])
def test_edits_keep_them(edit):
    new = edit(held())
    assert constants(new) == [2.5, 0.25, 1.5, -0.5]
    fit(new, data(new.dtype), steps=3, progress=False)
    assert constants(new)[:2] == [2.5, 0.25] and constants(new)[2] != 1.5


def test_the_file_keeps_them(tmp_path):
    model = held()
    fit(model, data(), steps=2, progress=False)
    save(model, tmp_path / "model.kan")
    for new in (load(tmp_path / "model.kan"), KAN.load(tmp_path / "model.kan")):
        assert constants(new) == constants(model)
        fit(new, data(), steps=2, progress=False)
        assert constants(new)[:2] == [2.5, 0.25]


def test_a_state_dict_keeps_them():
    model, other = held(), KAN([2, 2, 1], grid=3, seed=2, dtype=torch.float64)
    model.layers[0].formula.affine.data.fill_(9.0)
    other.layers[0].formula.load_state_dict(model.layers[0].formula.state_dict())
    assert constants(other) == [2.5, 0.25, 9.0, 9.0]
    other.layers[0].formula.load_state_dict(held(()).layers[0].formula.state_dict())
    assert not other.layers[0].formula.is_held.any()
    state = model.layers[0].formula.state_dict()
    state["held"] = torch.zeros(3, 4)
    with pytest.raises(FileError, match="held"):
        other.layers[0].formula.load_state_dict(state)


def test_memory_that_was_emptied_gets_them_back():
    formula = held().layers[0].formula
    formula.to("meta").to_empty(device="cpu").reset_parameters()
    assert formula.get(0, 0)[1].tolist() == [2.5, 0.25, 1.5, -0.5]
    assert formula.is_held.tolist() == [[True, True, False, False]]


def interrupt(step, values):
    if step == 3:
        raise RuntimeError


def test_a_run_goes_on_from_its_checkpoint_with_them(tmp_path):
    whole, first, second = held(), held(), held()
    settings = {"opt": "Adam", "steps": 6, "progress": False}
    fit(whole, data(), **settings)
    every = Checkpoint(tmp_path / "run", 1)
    with pytest.raises(RuntimeError):
        fit(first, data(), checkpoint=every, callback=interrupt, **settings)
    fit(second, data(), checkpoint=every, **settings)
    assert constants(whole) == constants(second) and constants(second)[:2] == [2.5, 0.25]


def test_exports_compute_with_them(tmp_path):
    model = held()
    with torch.no_grad():
        model.layers[0].formula.affine.fill_(7.0)
    x = data()["test_input"]
    path = tmp_path / "exported.py"
    export(model, "numpy", path)
    names: dict = {}
    exec(path.read_text("utf-8"), names)
    assert np.allclose(names["predict"](x.numpy()), model(x).detach().numpy(), atol=1e-12)
    text = str(export(model, "json"))
    assert "2.5" in text and "0.25" in text


def formulas_alone():
    x = torch.linspace(0.2, 1, 80, dtype=torch.float64)[:, None]
    model = set_formula(
        build([1, 1], dtype=torch.float64), EDGE, power(0.7123), (1, 0, 1.5, 0.1), hold=("c",)
    )
    return model, x, 2 * x**0.6 + 0.4


def test_the_joint_refit_leaves_them():
    model, x, y = formulas_alone()
    found = refit(model, x, y).model
    assert constants(found)[2] == 1.5 and constants(found)[3] != 0.1
    assert found.layers[0].formula.functions[0].numbers != (0.7123,)
    assert found.layers[0].formula.is_held.tolist() == [[False, False, True, False]]
    wholly = set_formula(model, EDGE, power(0.7123), (1, 0, 1.5, 0.1), hold=True)
    found = refit(wholly, x, y).model
    assert constants(found) == [1, 0, 1.5, 0.1] and found.layers[0].formula.functions[0].numbers == (0.7123,)


def test_symbolify_leaves_them():
    model = KAN([2, 1], grid=5, seed=0, dtype=torch.float64)
    fit(model, data(), steps=20, progress=False)
    model = model.fix(EDGE, "sin", a=3.0, b=0.25, hold=("a", "b"))
    found = symbolify(model, data(), functions=["x^2", "x"]).model
    assert constants(found)[:2] == [3.0, 0.25]
    law = found.formula(data())
    assert "sin(3*x_1 + 1/4)" in str(law.expr)


def twins(**hold):
    """Two nodes of which one is twice the other, with a held edge that leads to the second or out of it."""
    model = build([1, 2, 1], dtype=torch.float64)
    edges = {
        (0, 0, 0): ("x^2", (1, 0, 1, 0)),
        (0, 0, 1): ("x^2", (1, 0, 2, 0.5)),
        (1, 0, 0): ("exp", (1, 0, 1, 0)),
        (1, 1, 0): ("exp", (0.5, -0.25, 1, 0)),
    }
    return set_formulas(
        model, {edge: (*rest, hold.get("l{}_{}_{}".format(*edge), ())) for edge, rest in edges.items()}
    )


@pytest.mark.parametrize("place", ["l0_0_1", "l0_0_0", "l1_0_0", "l1_1_0"])
def test_nodes_with_them_are_not_merged_away(place):
    x = torch.linspace(-1, 1, 50, dtype=torch.float64)[:, None]
    assert len(merge_nodes(twins(), x).merges) == 1
    merged = merge_nodes(twins(**{place: "all"}), x)
    layer, i, j = (int(part) for part in place[1:].split("_"))
    before = constants(twins(), (layer, i, j))
    after = [affine.tolist() for *_, affine, names in merged.model.layers[layer].formula.formulas() if names]
    assert after == [before]


def test_a_compiled_formula_can_be_held():
    model = compile("sin(3*x_1) + x_2**2", ["x_1", "x_2"])
    (edge,) = [
        edge for edge in model.active_edges() if model.layers[edge[0]].formula.get(*edge[1:])[0].name == "sin"
    ]
    model = fix(model, edge, "sin", a=3.0, b=0.0, c=1.0, d=0.0, hold="all")
    fit(model, data(), steps=3, progress=False)
    assert constants(model, edge) == [3.0, 0.0, 1.0, 0.0]


def test_fixing_the_edge_anew_lets_go():
    model = held("all").fix(EDGE, "sin", a=2.5, b=0.25, c=1.5, d=-0.5)
    fit(model, data(), steps=2, progress=False)
    assert constants(model) != [2.5, 0.25, 1.5, -0.5]
    assert len(model.layers[0].formula.held) == 0


def test_fitted_constants_can_be_held_too():
    model = KAN([2, 1], grid=5, seed=0, dtype=torch.float64)
    fit(model, data(), steps=10, progress=False)
    model = model.fix(EDGE, "sin", hold=True)
    before = constants(model)
    fit(model, data(), steps=3, progress=False)
    assert constants(model) == before


@pytest.mark.parametrize("hold", ["q", ("a", "e"), ["all"]])
def test_names_that_no_constant_has(hold):
    with pytest.raises(InputError, match="a, b, c, d"):
        held(hold)


def test_sizes_of_batches_and_devices_do_not_matter():
    model = held()
    assert model(torch.zeros(0, 2, dtype=torch.float64)).shape == (0, 1)
    grad = torch.autograd.functional.jacobian(model, torch.zeros(1, 2, dtype=torch.float64))
    assert torch.isfinite(grad).all()
