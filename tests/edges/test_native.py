"""The compiled kernels against plain torch, on shapes, knots and inputs of every kind."""

import itertools

import pytest
import torch

from edgewise.edges import EdgeSpec, EdgeWeights, native, reference
from edgewise.spline.knots import pad_knots, uniform_knots

pytestmark = pytest.mark.skipif(not native.AVAILABLE, reason="built without the compiled part")

EXTRAPOLATIONS = ("linear", "constant", "decay", "periodic")
TARGETS = ("baseline", "avx2", "avx512")
SHAPES = ((7, 3, 5), (1, 4, 9), (65, 1, 1), (33, 17, 33), (300, 2, 70), (600, 5, 16), (0, 3, 2))
WHOLE_VECTORS = ((50, 18, 16), (140, 3, 64), (1100, 2, 128))
PRECISION = {torch.float64: 1e-11, torch.float32: 3e-4}


def make_knots(inputs, grid, degree, uniform, generator):
    if uniform:
        low = -torch.ones(inputs, dtype=torch.float64)
        return uniform_knots(low, -1.5 * low, grid, degree)
    steps = 0.05 + torch.rand(inputs, grid, generator=generator, dtype=torch.float64)
    inner = torch.cat([torch.zeros(inputs, 1, dtype=torch.float64), steps.cumsum(1)], 1)
    return pad_knots(2.5 * inner / inner[:, -1:] - 1, degree)


def make_case(shape, grid, degree, uniform, dtype, seed):
    """Samples inside, on knots, repeated, at and beyond both ends; weights with and without a scale."""
    batch, inputs, outputs = shape
    generator = torch.Generator().manual_seed(seed)
    knots = make_knots(inputs, grid, degree, uniform, generator)
    x = torch.randn(batch, inputs, generator=generator, dtype=torch.float64)
    x[::5] = knots[:, degree + seed % (grid + 1)]
    x[1::7] = x[:1]
    normal = lambda *size: torch.randn(*size, generator=generator, dtype=torch.float64).to(dtype)
    scale = normal(inputs, outputs) if seed % 2 else None
    weights = EdgeWeights(normal(inputs, grid + degree, outputs), normal(inputs, outputs), scale)
    factor = normal(batch, inputs) if seed % 3 == 0 else None
    return x.to(dtype), factor, normal(batch, outputs), weights, knots.to(dtype)


def assert_equal(got, wanted, dtype):
    if wanted is None:
        assert got is None
        return
    assert got.shape == wanted.shape and got.dtype == wanted.dtype
    size = 1 + wanted.abs().max().item() if wanted.numel() else 1.0
    assert (got - wanted).abs().max().item() <= PRECISION[dtype] * size if wanted.numel() else True


@pytest.fixture(params=TARGETS)
def target(request):
    if not native.use_target(request.param):
        pytest.skip("this processor cannot run it")
    yield request.param
    native.use_target(None)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("degree", [0, 1, 2, 3, 4, 5, 6])
def test_kernels_equal_the_reference(target, degree, dtype):
    for seed, (extrapolation, order, grid, uniform) in enumerate(
        itertools.product(EXTRAPOLATIONS, (0, 1, 2, 3), (1, 4, 30), (True, False))
    ):
        shape = SHAPES[seed % len(SHAPES)]
        spec = EdgeSpec(degree, ("silu", "identity", "zero")[seed % 3], extrapolation)
        x, factor, grad, weights, knots = make_case(shape, grid, degree, uniform, dtype, seed)
        rest = (weights, knots, spec, order)
        if dtype == torch.float32 and grid == 30:
            continue  # the reference itself is off by more
        assert_equal(native.sums(x, factor, *rest), reference.sums(x, factor, *rest), dtype)
        assert_equal(native.input_gradient(x, grad, *rest), reference.input_gradient(x, grad, *rest), dtype)
        found = native.weight_gradient(x, factor, grad, *rest)
        for got, wanted in zip(found, reference.weight_gradient(x, factor, grad, *rest), strict=True):
            assert_equal(got, wanted, dtype)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("degree", [0, 1, 2, 3, 4, 5, 6])
def test_rows_that_lie_ready(target, degree, dtype):
    """Weights that need no multiplying are read, and their gradients written, where they are."""
    for seed, shape in enumerate(WHOLE_VECTORS):
        x, factor, grad, weights, knots = make_case(shape, 12, degree, seed != 1, dtype, seed)
        mask = torch.ones(shape[1:], dtype=dtype)
        for scale in (None, mask.clone()):
            rest = (EdgeWeights(weights.coef, weights.base, scale), knots, EdgeSpec(degree), 0)
            assert_equal(native.sums(x, factor, *rest, mask=mask), reference.sums(x, factor, *rest), dtype)
            wanted = reference.input_gradient(x, grad, *rest[:3], 1)
            assert_equal(native.input_gradient(x, grad, *rest[:3], 1, mask=mask), wanted, dtype)
            found = native.weight_gradient(x, factor, grad, *rest, mask=mask)
            for got, wanted in zip(found, reference.weight_gradient(x, factor, grad, *rest), strict=True):
                assert_equal(got, wanted, dtype)


def run_chain(x, grad, weights, mask, knots, spec):
    """One layer as a chain: its sums, the gradients of its weights and of its inputs."""
    inputs, size, outputs = weights.coef.shape
    ones, zeros = torch.ones(outputs, dtype=x.dtype), torch.zeros(outputs, dtype=x.dtype)
    parts = (knots, mask, *weights[:2], ones, zeros, ones, zeros)
    kind = native.kind_ids(spec.degree, spec.base, spec.extrapolation)
    places = tuple(part.data_ptr() for part in parts)
    chain = native.make_layerwise_network(
        x.dtype, len(x), [(inputs, outputs, size, *kind, outputs, (), places)]
    )
    result, found = (
        x.new_empty(len(x), outputs),
        [torch.full_like(part, torch.nan) for part in (*weights[:2], x)],
    )
    chain.forward((x.data_ptr(), result.data_ptr()))
    *results, dx = (part.data_ptr() for part in found)
    chain.backward((x.data_ptr(),), grad.data_ptr(), tuple(results), dx)
    return [result, *found]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("degree", [0, 1, 2, 3, 4, 5])
def test_all_gradients_at_once(target, degree, dtype):
    shapes = [shape for shape in (*SHAPES, *WHOLE_VECTORS) if shape[0]]
    for seed, (shape, extrapolation) in enumerate(itertools.product(shapes, EXTRAPOLATIONS)):
        spec = EdgeSpec(degree, ("silu", "identity", "zero")[seed % 3], extrapolation)
        x, _, grad, weights, knots = make_case(
            shape, (1, 4, 30)[seed // 4 % 3], degree, seed % 3 > 0, dtype, 3
        )
        mask = (torch.arange(weights.base.numel()).reshape(weights.base.shape) % (2 + seed) > 0).to(dtype)
        if seed % 2:
            mask = torch.ones_like(mask)
        masked = EdgeWeights(weights.coef, mask * weights.base, mask)
        wanted = list(reference.weight_gradient(x, None, grad, masked, knots, spec, 0))[:2]
        wanted[1] = mask * wanted[1]
        wanted = [reference.sums(x, None, masked, knots, spec, 0), *wanted]
        wanted.append(reference.input_gradient(x, grad, masked, knots, spec, 1))
        if dtype == torch.float32 and seed // 4 % 3 == 2:
            continue  # the reference itself is off by more
        for got, one in zip(run_chain(x, grad, weights, mask, knots, spec), wanted, strict=True):
            assert_equal(got, one, dtype)


def test_a_degree_without_code_of_its_own(target):
    x, factor, _grad, weights, knots = make_case((9, 2, 3), 4, 11, True, torch.float64, 1)
    rest = (weights, knots, EdgeSpec(11), 0)
    assert_equal(native.sums(x, factor, *rest), reference.sums(x, factor, *rest), torch.float64)


def test_higher_orders_of_the_base():
    x = torch.linspace(-6, 6, 40, dtype=torch.float64)[:, None]
    weights = EdgeWeights(torch.zeros(1, 7, 1, dtype=x.dtype), torch.ones(1, 1, dtype=x.dtype))
    knots = uniform_knots(torch.tensor([-8.0], dtype=x.dtype), torch.tensor([8.0], dtype=x.dtype), 4, 3)
    for order in range(8):
        rest = (weights, knots, EdgeSpec(3, "silu"), order)
        torch.testing.assert_close(
            native.sums(x, None, *rest), reference.sums(x, None, *rest), rtol=1e-9, atol=1e-9
        )


def test_nan_stays_in_its_row(target):
    x, _, _, weights, knots = make_case((20, 3, 9), 5, 3, False, torch.float64, 1)
    wanted = native.sums(x, None, weights, knots, EdgeSpec(3))
    x[4, 1] = torch.nan
    got = native.sums(x, None, weights, knots, EdgeSpec(3))
    assert got[4].isnan().all()
    keep = torch.arange(20) != 4
    assert torch.equal(got[keep], wanted[keep])


@pytest.mark.parametrize("value", [1e30, -1e30, float("inf"), float("-inf")])
def test_huge_inputs_do_no_harm(value):
    x, _, grad, weights, knots = make_case((20, 3, 9), 5, 3, True, torch.float32, 1)
    x[4, 1] = value
    rest = (weights, knots, EdgeSpec(3))
    got = native.sums(x, None, *rest)
    assert got[torch.arange(20) != 4].isfinite().all()
    native.input_gradient(x, grad, *rest, 1)
    native.weight_gradient(x, None, grad, *rest)


def test_same_bits_whatever_the_threads():
    x, _, grad, weights, knots = make_case((3000, 20, 40), 5, 3, True, torch.float32, 1)
    rest = (weights, knots, EdgeSpec(3))
    before = torch.get_num_threads()
    results = []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            found = native.weight_gradient(x, None, grad, *rest)
            results.append((native.sums(x, None, *rest), native.input_gradient(x, grad, *rest), *found))
    finally:
        torch.set_num_threads(before)
    for other in results[1:]:
        assert all(torch.equal(one, two) for one, two in zip(results[0], other, strict=True))


def test_views_and_strides():
    x, _, _grad, weights, knots = make_case((30, 4, 6), 5, 3, True, torch.float64, 2)
    packed = reference.packed(weights)
    apart = EdgeWeights(packed[:, 1:], packed[:, 0])
    wanted = reference.sums(x, None, weights, knots, EdgeSpec(3))
    torch.testing.assert_close(native.sums(x, None, apart, knots, EdgeSpec(3)), wanted)
    turned = x.T.contiguous().T
    torch.testing.assert_close(native.sums(turned, None, weights, knots, EdgeSpec(3)), wanted)
    slanted = EdgeWeights(
        weights.coef.transpose(1, 2).contiguous().transpose(1, 2), weights.base.T.contiguous().T
    )
    torch.testing.assert_close(native.sums(x, None, slanted, knots, EdgeSpec(3)), wanted)


def test_knots_that_meet():
    knots = torch.tensor([[-3.0, -2, -1, 0, 0, 0, 1, 2, 2, 3, 4, 5]], dtype=torch.float64)
    x = torch.linspace(-1, 3, 41, dtype=torch.float64)[:, None]
    weights = EdgeWeights(torch.randn(1, 8, 2, dtype=x.dtype), torch.zeros(1, 2, dtype=x.dtype))
    rest = (weights, knots, EdgeSpec(3, "zero"))
    torch.testing.assert_close(native.sums(x, None, *rest), reference.sums(x, None, *rest))


def test_what_is_left_to_plain_torch():
    x, _, _, weights, knots = make_case((5, 2, 3), 5, 3, True, torch.float32, 2)
    spec = EdgeSpec(3)
    assert native.supports(x, weights, knots, spec)
    assert not native.supports(x.double(), weights, knots, spec)
    assert not native.supports(x, weights, knots, EdgeSpec(99))
    half = EdgeWeights(weights.coef.bfloat16(), weights.base.bfloat16())
    assert not native.supports(x.bfloat16(), half, knots, spec)
