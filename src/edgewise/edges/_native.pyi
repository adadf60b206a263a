# The compiled module as type checkers see it; tests/edges/test_native_stubs.py compares the two. Tensors cross as
# addresses, 0 for none.

MAX_DEGREE: int
MAX_ORDER: int

def target() -> str: ...
def use_target(name: str, /) -> bool: ...
def fit_programs(
    fits: list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]],
    samples: tuple[int, int, int, int],
    settings: tuple[int, float, float, float, bool, float, float],
    damping: float,
    threads: int,
    /,
) -> list[float]: ...

class LayerF32:
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
        /,
    ) -> None: ...
    def sums(self, x: int, factor: int, result: int, /) -> None: ...
    def input_gradient(self, x: int, grad: int, result: int, /) -> None: ...
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
        /,
    ) -> None: ...
    def covariance(self, x: int, mean: int, result: int, /) -> None: ...
    def covariance_gradient(self, x: int, pull: int, shift: int, result: int, /) -> None: ...

class LayerF64:
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
        /,
    ) -> None: ...
    def sums(self, x: int, factor: int, result: int, /) -> None: ...
    def input_gradient(self, x: int, grad: int, result: int, /) -> None: ...
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
        /,
    ) -> None: ...
    def covariance(self, x: int, mean: int, result: int, /) -> None: ...
    def covariance_gradient(self, x: int, pull: int, shift: int, result: int, /) -> None: ...

class FusedNetworkF32:
    def __init__(self, batch: int, layers: list[tuple[object, ...]], /) -> None: ...
    def set_inputs(self, x: int, slopes: bool, /) -> None: ...
    def forward(self, result: int, slopes: bool, /) -> None: ...
    def backward(self, grad: int, flat: int, dx: int, /) -> None: ...
    def forward_with_penalty(
        self, result: int, slopes: bool, penalty: tuple[float, float, float, float, int], /
    ) -> float: ...
    def backward_with_penalty(self, grad: int, weight: float, flat: int, dx: int, /) -> None: ...
    def set_loss(
        self,
        target: int,
        weights: int,
        scale: int,
        shift: int,
        weight: float,
        penalty: tuple[float, float, float, float, int] | None,
    ) -> None: ...
    def objective(self, flat: int, /) -> tuple[float, float, float]: ...
    def lbfgs(
        self,
        settings: tuple[int, float, float, float, float, int],
        pairs: tuple[int, int, int, int, int, int],
        value: float,
        size: int,
        probe: int,
        x: int,
        gradient: int,
        /,
    ) -> tuple[float, float, float, int, int, int, int]: ...
    def set_squares(
        self,
        target: int,
        factor: int,
        parameters: int,
        columns: int,
        rough: tuple[int, int, int, int, int, int],
        /,
    ) -> None: ...
    def levenberg_marquardt(
        self,
        settings: tuple[int, float, float, float, bool, float, float],
        vectors: tuple[int, int, int],
        has_scale: bool,
        numbers: tuple[float, float, float],
        /,
    ) -> tuple[float, float, float, bool, int, int, int]: ...

class FusedNetworkF64:
    def __init__(self, batch: int, layers: list[tuple[object, ...]], /) -> None: ...
    def set_inputs(self, x: int, slopes: bool, /) -> None: ...
    def forward(self, result: int, slopes: bool, /) -> None: ...
    def backward(self, grad: int, flat: int, dx: int, /) -> None: ...
    def forward_with_penalty(
        self, result: int, slopes: bool, penalty: tuple[float, float, float, float, int], /
    ) -> float: ...
    def backward_with_penalty(self, grad: int, weight: float, flat: int, dx: int, /) -> None: ...
    def set_loss(
        self,
        target: int,
        weights: int,
        scale: int,
        shift: int,
        weight: float,
        penalty: tuple[float, float, float, float, int] | None,
    ) -> None: ...
    def objective(self, flat: int, /) -> tuple[float, float, float]: ...
    def lbfgs(
        self,
        settings: tuple[int, float, float, float, float, int],
        pairs: tuple[int, int, int, int, int, int],
        value: float,
        size: int,
        probe: int,
        x: int,
        gradient: int,
        /,
    ) -> tuple[float, float, float, int, int, int, int]: ...
    def set_squares(
        self,
        target: int,
        factor: int,
        parameters: int,
        columns: int,
        rough: tuple[int, int, int, int, int, int],
        /,
    ) -> None: ...
    def levenberg_marquardt(
        self,
        settings: tuple[int, float, float, float, bool, float, float],
        vectors: tuple[int, int, int],
        has_scale: bool,
        numbers: tuple[float, float, float],
        /,
    ) -> tuple[float, float, float, bool, int, int, int]: ...

class LayerwiseNetworkF32:
    def __init__(self, batch: int, layers: list[tuple[object, ...]], threads: int, /) -> None: ...
    def forward(self, values: tuple[int, ...], /) -> None: ...
    def backward(self, values: tuple[int, ...], grad: int, results: tuple[int, ...], dx: int, /) -> None: ...
    def set_penalty(self, penalty: tuple[float, float, float, float, int], /) -> int: ...
    def forward_with_penalty(self, values: tuple[int, ...], memory: int, /) -> float: ...
    def backward_with_penalty(
        self,
        values: tuple[int, ...],
        grad: int,
        weight: float,
        memory: int,
        results: tuple[int, ...],
        dx: int,
        /,
    ) -> None: ...

class LayerwiseNetworkF64:
    def __init__(self, batch: int, layers: list[tuple[object, ...]], threads: int, /) -> None: ...
    def forward(self, values: tuple[int, ...], /) -> None: ...
    def backward(self, values: tuple[int, ...], grad: int, results: tuple[int, ...], dx: int, /) -> None: ...
    def set_penalty(self, penalty: tuple[float, float, float, float, int], /) -> int: ...
    def forward_with_penalty(self, values: tuple[int, ...], memory: int, /) -> float: ...
    def backward_with_penalty(
        self,
        values: tuple[int, ...],
        grad: int,
        weight: float,
        memory: int,
        results: tuple[int, ...],
        dx: int,
        /,
    ) -> None: ...
