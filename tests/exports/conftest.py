"""Networks to export, and ways to really run what comes out."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from edgewise.functions import LIBRARY
from edgewise.network import Network, Scaler, build, mask_edges, select_nodes, set_formula

BARS = {torch.float64: 1e-12, torch.float32: 1e-5}
Array = Any


def noisy(model: Network, seed: int = 0) -> Network:
    """The network with coefficients of size 1, and node maps that are not the identity."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in model.layers:
            torch.nn.init.normal_(layer.basis.coef, generator=generator)
            for name, part in layer.nodes.named_parameters():
                centre = 1.0 if name.endswith("scale") else 0.0
                torch.nn.init.normal_(part, centre, 0.2, generator=generator)
    return model


def every_kind(dtype: torch.dtype, extrapolation: str = "linear", k: int = 3) -> Network:
    """Splines, formulas, edges off, products of two sizes, scalers and a column unused."""
    scalers = {
        "input_scaler": Scaler(torch.tensor([0.1, -0.2, 0.3, 0.5]), torch.tensor([1.5, 0.7, 1.1, 2.0])),
        "output_scaler": Scaler(torch.tensor([3.0, -1.0]), torch.tensor([0.5, 2.0])),
    }
    model = build(
        [4, (2, [2, 3]), 2], grid=4, k=k, seed=k, dtype=dtype, extrapolation=extrapolation, **scalers
    )
    model = noisy(select_nodes(model, [[3, 0, 1], [0, 1, 2, 3], [0, 1]]), k)
    for edge, function in (((0, 0, 1), "sin"), ((0, 1, 3), "exp"), ((1, 2, 0), "x^2"), ((1, 0, 1), "sin")):
        model = set_formula(model, edge, function, (0.7, 0.2, 0.9, -0.1))
    return mask_edges(model, [(0, 2, 0), (1, 3, 1)])


def library(dtype: torch.dtype) -> Network:
    """Every function of the library, powers and polynomials on an edge of its own, each with its own output."""
    names = [*LIBRARY, "x^0.6", "x^(-2/3)", "x^3-2*x", "x^4+0.25*x^3-1.5*x"]
    model = build([1, len(names)], dtype=dtype)
    for place, name in enumerate(names):
        model = set_formula(model, (0, 0, place), name, (1.3, -0.2, 0.7, 0.1))
    return model


def samples(model: Network, count: int = 1000, reach: float = 3.0) -> Array:
    """Inputs inside and outside the grid, its ends and knots among them."""
    dtype = model.layers[0].basis.coef.dtype
    draw = np.random.default_rng(0).uniform(-reach, reach, (count, model.n_columns))
    draw[:5] = np.array([1.0, -1.0, 0.0, 0.5, -0.5])[:, None]
    return draw.astype(np.float32 if dtype == torch.float32 else np.float64)


def gap(got: Array, model: Network, x: Array) -> float:
    """Largest difference from the network, for each output in units of its largest value."""
    with torch.no_grad():
        want = model(torch.as_tensor(x)).numpy()
    assert got.shape == want.shape and got.dtype == want.dtype and np.isfinite(want).all()
    return float((np.abs(got - want).max(0) / np.maximum(np.abs(want).max(0), 1e-30)).max())


def run_numpy(text: str) -> Callable[[Array], Array]:
    """`predict` of an exported NumPy module."""
    names: dict[str, Any] = {}
    exec(compile(text, "exported.py", "exec"), names)
    imported = {name for name, value in names.items() if type(value).__name__ == "module"}
    assert imported == {"np"}
    return names["predict"]


def run_onnx(made: Any) -> Callable[[Array], Array]:
    """An exported graph in onnxruntime."""
    runtime = pytest.importorskip("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = runtime.InferenceSession(made.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(["y"], {"x": x})[0]


@pytest.fixture
def cases() -> SimpleNamespace:
    """The functions above, for tests, which cannot import this file."""
    return SimpleNamespace(
        every_kind=every_kind, library=library, noisy=noisy, samples=samples, gap=gap, run_numpy=run_numpy,
        run_onnx=run_onnx, bars=BARS,
    )  # fmt: skip


@pytest.fixture
def run_c(tmp_path: Path) -> Callable[[str, int], Callable[[Array], Array]]:
    """Compile an exported C file with all warnings as errors, and call it."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")

    def load(text: str, outputs: int, name: str = "model") -> Callable[[Array], Array]:
        source, library = tmp_path / f"{name}.c", tmp_path / f"{name}.so"
        source.write_text(text, "ascii")
        flags = ["-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
        subprocess.run([compiler, *flags, "-o", library, source, "-lm"], check=True)
        predict = getattr(ctypes.CDLL(str(library)), f"{name}_predict")

        def run(x: Array) -> Array:
            x = np.ascontiguousarray(x)
            y = np.empty((len(x), outputs), x.dtype)
            addresses = (ctypes.c_void_p(part.ctypes.data) for part in (x, y))
            if predict(*addresses, ctypes.c_size_t(len(x))):
                raise ValueError("outside the grid")
            return y

        return run

    return load
