"""Arguments that a network does not have."""

from __future__ import annotations

import inspect

import pytest

from edgewise import KAN
from edgewise.errors import InputError
from edgewise.layers import EdgeSettings, KANLayer
from edgewise.network import build


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("gird", "Did you mean grid?"),
        ("noise_scale", "pykan's noise_scale there is init"),
        ("base_fun", "there is base"),
        ("auto_save", "save(path)"),
        ("zzzzzz", "Leave it out."),
    ],
)
@pytest.mark.parametrize("make", [KAN, build])
def test_an_unknown_argument_is_named_with_what_is_near(make, name, advice):
    with pytest.raises(InputError) as caught:
        make([2, 1], **{name: 3})
    assert str(caught.value).startswith("KAN: arguments must be among ")
    assert name in str(caught.value) and advice in str(caught.value)


@pytest.mark.parametrize("make", [KAN, build])
def test_a_missing_argument_is_named_by_the_name_the_user_called(make):
    with pytest.raises(InputError, match="^KAN: arguments must fit; missing a required argument: 'width'"):
        make(grid=3)


def test_a_network_and_what_builds_it_show_the_same_arguments():
    assert list(inspect.signature(KAN).parameters.values()) == list(
        inspect.signature(build).parameters.values()
    )


def test_defaults_are_stated_once():
    shown = inspect.signature(build).parameters
    for name, default in vars(EdgeSettings()).items():
        assert shown[name].default == default
        if name != "grid":
            assert inspect.signature(KANLayer).parameters[name].default == default
