"""Simple functions win over look-alikes unless these fit much better; exact ones always win."""

import pytest
import torch

from edgewise.explain.symbolic.edge_search.candidate import Candidate
from edgewise.explain.symbolic.edge_search.candidates import Choice, candidates
from edgewise.explain.symbolic.edge_search.description_length import candidate_bits, constants, function_bits
from edgewise.functions import LIBRARY, polynomial, power
from edgewise.spline import spline_sum
from edgewise.spline.knots import uniform_knots
from edgewise.spline.refit import fit_coef

TWINS = {"sigmoid": "tanh", "arccos": "arcsin"}  # equal up to the constants
ALL = Choice.of(None)


def best(curves):
    """Name of the function chosen for each of many (x, y) curves, which are searched at once."""
    x, y = (torch.cat(columns, 1) for columns in zip(*curves, strict=True))
    return [row[0].function.name for row in candidates(x, y, ALL)]


def splined(curve, grid, low=-1.0, high=1.0):
    """A curve as a spline of so many intervals would have learnt it."""
    generator = torch.Generator().manual_seed(0)
    x = low + (high - low) * torch.rand(1000, 1, generator=generator, dtype=torch.float64)
    knots = uniform_knots(x.min(0).values, x.max(0).values, grid, 3)
    fit = fit_coef(x, curve(x)[:, :, None], knots, 3)
    return x, spline_sum(x, knots, fit.coef, 3)


CURVES = {
    "x": lambda x: 2 * x - 1,
    "x^2": lambda x: (x - 0.2) ** 2,
    "sin": lambda x: torch.sin(torch.pi * x + 0.4),
    "exp": lambda x: torch.exp(2 * x),
    "tanh": lambda x: torch.tanh(3 * x),
    "log": lambda x: torch.log(x + 1.3),
    "sqrt": lambda x: torch.sqrt(x + 1.1),
    "gaussian": lambda x: torch.exp(-((2 * x - 0.3) ** 2)),
    "x^3": lambda x: x**3,
}


@pytest.mark.parametrize("grid", [5, 10])
def test_true_function_wins_on_a_spline_edge(grid):
    # Five intervals hold too little of a logarithm or a root next to its singularity.
    names = [name for name in CURVES if grid == 10 or name not in ("log", "sqrt")]
    chosen = best([splined(CURVES[name], grid) for name in names])
    assert [TWINS.get(name, name) for name in chosen] == names


def test_exact_functions_win():
    names = sorted(set(LIBRARY) - {"0", "cos", "sgn"})
    curves = []
    for name in names:
        low, high = LIBRARY[name].domain[-1]
        x = torch.linspace(max(low, -2.0) + 0.05, min(high, 2.5) - 0.05, 400, dtype=torch.float64)[:, None]
        curves.append((x, 3 * LIBRARY[name].fn(x) - 1))
    assert [TWINS.get(name, name) for name in best(curves)] == [TWINS.get(name, name) for name in names]


def test_one_over_x5_can_be_chosen():
    x = torch.linspace(0.5, 2, 300, dtype=torch.float64)[:, None]
    assert best([(x, 2 * x**-5 + 1)]) == ["1/x^5"]


def test_noise_does_not_buy_complexity():
    generator = torch.Generator().manual_seed(0)
    x = torch.linspace(-1, 1, 1000, dtype=torch.float64)[:, None]
    noise = torch.randn(1000, 1, generator=generator, dtype=torch.float64)
    assert best([(x, x + 0.1 * noise), (x, 0.01 * noise)]) == ["x", "0"]


def test_lengths_do_not_depend_on_amplitude():
    x = torch.linspace(-1, 1, 300, dtype=torch.float64)[:, None]
    y = torch.sin(3 * x) + 0.05 * torch.cos(17 * x)
    plain, scaled = (candidates(x, factor * y, ALL)[0] for factor in (1.0, 1e-6))
    assert [one.function.name for one in plain][:10] == [one.function.name for one in scaled][:10]
    bits = [[candidate_bits(one) for one in row[:10]] for row in (plain, scaled)]
    assert bits[0] == pytest.approx(bits[1], abs=1e-2)


def test_a_function_that_cannot_be_used_is_no_candidate():
    x = torch.ones(10, 1)
    assert candidates(x, torch.arange(10.0)[:, None], Choice.of("log")) == [[]]


def test_powers_and_polynomials_are_found_and_leave_simpler_functions_alone():
    x = torch.linspace(0.2, 3, 400, dtype=torch.float64)[:, None]
    curves = {
        "x^0.6": x**0.6, "x^(2/3)": 2 - x ** (2 / 3), "x^-0.7": x**-0.7, "x^3+x^2+x": x**3 + x**2 + x,
        "x^4-2*x^2+x": x**4 - 2 * x**2 + x, "x^2": x**2, "sqrt": x.sqrt(), "1/x": 1 / x, "x": x,
    }  # fmt: skip
    found = candidates(x.expand(-1, len(curves)), torch.cat(list(curves.values()), 1), ALL)
    for name, row in zip(curves, found, strict=True):
        function = row[0].function
        if name.count("x") > 1 and "^(" not in name:
            wanted = polynomial([1, 1]) if "^4" not in name else polynomial([1, -2, 0])
            assert function.family is wanted.family
            assert function.numbers == pytest.approx(wanted.numbers, abs=1e-6)
        else:
            assert function.name == name


def test_a_floor_hides_what_is_below_it():
    line = Candidate(LIBRARY["x"], (1.0, 0.0, 1.0, 0.0), 1e-3)
    sine = Candidate(LIBRARY["sin"], (1.0, 0.0, 1.0, 0.0), 1e-6)
    assert candidate_bits(sine) < candidate_bits(line)
    assert candidate_bits(sine, 1e-2) > candidate_bits(line, 1e-2)


def test_families_are_priced_by_their_numbers():
    assert (
        function_bits(LIBRARY["x^3"])
        < function_bits(polynomial([1, 1]))
        < function_bits(polynomial([1, 1, 1]))
    )
    assert function_bits(LIBRARY["sqrt"]) < function_bits(power(0.6)) < function_bits(power(0.61803))
    assert constants(polynomial([1, 1, 1])) == 5


def test_price_rises_with_complexity_and_constants():
    assert (
        function_bits(LIBRARY["0"])
        < function_bits(LIBRARY["x"])
        < function_bits(LIBRARY["x^2"])
        < function_bits(LIBRARY["sin"])
    )
