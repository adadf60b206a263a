"""`FormulaLayer`: the sum over its edges, edits that make new layers, and structure in the state dict."""

import copy
import io
import math
import pickle

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from edgewise.errors import FileError, InputError, ShapeError, UnknownName
from edgewise.functions import LIBRARY, make_function
from edgewise.layers.formula_layer import FormulaLayer

NAMES = sorted(LIBRARY)


def bell(x):
    return 1 / (1 + x * x)


def layer_of(*edges, size=(3, 2), dtype=torch.float64):
    return FormulaLayer(*size, dtype=dtype).with_edges(edges)


def mixed():
    """Two sines, a square and a logarithm on a 3 to 2 layer."""
    return layer_of(
        (0, 0, "sin", (1.5, 0.2, 2.0, 0.1)),
        (1, 0, "x^2", (0.5, -0.1, 1.0, 0.0)),
        (2, 1, "log", (1.0, 3.0, -1.0, 0.5)),
        (1, 1, "sin", (0.7, 0.0, 1.0, -1.0)),
    )


def samples(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def one_by_one(layer, x):
    """Every edge by a Python loop: (..., in, out)."""
    edges = torch.zeros(*x.shape, layer.out_features, dtype=x.dtype)
    for i in range(layer.in_features):
        for j in range(layer.out_features):
            found = layer.get(i, j)
            if found is not None:
                function, (a, b, c, d) = found
                edges[..., i, j] = c * function.safe(a * x[..., i] + b) + d
    return edges


edge_lists = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 1),
        st.sampled_from(NAMES),
        st.tuples(*[st.floats(-2, 2, allow_subnormal=False)] * 4),
    ),
    max_size=9,
)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(edge_lists)
def test_equals_its_edges_one_by_one(edges):
    layer, x = layer_of(*edges), samples(7, 3)
    expected = one_by_one(layer, x)
    torch.testing.assert_close(layer.edges(x).detach(), expected)
    torch.testing.assert_close(layer(x).detach(), expected.sum(-2))
    assert {(i, j) for i, j, _, _ in edges} == {tuple(edge) for edge in layer.edge_index.tolist()}


def test_every_function_of_the_library_at_once():
    cells = [(n // 6, n % 6, name, (0.9, 0.1, 1.1, 0.2)) for n, name in enumerate(NAMES)]
    layer = layer_of(*cells, size=(6, 6))
    x = samples(5, 6)
    torch.testing.assert_close(layer(x).detach(), one_by_one(layer, x).sum(-2))
    assert layer(samples(5, 6) * 1e6).isfinite().all()


def test_gradients_in_inputs_and_affine():
    layer, x = mixed(), samples(4, 3).requires_grad_()

    def run(affine, x):
        return torch.func.functional_call(layer, {"affine": affine}, (x,))

    assert torch.autograd.gradcheck(run, (layer.affine, x))
    assert torch.autograd.gradgradcheck(run, (layer.affine, x))


def test_gradients_stay_finite_at_singularities():
    edges = [(n // 6, n % 6, name, (1.0, 0.0, 1.0, 0.0)) for n, name in enumerate(NAMES)]
    layer = layer_of(*edges, size=(6, 6))
    x = (
        torch.tensor([0.0, 1.0, -1.0, math.pi / 2], dtype=torch.float64)[:, None]
        .repeat(1, 6)
        .requires_grad_()
    )
    layer(x).sum().backward()
    assert x.grad.isfinite().all() and layer.affine.grad.isfinite().all()


@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 0, 3), (2, 4)])
@pytest.mark.parametrize("make", [mixed, layer_of])
def test_leading_dimensions(make, shape):
    layer, x = make(), samples(*shape, 3)
    assert layer(x).shape == (*shape, 2) and layer.edges(x).shape == (*shape, 3, 2)
    torch.testing.assert_close(layer(x).reshape(-1, 2), layer(x.reshape(-1, 3)))


def test_without_edges_it_is_zero_and_has_nothing_to_train():
    layer = FormulaLayer(3, 2)
    assert (layer(torch.randn(4, 3)) == 0).all() and layer.mask.sum() == 0
    assert not layer.affine.requires_grad and layer.affine.shape == (0, 4)
    assert mixed().affine.requires_grad


def test_wrong_number_of_columns_is_refused():
    with pytest.raises(ShapeError, match=r"3 columns; got shape \(4, 2\)"):
        mixed()(samples(4, 2))


def test_one_call_for_each_distinct_function():
    calls = []

    def counted(x):
        calls.append(x.shape)
        return torch.sin(x)

    function = make_function("counted", counted)
    layer = FormulaLayer(3, 2).with_edges(
        [(i, j, function, (1, 0, 1, 0)) for i in range(3) for j in range(2)]
    )
    calls.clear()
    layer(torch.zeros(5, 3))
    assert calls == [(5, 6)]


# Edits


def test_edits_leave_the_layer_untouched():
    layer, x = mixed(), samples(6, 3)
    before, state = layer(x).detach(), copy.deepcopy(layer.state_dict())
    others = [layer.with_edge(0, 0, "exp"), layer.without_edge(0, 0), layer.select([2, 0], [1, 0])]
    for other in others:
        with torch.no_grad():
            other.affine.fill_(9.0)
            other.edge_index.zero_()
    torch.testing.assert_close(layer(x).detach(), before, rtol=0, atol=0)
    for name, value in state.items():
        assert torch.equal(layer.state_dict()[name], value)


def test_with_edge_replaces_and_get_finds():
    layer = mixed().with_edge(0, 0, "exp", torch.tensor([1.0, 2.0, 3.0, 4.0]))
    function, affine = layer.get(0, 0)
    assert function.name == "exp" and affine.tolist() == [1, 2, 3, 4] and len(layer.names) == 4
    assert layer.get(2, 0) is None
    affine.zero_()
    assert layer.get(0, 0)[1].tolist() == [1, 2, 3, 4]


def test_default_affine_is_the_function_itself():
    x = samples(5, 3)
    torch.testing.assert_close(layer_of().with_edge(1, 1, "tanh")(x)[:, 1].detach(), x[:, 1].tanh())


def test_mask_and_names_follow_the_edges():
    layer = mixed()
    assert layer.mask.tolist() == [[1, 0], [1, 1], [0, 1]]
    pairs = dict(zip(map(tuple, layer.edge_index.tolist()), layer.names, strict=True))
    assert pairs == {(0, 0): "sin", (1, 0): "x^2", (2, 1): "log", (1, 1): "sin"}
    assert "sin: 2" in repr(layer)


def test_without_edge_takes_one_away():
    layer = mixed().without_edge(1, 1)
    assert layer.get(1, 1) is None and len(layer.names) == 3
    with pytest.raises(InputError, match="formula edge; got"):
        layer.without_edge(1, 1)


@pytest.mark.parametrize(("inputs", "outputs"), [([2, 0], [1, 0]), ([1], [0]), ([], []), ([0, 1, 2], [0, 1])])
def test_keep_renumbers(inputs, outputs):
    layer, x = mixed(), samples(5, 3)
    kept = layer.select(inputs, outputs)
    torch.testing.assert_close(kept.edges(x[:, inputs]), layer.edges(x)[:, inputs][:, :, outputs])


@pytest.mark.parametrize(("inputs", "outputs"), [([3], [0]), ([0], [-1]), ([0, 0], [0])])
def test_keep_refuses_bad_indices(inputs, outputs):
    with pytest.raises(InputError, match=r"select: (inputs|outputs) must be different"):
        mixed().select(inputs, outputs)


@pytest.mark.parametrize(("i", "j"), [(3, 0), (-1, 0), (0, 2), ("a", 0), (0, 1.5)])
def test_index_out_of_range_is_refused(i, j):
    for edit in (mixed().get, mixed().without_edge, lambda i, j: mixed().with_edge(i, j, "sin")):
        with pytest.raises(InputError, match=r"must be an (input|output) index"):
            edit(i, j)


@pytest.mark.parametrize("affine", [(1, 0, 1), (1, 0, 1, math.nan), "abcd", [[1, 0, 1, 0]], None])
def test_bad_affine_is_refused(affine):
    with pytest.raises(InputError, match="affine must be four"):
        mixed().with_edge(0, 0, "sin", affine)


def test_unknown_function_name_is_explained():
    with pytest.raises(UnknownName, match=r"got 'sinhh'\. Did you mean 'sinh'\?"):
        mixed().with_edge(0, 0, "sinhh")


def test_two_functions_of_one_name_are_refused():
    layer = layer_of((0, 0, make_function("f", bell), (1, 0, 1, 0)))
    with pytest.raises(InputError, match="only one of its name"):
        layer.with_edge(1, 0, make_function("f", torch.sin))
    replaced = layer.with_edge(0, 0, make_function("f", torch.sin))
    assert replaced(torch.ones(1, 3, dtype=torch.float64))[0, 0] == math.sin(1)
    assert layer.with_edge(1, 0, "f").names == ("f", "f")


def test_a_frozen_layer_stays_frozen():
    layer = mixed().requires_grad_(False)
    assert not layer.with_edge(0, 1, "exp").affine.requires_grad
    assert FormulaLayer(1, 1).with_edge(0, 0, "exp").affine.requires_grad


# Dtypes and PyTorch's tools


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_dtype_follows(dtype):
    layer = mixed().to(dtype)
    x = samples(5, 3).to(dtype)
    assert layer(x).dtype == dtype and layer.edges(x).dtype == dtype and layer.mask.dtype == dtype
    tolerance = 8 * torch.finfo(dtype).eps
    torch.testing.assert_close(layer(x).double(), mixed()(x.double()), rtol=tolerance, atol=4 * tolerance)
    assert layer.with_edge(0, 0, "exp").affine.dtype == dtype


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")  # torch's own, from jacfwd
def test_vmap_and_jacrev():
    layer, x = mixed(), samples(4, 3)
    jacobian = torch.func.vmap(torch.func.jacrev(layer))(x)
    torch.testing.assert_close(jacobian, torch.func.vmap(torch.func.jacfwd(layer))(x))
    hessian = torch.func.vmap(torch.func.jacrev(torch.func.jacrev(layer)))(x)
    torch.testing.assert_close(hessian[:, 0, 1, 1], torch.full((4,), 0.5, dtype=torch.float64))
    torch.testing.assert_close(hessian[:, 1, 2, 2], (x[:, 2] + 3) ** -2)


def test_vmap_over_affine_numbers():
    layer, x = mixed(), samples(4, 3)
    stack = torch.stack([layer.affine.detach(), 2 * layer.affine.detach()])
    run = torch.func.vmap(lambda affine: torch.func.functional_call(layer, {"affine": affine}, (x,)))
    torch.testing.assert_close(run(stack)[0], layer(x).detach())


@pytest.mark.parametrize("user", [False, True])
def test_export(user):
    layer = mixed().with_edge(0, 1, make_function("bell", bell)) if user else mixed()
    x = samples(4, 3)
    batch = torch.export.Dim("batch")
    program = torch.export.export(layer, (x,), dynamic_shapes=({0: batch},))
    torch.testing.assert_close(program.module()(samples(9, 3)), layer(samples(9, 3)))


def test_compiles_in_one_graph():
    layer = layer_of(
        *[(n // 6, n % 6, name, (0.9, 0.1, 1.1, 0.2)) for n, name in enumerate(NAMES)], size=(6, 6)
    )
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    x, again = samples(4, 6).requires_grad_(), samples(4, 6).requires_grad_()
    layer(x).sum().backward()
    compiled(again).sum().backward()
    torch.testing.assert_close(again.grad, x.grad)


def test_pickle_with_formula_edges():
    layer, x = mixed().with_edge(0, 1, make_function("bell", bell)), samples(5, 3)
    for other in (pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer)):
        torch.testing.assert_close(other(x), layer(x), rtol=0, atol=0)
        assert other.names == layer.names and other.affine is not layer.affine
        assert other.get(0, 0)[0] is LIBRARY["sin"]
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(mixed().with_edge(0, 1, make_function("lambda", lambda x: 2 * x)))


# State


def saved_and_loaded(state):
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


@pytest.mark.parametrize("assign", [False, True])
@pytest.mark.parametrize("start", [FormulaLayer(3, 2, dtype=torch.float64), mixed().with_edge(2, 0, "exp")])
def test_state_dict_keeps_formula_edges(start, assign):
    layer, x = mixed(), samples(5, 3)
    start = copy.deepcopy(start)
    start.load_state_dict(saved_and_loaded(layer.state_dict()), assign=assign)
    torch.testing.assert_close(start(x), layer(x), rtol=0, atol=0)
    assert start.names == layer.names and start.affine.requires_grad
    torch.testing.assert_close(start.with_edge(2, 0, "cos").edges(x)[..., :, 1], layer.edges(x)[..., :, 1])


def test_state_dict_inside_a_model():
    model = torch.nn.Sequential(mixed(), FormulaLayer(2, 1, dtype=torch.float64).with_edge(1, 0, "tanh"))
    fresh = torch.nn.Sequential(
        FormulaLayer(3, 2, dtype=torch.float64), FormulaLayer(2, 1, dtype=torch.float64)
    )
    fresh.load_state_dict(saved_and_loaded(model.state_dict()))
    torch.testing.assert_close(fresh(samples(5, 3)), model(samples(5, 3)))
    fresh.load_state_dict(torch.nn.Sequential(layer_of(), layer_of(size=(2, 1))).state_dict())
    assert (fresh(samples(5, 3)) == 0).all()


def test_state_dict_names_functions_of_your_own():
    function = make_function("bell", bell)
    layer, x = mixed().with_edge(0, 1, function), samples(5, 3)
    with pytest.raises(UnknownName, match=r"got 'bell'.*functions=\[make_function"):
        FormulaLayer(3, 2).load_state_dict(layer.state_dict())
    for fresh in (FormulaLayer(3, 2, functions=[function], dtype=torch.float64), layer.without_edge(0, 1)):
        fresh.load_state_dict(layer.state_dict())
        torch.testing.assert_close(fresh(x), layer(x))


def test_unfit_states_are_refused_and_change_nothing():
    layer, x = mixed(), samples(5, 3)
    before = layer(x).detach()
    state = mixed().with_edge(2, 0, "exp").state_dict()
    with pytest.raises(FileError, match="damaged"):
        layer.load_state_dict({**state, "edge_index": state["edge_index"] + 5})
    with pytest.raises(FileError, match="damaged"):
        layer.load_state_dict({**state, "affine": state["affine"][:2]})
    with pytest.raises(FileError, match="its own JSON"):
        layer.load_state_dict({**state, "_extra_state": torch.zeros(3, dtype=torch.uint8)})
    with pytest.raises(ShapeError, match=r"\(in, out\) = \(2, 2\)"):
        layer.load_state_dict(layer.select([0, 1], [0, 1]).state_dict())
    torch.testing.assert_close(layer(x).detach(), before, rtol=0, atol=0)


def test_missing_keys_are_reported_by_torch():
    with pytest.raises(RuntimeError, match="Missing key"):
        mixed().load_state_dict({})


@pytest.mark.parametrize("size", [(-1, 2), (2, 1.5)])
def test_bad_sizes_are_refused(size):
    with pytest.raises(InputError, match="must be a number of nodes"):
        FormulaLayer(*size)


def test_constants_given_as_floats_keep_all_their_digits():
    layer = FormulaLayer(1, 1, dtype=torch.float64).with_edge(0, 0, "sin", (math.pi, 0, 1 / 3, 0))
    assert layer.affine[0].tolist() == [math.pi, 0, 1 / 3, 0]
