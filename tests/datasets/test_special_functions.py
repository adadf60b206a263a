import numpy as np
import pytest
from scipy import integrate, special

from edgewise.datasets import special_function, special_function_names
from edgewise.errors import UnknownName


@pytest.mark.parametrize("name", special_function_names())
def test_samples_are_finite_and_what_scipy_says(name):
    function = special_function(name)
    data = function.sample(200, 50)
    assert bool(data["train_label"].isfinite().all()) and float(data["train_label"].std()) > 0
    first, second = data["train_input"].numpy().T
    base, _, fixed = name.partition("(")
    if base == "sph_harm":
        order, degree = (int(part) for part in fixed.rstrip(")").split(","))
        expected = special.sph_harm_y(degree, order, second, first).real
    elif base == "lpmv":
        expected = special.lpmv(int(fixed.rstrip(")")), first, second)
    else:
        expected = getattr(special, base)(first, second)
        expected = expected[0] if isinstance(expected, tuple) else expected
    assert np.allclose(data["train_label"].numpy()[:, 0], expected, rtol=1e-12, atol=1e-14)
    assert "SciPy" in function.source


def test_an_elliptic_integral_by_quadrature():
    value = special_function("ellipkinc")([[1.2, 0.6]])[0]
    assert abs(value - integrate.quad(lambda t: (1 - 0.6 * np.sin(t) ** 2) ** -0.5, 0, 1.2)[0]) < 1e-12


def test_an_unknown_one():
    assert len(special_function_names()) == 15
    with pytest.raises(UnknownName, match="Did you mean 'jv'"):
        special_function("j")
