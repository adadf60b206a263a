import io

import numpy as np
import pytest
import torch

from edgewise.errors import InputError
from edgewise.pde import Box, Equation, dirichlet, dirichlet_ansatz, solve
from edgewise.plots import plot_solution

ROD = Equation(Box(x=(0, 1)), lambda u, at: u.xx + 2, [dirichlet(0.0)])


def test_a_line_is_the_solution():
    solution = solve(ROD, [1, 1], grid=4)
    ax = plot_solution(solution, points=11).axes[0]
    x, y = ax.lines[0].get_data()
    np.testing.assert_allclose(y, x * (1 - x), atol=1e-8)


@pytest.mark.parametrize(("names", "across"), [(("x", "t"), "t"), (("x", "y"), "x")])
def test_a_map_has_its_coordinates_the_right_way_round(names, across):
    box = Box(**{names[0]: (0, 1), names[1]: (2, 4)})
    target = lambda at: at[names[0]] + 10 * at[names[1]]
    equation = Equation(box, lambda u, at: u.d(names[0]) - 1, hard={"u": dirichlet_ansatz(box, target)})
    solution = solve(equation, [2, 1], grid=2, steps=2)
    figure = plot_solution(solution, points=5)
    ax = figure.axes[0]
    assert ax.get_xlabel() == across
    image = ax.images[0].get_array()
    corner = torch.tensor([[1.0, 2.0]]) if across == names[0] else torch.tensor([[0.0, 4.0]])
    assert float(image[0, -1]) == pytest.approx(float(solution(corner)), abs=1e-9)
    figure.savefig(io.BytesIO())


def test_more_than_two_coordinates_are_refused():
    box = Box(x=(0, 1), y=(0, 1), z=(0, 1))
    equation = Equation(box, lambda u, at: u.x)
    with pytest.raises(InputError, match="one or two coordinates"):
        plot_solution(solve(equation, [3, 1], grid=2, steps=1))
