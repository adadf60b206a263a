from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from edgewise.discovery import Discoveries, discover
from edgewise.errors import UnknownName

X = np.random.default_rng(0).uniform(1, 3, (200, 2))


def test_each_output_has_its_law():
    targets = pd.DataFrame({"area": X[:, 0] * X[:, 1], "ratio": X[:, 0] / X[:, 1]})
    found = discover(X, targets, names="ab")
    assert isinstance(found, Discoveries)
    assert found.names == ("area", "ratio")
    assert [str(one.best.expression) for one in found] == ["a*b", "a/b"]
    assert found["ratio"] is found[1]
    np.testing.assert_allclose(found.predict(X), targets.to_numpy())
    assert "area:" in str(found)
    assert "<h4>ratio</h4>" in found._repr_html_()
    for key in ("none", 2):
        with pytest.raises(UnknownName, match="an output must be one of area, ratio"):
            found[key]
