from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from edgewise.errors import InputError
from edgewise.train.checkpoint.pytree import flatten, unflatten

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=20)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=3)
    ),
)


def there_and_back(value):
    tensors = {}
    text = json.dumps(flatten(value, tensors))
    return unflatten(json.loads(text), tensors)


@given(TREES)
def test_nested_state_comes_back_as_it_was(value):
    got = there_and_back(value)
    assert got == value and repr(got) == repr(value)


@given(st.lists(st.floats(), min_size=16, max_size=40))
def test_long_lists_of_floats_come_back_to_the_bit(values):
    assert [math.copysign(1, v) if v == 0 else repr(v) for v in there_and_back(values)] == [
        math.copysign(1, v) if v == 0 else repr(v) for v in values
    ]


def test_tensors_and_arrays_come_back_with_type_and_shape():
    value = {"a": torch.ones(2, 0, dtype=torch.bfloat16), 3: (np.eye(2), torch.tensor(7))}
    got = there_and_back(value)
    assert torch.equal(got["a"], value["a"]) and got["a"].dtype == torch.bfloat16
    assert np.array_equal(got[3][0], np.eye(2)) and isinstance(got[3][0], np.ndarray)
    assert torch.equal(got[3][1], torch.tensor(7))


@pytest.mark.parametrize("value", [object(), {(1, 2): 3}, {"f": print}, {1, 2}, 1j])
def test_what_is_no_plain_state_is_refused(value):
    with pytest.raises(InputError, match="checkpoint must be able to keep"):
        flatten(value, {})


@pytest.mark.parametrize(
    "text", ["[1]", '{"exec": "x"}', '{"tensor": "9"}', '{"dict": 3}', '{"a": 1, "b": 2}', "{}"]
)
def test_json_of_another_form_is_refused(text):
    with pytest.raises((ValueError, KeyError, TypeError)):
        unflatten(json.loads(text), {})
