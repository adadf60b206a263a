"""The compiled kernels: addresses and sizes in, nothing kept; see native/module.cpp."""

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
