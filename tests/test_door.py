"""Every verb takes samples in every form, as a function and as a method, and gives the same for all."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
import torch

import edgewise
from edgewise import KAN, Data
from edgewise.errors import InputError
from edgewise.network import Network, build, duplicate

pandas = pytest.importorskip("pandas")
pytest.importorskip("sympy")
pytest.importorskip("matplotlib")

NAMES = ("mass", "age")
X = torch.rand(40, 2, generator=torch.Generator().manual_seed(0)) * 1.5 - 0.5


def network() -> Network:
    model = build([2, 2, 1], seed=0, input_names=NAMES)
    return edgewise.set_formula(model, (1, 1, 0), "x^2", (1.0, 0.5, 2.0, 0.0))


def targets() -> torch.Tensor:
    """The outputs themselves: a verb that looks at targets finds those it would take anyway."""
    with torch.no_grad():
        return duplicate(network()).double()(X.double())


KINDS: dict[str, Callable[[], Any]] = {
    "tensor": lambda: X,
    "array": X.numpy,
    "float64": lambda: X.numpy().astype(np.float64),
    "list": X.tolist,
    "frame": lambda: pandas.DataFrame(X.numpy(), columns=list(NAMES)),
    "frame in another order": lambda: pandas.DataFrame(X.numpy(), columns=list(NAMES))[["age", "mass"]],
    "pair": lambda: (X, targets()),
    "pair of lists": lambda: [X.tolist(), targets().tolist()],
    "dict": lambda: {"train_input": X.numpy(), "train_label": targets()},
    "Data": lambda: Data(X, targets()),
}
if find_spec("polars"):
    polars = import_module("polars")
    KINDS["polars frame"] = lambda: polars.DataFrame({"age": X[:, 1].numpy(), "mass": X[:, 0].numpy()})


def tensors(model: Network) -> list[torch.Tensor]:
    return list(model.state_dict().values())


def drawn(figure: Any) -> list[np.ndarray]:
    (axes,) = figure.axes
    return [line.get_xydata() for line in axes.lines] + [
        path.vertices for collection in axes.collections for path in collection.get_paths()
    ]


def smaller(result: Any) -> list[torch.Tensor]:
    return tensors(getattr(result, "model", result))


def refined(result: Any) -> list[torch.Tensor]:
    return tensors(result if isinstance(result, Network) else getattr(result, "model", None) or result[0])


# Each gives the numbers of what a verb found; the verb is a function that lacks nothing but its samples.
READ: dict[str, tuple[tuple[Any, ...], dict[str, Any], Any]] = {
    "trace": ((), {}, lambda seen: [seen.outputs, *(layer.edge_std for layer in seen.layers)]),
    "attribute": ((), {}, lambda scores: [*scores.nodes, *scores.edges]),
    "prune": ((), {"edge_threshold": 0.2}, smaller),
    "prune_inputs": ((), {"threshold": 0.4}, smaller),
    "refine": ((5,), {}, refined),
    "update_grid": ((), {}, None),
    "suggest": (((0, 1, 0),), {"functions": ["x", "sin"]}, lambda table: [r.affine for r in table]),
    "symbolify": ((), {"functions": ["x", "sin", "x^2"], "r2": 0.5, "max_trials": 1, "refit": False}, smaller),
    "formula": ((), {"splines": "named"}, lambda found: [found.error, found.r2]),
    "plot": ((), {"show_ranges": True, "show_samples": True}, drawn),
}  # fmt: skip


def result(verb: str, form: str, x: Any) -> list[Any]:
    before, settings, read = READ[verb]
    model: Any = network() if form == "function" else KAN.of(network())
    call = getattr(edgewise, verb) if form == "function" else getattr(model, verb)
    arguments = (model, *before) if form == "function" else before
    found = call(*arguments, x, **settings)
    return [torch.tensor(found), *tensors(model)] if verb == "update_grid" else read(found)


@pytest.mark.parametrize("verb", READ)
def test_all_forms_give_the_same(verb: str) -> None:
    expected = result(verb, "function", X)
    assert len(expected)
    for form in ("function", "method"):
        for kind, make in KINDS.items():
            found = result(verb, form, make())
            assert len(found) == len(expected), (form, kind)
            for a, b in zip(found, expected, strict=True):
                np.testing.assert_array_equal(np.asarray(a), np.asarray(b), f"{form} {kind}")


WRONG: dict[str, Any] = {
    "no sample": torch.zeros(0, 2),
    "three columns": torch.zeros(4, 3),
    "a vector": [0.0, 1.0],
    "NaN": torch.full((4, 2), torch.nan),
    "text": [["a", "b"]],
    "objects": np.array([[object(), 1.0]]),
    "complex": torch.zeros(4, 2, dtype=torch.complex64),
    "ragged": [[0.0, 1.0], [2.0]],
    "a dict of other keys": {"x": X},
    "some of the columns": pandas.DataFrame({"mass": [0.0], "size": [1.0]}),
    "no columns": pandas.DataFrame(),
    "a word": "mass",
    "a number": 3.0,
}


@pytest.mark.parametrize("verb", READ)
def test_what_is_no_sample_is_refused_by_the_verbs_name(verb: str) -> None:
    for form in ("function", "method"):
        for kind, x in WRONG.items():
            with pytest.raises(InputError) as caught:
                result(verb, form, x)
            assert str(caught.value).startswith(f"{verb}: x must"), (form, kind)


@pytest.mark.parametrize("verb", [verb for verb in READ if verb != "update_grid"])
def test_a_method_takes_the_samples_of_the_last_fit(verb: str) -> None:
    before, settings, read = READ[verb]
    model = KAN.of(network())
    model.fit((X, X[:, :1]), steps=1, update_grid=False)
    call = getattr(model, verb)
    given, taken = call(*before, (X, X[:, :1]), **settings), call(*before, **settings)
    for a, b in zip(read(taken), read(given), strict=True):
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b))
