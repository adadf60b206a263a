"""`get_function`: functions by name, aliases and a user's own."""

import pytest
import torch

from edgewise.errors import UnknownName
from edgewise.functions import LIBRARY, get_function, make_function, power


def test_names_aliases_families_and_functions_themselves():
    own = make_function("softplus", torch.nn.functional.softplus)
    assert get_function("sin") is LIBRARY["sin"]
    assert get_function("x^0.5") is LIBRARY["sqrt"]
    assert get_function("x^0.6") is power(0.6)
    assert get_function("softplus", {"softplus": own}) is own
    assert get_function(own) is own


@pytest.mark.parametrize("name", ["softplus", "", None, 3])
def test_unknown_names_are_refused(name):
    with pytest.raises(UnknownName, match="get_function: name must be one of"):
        get_function(name)
