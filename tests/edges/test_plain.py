"""Which tensors kernels may take by their addresses, and when."""

from __future__ import annotations

import pytest
import torch
from torch._subclasses import FakeTensorMode
from torch.overrides import TorchFunctionMode
from torch.testing._internal.two_tensor import TwoTensor
from torch.utils._python_dispatch import TorchDispatchMode

from edgewise.edges.plain import are_plain, is_observed, is_plain


class Named(torch.Tensor):
    pass


def freed():
    tensor = torch.ones(3)
    tensor.untyped_storage().resize_(0)
    return tensor


ODD = {
    "subclass by functions": lambda: torch.ones(3).as_subclass(Named),
    "subclass by dispatch": lambda: TwoTensor(torch.ones(3), torch.ones(3)),
    "zeros without memory": lambda: torch._efficientzerotensor(3),
    "still to be negated": lambda: torch._neg_view(torch.ones(3)),
    "imaginary part of a conjugate": lambda: torch.ones(1, dtype=torch.complex64).conj().imag,
    "meta": lambda: torch.ones(3, device="meta"),
    "sparse": lambda: torch.eye(3).to_sparse(),
    "functional": lambda: torch._to_functional_tensor(torch.ones(3)),
    "batched": lambda: torch._add_batch_dim(torch.ones(3, 2), 0, 1),
    "freed": freed,
    "fake": lambda: FakeTensorMode().from_tensor(torch.ones(3)),
}


@pytest.mark.parametrize("kind", ODD)
def test_what_is_not_plain(kind):
    assert not is_plain(ODD[kind]())
    assert not are_plain(torch.ones(2), ODD[kind](), None)


@pytest.mark.parametrize(
    "tensor",
    [torch.ones(3), torch.nn.Parameter(torch.ones(3)), torch.ones(4, 2).T[1:], torch.empty(0, 3)],
    ids=["tensor", "parameter", "view", "empty"],
)
def test_what_is_plain(tensor):
    assert is_plain(tensor) and are_plain(None, tensor)


class Dispatch(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))


class Functions(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("mode", [Dispatch, Functions, FakeTensorMode])
def test_modes_are_observers(mode):
    with mode():
        assert is_observed()
    assert not is_observed()


def test_a_default_device_is_no_observer():
    with torch.device("cpu"):
        assert not is_observed()
        with Functions():
            assert is_observed()


def test_transforms_are_observers():
    seen = []
    torch.vmap(lambda x: seen.append(is_observed()) or x)(torch.ones(2))
    torch.func.grad(lambda x: seen.append(is_observed()) or x.sum())(torch.ones(2))
    assert seen == [True, True]


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_torchs_older_tracer_is_an_observer():
    seen = []
    torch.jit.trace(lambda x: seen.append(is_observed()) or x + 1, torch.ones(2), check_trace=False)
    assert seen == [True]
