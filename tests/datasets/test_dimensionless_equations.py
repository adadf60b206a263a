import numpy as np
import pytest

from edgewise.datasets import dimensionless, dimensionless_names
from edgewise.errors import UnknownName
from edgewise.explain import compile

# Values by hand, at numbers at which they can be told.
KNOWN = {
    "I.6.2": ([2.0, 1.0], np.exp(-2) / np.sqrt(2 * np.pi)),
    "I.6.2b": ([3.0, 1.0, 2.0], np.exp(-0.5) / np.sqrt(8 * np.pi)),
    "I.9.18": ([2.0, 3.0, 1.0, 2.0, 5.0, 2.0], 2 / 14),
    "I.12.11": ([2.0, np.pi / 2], 3.0),
    "I.13.12": ([3.0, 2.0], -1.5),
    "I.15.3x": ([3.0, 0.6], -2.5),
    "I.16.6": ([0.5, 0.5], 0.8),
    "I.18.4": ([1.0, 3.0], 2.0),
    "I.26.2": ([0.5, np.pi / 2], np.pi / 6),
    "I.27.6": ([1.0, 3.0], 0.25),
    "I.29.16": ([2.0, 0.0, np.pi], 3.0),
    "I.30.3": ([2.0, np.pi / 2], 2.0),
    "I.30.5": ([1.0, 2.0], np.pi / 6),
    "I.37.4": ([4.0, np.pi], 1.0),
    "I.40.1": ([2.0, 1.0], 2 / np.e),
    "I.44.4": ([2.0, np.e], 2.0),
    "I.50.26": ([np.pi, 3.0], 2.0),
    "II.2.42": ([3.0, 2.0], 4.0),
    "II.6.15a": ([3.0, 4.0, np.pi], 1.25),
    "II.11.7": ([2.0, 1.5, np.pi], -1.0),
    "II.11.27": ([1.0, 1.0], 1.5),
    "II.35.18": ([2.0, 1.0], 1 / np.cosh(1)),
    "II.36.38": ([1.0, 2.0, 3.0], 7.0),
    "II.38.3": ([1.0, 2.0], 0.5),
    "III.9.52": ([2.0, 3.0, 1.0], 2 * np.sin(1) ** 2),
    "III.10.19": ([2.0, 2.0], 3.0),
    "III.17.37": ([2.0, 3.0, 0.0], 8.0),
}


@pytest.mark.parametrize("name", dimensionless_names())
def test_values_compiled_ones_and_samples(name):
    law = dimensionless(name)
    at, value = KNOWN[name]
    assert abs(law([at])[0] - value) < 1e-12
    data = law.sample(50, 20, irrelevant=1)
    x = data["train_input"][:, :-1]
    low, high = np.array([(v.low, v.high) for v in law.variables]).T
    assert bool((x.numpy() >= low).all()) and bool((x.numpy() <= high).all())
    assert np.allclose(compile(law.text, law.names, x=x)(x).detach().numpy()[:, 0], law(x), rtol=1e-10)
    assert "KAN" in law.source and law.licence == "MIT"


def test_an_unknown_one():
    assert len(dimensionless_names()) == 27 == len(KNOWN)
    with pytest.raises(UnknownName, match="dimensionless"):
        dimensionless("I.6.3")
