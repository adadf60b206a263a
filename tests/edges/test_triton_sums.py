"""On a GPU, or in Triton's interpreter, which a process of its own is started for where there is no GPU."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from edgewise.edges import EdgeSpec, EdgeWeights, reference, triton_plan, triton_sums
from edgewise.edges.triton_language import AVAILABLE, INTERPRETED

pytestmark = [
    pytest.mark.skipif(not AVAILABLE, reason="Triton is not installed"),
    # The interpreter turns arrays of one number into numbers, and computes what masks leave out.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning"),
]
RUNS = INTERPRETED or torch.cuda.is_available()
DEVICE = "cuda" if torch.cuda.is_available() and not INTERPRETED else "cpu"
TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-4}
NEVER, ALWAYS = (dict.fromkeys(("float64", "ieee", "tf32"), limit) for limit in (0, 10**6))
running = pytest.mark.skipif(not RUNS, reason="neither a GPU nor the interpreter; see the test of it")


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
        pairs = zip(self.results(triton_sums, spec, order), self.results(reference, spec, order), strict=True)
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
    monkeypatch.setattr(triton_plan, "DENSE_SUMS_UP_TO", table)
    monkeypatch.setattr(triton_plan, "DENSE_INPUT_GRADIENT_UP_TO", table)


@running
@pytest.mark.parametrize("order", range(4))
@pytest.mark.parametrize("extrapolation", ["linear", "constant", "decay", "periodic"])
def test_every_order_of_every_extrapolation(extrapolation, order, way):
    Case((9, 3, 5), 7, 3, torch.float64).check(EdgeSpec(3, "silu", extrapolation), order)


@running
@pytest.mark.parametrize("degree", [0, 1, 2, 4, 5, 6])
@pytest.mark.parametrize("extrapolation", ["linear", "decay"])
def test_every_degree(degree, extrapolation, way):
    case = Case((9, 1, 3), degree + 4, degree, torch.float64)
    for order in (0, 1):
        case.check(EdgeSpec(degree, "zero", extrapolation), order)


@running
@pytest.mark.parametrize("order", range(5))
@pytest.mark.parametrize("base", ["silu", "identity", "zero"])
def test_every_order_of_every_base(base, order):
    Case((9, 2, 3), 3, 2, torch.float64).check(EdgeSpec(2, base), order)


@running
@pytest.mark.parametrize("shape", [(0, 3, 5), (1, 1, 1), (1, 3, 33), (7, 3, 5), (7, 17, 1), (65, 17, 33)])
def test_odd_sizes(shape, way):
    Case(shape, 8, 3, torch.float32).check(EdgeSpec(3))


@running
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("size", "degree"), [(1, 0), (4, 3), (23, 3), (70, 2)])
def test_small_and_large_grids(size, degree, dtype):
    Case((40, 3, 5), size, degree, dtype).check(EdgeSpec(degree), 1)


@running
@pytest.mark.parametrize("factor", [False, True])
@pytest.mark.parametrize("scale", [False, True])
def test_without_factor_or_scale(factor, scale, way):
    Case((9, 3, 5), 7, 3, torch.float64, factor=factor, scale=scale).check(EdgeSpec(3))


@running
def test_many_samples_are_added_in_parts(way):
    Case((140, 9, 5), 8, 3, torch.float64).check(EdgeSpec(3))


@running
@pytest.mark.parametrize("extrapolation", ["linear", "constant", "decay", "periodic"])
@pytest.mark.parametrize("order", [0, 1, 2, 4])
def test_nan_stays_in_its_own_sample(extrapolation, order, way):
    case = Case((9, 3, 5), 7, 3, torch.float64)
    case.x[2, 1] = torch.nan
    case.check(EdgeSpec(3, "silu", extrapolation), order)
    sums = triton_sums.sums(case.x, None, case.weights, case.knots, EdgeSpec(3), order)
    assert sums[2].isnan().all() and sums.isfinite().sum() == sums.numel() - sums.shape[1]


@running
def test_repeated_knots(way):
    case = Case((9, 2, 3), 8, 3, torch.float64)
    case.knots[:, :4], case.knots[:, 8:] = case.knots[:, 3:4], case.knots[:, 8:9]
    case.knots[:, 6] = case.knots[:, 5]
    case.check(EdgeSpec(3))


@running
def test_weights_that_lie_in_one_packed_tensor(way):
    case = Case((9, 3, 5), 7, 3, torch.float64, scale=False)
    whole = torch.cat([case.weights.base.unsqueeze(1), case.weights.coef], dim=1)
    case.weights = EdgeWeights(whole[:, 1:], whole[:, 0])
    case.check(EdgeSpec(3))


@running
def test_gradients_that_are_expanded_and_samples_that_are_transposed(way):
    case = Case((9, 3, 5), 7, 3, torch.float64)
    case.grad = torch.ones((), dtype=torch.float64, device=DEVICE).expand(9, 5)
    case.x = case.x.T.contiguous().T
    case.check(EdgeSpec(3))


@running
def test_the_same_numbers_come_out_each_time():
    case = Case((140, 5, 5), 8, 3, torch.float32)
    for ours, again in zip(*(case.results(triton_sums, EdgeSpec(3), 1) for _ in range(2)), strict=True):
        assert torch.equal(ours, again)


def test_serves_only_what_the_kernels_can_do():
    case = Case((2, 3, 5), 7, 3, torch.float32)
    given = (case.x, case.weights, case.knots)
    assert triton_sums.serves(*given, EdgeSpec(3)) == RUNS
    assert not triton_sums.serves(*given, EdgeSpec(3, "tanh"))
    assert not triton_sums.serves(*given, EdgeSpec(3, "silu", "error"))
    assert not triton_sums.serves(case.x.half(), case.weights, case.knots, EdgeSpec(3))
    assert not triton_sums.serves(case.x.double(), case.weights, case.knots, EdgeSpec(3))


@pytest.mark.skipif(RUNS, reason="the tests run as they are")
def test_in_the_interpreter():
    try:
        int(np.zeros(1))
    except TypeError:
        pytest.skip("Triton's interpreter needs numpy < 2.4")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", __file__]
    environment = os.environ | {"TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"}
    root = Path(__file__).parents[2]
    run = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


COMPILE = """
import sys
import torch
import triton
from triton.backends.compiler import GPUTarget
from triton.runtime import driver
from triton.runtime.jit import JITFunction
from edgewise.edges import EdgeSpec, EdgeWeights, triton_plan, triton_sums

class Hopper:
    get_current_device = staticmethod(lambda: 0)
    get_current_stream = staticmethod(lambda device: 0)
    get_current_target = staticmethod(lambda: GPUTarget("cuda", 90, 32))

driver.set_active(Hopper())
run, compiled = JITFunction.run, []

def compile_only(self, *args, grid, warmup, **kwargs):
    compiled.append(run(self, *args, grid=grid, warmup=True, **kwargs))

JITFunction.run = compile_only

def compile_all(dtype, sizes, spec, order):
    batch, inputs, outputs, size = sizes
    ones = lambda *sides: torch.ones(sides, dtype=dtype)
    scale = ones(inputs, outputs) if order else None
    weights = EdgeWeights(ones(inputs, size, outputs), ones(inputs, outputs), scale)
    x, knots, grad = ones(batch, inputs), ones(inputs, size + spec.degree + 1), ones(batch, outputs)
    factor = ones(batch, inputs) if order else None
    triton_sums.sums(x, factor, weights, knots, spec, order)
    triton_sums.input_gradient(x, grad, weights, knots, spec, order + 1)
    triton_sums.weight_gradient(x, factor, grad, weights, knots, spec, order)

for line in sys.stdin.read().splitlines():
    name, sizes, spec, order, tf32 = eval(line)
    torch.backends.cuda.matmul.allow_tf32 = tf32
    compile_all(getattr(torch, name), sizes, EdgeSpec(*spec), order)
assert all("cubin" in kernel.asm for kernel in compiled)
sys.stdout.write(str(len(compiled)))
"""

KINDS = (
    ("float32", (1024, 64, 64, 8), (3, "silu", "linear"), 0, False),
    ("float32", (1024, 64, 64, 8), (3, "silu", "linear"), 0, True),
    ("float64", (65, 17, 33, 53), (5, "identity", "periodic"), 1, False),
    ("float32", (1, 1, 1, 1), (0, "silu", "decay"), 2, False),
)


def test_every_kernel_compiles_for_compute_capability_9(tmp_path):
    """Down to machine code, which needs no GPU; the interpreter allows what the language does not."""
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    environment["TRITON_CACHE_DIR"] = str(tmp_path)
    lines = "\n".join(map(repr, KINDS))
    run = subprocess.run(
        [sys.executable, "-c", COMPILE], input=lines, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) == 3 * len(KINDS)
