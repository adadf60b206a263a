import pytest
import torch

from edgewise.errors import InputError
from edgewise.spline.equidistributed_knots import equidistributed_knots
from edgewise.spline.evaluate import spline_edges
from edgewise.spline.knots import inner_knots, uniform_knots
from edgewise.spline.refit import fit_coef

DOUBLE = torch.float64


def fitted(function, grid, knots=None, degree=3):
    """A spline of the function on [-1, 1], its knots, and its largest error."""
    x = torch.linspace(-1, 1, 4001, dtype=DOUBLE)[:, None]
    if knots is None:
        knots = uniform_knots(-torch.ones(1, dtype=DOUBLE), torch.ones(1, dtype=DOUBLE), grid, degree)
    y = function(x)[:, :, None]
    coef = fit_coef(x, y, knots, degree).coef
    return coef, knots, float((spline_edges(x, knots, coef, degree) - y).abs().max())


@pytest.mark.parametrize("degree", [1, 2, 3, 5])
@pytest.mark.parametrize(
    "function", [lambda x: torch.tanh(30 * x), lambda x: torch.exp(-200 * (x - 0.3) ** 2)]
)
def test_the_error_falls_by_much_where_a_function_is_steep(function, degree):
    grid = 40
    coef, knots, even = fitted(function, grid, degree=degree)
    for _ in range(3):
        coef, knots, placed = fitted(function, grid, equidistributed_knots(coef, knots, degree, grid), degree)
    assert placed < 0.35 * even


def test_a_smooth_function_keeps_nearly_even_steps():
    coef, knots, _ = fitted(lambda x: torch.exp(x), 10)
    steps = inner_knots(equidistributed_knots(coef, knots, 3, 10), 3).diff()
    assert float(steps.max() / steps.min()) < 2


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("grid", [1, 2, 7, 100])
def test_knots_rise_and_keep_their_ends(dtype, grid):
    generator = torch.Generator().manual_seed(0)
    knots = uniform_knots(torch.tensor([-1.0, 5.0], dtype=dtype), torch.tensor([1.0, 5.5], dtype=dtype), 6, 3)
    for coef in (torch.randn(2, 9, 3, generator=generator, dtype=dtype), torch.zeros(2, 9, 3, dtype=dtype)):
        placed = equidistributed_knots(coef, knots, 3, grid)
        assert placed.dtype == dtype and placed.shape == (2, grid + 7)
        assert bool((placed.diff(dim=1) > 0).all())
        torch.testing.assert_close(placed[:, [3, -4]], knots[:, [3, -4]])


def test_nothing_bends_means_even_steps():
    knots = uniform_knots(torch.zeros(1, dtype=DOUBLE), torch.ones(1, dtype=DOUBLE), 4, 3)
    placed = equidistributed_knots(torch.ones(1, 7, 1, dtype=DOUBLE), knots, 3, 8)
    torch.testing.assert_close(inner_knots(placed, 3)[0], torch.linspace(0, 1, 9, dtype=DOUBLE))


def test_an_edge_without_weight_is_not_heard():
    steep, knots, _ = fitted(lambda x: torch.tanh(30 * x), 20)
    mild, _, _ = fitted(lambda x: x**2, 20)
    both, off = torch.cat([steep, mild], 2), torch.tensor([[0.0, 1.0]], dtype=DOUBLE)
    torch.testing.assert_close(
        equidistributed_knots(both, knots, 3, 20, weight=off), equidistributed_knots(mild, knots, 3, 20)
    )


@pytest.mark.parametrize("even", [0, -1, 1.5, float("nan")])
def test_bad_share(even):
    with pytest.raises(InputError, match="even must be above 0"):
        equidistributed_knots(torch.zeros(1, 7, 1), torch.arange(-3.0, 8.0)[None], 3, 4, even=even)
