from __future__ import annotations

import torch

from edgewise.functions import get_function
from edgewise.network import Scaler, build, set_formula
from edgewise.network.formula_domain import defined_rows, formula_arguments, in_domain


def test_a_row_counts_where_every_function_above_it_is_defined():
    model = set_formula(build([1, 1, 1], dtype=torch.float64), (0, 0, 0), "x", (1.0, 0.0, 1.0, -1.0))
    model = set_formula(model, (1, 0, 0), "log", (1.0, 0.0, 1.0, 0.0))
    x = torch.tensor([[0.5], [1.0], [2.0]], dtype=torch.float64)
    assert defined_rows(model, x).tolist() == [False, False, True]


def test_rows_are_in_the_units_of_the_data():
    scaler = Scaler(torch.tensor([10.0]), torch.tensor([1.0]))
    model = set_formula(build([1, 1], input_scaler=scaler), (0, 0, 0), "sqrt", (1.0, 0.0, 1.0, 0.0))
    assert defined_rows(model, torch.tensor([[9.0], [11.0]])).tolist() == [False, True]


def test_a_network_of_splines_is_defined_everywhere():
    assert bool(defined_rows(build([2, 3, 1]), torch.full((4, 2), 1e3)).all())


def test_a_pole_is_outside():
    assert in_domain(get_function("1/x"), torch.tensor([-1.0, 0.0, 1.0])).tolist() == [True, False, True]


def test_arguments_are_those_of_the_functions():
    model = set_formula(build([2, 1]), (0, 1, 0), "sin", (2.0, 1.0, 3.0, 4.0))
    ((function, argument),) = formula_arguments(model.layers[0], torch.tensor([[5.0, 6.0]]))
    assert (function.name, argument.tolist()) == ("sin", [13.0])
