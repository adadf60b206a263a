from __future__ import annotations

import numpy as np
import torch

from edgewise.discovery.form import read_form
from edgewise.discovery.form_network import trained
from edgewise.discovery.problem import Problem

X = np.random.default_rng(0).uniform(0.5, 3, (200, 2))


def test_functions_of_a_form_are_learned_up_to_what_the_form_leaves_open():
    a, b = X.T
    problem = Problem.of(X, np.sin(a) + 3 * b**2, "ab")
    model, missed = trained(read_form("f(a) + k*b^2", ["a", "b"]), problem, 0)
    assert missed < 1e-2
    arguments, values = model.values(torch.from_numpy(problem.x))["f"]
    np.testing.assert_allclose(arguments[:, 0], a)
    assert abs(np.corrcoef(values, np.sin(a))[0, 1]) > 0.999
