"""The formula is the network's, whole, exact where it can be, and refused where it is not there."""

import math

import numpy as np
import pytest
import sympy
import torch

from edgewise.errors import InputError, NotAFormula, ShapeError
from edgewise.explain import Formula, fix, formula
from edgewise.explain.symbolic.refit import refit
from edgewise.functions import make_function
from edgewise.network import Scaler, build, mask_edges, select_nodes, set_formula, set_formulas, stand_for


def numbers(*values):
    return torch.tensor(values, dtype=torch.float64)


def samples(columns=2, count=200, low=-1.0, high=1.0):
    generator = torch.Generator().manual_seed(0)
    return low + (high - low) * torch.rand(count, columns, generator=generator, dtype=torch.float64)


def network(width, edges, **settings):
    """A network whose edges are the formulas given, all others off."""
    model = build(width, dtype=torch.float64, **settings)
    model = mask_edges(model, list(model.active_edges()))
    for edge, (name, *affine) in edges.items():
        model = set_formula(model, edge, name, numbers(*affine))
    return model


def equal(found, text):
    return sympy.simplify(found - sympy.sympify(text)) == 0


def hello(noise=0.0):
    return network(
        [2, 1, 1],
        {
            (0, 0, 0): ("sin", math.pi, noise, 0.5, 0.1),
            (0, 1, 0): ("x^2", 2, noise, 0.125, 0),
            (1, 0, 0): ("exp", 2, -0.2, 1, noise),
        },
    )


def test_hello_world_is_exact():
    found = formula(hello(noise=1e-14), samples())
    assert equal(found.expr, "exp(x_2**2 + sin(pi*x_1))")
    assert found.error < 1e-12
    assert found.r2 == pytest.approx(1, abs=1e-15)
    assert found.splines == ()


def test_constants_before_and_after():
    found = formula(hello(), samples())
    assert [before for before, _ in found.constants] == [float(after) for _, after in found.constants]
    assert (math.pi, sympy.pi) in found.constants


def test_without_snapping_all_numbers_stay_floats():
    found = formula(hello(), samples(), snap=False)
    assert found.expr.atoms(sympy.NumberSymbol) == set()
    assert found.error < 1e-14


def test_formula_respects_masks():
    model = network([3, 2, 1], {(0, 0, 0): ("sin", 1, 0, 1, 0), (1, 0, 0): ("x", 1, 0, 1, 0)})
    model = set_formula(model, (0, 1, 0), "exp", numbers(1, 0, 1, 0))
    model = set_formula(model, (1, 1, 0), "x^2", numbers(1, 0, 1, 0))
    cut = mask_edges(model, [(0, 1, 0)])
    assert equal(formula(cut, samples(3)).expr, "sin(x_1)")
    assert not formula(mask_edges(cut, list(cut.active_edges())), samples(3)).expr.free_symbols


def test_splines_that_lead_nowhere_do_not_matter():
    model = build([2, 2, 1], dtype=torch.float64)
    model = mask_edges(model, [(1, 1, 0)])
    for edge in [(0, 0, 0), (0, 1, 0), (1, 0, 0)]:
        model = set_formula(model, edge, "x", numbers(1, 0, 2, 0))
    assert equal(formula(model, samples()).expr, "4*x_1 + 4*x_2")


def test_numeric_network_is_refused_not_zero():
    with pytest.raises(NotAFormula, match=r"15 still are splines: \(0, 0, 0\), .* and 5 more"):
        formula(build([2, 5, 1]))


def test_unfixed_edges_leave_the_formula():
    fixed = fix(build([2, 1], dtype=torch.float64), (0, 0, 0), "sin")
    with pytest.raises(NotAFormula, match=r"\(0, 1, 0\)"):
        formula(fixed)
    found = formula(fixed, samples(), splines="named")
    assert found.splines == ((0, 1, 0),)
    assert "spline_0_1_0(x_2)" in str(found.expr)


def test_named_splines_are_evaluated():
    model = build([2, 3, 1], seed=3, dtype=torch.float64)
    found = formula(model, samples(), splines="named")
    assert len(found.splines) == 9
    assert found.error < 1e-12
    with torch.no_grad():
        assert np.allclose(found(samples()), model(samples()).numpy(), atol=1e-12)


def test_several_outputs():
    model = network([2, 2], {(0, 0, 0): ("exp", 1, 0, 1, 0), (0, 1, 1): ("x^3", 1, 0, 0.5, 0)})
    found = formula(model, samples())
    assert [str(e) for e in found.expressions] == ["exp(x_1)", "x_2**3/2"]
    assert "y_{1} &= e^{x_{1}}" in found.latex()
    assert found.equations() == "y_1 = exp(x_1)\ny_2 = x_2**3/2"
    with pytest.raises(InputError, match="one output; got 2"):
        _ = found.expr


def test_input_and_output_scalers_are_folded_in():
    model = network(
        [2, 1],
        {(0, 0, 0): ("x^2", 1, 0.5, 1, 0), (0, 1, 0): ("sin", 1, 0, 1, 0)},
        input_scaler=Scaler(numbers(1.0, 0.0), numbers(2.0, 0.5)),
        output_scaler=Scaler(numbers(10.0), numbers(4.0)),
    )
    found = formula(model, samples())
    assert equal(found.expr, "x_1**2 + 4*sin(2*x_2) + 10")
    assert found.error < 1e-12


def test_pruned_inputs_keep_their_names():
    model = network([3, 1], {(0, 2, 0): ("exp", 1, 0, 1, 0)}, input_names=["mass", "age", "speed"])
    small = select_nodes(model, [[2], [0]])
    assert equal(formula(small, samples(3)).expr, "exp(speed)")
    assert equal(formula(small, samples(3), names=["a", "b", "c"]).expr, "exp(c)")
    assert equal(formula(small, samples(3), names=["v"]).expr, "exp(v)")


def test_powers_give_up_their_scale():
    model = network([2, 1], {(0, 0, 0): ("x^3", 2, 1, 0.125, 0), (0, 1, 0): ("1/sqrt(x)", 4, 12, 2, 0)})
    assert str(formula(model, samples()).expr) in ("(x_1 + 1/2)**3 + 1/sqrt(x_2 + 3)",)


def test_exponentials_logarithms_and_powers_join():
    model = network(
        [2, 1, 1],
        {
            (0, 0, 0): ("log", 3, 0, 1.5, 0),
            (0, 1, 0): ("log", 5, 0, -1, -1.5 * math.log(3) + math.log(5)),
            (1, 0, 0): ("exp", 1, 0, 1, 0),
        },
    )
    found = formula(model, samples(low=0.5, high=2.0))
    assert equal(found.expr, "x_1**(3/2)/x_2")


@pytest.mark.parametrize(
    ("name", "a", "b", "expected"),
    [
        ("sin", 2, math.pi / 2, "cos(2*x)"),
        ("sin", -2, 0, "-sin(2*x)"),
        ("sin", 2, 7 * math.pi, "-sin(2*x)"),
        ("cos", 2, -math.pi / 2, "sin(2*x)"),
        ("cos", -3, math.pi / 4, "cos(3*x - pi/4)"),
        ("tanh", -3, 0, "-tanh(3*x)"),
        ("gaussian", -2, 0, "exp(-4*x**2)"),
        ("sigmoid", -2, 0, "1 - 1/(1 + exp(-2*x))"),
        ("abs", -2, 0, "2*Abs(x)"),
        ("exp", 2, math.log(3), "3*exp(2*x)"),
    ],
)
def test_signs_phases_and_factors(name, a, b, expected):
    found = formula(network([1, 1], {(0, 0, 0): (name, a, b, 1, 0)}), samples(1), names=["x"])
    assert equal(found.expr, expected)
    assert found.error < 1e-12


@pytest.mark.parametrize(
    ("value", "expected"),
    [(math.sqrt(2), "sqrt(2)*x_1"), (math.pi / 3, "pi*x_1/3"), (math.e, "E*x_1"), (-0.75, "-3*x_1/4")],
)
def test_exact_constants(value, expected):
    assert equal(formula(network([1, 1], {(0, 0, 0): ("x", 1, 0, value, 0)})).expr, expected)


def test_an_arbitrary_constant_keeps_its_digits():
    found = formula(network([1, 1], {(0, 0, 0): ("x", 1, 0, 0.73908513321516, 0)}))
    assert float(found.expr.coeff(sympy.Symbol("x_1"))) == 0.73908513321516


def test_constants_known_roughly_need_a_tolerance():
    model = network([1, 1], {(0, 0, 0): ("x^1.5", 1, 0, 1.0004, 2e-5)})
    x = samples(1, low=0.5, high=2.0)
    assert formula(model, x).expr.atoms(sympy.Float)
    found = formula(model, x, tolerance=5e-3)
    assert equal(found.expr, "x_1**(3/2)")
    assert 1e-4 < found.error < 3e-3


def test_a_constant_that_matters_is_not_dropped():
    model = network([1, 1], {(0, 0, 0): ("sin", 1000, 1e-3, 1, 0)})
    found = formula(model, samples(1), tolerance=1e-5)
    assert found.error < 1e-4


def test_float32_models_print_clean_constants():
    model = network(
        [2, 1], {(0, 0, 0): ("x", 1, 0, 0.1, 0), (0, 1, 0): ("sin", 2.7, 0, 0.7312349, 0)}
    ).float()
    found = formula(model, samples())
    assert str(found.expr) in ("x_1/10 + 0.7312349*sin(2.7*x_2)", "x_1/10 + 0.7312349*sin(27*x_2/10)")
    assert found.error < 1e-6


def test_rounding_is_idempotent():
    model = network(
        [2, 1], {(0, 0, 0): ("x^2", 1.000549, 0, 0.99972531, 0), (0, 1, 0): ("x", 1, 0, 1.234567e-5, 0)}
    )
    once = formula(model, samples(), digits=4)
    assert once.rounded(4).expr == once.expr
    assert all(float(f"{float(number):.3e}") == float(number) for number in once.expr.atoms(sympy.Float))
    assert 0 < once.error < 1e-3
    assert formula(model, samples()).error < 1e-14


def test_rounding_keeps_small_and_large_constants():
    model = network([1, 1], {(0, 0, 0): ("sin", 1.2345678e-5, 0, 123456.789, 0)})
    found = formula(model, samples(1), digits=3)
    assert found.expr.atoms(sympy.Float) == {sympy.Float(1.23e5), sympy.Float(1.23e-5)}


def test_user_function_with_and_without_sympy():
    def softplus(t):
        return torch.log1p(torch.exp(t))

    known = make_function("softplus", softplus, sympy=lambda t: sympy.log(1 + sympy.exp(t)))
    model = set_formula(build([1, 1], dtype=torch.float64), (0, 0, 0), known, numbers(2, 0, 1, 0))
    found = formula(model, samples(1))
    assert equal(found.expr, "log(1 + exp(2*x_1))")
    assert found.error < 1e-12
    plain = make_function("unheard_of", softplus)
    model = set_formula(build([1, 1], dtype=torch.float64), (0, 0, 0), plain, numbers(2, 0, 1, 0))
    found = formula(model, samples(1))
    assert str(found.expr) == "unheard_of(2*x_1)"
    assert found.error < 1e-12


def test_a_wrong_sympy_form_shows_in_the_error():
    wrong = make_function("cube", lambda t: t**3, sympy=lambda t: t**2)
    model = set_formula(build([1, 1], dtype=torch.float64), (0, 0, 0), wrong, numbers(1, 0, 1, 0))
    assert formula(model, samples(1)).error > 0.1


def test_a_formula_not_defined_on_a_sample_says_so():
    model = network([1, 1], {(0, 0, 0): ("log", 1, 0, 1, 0)})
    assert formula(model, samples(1)).error == math.inf
    assert formula(model).error < 1e-12


def test_without_samples_the_grid_is_used():
    assert formula(hello()).error < 1e-12


def test_products_of_sums():
    model = network(
        [2, (0, (3,))],
        {
            (0, 0, 0): ("x", 1, 0, 2, 1),
            (0, 1, 1): ("x", 1, 0, 1, 0),
            (0, 0, 2): ("x", 1, 0, 1, 0),
            (0, 1, 2): ("x", 1, 0, 1, 0),
        },
    )
    assert equal(formula(model, samples()).expr, "(2*x_1 + 1)*x_2*(x_1 + x_2)")


def test_product_with_a_factor_that_is_off_is_zero():
    model = network([2, (0, (2,))], {(0, 0, 0): ("x", 1, 0, 2, 1)})
    assert formula(model, samples()).expr == 0


def test_node_affine_maps_are_in_the_formula():
    model = network([1, (0, (2,))], {(0, 0, 0): ("x", 1, 0, 1, 0), (0, 0, 1): ("x", 1, 0, 1, 0)})
    with torch.no_grad():
        model.layers[0].nodes.subnode_scale.copy_(numbers(2, 3))
        model.layers[0].nodes.subnode_bias.copy_(numbers(1, 0))
        model.layers[0].nodes.node_scale.fill_(5)
        model.layers[0].nodes.node_bias.fill_(-1)
    assert equal(formula(model, samples(1)).expr, "15*x_1*(2*x_1 + 1) - 1")


def test_call_evaluates_in_float64():
    found = formula(hello(), samples())
    x = samples(count=5).numpy()
    assert np.allclose(found(x)[:, 0], np.exp(np.sin(np.pi * x[:, 0]) + x[:, 1] ** 2), rtol=1e-14)
    with pytest.raises(ShapeError, match="x_1, x_2"):
        found(x[:, :1])


def test_the_model_is_left_as_it_was(no_side_effects):
    model = hello()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    formula(model, samples())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_arguments_are_checked():
    with pytest.raises(InputError, match="'refuse' or 'named'"):
        formula(hello(), splines="drop")
    with pytest.raises(InputError, match="2 different names"):
        formula(hello(), names=["x"])
    with pytest.raises(ShapeError, match="must have 2 columns"):
        formula(hello(), samples(3))
    with pytest.raises(InputError, match="digits"):
        formula(hello(), digits=0)
    assert isinstance(formula(hello()), Formula)


def test_a_formula_is_compared_with_what_it_stands_for():
    model = set_formula(build([1, 1], dtype=torch.float64), (0, 0, 0), "x^2")
    curve = set_formula(build([1, 1], dtype=torch.float64), (0, 0, 0), "abs")
    x = torch.linspace(-1, 1, 50, dtype=torch.float64)[:, None]
    found = formula(stand_for(model, curve), x)
    assert found.error == pytest.approx(0.25, abs=1e-3)
    assert 0 < found.r2 < 1
    assert found.model_error < 1e-14
    assert found.rounded(3).r2 == pytest.approx(found.r2)


def test_nothing_is_snapped_where_the_formula_is_not_defined():
    model = set_formula(build([1, 1], dtype=torch.float64), (0, 0, 0), "log", (2.0049, 0, 1.4142, 0))
    found = formula(model, samples(1), tolerance=1e-2)
    assert all(isinstance(exact, sympy.Float) for _, exact in found.constants)


@pytest.mark.parametrize("seed", range(4))
def test_a_wide_tolerance_does_not_invent_exact_numbers(seed):
    draw = torch.Generator().manual_seed(seed)
    model = build([2, 2, 1], dtype=torch.float64)
    functions = iter(["sin", "x^2", "exp", "tanh", "x", "gaussian"])
    for edge in list(model.active_edges()):
        affine = 0.7 + torch.rand(4, generator=draw, dtype=torch.float64)
        model = set_formula(model, edge, next(functions), affine)
    found = formula(model, samples(2), tolerance=1e-2)
    simple = {sympy.Integer(n) for n in (-3, -2, -1, 0, 1, 2, 3)} | {sympy.pi, 1 / sympy.pi}
    simple |= {sympy.Rational(1, 2), sympy.Rational(1, 3)}
    exact = [number for _, number in found.constants if not isinstance(number, sympy.Float)]
    assert all(abs(number) in simple for number in exact)
    assert len(exact) <= 3


@pytest.mark.parametrize("noise", [0.02, 0.05])
def test_two_squares_fitted_to_a_noisy_product_are_the_product(noise):
    generator = torch.Generator().manual_seed(0)
    x = 2 * torch.rand(500, 2, generator=generator, dtype=torch.float64) - 1
    y = x[:, :1] * x[:, 1:]
    y = y + noise * y.std() * torch.randn(500, 1, generator=generator, dtype=torch.float64)
    signs = {(0, 0, 0): 1, (0, 1, 0): 1, (0, 0, 1): 1, (0, 1, 1): -1}
    formulas = {edge: ("x", (1, 0, sign, 0)) for edge, sign in signs.items()}
    formulas |= {(1, n, 0): ("x^2", (1, 0, 0.25 * (-1) ** n, 0)) for n in (0, 1)}
    splines = build([2, 2, 1], dtype=torch.float64)
    fitted = refit(set_formulas(splines, formulas), x, y).model
    terms = formula(stand_for(fitted, splines), (x, y)).expr.as_coefficients_dict()
    powers = {term for term in terms if not term.is_number}
    assert powers == {sympy.Symbol("x_1") * sympy.Symbol("x_2")}
    assert formula(fitted, (x, y)).model_error < 1e-9  # a network of the user's own is written as it is
