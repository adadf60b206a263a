from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.optim.arrays import as_array, as_tensor, to_host, to_like


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_there_and_back_is_the_same_memory(dtype):
    tensor = torch.ones(3, dtype=dtype)
    array = as_array(tensor)
    array[0] = 5
    assert tensor[0] == 5 and as_tensor(array).data_ptr() == tensor.data_ptr()
    assert isinstance(array, torch.Tensor) == (dtype is torch.bfloat16)


def test_a_gradient_with_a_graph_is_no_obstacle():
    assert as_array(2 * torch.ones(1, requires_grad=True)) == 2


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_numbers_of_the_host_come_and_go(dtype):
    array = as_array(torch.tensor([1.5, 2.0], dtype=dtype))
    numbers = to_host(array)
    assert numbers.dtype == np.float64 and numbers.tolist() == [1.5, 2.0]
    assert to_like(numbers, array).dtype == array.dtype
