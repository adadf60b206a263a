"""Who does the sums: chosen by device, data type and kind of edge, and chosen anew when Triton fails."""

import subprocess
import sys

import pytest
import torch
from torch._subclasses import FakeTensorMode

from edgewise import KANLayer
from edgewise.edges import EdgeSpec, EdgeWeights, dispatch, edge_sums, native, reference
from edgewise.edges.dispatch import kernels_of_kind, select_kernels
from edgewise.edges.triton import language as triton_language
from edgewise.edges.triton import plan

GENERATOR = torch.Generator().manual_seed(0)
KNOTS = torch.arange(8.0).repeat(3, 1)
WEIGHTS = EdgeWeights(torch.randn(3, 4, 2, generator=GENERATOR), torch.randn(3, 2, generator=GENERATOR))
X = 3 + 2 * torch.rand(5, 3, generator=GENERATOR)


@pytest.fixture
def as_on_cuda(monkeypatch):
    """Tensors of the CPU are taken for tensors of a GPU; the state of the choice is as at the start."""
    monkeypatch.setitem(dispatch._BY_DEVICE, "cpu", dispatch._on_cuda)
    monkeypatch.setitem(dispatch._triton_ok, "triton", True)
    monkeypatch.setattr(dispatch, "_warned", set())


def moved(device, dtype=torch.float32):
    return (
        X.to(device, dtype),
        EdgeWeights(*(part.to(device, dtype) for part in WEIGHTS[:2])),
        KNOTS.to(device, dtype),
    )


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_each_device_has_its_own_kernels(device, dtype):
    if device == "cpu" and not native.AVAILABLE:
        return
    with FakeTensorMode():
        found = kernels_of_kind(*fake(device, dtype), EdgeSpec(3))
    assert found is (dispatch._NATIVE if device == "cpu" else dispatch._TRITON)


def fake(device, dtype):
    """Tensors without numbers, for which no device is needed."""
    empty = lambda *sides: torch.empty(sides, device=device, dtype=dtype)
    return empty(5, 3), EdgeWeights(empty(3, 4, 2), empty(3, 2)), empty(3, 8)


def test_no_kernels_for_other_devices_and_types():
    assert select_kernels(*moved("meta"), EdgeSpec(3)) is None
    with FakeTensorMode():
        x, weights, knots = fake("cuda", torch.float32)
        assert kernels_of_kind(x.half(), weights, knots, EdgeSpec(3)) is None
        assert kernels_of_kind(x.double(), weights, knots, EdgeSpec(3)) is None
        assert kernels_of_kind(x, weights, knots.to("cpu"), EdgeSpec(3)) is None
        assert kernels_of_kind(x, weights, knots, EdgeSpec(3, "tanh")) is None
        assert kernels_of_kind(x, weights, knots, EdgeSpec(3, "silu", "error")) is None


@pytest.mark.parametrize("shape", [(2**20, 4, 2**11), (2**10, 2**21, 2), (0, 4, 2), (2**28, 4, 2)])
def test_no_triton_kernels_where_places_need_more_than_32_bits(shape):
    empty = lambda *sides: torch.empty(sides, device="meta")
    inputs, size, outputs = shape
    weights = EdgeWeights(empty(inputs, size, outputs), empty(inputs, outputs))
    given = (empty(5, inputs), weights, empty(inputs, size + 4))
    assert not plan.supports(*given, EdgeSpec(3))


def test_triton_is_not_imported_before_it_is_needed():
    script = "import sys, edgewise, edgewise.edges.dispatch; print('triton' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_plain_torch_takes_over_once_triton_fails(as_on_cuda, monkeypatch):
    def fail():
        raise RuntimeError("Failed to find C compiler")

    monkeypatch.setattr(dispatch, "_load_triton", fail)
    x = X.clone().requires_grad_()
    with pytest.warns(RuntimeWarning, match=r"plain torch on CUDA.*Failed to find C compiler"):
        found = edge_sums(x, WEIGHTS, KNOTS, EdgeSpec(3))
    torch.testing.assert_close(found, reference.sums(X, None, WEIGHTS, KNOTS, EdgeSpec(3)))
    found.sum().backward()  # warnings are errors in these tests
    wanted = reference.input_gradient(X, torch.ones(5, 2), WEIGHTS, KNOTS, EdgeSpec(3))
    torch.testing.assert_close(x.grad, wanted)
    assert select_kernels(X, WEIGHTS, KNOTS, EdgeSpec(3)) is None


@pytest.mark.parametrize("kind", [torch.OutOfMemoryError, torch.AcceleratorError])
def test_a_fault_of_the_device_is_not_hidden(as_on_cuda, monkeypatch, kind):
    def fail():
        raise kind("the device")

    monkeypatch.setattr(dispatch, "_load_triton", fail)
    with pytest.raises(kind):
        edge_sums(X, WEIGHTS, KNOTS, EdgeSpec(3))
    assert select_kernels(X, WEIGHTS, KNOTS, EdgeSpec(3)) is not None


def test_autocast_of_the_forward_pass_goes_by_plain_torch():
    with torch.autocast("cpu", torch.bfloat16):
        assert edge_sums(X, WEIGHTS, KNOTS, EdgeSpec(3)).dtype == torch.bfloat16


def test_a_backward_pass_under_autocast_loses_no_digits():
    """What was computed in float32 is differentiated in float32."""
    gradients = []
    for enabled in (False, True):
        coef = WEIGHTS.coef.clone().requires_grad_()
        loss = edge_sums(X, EdgeWeights(coef, WEIGHTS.base), KNOTS, EdgeSpec(3)).square().sum()
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            loss.backward()
        gradients.append(coef.grad)
    if native.AVAILABLE:
        assert torch.equal(*gradients)


@pytest.mark.filterwarnings("ignore")  # torch's own, while it compiles
def test_compiles_as_one_graph_without_the_compiled_part(monkeypatch):
    monkeypatch.setattr(native, "AVAILABLE", False)
    monkeypatch.setattr(dispatch, "_warned", set())
    layer = KANLayer(3, 2, seed=0)
    found = torch.compile(layer, fullgraph=True, backend="aot_eager")(X)
    torch.testing.assert_close(found, layer(X))


def test_a_triton_that_is_too_old_is_named(monkeypatch):
    monkeypatch.setattr(dispatch, "find_spec", lambda name: name)
    monkeypatch.setattr(triton_language, "AVAILABLE", False)
    with pytest.raises(RuntimeError, match=r"older than 3\.5, which comes with torch 2\.9"):
        dispatch._load_triton.__wrapped__()


@pytest.mark.filterwarnings("ignore")  # torch's own, while it compiles
@pytest.mark.parametrize("scale", [False, True])
def test_a_compiled_graph_outlives_a_failure_of_triton(as_on_cuda, monkeypatch, scale):
    monkeypatch.setattr(dispatch, "_load_triton", lambda: 1 / 0)
    parts = (WEIGHTS.coef, WEIGHTS.base, *([WEIGHTS.base + 1] if scale else []))
    function = lambda x, *parts: edge_sums(x, EdgeWeights(*parts), KNOTS, EdgeSpec(3)).square().sum()
    compiled = torch.compile(function, fullgraph=True, backend="aot_eager")
    results = []
    for call in (compiled, function):
        leaves = [part.clone().requires_grad_() for part in (X, *parts)]
        results.append(torch.autograd.grad(call(*leaves), leaves))
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.filterwarnings("ignore")  # torch's own, while it compiles
def test_a_graph_for_a_gpu_holds_the_operation_in_one_piece():
    """Traced without a GPU, on tensors without numbers."""
    graphs = []

    def keep(graph, inputs):
        graphs.append(str(graph.graph))
        return graph.forward

    with FakeTensorMode():
        x, weights, knots = fake("cuda", torch.float32)
        function = lambda x, coef, base, knots: edge_sums(x, EdgeWeights(coef, base), knots, EdgeSpec(3))
        torch.compile(function, fullgraph=True, backend=keep)(x, *weights[:2], knots)
    assert len(graphs) == 1 and "edgewise.sums" in graphs[0]
