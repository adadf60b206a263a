from __future__ import annotations

import numpy as np
import sympy
import torch

from edgewise.estimators import KANRegressor
from edgewise.estimators.log_link import above, below_link, exponential_layer, has_log_link
from edgewise.train import Data


def test_each_output_is_the_exponential_of_its_own_input():
    layer = exponential_layer(torch.tensor([0.0, 1.0], dtype=torch.float64))
    h = torch.randn(5, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(layer.formula(h) + layer.basis(h), (h + torch.tensor([0.0, 1.0])).exp())


def test_a_log_link_is_known_as_one_and_can_be_taken_off_and_put_on():
    x = np.random.default_rng(0).normal(size=(200, 2))
    y = np.random.default_rng(1).poisson(np.exp(x[:, 0]))
    model = KANRegressor(hidden=0, loss="poisson", smoothness=1e-2).fit(x, y)
    network, data = model.model_, Data(model.samples_, model.targets_)
    assert has_log_link(network) and not has_log_link(KANRegressor(hidden=0).fit(x, y).model_)
    below, working = below_link(network, data)
    torch.testing.assert_close(above(network, below)(data.x), network(data.x))
    gap = working.y - below(data.x)
    torch.testing.assert_close(gap, (data.y / network(data.x) - 1).clamp(max=4))
    assert network.depth == below.depth + 1


def test_the_formula_of_a_line_below_the_link_is_one_exponential():
    random = np.random.default_rng(0)
    x = random.normal(size=(400, 2))
    y = random.poisson(np.exp(0.5 * x[:, 0] - 0.3 * x[:, 1] + 1))
    found = KANRegressor(hidden=0, loss="poisson", smoothness=1e-1).fit(x, y).formula_
    inner = sympy.expand_log(sympy.log(found.expr), force=True)
    assert sympy.Poly(inner, *found.symbols).total_degree() == 1
    assert found.verdict == "within noise"
