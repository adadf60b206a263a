from __future__ import annotations

import copy

import torch

from edgewise.functions import LIBRARY, Function


def test_functions_are_equal_by_name():
    twin = Function("sin", torch.cos, torch.cos)
    assert twin == LIBRARY["sin"] and hash(twin) == hash(LIBRARY["sin"])
    assert twin != LIBRARY["cos"] and twin != "sin"


def test_copies_are_the_function_itself():
    sine = LIBRARY["sin"]
    assert copy.deepcopy(sine) is sine and copy.copy(sine) is sine


def test_repr_is_short():
    assert repr(LIBRARY["x^2"]) == "Function('x^2')"
