from __future__ import annotations

import pytest
import torch

from edgewise.explain.symbolic.compiler import compile


def test_values_used_further_up_are_carried_by_identities():
    model = compile("sin(cos(exp(x + y) + 1)) + x", ["x", "y"])
    assert model.depth == 4
    kinds = [layer.formula.names for layer in model.layers]
    assert all("x" in names for names in kinds)


def test_an_output_that_is_a_product_is_a_product_node():
    assert compile("3*x*y", ["x", "y"]).width == (2, (0, (2,)))
    assert compile("3*x*y + 1", ["x", "y"]).width == (2, (0, (2,)), 1)


@pytest.mark.parametrize("expressions", [["x*y", "x + y", "2"], ["sin(x)", "x*y*sin(x)"], ["x*y", "x/y"]])
def test_outputs_come_in_their_order(expressions):
    model = compile(expressions, ["x", "y"])
    x = torch.rand(20, 2, dtype=torch.float64) + 0.5
    alone = torch.cat([compile(one, ["x", "y"])(x) for one in expressions], 1)
    assert torch.allclose(model(x), alone, rtol=1e-14)


def test_other_edges_are_splines_that_are_off():
    model = compile("x*y + sin(x)", ["x", "y"], grid=7, k=2)
    for layer in model.layers:
        assert not (layer.basis.mask != 0).any()
        assert (layer.basis.grid, layer.basis.k) == (7, 2)
