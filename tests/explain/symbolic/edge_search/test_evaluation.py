"""One look at fits: c and d of least squares, and normal equations that agree with a dense solution."""

import pytest
import torch

from edgewise.explain.symbolic.edge_search.evaluation import Groups, Target, evaluate
from edgewise.functions import LIBRARY, make_function


def samples(rows, count=50, seed=0):
    generator = torch.Generator().manual_seed(seed)
    u = (2 * torch.rand(rows, count, generator=generator, dtype=torch.float64) - 1).sort(1).values
    return u, torch.randn(rows, count, generator=generator, dtype=torch.float64)


def dense(function, ab, u, v):
    """Residual, c, d, and the normal equations, by projecting columns with `lstsq`."""
    argument = (ab[0] * u + ab[1]).requires_grad_()
    shape = function.fn(argument)
    (slope,) = torch.autograd.grad(shape.sum(), argument)
    both = torch.stack([shape.detach(), torch.ones_like(u)], 1)
    c, d = torch.linalg.lstsq(both, v).solution
    residual = v - both @ torch.stack([c, d])
    columns = torch.stack([u * slope, slope], 1)
    columns = columns - both @ torch.linalg.lstsq(both, columns).solution
    return residual.square().sum() / (v - v.mean()).square().sum(), c, d, columns, residual


@pytest.mark.parametrize("name", ["sin", "x^3", "exp", "tanh"])
def test_a_look_is_least_squares(name):
    u, v = samples(1)
    ab = torch.tensor([[1.3, 0.4]], dtype=torch.float64)
    seen = evaluate(Groups(((LIBRARY[name], 1),)), ab, Target.of(u, v))
    unexplained, c, d, columns, residual = dense(LIBRARY[name], ab[0], u[0], v[0])
    assert float(seen.unexplained[0]) == pytest.approx(float(unexplained), rel=1e-10)
    assert seen.cd[0].tolist() == pytest.approx([float(c), float(d)], rel=1e-9)
    normal = seen.normal[0].reshape(2, 3)
    assert torch.allclose(normal[:, :2], columns.T @ columns, rtol=1e-8, atol=1e-12)
    assert torch.allclose(normal[:, 2], columns.T @ residual, rtol=1e-8, atol=1e-10)


def test_functions_without_a_slope_are_differentiated():
    u, v = samples(2)
    ab = torch.tensor([[1.3, 0.4], [0.7, -0.2]], dtype=torch.float64)
    own = make_function("my tanh", torch.tanh)
    mixed = evaluate(Groups(((LIBRARY["tanh"], 1), (own, 1))), ab, Target.of(u, v))
    plain = evaluate(Groups(((LIBRARY["tanh"], 2),)), ab, Target.of(u, v))
    assert torch.allclose(mixed.table, plain.table, rtol=1e-10, atol=1e-12)


def test_a_fit_outside_the_domain_is_the_constant():
    u, v = samples(1)
    seen = evaluate(
        Groups(((LIBRARY["log"], 1),)), torch.tensor([[1.0, 0.0]], dtype=torch.float64), Target.of(u, v)
    )
    assert seen.unexplained.tolist() == [1.0]
    assert seen.cd[0].tolist() == pytest.approx([0.0, float(v.mean())])


def test_slopes_survive_where_the_function_is_nearly_a_line():
    u, _ = samples(1)
    ab = torch.tensor([[1.0, 1e4]], dtype=torch.float64)
    v = (u + 1.1e4).square()
    seen = evaluate(Groups(((LIBRARY["x^2"], 1),)), ab, Target.of(u, v))
    _, _, _, ra, bb, rb = seen.normal[0].tolist()
    assert bb > 0
    assert rb != 0
    assert ra != 0


def test_groups_are_runs_of_equal_numbers():
    functions = [LIBRARY[name] for name in ("x", "sin", "exp")]
    groups = Groups.of(functions, torch.tensor([0, 0, 2]))
    assert [(function.name, count) for function, count in groups.runs] == [("x", 2), ("exp", 1)]
