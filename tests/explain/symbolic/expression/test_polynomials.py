"""Powers and products are multiplied out where the formula is shorter so, and never at a price in accuracy."""

from __future__ import annotations

import pytest
import sympy
import torch

from edgewise.explain import formula
from edgewise.network import Network, build, set_formulas


def line(weight: float, shift: float = 0.0):
    return "x", (1.0, 0.0, weight, shift)


def square(weight: float, a: float = 1.0, b: float = 0.0, d: float = 0.0):
    return "x^2", (a, b, weight, d)


def network(width, formulas) -> Network:
    return set_formulas(build(width, dtype=torch.float64), formulas)


def two_squares(first, second, plus=(1.0, 1.0, 0.0), minus=(1.0, -1.0, 0.0)) -> Network:
    """A square of each of two sums of x_1 and x_2."""
    nodes = {(0, i, j): line(sums[i]) for j, sums in enumerate((plus, minus)) for i in (0, 1)}
    nodes |= {(0, 0, j): line(sums[0], sums[2]) for j, sums in enumerate((plus, minus))}
    return network([2, 2, 1], nodes | {(1, 0, 0): first, (1, 1, 0): second})


def samples(columns: int = 2, low: float = -1.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return low + (1 - low) * torch.rand(200, columns, generator=generator, dtype=torch.float64)


def shows(model: Network, expected: str, **settings) -> None:
    columns = model.layers[0].in_features
    found = formula(model, settings.pop("data", samples(columns)), **settings)
    assert sympy.simplify(found.expr - sympy.sympify(expected)) == 0
    assert found.expr.count_ops() <= sympy.sympify(expected).count_ops()


def test_the_difference_of_two_squares_is_a_product():
    shows(two_squares(square(0.25), square(-0.25)), "x_1*x_2")


def test_scaled_and_shifted_insides_make_no_difference():
    model = two_squares(
        square(0.25 / 1.69, 1, -0.2), square(-0.25 / 0.49, 1, -0.1, 2.0), (1.3, 2.6, 0.2), (0.7, -1.4, 0.1)
    )
    shows(model, "2*x_1*x_2 + 2")


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_units_make_no_difference(size):
    found = formula(two_squares(square(0.25 * size), square(-0.25 * size)), samples()).expr
    weight, rest = found.as_coeff_Mul()
    assert float(weight) == pytest.approx(size)
    assert rest == sympy.sympify("x_1*x_2")


def test_squares_that_agree_to_the_noise_do_with_a_tolerance():
    model = two_squares(square(0.2504), square(-0.2497), (1.0, 1.002, 0.001), (1.0, -1.001, 0.0))
    shows(model, "x_1*x_2", tolerance=1e-2)
    found = formula(model, samples(), tolerance=1e-2)
    assert found.error <= 1e-2
    assert formula(model, samples()).error < 1e-12  # all of it is there without


def test_the_square_of_a_sum_without_the_squares():
    nodes = {(0, 0, 0): line(1), (0, 1, 0): line(1), (0, 0, 1): line(1), (0, 1, 1): line(0)}
    nodes |= {(0, 0, 2): line(0), (0, 1, 2): line(1)}
    edges = {(1, 0, 0): square(0.5), (1, 1, 0): square(-0.5), (1, 2, 0): square(-0.5)}
    shows(network([2, 3, 1], nodes | edges), "x_1*x_2")


def test_the_product_of_three_by_four_cubes():
    signs = [(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)]
    nodes = {(0, i, n): line(sign) for n, row in enumerate(signs) for i, sign in enumerate(row)}
    edges = {(1, n, 0): ("x^3", (1, 0, 1 / 24, 0)) for n in range(4)}
    shows(network([3, 4, 1], nodes | edges), "x_1*x_2*x_3")


def test_products_of_functions():
    nodes = {
        (0, 0, 0): ("sin", (2, 0, 1, 0)),
        (0, 1, 0): line(1),
        (0, 0, 1): ("sin", (2, 0, 1, 0)),
        (0, 1, 1): line(-1),
    }
    shows(network([2, 2, 1], nodes | {(1, 0, 0): square(0.25), (1, 1, 0): square(-0.25)}), "x_2*sin(2*x_1)")


def test_a_product_inside_a_function():
    nodes = {(0, 0, 0): line(1), (0, 1, 0): line(1), (0, 0, 1): line(1), (0, 1, 1): line(-1)}
    edges = {(1, 0, 0): square(0.25), (1, 1, 0): square(-0.25), (2, 0, 0): ("sin", (3, 0, 1, 0))}
    shows(network([2, 2, 1, 1], nodes | edges), "sin(3*x_1*x_2)")


def test_the_exponential_of_logarithms_is_a_product():
    edges = {
        (0, 0, 0): ("log", (1, 0, 1, 0)),
        (0, 1, 0): ("log", (2, 0, 2, 0)),
        (1, 0, 0): ("exp", (1, 0, 1, 0)),
    }
    shows(network([2, 1, 1], edges), "4*x_1*x_2**2", data=samples(low=0.1))


def test_product_nodes_whose_squares_cancel():
    # (x + y)(x - y) + y^2 = x^2
    nodes = {(0, 1, 0): square(1), (0, 0, 0): line(0), (0, 0, 1): line(1), (0, 1, 1): line(1)}
    nodes |= {(0, 0, 2): line(1), (0, 1, 2): line(-1)}
    model = network([2, (1, 1), 1], nodes | {(1, 0, 0): line(1), (1, 1, 0): line(1)})
    shows(model, "x_1**2")


@pytest.mark.parametrize(
    ("formulas", "width", "expected"),
    [
        ({(0, 0, 0): square(2, 1, -0.3, 0.7)}, [1, 1], "2*(x_1 - 3/10)**2 + 7/10"),
        ({(0, 0, 0): line(1), (0, 1, 0): line(1), (1, 0, 0): square(0.5)}, [2, 1, 1], "(x_1 + x_2)**2/2"),
        ({(0, 0, 0): line(1), (0, 1, 0): line(2, 5), (1, 0, 0): ("x^4", (1, 0, 1, 0))}, [2, 1, 1], "16*(x_1/2 + x_2 + 5/2)**4"),
    ],
)  # fmt: skip
def test_what_is_short_already_stays(formulas, width, expected):
    model = network(width, formulas)
    assert str(formula(model, samples(width[0])).expr) == str(sympy.sympify(expected))


def test_squares_far_from_the_origin_lose_no_accuracy():
    far = samples() + 1e5
    model = two_squares(square(0.25), square(-0.25, 1, 0, -1e10), (1.0, 1.0, 0.0), (1.0, -1.0, 0.0))
    found = formula(model, far)
    assert found.error <= 1e-9 * 1e5
    assert found.r2 > 1 - 1e-12


def test_without_snapping_the_network_is_written_as_it_is():
    found = formula(two_squares(square(0.25), square(-0.25)), samples(), snap=False)
    assert len(found.expr.args) == 2
    assert found.error < 1e-14


def test_squares_inside_squares_are_multiplied_out_too():
    # (y + (x + 3)^2 - 9)^2 - (y + (x - 3)^2 - 9)^2 = 24 x y + 24 x^3
    nodes = {
        (0, 0, 0): square(1, 1, 3, -9),
        (0, 1, 0): line(1),
        (0, 0, 1): square(1, 1, -3, -9),
        (0, 1, 1): line(1),
    }
    shows(network([2, 2, 1], nodes | {(1, 0, 0): square(1), (1, 1, 0): square(-1)}), "24*x_1**3 + 24*x_1*x_2")


def test_terms_left_out_are_made_up_for_within_the_tolerance():
    # x y with a trace of x^2, whose mean goes into a constant
    model = two_squares(square(0.255), square(-0.25), (1.0, 1.0, 0.0), (1.0, -1.0, 0.0))
    found = formula(model, samples(), tolerance=2e-2)
    assert found.expr.coeff(sympy.Symbol("x_1") * sympy.Symbol("x_2")) != 0
    values = found(samples())
    wanted = model(samples()).detach().numpy()
    assert abs(values - wanted).max() <= 2 * 2e-2 * wanted.std()


def test_samples_on_which_a_power_is_not_defined_do_no_harm():
    nodes = {
        (0, 0, 0): ("log", (1, 0, 1, 0)),
        (0, 1, 0): line(1),
        (0, 0, 1): ("log", (1, 0, 1, 0)),
        (0, 1, 1): line(-1),
    }
    model = network([2, 2, 1], nodes | {(1, 0, 0): square(0.25), (1, 1, 0): square(-0.25)})
    assert formula(model, samples()).verdict == "undefined"
    shows(model, "x_2*log(x_1)", data=samples(low=0.1))


def test_what_has_too_many_terms_is_left_as_it_is():
    nodes = {(0, i, j): line(1 + i + 0.3 * j) for i in range(5) for j in range(2)}
    model = network([5, 2, 1], nodes | {(1, 0, 0): ("x^6", (1, 0, 1, 0)), (1, 1, 0): ("x^6", (1, 0, -1, 0))})
    assert len(formula(model, samples(5)).expr.args) == 2
