from __future__ import annotations

import pytest
import sympy

from edgewise.discovery.form import read_form
from edgewise.errors import InputError


def test_functions_constants_and_arguments():
    form = read_form("a*f(x - z) + g(x, z)*sin(z) + f(z)", ["x", "z"])
    assert form.functions == {"f": 1, "g": 2}
    assert form.constants == (sympy.Symbol("a"),)
    v, w = sympy.symbols("v w")
    law = form.filled({"f": ([v], v**2), "g": ([v, w], v / w)})
    assert sympy.simplify(law - sympy.sympify("a*(x - z)**2 + x*sin(z)/z + z**2")) == 0


def test_functions_of_functions():
    v = sympy.Symbol("v")
    form = read_form("f(x*g(z))", ["x", "z"])
    assert [str(call.func) for call in form.calls] == ["g", "f"]
    law = form.filled({"f": ([v], sympy.exp(v)), "g": ([v], v**2)})
    assert law == sympy.sympify("exp(x*z**2)")


@pytest.mark.parametrize("form", ["a*x", "f(x) + f(x, z)", "f(3)", "f(", "f(q)", 3])
def test_what_is_no_form_is_refused(form):
    with pytest.raises(InputError, match="discover: form must "):
        read_form(form, ["x", "z"])
