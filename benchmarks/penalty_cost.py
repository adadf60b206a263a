"""What the sparsity penalty costs: a training step with it, beside one without.

python -m benchmarks.penalty_cost
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor

from edgewise import KAN, Penalty
from edgewise.train import forward_with_penalty


def seconds(step: Callable[[], None]) -> float:
    """Least processor time of a step, of many."""
    step()
    times = []
    for _ in range(15):
        start = time.process_time()
        step()
        times.append(time.process_time() - start)
    return min(times)


def plain(model: KAN, x: Tensor) -> None:
    """A step without the penalty."""
    model.zero_grad()
    model(x).square().mean().backward()


def penalised(model: KAN, x: Tensor, penalty: Penalty) -> None:
    """A step with it."""
    model.zero_grad()
    outputs, value = forward_with_penalty(model, x, penalty)
    (outputs.square().mean() + value).backward()


def main() -> None:
    """Print a table."""
    torch.set_num_threads(1)
    print("width            batch   plain ms   with the penalty   ratio")
    for width in ([2, 5, 1], [64, 64, 64], [784, 64, 10]):
        for batch in (128, 1024):
            model, x = KAN(width, seed=0), torch.rand(batch, width[0]) * 2 - 1
            one = 1e3 * seconds(lambda model=model, x=x: plain(model, x))
            two = 1e3 * seconds(lambda model=model, x=x: penalised(model, x, Penalty(lamb=1e-3)))
            print(f"{width!s:15}{batch:7}{one:11.2f}{two:19.2f}{two / one:8.2f}")


if __name__ == "__main__":
    main()
