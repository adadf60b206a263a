"""What can be said of the Triton kernels without a GPU: they compile, and are right in the interpreter.

Each in a process of its own, as Triton settles at its first import whether it compiles or interprets.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from edgewise.edges.triton.language import AVAILABLE

if not AVAILABLE:
    pytest.skip("needs Triton 3.5 or newer", allow_module_level=True)

ROOT = Path(__file__).parents[3]
SHARED = 99 * 1024
"""Bytes of shared memory that a program may have on the smallest devices of compute capability 8 and above."""

COMPILE = """
import sys
import torch
import triton
from triton.backends.compiler import GPUTarget
from triton.runtime import driver
from triton.runtime.jit import JITFunction
from edgewise.edges import EdgeSpec, EdgeWeights
from edgewise.edges.triton import launch

class Device:
    get_current_device = staticmethod(lambda: 0)
    get_current_stream = staticmethod(lambda device: 0)
    get_current_target = staticmethod(lambda: GPUTarget("cuda", int(sys.argv[1]), 32))

driver.set_active(Device())
run, compiled = JITFunction.run, []

def compile_only(self, *args, grid, warmup, **kwargs):
    compiled.append(run(self, *args, grid=grid, warmup=True, **kwargs))

JITFunction.run = compile_only

def compile_all(dtype, sizes, spec, order):
    batch, inputs, outputs, size = sizes
    ones = lambda *sides: torch.ones(sides, dtype=dtype)
    scale = ones(inputs, outputs) if order else None
    weights = EdgeWeights(ones(inputs, size, outputs), ones(inputs, outputs), scale)
    x, knots, grad = ones(batch, inputs), ones(inputs, size + spec.degree + 1), ones(batch, outputs)
    factor = ones(batch, inputs) if order else None
    launch.sums(x, factor, weights, knots, spec, order)
    launch.input_gradient(x, grad, weights, knots, spec, order + 1)
    launch.weight_gradient(x, factor, grad, weights, knots, spec, order)

for line in sys.stdin.read().splitlines():
    name, sizes, spec, order, tf32 = eval(line)
    torch.backends.cuda.matmul.allow_tf32 = tf32
    compile_all(getattr(torch, name), sizes, EdgeSpec(*spec), order)
assert all("ptx" in kernel.asm and "cubin" in kernel.asm for kernel in compiled)
for kernel in compiled:
    sys.stdout.write(f"{kernel.metadata.name} {kernel.metadata.shared}\\n")
"""

KINDS = (
    ("float32", (1024, 64, 64, 8), (3, "silu", "linear"), 0, False),
    ("float32", (1024, 64, 256, 23), (3, "silu", "linear"), 0, True),
    ("float64", (65, 17, 33, 53), (5, "identity", "periodic"), 1, False),
    ("float64", (65, 17, 33, 8), (3, "silu", "constant"), 1, False),
    ("float32", (8192, 16, 1000, 8), (3, "silu", "linear"), 1, False),
    ("float32", (1024, 64, 512, 23), (3, "silu", "linear"), 0, False),
    ("float32", (8192, 64, 64, 8), (3, "silu", "linear"), 0, False),
    ("float32", (1, 1, 1, 1), (0, "silu", "decay"), 2, False),
)
KERNELS = {
    "dense_sums",
    "dense_input_gradient",
    "dense_weight_gradient",
    "gather_sums",
    "gather_input_gradient",
    "feature_scales",
    "split_features",
    "split_matrix",
    "matrix_scales",
    "add_unscaled",
    "features_backward",
}


@pytest.mark.parametrize("capability", [80, 90])
def test_every_kernel_compiles_to_machine_code(capability, tmp_path):
    """The interpreter allows what the language does not."""
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    environment["TRITON_CACHE_DIR"] = str(tmp_path)
    run = subprocess.run(
        [sys.executable, "-c", COMPILE, str(capability)],
        input="\n".join(map(repr, KINDS)),
        env=environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    compiled = [line.split() for line in run.stdout.splitlines()]
    assert len(compiled) >= 3 * len(KINDS) and {name for name, _ in compiled} == KERNELS
    assert max(int(shared) for _, shared in compiled) <= SHARED


@pytest.mark.skipif(torch.cuda.is_available(), reason="the tests run on the GPU")
@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) >= "2.4.0", reason="Triton's interpreter needs numpy < 2.4"
)
def test_every_kernel_is_right_in_the_interpreter():
    tests = Path(__file__).with_name("test_launch.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(tests)]
    environment = os.environ | {"TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"}
    run = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert " passed" in run.stdout
