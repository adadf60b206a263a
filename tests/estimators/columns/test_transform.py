from __future__ import annotations

import numpy as np
import pytest

from edgewise.estimators.columns import AS_IT_IS, ColumnTransform

VALUES = np.array([-5.0, 0.1, 2.0, 1e9])


@pytest.mark.parametrize(
    ("transform", "name", "values"),
    [
        (AS_IT_IS, "x", VALUES),
        (ColumnTransform(low=-1.0), "max(x, -1)", [-1, 0.1, 2, 1e9]),
        (ColumnTransform(high=3.5), "min(x, 3.5)", [-5, 0.1, 2, 3.5]),
        (ColumnTransform(low=-1.0, high=3.5), "clip(x, -1, 3.5)", [-1, 0.1, 2, 3.5]),
        (ColumnTransform("log", low=0.2), "log(x)", np.log([0.2, 0.2, 2, 1e9])),
        (ColumnTransform("log", low=0.2, high=10.0), "log(min(x, 10))", np.log([0.2, 0.2, 2, 10])),
        (ColumnTransform("asinh", width=2.0), "asinh(x/2)", np.arcsinh(VALUES / 2)),
        (ColumnTransform("asinh", centre=-3.0), "asinh((x + 3))", np.arcsinh(VALUES + 3)),
        (ColumnTransform("asinh", high=9.0, centre=3.0, width=2.0), "asinh((min(x, 9) - 3)/2)", None),
    ],
)
def test_the_name_says_what_is_done(transform, name, values):
    assert transform.name("x") == name
    if values is not None:
        np.testing.assert_array_equal(transform(VALUES), values)
    assert (np.diff(transform(VALUES)) >= 0).all()


def test_what_is_cut_is_told():
    assert ColumnTransform(low=-1.0, high=3.0).is_cut(VALUES).tolist() == [True, False, False, True]
    assert ColumnTransform(high=3.0).cuts and not ColumnTransform("log", low=1.0).cuts
