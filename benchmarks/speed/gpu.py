"""How fast is a KAN on a GPU beside the dense form compiled by inductor, and beside inKAN?

Each network at its own batch and at 16384: forward and backward of a mean square error, by CUDA events,
in turn, so that what disturbs the device disturbs all. Prints medians, and how many times as long as ours the
others take, without CUDA graphs and with them: `edgewise` is `KAN` as a user has it, `kernels` our layers with
nothing around them; names with `graph` are replayed as CUDA graphs, without Python.

Run: python -m benchmarks.speed.gpu [--rounds 50] [--tf32] [--sizes 784 ...]
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from itertools import pairwise

import torch
from torch import Tensor, nn

from edgewise import KAN
from edgewise.edges import EdgeSpec, EdgeWeights
from edgewise.edges.triton import launch
from edgewise.edges.triton.language import AVAILABLE
from edgewise.layers import KANLayer

from .dense import dense_kan
from .sizes import Size

SIZES = (
    Size((784, 64, 10), 1024, 20),
    Size((1000, 1000, 1), 100),
    Size((64, 64, 64, 64), 1024),
    Size((256, 256, 256), 1024, 8),
    Size((64, 64, 64), 4096, 50),
)
LARGE_BATCH = 16384
WARM_UP = 5
GRAPHED = ("edgewise", "dense", "inkan compiled")
Step = Callable[[], object]


class Kernels(torch.autograd.Function):
    """The sums of a layer and their gradients, by the Triton kernels and nothing else."""

    @staticmethod
    def forward(ctx, x: Tensor, coef: Tensor, base: Tensor, knots: Tensor) -> Tensor:
        ctx.save_for_backward(x, coef, base, knots)
        return launch.sums(x, None, EdgeWeights(coef, base), knots, EdgeSpec(3))

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, coef, base, knots = ctx.saved_tensors
        given = (EdgeWeights(coef, base), knots, EdgeSpec(3))
        dx = launch.input_gradient(x, grad, *given) if ctx.needs_input_grad[0] else None
        found = launch.weight_gradient(x, None, grad, *given)
        return dx, found.coef, found.base, None


class KernelLayer(nn.Module):
    """A layer with the start values of ours."""

    def __init__(self, inputs: int, outputs: int, grid: int) -> None:
        super().__init__()
        layer = KANLayer(inputs, outputs, grid, 3, seed=0)
        self.coef, self.base = nn.Parameter(layer.coef.detach()), nn.Parameter(layer.scale_base.detach())
        self.register_buffer("knots", layer.knots)

    def forward(self, x: Tensor) -> Tensor:
        return Kernels.apply(x, self.coef, self.base, self.knots)


def networks(size: Size) -> dict[str, nn.Module]:
    """Who takes part, on the GPU."""
    made: dict[str, nn.Module] = {
        "edgewise": KAN(list(size.width), grid=size.grid, k=3, seed=0),
        "kernels": nn.Sequential(*(KernelLayer(*sides, size.grid) for sides in pairwise(size.width))),
        "dense": torch.compile(dense_kan(size.width, size.grid), dynamic=False),
    }
    if find_spec("inkan"):
        from inkan import KANNetwork  # here only: it is optional

        made["inkan"] = KANNetwork(list(size.width), grid_size=size.grid)
        made["inkan compiled"] = torch.compile(
            KANNetwork(list(size.width), grid_size=size.grid), dynamic=False
        )
    return {name: model.cuda() for name, model in made.items()}


def step_of(model: nn.Module, x: Tensor, y: Tensor) -> Step:
    """One forward and backward pass."""

    def step() -> None:
        for parameter in model.parameters():
            parameter.grad = None
        nn.functional.mse_loss(model(x), y).backward()

    return step


def graph_of(step: Step) -> Step:
    """The same, replayed without Python."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def steps(size: Size) -> dict[str, Step]:
    """A step for each, those that can be made."""
    generator = torch.Generator("cuda").manual_seed(0)
    x = 2 * torch.rand(size.batch, size.width[0], generator=generator, device="cuda") - 1
    y = torch.randn(size.batch, size.width[-1], generator=generator, device="cuda")
    made: dict[str, Step] = {}
    for name, model in networks(size).items():
        try:
            made |= steps_of(name, model, x, y)
        except RuntimeError as error:
            print(f"{name} failed at {size.label}: {str(error).splitlines()[0]}")
    return made


def steps_of(name: str, model: nn.Module, x: Tensor, y: Tensor) -> dict[str, Step]:
    """A model's step, and for some the same as a CUDA graph."""
    made = {name: step_of(model, x, y)}
    for _ in range(WARM_UP):
        made[name]()
    if name in GRAPHED:
        made[f"{name} graph"] = graph_of(step_of(model, x, y))
    return made


def milliseconds(made: dict[str, Step], rounds: int) -> dict[str, float]:
    """Median time of each, in turn."""
    taken: dict[str, list[float]] = {name: [] for name in made}
    for _ in range(rounds):
        for name, step in made.items():
            start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            start.record()
            step()
            end.record()
            end.synchronize()
            taken[name].append(start.elapsed_time(end))
    return {name: statistics.median(times) for name, times in taken.items()}


def report(size: Size, times: dict[str, float]) -> None:
    """The rows of a size: what is launched by Python, then what is replayed."""
    print(size.label)
    for graphs in (False, True):
        row = {name: time for name, time in times.items() if name.endswith(" graph") == graphs}
        ours = row.get("edgewise graph" if graphs else "edgewise")
        if ours:
            found = (f"{name} {time:.3f} ms ({time / ours:.2f}x)" for name, time in row.items())
            print("    " + ", ".join(found), flush=True)


def chosen(words: Iterable[str]) -> list[Size]:
    """Each size whose name holds one of the words, at its own batch and at the large one."""
    sizes = [size for size in SIZES if not words or any(word in size.key for word in words)]
    return [Size(size.width, batch, size.grid) for size in sizes for batch in (size.batch, LARGE_BATCH)]


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.gpu", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--tf32", action="store_true", help="allow TF32 in all matrix products")
    parser.add_argument("--sizes", nargs="*", default=[], help="parts of names; all if none is given")
    settings = parser.parse_args()
    if not torch.cuda.is_available() or not AVAILABLE:
        raise SystemExit(
            "This benchmark needs an NVIDIA GPU that torch sees, and Triton; nothing was measured."
        )
    torch.backends.cuda.matmul.allow_tf32 = settings.tf32
    print(
        f"{torch.cuda.get_device_name()}, torch {torch.__version__}, TF32 {settings.tf32}; forward and backward"
    )
    for size in chosen(settings.sizes):
        torch.compiler.reset()  # or the code of the size before would count against the limit of recompiling
        report(size, milliseconds(steps(size), settings.rounds))


if __name__ == "__main__":
    main()
