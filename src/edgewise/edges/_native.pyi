"""The compiled kernels: addresses and sizes in, nothing kept; see native/module.cpp."""

from typing import Any

MAX_DEGREE: int
MAX_ORDER: int

def target() -> str: ...
def use_target(name: str) -> bool: ...

class Single:
    def __init__(
        self,
        sizes: tuple[int, ...],
        knots: int,
        coef: int,
        base: int,
        scale: int,
        mask: int,
        coef_stride: int,
        base_stride: int,
        order: int,
        batch: int,
        threads: int,
    ) -> None: ...
    def sums(self, x: int, factor: int, result: int) -> None: ...
    def input_gradient(self, x: int, grad: int, result: int) -> None: ...
    def weight_gradient(
        self,
        x: int,
        factor: int,
        grad: int,
        coef: int,
        base: int,
        scale: int,
        coef_stride: int,
        base_stride: int,
    ) -> None: ...

class Double(Single): ...

class NetworkSingle:
    def __init__(self, batch: int, layers: list[tuple[Any, ...]]) -> None: ...
    def inputs(self, x: int, slopes: bool) -> None: ...
    def forward(self, result: int, slopes: bool) -> None: ...
    def backward(self, grad: int, flat: int, dx: int) -> None: ...
    def objective(
        self,
        target: int,
        weights: int,
        scale: int,
        shift: int,
        penalty: tuple[float, float, float, float, float, int] | None,
        flat: int,
    ) -> tuple[float, float, float]: ...

class NetworkDouble(NetworkSingle): ...
