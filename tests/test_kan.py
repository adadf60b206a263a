"""The front door: every method delegates, and the stories of users go through."""

from __future__ import annotations

import ast
import copy
import inspect
import io
import pickle

import numpy as np
import pytest
import torch

import edgewise
from edgewise import KAN, Network, Scaler
from edgewise.errors import EdgewiseError, FileError, InputError
from edgewise.explain import fix, formula, prune, prune_inputs, suggest, symbolify, unfix
from edgewise.functions import make_function
from edgewise.plots import plot
from edgewise.testing import check_quiet, check_same_function, state_bits
from edgewise.train import evaluate, fit


def table(rows=120, seed=0):
    generator = torch.Generator().manual_seed(seed)
    x = 2 * torch.rand(rows, 2, generator=generator, dtype=torch.float64) - 1
    return x, torch.exp(torch.sin(torch.pi * x[:, :1]) + x[:, 1:] ** 2)


@pytest.fixture(scope="module")
def fitted():
    model = KAN([2, 3, 1], dtype=torch.float64, seed=1)
    model.fit(table(), steps=5, lamb=1e-3)
    return model


def test_every_method_is_one_statement():
    (door,) = [node for node in ast.parse(inspect.getsource(KAN)).body if isinstance(node, ast.ClassDef)]
    for method in door.body:
        if isinstance(method, ast.FunctionDef) and method.name != "__init__":
            assert len(method.body) == 2, method.name  # docstring and return


def test_constructing_is_quiet_and_changes_no_argument():
    width, grid = [2, [5, 1], 1], [3, 4]
    check_quiet(lambda: KAN(width, grid=grid))
    assert (width, grid) == ([2, [5, 1], 1], [3, 4])


def test_fitting_is_quiet_off_a_terminal_and_draws_from_its_own_generator():
    model, data = KAN([2, 3, 1], dtype=torch.float64), table()
    check_quiet(lambda: model.fit(data, steps=2, batch=32, opt="Adam"))


def test_same_seed_same_bits_after_fitting():
    models = [KAN([2, 3, 1], dtype=torch.float64, seed=4) for _ in range(2)]
    for model in models:
        model.fit(table(), steps=3)
    assert state_bits(models[0]) == state_bits(models[1])


def test_arguments_without_a_meaning_are_a_clear_error():
    with pytest.raises(InputError, match="nosuch"):
        KAN([2, 1], nosuch=1)
    with pytest.raises(InputError, match="width"):
        KAN()
    with pytest.raises(InputError, match="width"):
        KAN(None)


def test_verbs_use_the_data_of_the_last_fit(fitted):
    x = table()[0]
    assert torch.equal(fitted.attribute().nodes[0], fitted.attribute(x).nodes[0])
    assert torch.equal(fitted.trace().inputs, x)
    assert fitted.prune().width == fitted.prune(x).width
    assert fitted.copy().update_grid() == fitted.copy().update_grid(x)
    assert fitted.prune().attribute().nodes[0].shape == (2,)


@pytest.mark.parametrize(
    "verb", ["attribute", "trace", "prune", "prune_inputs", "update_grid", "symbolify", "suggest"]
)
def test_verbs_before_any_fit_ask_for_samples(verb):
    arguments = ((0, 0, 0),) if verb == "suggest" else ()
    with pytest.raises(EdgewiseError, match=f"{verb}: .*(samples|data)"):
        getattr(KAN([2, 3, 1]), verb)(*arguments)


def test_verbs_without_need_of_samples_work_before_any_fit():
    model = KAN([2, 3, 1], dtype=torch.float64)
    assert model.refine(6).grid == (6, 6)
    assert model.fix((0, 0, 0), "x").unfix((0, 0, 0)).edge_kind(0, 0, 0) == "spline"


EDITS = {
    "mask_edges": ([(0, 0, 0)],), "select_nodes": ([[0, 1], [0, 2], [0]],), "swap": (1, 0, 1), "widen": (1, 2),
    "deepen": (), "set_formula": ((0, 0, 0), "sin"), "refine": (6,),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_edits_and_decisions_are_methods_that_give_the_model_of_their_function(fitted, name):
    before = state_bits(fitted)
    model, result = getattr(fitted, name)(*EDITS[name]), getattr(edgewise, name)(fitted, *EDITS[name])
    assert type(model) is KAN
    check_same_function(model, getattr(result, "model", result), table()[0])
    assert state_bits(fitted) == before


def test_every_verb_of_a_network_is_a_function_and_a_method():
    alone = {"duplicate"}  # the method is called `copy`
    verbs = {
        name
        for name in dir(edgewise)
        if inspect.isfunction(getattr(edgewise, name))
        and list(inspect.signature(getattr(edgewise, name)).parameters)[:1] == ["model"]
    }
    methods = {name for name in dir(KAN) if not name.startswith("_")}
    assert not verbs - methods - alone
    own = {
        "of",
        "copy",
        "from_formula",
    }  # the function is called `compile`, which torch's modules have as a method
    assert {name for name in vars(KAN) if not name.startswith("_")} - set(dir(edgewise)) == own


def test_verbs_take_arrays(fitted):
    x = table()[0].numpy()
    assert isinstance(fitted.predict(x), np.ndarray)
    assert fitted.attribute(x).nodes[0].shape == (2,)


def test_the_data_seen_is_kept_by_reference_and_left_out_of_pickles(fitted):
    copied, pickled = copy.deepcopy(fitted), pickle.loads(pickle.dumps(fitted))
    assert copied._seen.last is fitted._seen.last
    assert pickled._seen.last is None
    assert state_bits(pickled) == state_bits(fitted)
    with pytest.raises(InputError, match="attribute: samples are needed"):
        pickled.attribute()


def test_copies_train_apart(fitted):
    before = state_bits(fitted)
    fitted.copy().fit(table(seed=2), steps=2)
    fitted.refine(6).fit(table(seed=2), steps=2)
    assert state_bits(fitted) == before


def softsign(x):
    return x / (1 + x.abs())


def test_save_and_load_through_the_door(fitted, tmp_path):
    model = fitted.fix((0, 0, 0), "sin").fix((0, 1, 0), make_function("soft", softsign))
    model.save(tmp_path / "model")
    with pytest.raises(FileError, match="soft"):
        KAN.load(tmp_path / "model")
    loaded = KAN.load(tmp_path / "model", functions={"soft": make_function("soft", softsign)})
    assert type(loaded) is KAN
    check_same_function(loaded, model, table()[0])
    loaded.fit(table(), steps=1)
    loaded.attribute()


def test_fit_prune_fix_then_every_way_of_copying_gives_the_same_bits(fitted, tmp_path):
    model = fitted.prune().fix((0, 0, 0), "sin", table()[0])
    x, file = table(30, seed=5)[0], io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    model.save(tmp_path / "m")
    twin = fitted.prune()
    twin.load_state_dict(model.state_dict())
    for other in (
        copy.deepcopy(model), pickle.loads(pickle.dumps(model)), torch.load(file, weights_only=False),
        KAN.load(tmp_path / "m"), model.copy(), KAN.of(model), twin,
    ):  # fmt: skip
        check_same_function(other, model, x)


def test_of_takes_any_network_and_is_independent():
    network = edgewise.network.build([2, 3, 1], input_names=["a", "b"])
    model = KAN.of(network)
    before = state_bits(network)
    model.fit(tuple(v.float() for v in table()), steps=1)
    assert state_bits(network) == before
    assert (type(model), model.names) == (KAN, ("a", "b"))


def test_repr_fits_a_line():
    assert repr(KAN([2, 5, 1], dtype=torch.float64)).startswith(
        "KAN(width=(2, 5, 1), grid=(3, 3), k=3, edges=15"
    )


def test_is_a_network_and_takes_its_settings():
    model = KAN(
        [2, 1],
        input_scaler=Scaler(torch.zeros(2), torch.ones(2)),
        input_names=["a", "b"],
        affine_trainable=True,
    )
    assert isinstance(model, Network)
    assert model.names == ("a", "b")
    assert model.layers[0].nodes.node_scale.requires_grad


def test_evaluate_and_predict(fitted):
    x, y = table()
    rmse = float((fitted(x) - y).square().mean().sqrt().detach())
    assert any(value == pytest.approx(rmse, rel=1e-9) for value in fitted.evaluate((x, y)).values())
    torch.testing.assert_close(fitted.predict(x), fitted(x).detach())


def test_suggest_is_free_of_side_effects(fitted):
    before = state_bits(fitted)
    check_quiet(lambda: fitted.suggest((0, 0, 0)))
    assert state_bits(fitted) == before


def test_plot_gives_a_figure_and_writes_nothing(fitted):
    figure = check_quiet(lambda: fitted.plot())
    assert type(figure).__name__ == "Figure"


def test_formula_of_a_network_that_is_not_symbolic_is_refused(fitted):
    with pytest.raises(EdgewiseError, match="formula"):
        fitted.formula()


@pytest.mark.parametrize(
    "verb",
    [fit, evaluate, prune, prune_inputs, suggest, fix, unfix, symbolify, formula, plot],
    ids=lambda verb: verb.__name__,
)
def test_methods_show_the_arguments_of_their_verbs_with_their_defaults(verb):
    shown = inspect.signature(getattr(KAN, verb.__name__)).parameters
    wanted = inspect.signature(verb).parameters
    assert list(shown)[1:] == list(wanted)[1:]
    for name, argument in wanted.items():
        if argument.kind is argument.KEYWORD_ONLY:
            assert shown[name] == argument.replace(annotation=shown[name].annotation)


def test_unfix_keeps_the_curve_if_asked():
    x = torch.linspace(-1, 1, 50, dtype=torch.float64)[:, None]
    model = KAN([1, 1], grid=20, seed=0, dtype=torch.float64).fix(
        (0, 0, 0), "sin", a=2.0, b=0.0, c=1.0, d=0.0
    )
    assert torch.allclose(model.unfix((0, 0, 0), curve=True)(x), model(x), atol=1e-3)
    assert not torch.allclose(model.unfix((0, 0, 0))(x), model(x), atol=1e-3)
