"""The Triton kernels against plain torch: on a GPU, or in Triton's interpreter.

Where there is no GPU, `test_compile.py` runs this file in the interpreter, in a process of its own.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck

from edgewise.edges import EdgeSpec, EdgeWeights, dispatch, edge_sums, reference
from edgewise.edges.triton import launch, plan
from edgewise.edges.triton.language import AVAILABLE, INTERPRETED

if not (AVAILABLE and (INTERPRETED or torch.cuda.is_available())):
    pytest.skip("needs Triton, and a GPU or Triton's interpreter", allow_module_level=True)

# The interpreter turns arrays of one number into numbers, and computes what masks leave out.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
DEVICE = "cpu" if INTERPRETED else "cuda"
TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-4}
NEVER, ALWAYS = (dict.fromkeys(("float64", "tf32", "tf32x3"), limit) for limit in (0, 10**6))


class Case:
    """Random edges and samples: on knots, out of range on both sides, and several in one interval."""

    def __init__(
        self, shape: tuple[int, int, int], size: int, degree: int, dtype: torch.dtype, **parts: bool
    ):
        batch, inputs, outputs = shape
        generator = torch.Generator().manual_seed(batch + 10 * inputs + 100 * size + degree)

        def normal(*sides: int) -> Tensor:
            return torch.randn(*sides, generator=generator, dtype=torch.float64).to(DEVICE, dtype)

        steps = torch.rand(inputs, size + degree + 1, generator=generator, dtype=torch.float64) + 0.1
        knots = steps.cumsum(1)
        low, high = knots[:, degree], knots[:, size]
        shares = torch.rand(batch, inputs, generator=generator, dtype=torch.float64)
        x = low - 0.5 + (high - low + 1) * shares
        special = [low, high, knots[:, 0], knots[:, -1], knots[:, (degree + size) // 2], low - 30, high + 30]
        for row, values in enumerate(special[:batch]):
            x[row] = values
        if batch > len(special):
            x[batch - batch // 4 :] = x[-1]
        self.x, self.knots = x.to(DEVICE, dtype), knots.to(DEVICE, dtype)
        self.grad = normal(batch, outputs)
        self.factor = normal(batch, inputs) if parts.get("factor", True) else None
        scale = normal(inputs, outputs) if parts.get("scale", True) else None
        self.weights = EdgeWeights(normal(inputs, size, outputs), normal(inputs, outputs), scale)

    def results(self, functions: object, spec: EdgeSpec, order: int) -> list[Tensor | None]:
        """All that the three functions give."""
        edges = (self.weights, self.knots, spec, order)
        return [
            functions.sums(self.x, self.factor, *edges),
            functions.input_gradient(self.x, self.grad, *edges),
            *functions.weight_gradient(self.x, self.factor, self.grad, *edges),
        ]

    def check(self, spec: EdgeSpec, order: int = 0) -> None:
        """The kernels give what the reference gives, NaN included."""
        pairs = zip(self.results(launch, spec, order), self.results(reference, spec, order), strict=True)
        for ours, theirs in pairs:
            if theirs is None:
                assert ours is None
                continue
            assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
            finite = theirs[theirs.isfinite()].abs()
            largest = max(1.0, finite.max().item() if finite.numel() else 0.0)
            tolerance = TOLERANCE[theirs.dtype]
            torch.testing.assert_close(ours, theirs, rtol=0, atol=tolerance * largest, equal_nan=True)


@pytest.fixture(params=["gather", "matrices"])
def way(request, monkeypatch):
    """Each of the two kernels in turn, whatever the sizes."""
    table = NEVER if request.param == "gather" else ALWAYS
    monkeypatch.setattr(plan, "DENSE_SUMS_UP_TO", table)
    monkeypatch.setattr(plan, "DENSE_INPUT_GRADIENT_UP_TO", table)


@pytest.mark.parametrize("order", range(4))
@pytest.mark.parametrize("extrapolation", ["linear", "constant", "decay", "periodic"])
def test_every_order_of_every_extrapolation(extrapolation, order, way):
    Case((9, 3, 5), 7, 3, torch.float64).check(EdgeSpec(3, "silu", extrapolation), order)


@pytest.mark.parametrize("degree", [0, 1, 2, 4, 5, 6])
@pytest.mark.parametrize("extrapolation", ["linear", "decay"])
def test_every_degree(degree, extrapolation, way):
    case = Case((9, 1, 3), degree + 4, degree, torch.float64)
    for order in (0, 1):
        case.check(EdgeSpec(degree, "zero", extrapolation), order)


@pytest.mark.parametrize("order", range(5))
@pytest.mark.parametrize("base", ["silu", "identity", "zero"])
def test_every_order_of_every_base(base, order):
    Case((9, 2, 3), 3, 2, torch.float64).check(EdgeSpec(2, base), order)


@pytest.mark.parametrize("shape", [(0, 3, 5), (1, 1, 1), (1, 3, 33), (7, 3, 5), (7, 17, 1), (65, 17, 33)])
def test_odd_sizes(shape, way):
    Case(shape, 8, 3, torch.float32).check(EdgeSpec(3))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("size", "degree"), [(1, 0), (4, 3), (23, 3), (70, 2)])
def test_small_and_large_grids(size, degree, dtype):
    Case((40, 3, 5), size, degree, dtype).check(EdgeSpec(degree), 1)


@pytest.fixture
def split_fp16(monkeypatch):
    """Split-float16 products for layers of any size, in more than one piece."""
    monkeypatch.setattr(plan, "use_split_fp16", lambda x, weights, function: True)
    monkeypatch.setattr(plan, "MAX_FEATURES", 5000)


@pytest.mark.parametrize("scale", [False, True])
@pytest.mark.parametrize("extrapolation", ["linear", "constant", "decay", "periodic"])
@pytest.mark.parametrize(("size", "degree"), [(1, 0), (4, 3), (8, 3), (53, 3), (12, 5)])
def test_split_float16_products(size, degree, extrapolation, scale, split_fp16):
    case = Case((70, 5, 37), size, degree, torch.float32, factor=False, scale=scale)
    case.check(EdgeSpec(degree, "silu", extrapolation), 0)


def test_split_float16_holds_numbers_of_all_sizes(split_fp16):
    """Samples far outside the grid, and outputs that differ by many orders of magnitude."""
    case = Case((70, 5, 37), 8, 3, torch.float32, factor=False, scale=False)
    case.x[3], case.x[4, 0], case.x[5] = 1e6, -1e12, case.knots[:, 4] + 1e-6
    sizes = torch.logspace(-20, 12, 37, device=DEVICE)
    coef, base, _ = case.weights
    weights, grad = EdgeWeights(coef * sizes, base * sizes), case.grad / sizes
    exact = EdgeWeights(weights.coef.double(), weights.base.double())
    given = case.knots.double(), EdgeSpec(3)
    found = launch.sums(case.x, None, weights, case.knots, EdgeSpec(3)).double()
    wanted = reference.sums(case.x.double(), None, exact, *given)
    by_sample = (found / sizes - wanted / sizes).abs().amax(1) / (wanted / sizes).abs().amax(1)
    assert by_sample.max() < 2e-6
    found = launch.input_gradient(case.x, grad, weights, case.knots, EdgeSpec(3)).double()
    wanted = reference.input_gradient(case.x.double(), grad.double(), exact, *given)
    assert (found - wanted).abs().max() < 1e-5 * wanted.abs().max()
    found = launch.weight_gradient(case.x[6:], None, grad[6:], weights, case.knots, EdgeSpec(3))
    wanted = reference.weight_gradient(case.x[6:].double(), None, grad[6:].double(), exact, *given)
    by_output = ((found.coef - wanted.coef) * sizes).abs().amax((0, 1))
    assert (by_output < 1e-5 * (wanted.coef * sizes).abs().amax((0, 1))).all()


@pytest.mark.parametrize("factor", [False, True])
@pytest.mark.parametrize("scale", [False, True])
def test_without_factor_or_scale(factor, scale, way):
    Case((9, 3, 5), 7, 3, torch.float64, factor=factor, scale=scale).check(EdgeSpec(3))


def test_many_samples_are_added_in_parts(way):
    Case((140, 9, 5), 8, 3, torch.float64).check(EdgeSpec(3))


@pytest.mark.parametrize("extrapolation", ["linear", "constant", "decay", "periodic"])
@pytest.mark.parametrize("order", [0, 1, 2, 4])
def test_nan_stays_in_its_own_sample(extrapolation, order, way):
    case = Case((9, 3, 5), 7, 3, torch.float64)
    case.x[2, 1] = torch.nan
    case.check(EdgeSpec(3, "silu", extrapolation), order)
    sums = launch.sums(case.x, None, case.weights, case.knots, EdgeSpec(3), order)
    assert sums[2].isnan().all() and sums.isfinite().sum() == sums.numel() - sums.shape[1]


def test_repeated_knots(way):
    case = Case((9, 2, 3), 8, 3, torch.float64)
    case.knots[:, :4], case.knots[:, 8:] = case.knots[:, 3:4], case.knots[:, 8:9]
    case.knots[:, 6] = case.knots[:, 5]
    case.check(EdgeSpec(3))


def test_weights_that_lie_in_one_packed_tensor(way):
    case = Case((9, 3, 5), 7, 3, torch.float64, scale=False)
    whole = torch.cat([case.weights.base.unsqueeze(1), case.weights.coef], dim=1)
    case.weights = EdgeWeights(whole[:, 1:], whole[:, 0])
    case.check(EdgeSpec(3))


def test_gradients_that_are_expanded_and_samples_that_are_transposed(way):
    case = Case((9, 3, 5), 7, 3, torch.float64)
    case.grad = torch.ones((), dtype=torch.float64, device=DEVICE).expand(9, 5)
    case.x = case.x.T.contiguous().T
    case.check(EdgeSpec(3))


def test_the_same_numbers_come_out_each_time():
    case = Case((140, 5, 5), 8, 3, torch.float32)
    for ours, again in zip(*(case.results(launch, EdgeSpec(3), 1) for _ in range(2)), strict=True):
        assert torch.equal(ours, again)


@pytest.fixture
def chosen(monkeypatch):
    """The choice as it is made for CUDA tensors, in the interpreter too."""
    monkeypatch.setitem(dispatch._BY_DEVICE, "cpu", dispatch._on_cuda)


def leaves(case: Case) -> list[Tensor]:
    """Samples and weights, to be differentiated by."""
    return [part.detach().requires_grad_() for part in (case.x, *case.weights)]


def of_edges(case: Case, spec: EdgeSpec):
    """The operation that layers call, in what is differentiated."""
    return lambda x, coef, base, scale: edge_sums(x, EdgeWeights(coef, base, scale), case.knots, spec)


def test_gradients_of_first_and_second_order(chosen):
    case = Case((3, 2, 2), 6, 3, torch.float64)
    case.x = case.knots[:, 3] + torch.tensor([[0.31], [0.57], [-0.2]], dtype=torch.float64, device=DEVICE)
    function = of_edges(case, EdgeSpec(3))
    assert gradcheck(function, leaves(case), fast_mode=True)
    assert gradgradcheck(function, leaves(case), fast_mode=True)


def test_transforms(chosen):
    case = Case((4, 3, 2), 7, 3, torch.float64)
    x, *weights = (part.detach() for part in leaves(case))
    function = lambda row: of_edges(case, EdgeSpec(3))(row[None], *weights)[0]
    first = torch.vmap(torch.func.jacrev(function))(x)
    second = torch.vmap(torch.func.jacrev(torch.func.jacrev(function)))(x)
    edges = reference.features(x, case.knots, EdgeSpec(3), 1), reference.packed(EdgeWeights(*weights))
    torch.testing.assert_close(first, torch.einsum("bip,ipo->boi", *edges))
    assert second.shape == (4, 2, 3, 3) and second.isfinite().all()


def test_many_sets_of_weights_at_once(chosen):
    case = Case((4, 3, 2), 7, 3, torch.float64)
    x, *weights = (part.detach() for part in leaves(case))
    many = [torch.stack([part, 2 * part]) for part in weights]
    found = torch.vmap(of_edges(case, EdgeSpec(3)), in_dims=(None, 0, 0, 0))(x, *many)
    torch.testing.assert_close(
        found[0], reference.sums(x, None, EdgeWeights(*weights), case.knots, EdgeSpec(3))
    )


def test_a_training_step_is_kept_by_no_failure(chosen):
    """What the kernels gave is what was used: nothing fell back to plain torch."""
    case = Case((9, 3, 2), 7, 3, torch.float32)
    parts = leaves(case)
    of_edges(case, EdgeSpec(3))(*parts).square().sum().backward()
    assert dispatch._triton_ok["triton"]
    wanted = leaves(case)
    reference.sums(
        wanted[0], None, EdgeWeights(*wanted[1:]), case.knots, EdgeSpec(3)
    ).square().sum().backward()
    for ours, theirs in zip(parts, wanted, strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-3, atol=1e-2)


@pytest.mark.skipif(INTERPRETED, reason="needs a GPU")
def test_a_step_replayed_as_a_cuda_graph():
    case = Case((64, 3, 2), 7, 3, torch.float32)
    parts, function = leaves(case), of_edges(case, EdgeSpec(3))
    wanted = torch.autograd.grad(function(*parts).square().sum(), parts)
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(3):
            torch.autograd.grad(function(*parts).square().sum(), parts)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        found = torch.autograd.grad(function(*parts).square().sum(), parts)
    graph.replay()
    torch.cuda.synchronize()
    for ours, theirs in zip(found, wanted, strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.skipif(INTERPRETED, reason="needs a GPU")
@pytest.mark.filterwarnings("ignore")  # torch's own, while it compiles
def test_a_step_compiled_as_one_graph():
    case = Case((64, 3, 2), 7, 3, torch.float32)
    parts, function = leaves(case), of_edges(case, EdgeSpec(3))
    compiled = torch.compile(function, fullgraph=True)
    found = torch.autograd.grad(compiled(*parts).square().sum(), parts)
    wanted = torch.autograd.grad(function(*parts).square().sum(), parts)
    for ours, theirs in zip(found, wanted, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3)
