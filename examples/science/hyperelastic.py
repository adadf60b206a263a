"""A constitutive law: the stress in a Neo-Hookean material, from deformation gradients.

Nine columns, the entries of F, and its determinant. The normal stress is a sum of edges, the shear stress a sum of
products: two networks, pruned and read off.

Run: python examples/science/hyperelastic.py [--seeds 5] [--quick] [--out demo-output]
"""

from __future__ import annotations

import sympy
import torch
from matplotlib.figure import Figure
from study import Outcome, panels, tell
from torch import Tensor

from edgewise import KAN, discover, plot

NAMES = [f"F_{row}{column}" for row in (1, 2, 3) for column in (1, 2, 3)]
MU, LAMBDA = 0.42, 0.28
NORMAL = "0.42*(F_11**2 + F_12**2 + F_13**2 - 1) + 0.28*log(J)"
SHEAR = "0.42*(F_11*F_21 + F_12*F_22 + F_13*F_23)"


def measured(reach: float, seed: int, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Deformation gradients with their determinants, normal and shear stress."""
    random = torch.Generator().manual_seed(seed)
    f = torch.eye(3, dtype=torch.float64) + reach * (
        2 * torch.rand(count, 3, 3, generator=random, dtype=torch.float64) - 1
    )
    determinant = torch.linalg.det(f)
    f, determinant = f[determinant > 0.1], determinant[determinant > 0.1]
    strain = f @ f.mT - torch.eye(3, dtype=torch.float64)
    stress = MU * strain + LAMBDA * torch.log(determinant)[:, None, None] * torch.eye(3, dtype=torch.float64)
    return torch.column_stack([f.flatten(1), determinant]), stress[:, 0, 0], stress[:, 0, 1]


def same(law: sympy.Expr, truth: str) -> bool:
    """Whether two laws agree in every term, constants to a millionth."""
    ours, theirs = (sympy.expand_log(sympy.expand(one), force=True) for one in (law, sympy.sympify(truth)))
    terms = sympy.expand(ours - theirs).as_coefficients_dict()
    return all(abs(float(factor)) < 1e-6 for factor in terms.values())


def find(seed: int, quick: bool) -> list[Outcome]:
    """Both stresses."""
    return [normal(seed, 500 if quick else 1000), shear(seed, 500 if quick else 1000)]


def normal(seed: int, count: int) -> Outcome:
    """A sum of edges, one for each column."""
    x, stress, _ = measured(0.2, seed, count)
    half = len(x) // 2
    data = {
        "train_input": x[:half],
        "train_label": stress[:half],
        "test_input": x[half:],
        "test_label": stress[half:],
    }
    model = KAN(
        [10, 1], grid=5, seed=seed, dtype=torch.float64, input_names=[*NAMES, "J"], grid_range=(-0.2, 1.8)
    )
    model.fit(data, steps=30)
    model = model.prune(edge_threshold=1e-3)
    model.fit(data, steps=10)
    model = model.symbolify()
    law = model.formula()
    return Outcome(
        "normal stress", str(law.expr), law.test_rmse, 2.89e-11, same(law.expr, NORMAL), (model, x, law)
    )


def shear(seed: int, count: int) -> Outcome:
    """A sum of products, found among all polynomials of the columns."""
    x, _, stress = measured(0.5, seed, count)
    half = len(x) // 2
    found = discover(x[:half, :9], stress[:half], names=NAMES, seed=seed)
    missed = torch.from_numpy(found.predict(x[half:, :9])) - stress[half:]
    law, error = found.best.expression, float(missed.square().mean().sqrt())
    return Outcome("shear stress", str(law), error, 6.78e-9, same(law, SHEAR))


def draw(outcomes: list[Outcome]) -> Figure:
    """The network of the normal stress, as formulas."""
    model, x, law = outcomes[0].shown
    figure, axes = panels(1, width=8, height=4)
    plot(model, x, ax=axes[0], title=f"${sympy.latex(law.expr)}$")
    return figure


if __name__ == "__main__":
    tell("hyperelastic", find, draw)
