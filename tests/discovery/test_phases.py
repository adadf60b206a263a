from __future__ import annotations

import numpy as np
import sympy

from edgewise.discovery.phases import with_phases

A, B = sympy.symbols("a b")
X = np.random.default_rng(0).uniform(1, 3, (50, 2))


def values(law):
    return sympy.lambdify((A, B), law)(*X.T)


def test_powers_of_waves_become_one_wave_with_a_phase():
    law = B * (1.5 * sympy.sin(A) ** 4 - 1.5 * sympy.cos(A) ** 4 + 0.8 * sympy.sin(A) * sympy.cos(A)) + A
    found = with_phases(law)
    assert len(found.atoms(sympy.sin, sympy.cos)) == 1 and len(found.atoms(sympy.Float)) <= 3
    np.testing.assert_allclose(values(found), values(law), rtol=1e-12, atol=1e-12)


def test_waves_of_several_arguments_stay_apart():
    law = 3.0 * sympy.sin(A) - 4.0 * sympy.cos(A) + 2.0 * sympy.sin(2 * A) + 5.0 * B * sympy.sin(2 * A) + 0.5
    found = with_phases(law)
    assert len(found.atoms(sympy.sin, sympy.cos)) == 2
    np.testing.assert_allclose(values(found), values(law), rtol=1e-12, atol=1e-12)


def test_what_has_no_such_pair_is_left():
    for law in (
        A + B,
        2.0 * sympy.sin(A),
        sympy.sin(A) * sympy.cos(B),
        sympy.exp(sympy.sin(A)),
        2.0 * sympy.sin(A) + sympy.cos(B),
    ):
        assert with_phases(law) is None
