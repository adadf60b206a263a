"""Tensors that are not plain, and tracers, at every door: the numbers of plain torch, or an error."""

from __future__ import annotations

import io

import pytest
import torch
from torch import Tensor, nn
from torch._subclasses import FakeTensorMode
from torch.fx.experimental.proxy_tensor import make_fx
from torch.testing._internal.two_tensor import TwoTensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map
from torch.utils.flop_counter import FlopCounterMode

from edgewise import KAN, KANLayer, Penalty
from edgewise.errors import InputError
from edgewise.network import output_jacobian
from edgewise.train import forward_with_penalty

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*torch.jit.*:DeprecationWarning", "ignore:.*TracerWarning.*", "ignore::torch.jit.TracerWarning",
    "ignore:.*searchsorted.*non-contiguous.*:UserWarning",
)  # fmt: skip

MAKERS = {
    "small": lambda: KAN([2, 3, 2], seed=0, dtype=torch.float64),
    "large": lambda: KAN([2, 700, 2], seed=0, dtype=torch.float64),
    "products": lambda: KAN([2, (1, 1), 1], seed=0, dtype=torch.float64, base="identity"),
    "layer": lambda: KANLayer(2, 3, seed=0, dtype=torch.float64, extrapolation="decay"),
}


@pytest.fixture(params=MAKERS.values(), ids=MAKERS)
def model(request):
    return request.param()


def samples(rows=6):
    return torch.rand(rows, 2, generator=torch.Generator().manual_seed(rows), dtype=torch.float64) * 2.4 - 1.2


def near(got, want):
    torch.testing.assert_close(got, want, rtol=1e-9, atol=1e-11)


class Logged(Tensor):
    """A wrapper that has no memory of its own, and lists what was asked of it."""

    names: list[str] = []  # noqa: RUF012

    @staticmethod
    def __new__(cls, inner):
        return Tensor._make_wrapper_subclass(
            cls, inner.shape, strides=inner.stride(), dtype=inner.dtype, device=inner.device,
            requires_grad=inner.requires_grad,
        )  # fmt: skip

    def __init__(self, inner):
        self.inner = inner

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        cls.names.append(str(func))
        bare = lambda value: value.inner if isinstance(value, Logged) else value
        found = func(*tree_map(bare, args), **tree_map(bare, kwargs or {}))
        return tree_map(lambda value: Logged(value) if isinstance(value, Tensor) else value, found)


class Named(Tensor):
    """A subclass with memory of its own."""


WRAPPERS = {
    "two tensors": (lambda x: TwoTensor(x, x.clone()), lambda y: y.a),
    "logged": (Logged, lambda y: y.inner),
    "named": (lambda x: x.as_subclass(Named), lambda y: y.as_subclass(Tensor)),
    "to be negated": (lambda x: torch._neg_view(-x), lambda y: y),
    "turned": (lambda x: x.T.contiguous().T, lambda y: y),
}


@pytest.mark.parametrize("kind", WRAPPERS)
def test_subclasses_as_inputs(model, kind):
    wrap, bare = WRAPPERS[kind]
    x = samples()
    near(bare(model(wrap(x))), model(x))
    with torch.no_grad():
        near(bare(model(wrap(x))), model(x))


@pytest.mark.parametrize("kind", ["two tensors", "logged"])
def test_subclasses_as_weights(model, kind):
    wrap, bare = WRAPPERS[kind]
    x = samples()
    want = model(x)
    slopes = torch.autograd.grad(want.square().sum(), [p for p in model.parameters() if p.requires_grad])
    for part in model.modules():
        for name, value in list(part._parameters.items()):
            part._parameters[name] = nn.Parameter(wrap(value.detach()), requires_grad=value.requires_grad)
    got = model(x)
    near(bare(got.detach()), want.detach())
    trained = [p for p in model.parameters() if p.requires_grad]
    for one, other in zip(torch.autograd.grad(got.square().sum(), trained), slopes, strict=True):
        near(bare(one), other)


def test_zeros_without_memory(model):
    near(
        model(torch._efficientzerotensor(4, 2, dtype=torch.float64)),
        model(torch.zeros(4, 2, dtype=torch.float64)),
    )


@pytest.mark.parametrize("mode", ["real", "fake", "symbolic"])
def test_graphs_of_make_fx(model, mode):
    graph = make_fx(model, tracing_mode=mode, _allow_non_fake_inputs=True)(samples())
    near(graph(0.5 * samples()), model(0.5 * samples()))


def test_graphs_of_gradients(model):
    slope = torch.func.grad(lambda x: model(x).sum())
    near(make_fx(slope)(samples())(0.5 * samples()), slope(0.5 * samples()))


def test_torchs_older_tracer_and_its_files(model):
    file = io.BytesIO()
    torch.jit.save(torch.jit.trace(model, samples()), file)
    file.seek(0)
    near(torch.jit.load(file)(0.5 * samples(9)), model(0.5 * samples(9)))


def test_fake_tensors(model):
    with FakeTensorMode(allow_non_fake_inputs=True) as mode:
        found = model(mode.from_tensor(samples()))
    assert found.shape == model(samples()).shape


def test_operations_are_counted(model):
    with FlopCounterMode(display=False) as counter:
        near(model(samples()), model(samples()))
    assert counter.get_total_flops() > 0


def test_modes_see_operations(model):
    seen = []

    class Log(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            seen.append(str(func))
            return func(*args, **(kwargs or {}))

    want = model(samples())
    with Log():
        got = model(samples())
        got.sum().backward()
    near(got, want)
    assert "aten.searchsorted.Tensor" in seen and "aten.mm.default" in seen


def test_derivatives_by_transforms(model):
    x = samples()
    want = torch.func.vmap(torch.func.jacrev(model))(x)
    near(torch.func.vmap(torch.func.jacfwd(model))(x), want)
    near(torch.func.jvp(model, (x,), (torch.ones_like(x),))[1], want.sum(-1))
    twice = torch.func.vmap(torch.func.jacrev(torch.func.jacrev(model)))(x)
    near(torch.func.vmap(torch.func.hessian(model))(x), twice)
    near(torch.func.vmap(model)(x), model(x))


def test_many_weights_at_once(model):
    stacked = {name: torch.stack([p.detach(), 2 * p.detach()]) for name, p in model.named_parameters()}
    x = samples()
    run = lambda weights: torch.func.functional_call(model, weights, (x,))
    found = torch.func.vmap(run)(stacked)
    for row in range(2):
        near(found[row], run({name: value[row] for name, value in stacked.items()}))


def test_saved_tensors_may_be_packed(model):
    trained = [p for p in model.parameters() if p.requires_grad]
    want = torch.autograd.grad(model(samples()).square().sum(), trained)
    pack, unpack = (
        (lambda part: part.detach().clone().numpy()),
        (lambda array: torch.from_numpy(array.copy())),
    )
    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        loss = model(samples()).square().sum()
    for one, other in zip(torch.autograd.grad(loss, trained), want, strict=True):
        near(one, other)


def test_autocast(model):
    model = model.float()
    with torch.autocast("cpu", torch.bfloat16):
        found = model(samples().float())
    torch.testing.assert_close(found.float(), model(samples().float()), rtol=0.1, atol=0.05)


@pytest.mark.parametrize("kind", ["two tensors", "logged"])
def test_fit_refuses_tensors_without_numbers(kind):
    wrap, _ = WRAPPERS[kind]
    x = samples(20)
    for data in ((wrap(x), x[:, :1]), (x, wrap(x[:, :1].clone()))):
        with pytest.raises(InputError, match=r"fit: . must be a plain tensor; got a (TwoTensor|Logged)"):
            KAN([2, 1], dtype=torch.float64).fit(data, steps=1)


@pytest.mark.parametrize("opt", ["LBFGS", "LM", "Adam"])
@pytest.mark.parametrize("kind", ["named", "to be negated", "turned"])
def test_fit_on_odd_tensors_is_fit(opt, kind):
    wrap, _ = WRAPPERS[kind]
    x = samples(40)
    y = torch.sin(2 * x[:, :1])
    losses = [
        KAN([2, 2, 1], seed=0, dtype=torch.float64).fit(data, steps=2, opt=opt, progress=False).train_loss
        for data in ((x, y), (wrap(x), wrap(y)))
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


@pytest.mark.parametrize("kind", WRAPPERS)
def test_other_verbs_on_odd_tensors(kind):
    wrap, bare = WRAPPERS[kind]
    model, x = KAN([2, 3, 1], seed=0, dtype=torch.float64), samples()
    near(bare(model.predict(wrap(x))), model(x))
    near(bare(model.trace(wrap(x)).outputs), model(x))
    near(bare(output_jacobian(model, wrap(x))[0]), model(x))
    for got, want in zip(
        forward_with_penalty(model, wrap(x), Penalty(0.1)),
        forward_with_penalty(model, x, Penalty(0.1)),
        strict=True,
    ):
        near(bare(got), want)


def test_a_fit_under_a_mode_is_seen_by_it():
    x = samples(30)
    with FlopCounterMode(display=False) as counter:
        KAN([2, 2, 1], seed=0, dtype=torch.float64).fit((x, x[:, :1]), steps=1, progress=False)
    assert counter.get_total_flops() > 0
