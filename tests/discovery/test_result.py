from __future__ import annotations

import numpy as np
import pytest
import sympy
import torch

from edgewise.discovery import Constant, Discovery, Law
from edgewise.discovery.split import Split
from edgewise.errors import InputError

A = sympy.Symbol("a")
X = np.linspace(1, 2, 20)[:, None]
SAMPLES = Split(X, 2 * X[:, 0] ** 2, X, 2 * X[:, 0] ** 2)


def found(best=True, noise=0.1):
    constants = (Constant(1.98, 0.01, sympy.Integer(2)), Constant(0.5, np.inf, sympy.Float(0.5)))
    laws = (
        Law(A, (A,), 0.5, 0.5, 0.6, 90.0, (), "approximation", "products"),
        Law(2 * A**2, (A,), 0.1, 0.1, 0.99, 10.0, constants, "within noise", "products"),
    )
    return Discovery(laws, laws[1] if best else None, "Because.", noise, 1.0, "exact", SAMPLES)


def test_the_table_marks_the_chosen_law():
    lines = found().table().splitlines()
    assert [line[0] for line in lines] == [" ", " ", "*"]
    assert "2*a**2" in lines[2]


def test_errors_of_constants_are_told_where_there_is_noise():
    text = str(found())
    assert "fitted 1.98 +- 0.01, 2.0 standard errors away" in text
    assert "not decided by these samples" in text
    assert "standard errors" not in str(found(noise=0.0))


def test_the_chosen_law_is_a_network_and_a_formula():
    one = found()
    assert np.allclose(one.network()(torch.from_numpy(X)).detach().numpy()[:, 0], 2 * X[:, 0] ** 2)
    assert one.formula().verdict in ("exact", "within noise")
    assert one.latex() == "2 a^{2}"


def test_without_a_law_there_is_a_sentence():
    with pytest.raises(InputError, match="Because"):
        found(best=False).latex()
    assert found(best=False)._repr_latex_() == ""
