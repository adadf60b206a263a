"""Graphs that older ONNX runtimes can run too."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.exports.onnx_model import onnx_model
from edgewise.network import build, set_formula

# What onnxruntime has had for float64 on a CPU since 1.18. It has no other function of one variable there:
# Cos came much later, and Atan, Asin, Acos, Sinh, Cosh, Atanh and Erf are still missing.
DOUBLE = {
    "Abs", "Add", "And", "Concat", "Div", "Exp", "Gather", "Greater", "GreaterOrEqual", "Identity", "IsNaN",
    "Less", "Log", "MatMul", "Mod", "Mul", "Neg", "Or", "Pow", "Reshape", "Sigmoid", "Sin", "Slice", "Sqrt",
    "Sub", "Tanh", "Unsqueeze", "Where",
}  # fmt: skip


def operations(model):
    return {node.op_type for node in onnx_model(model).graph.node}


@pytest.mark.parametrize("extrapolation", ["linear", "constant", "decay", "periodic", "error"])
def test_in_float64_all_operations_are_ones_that_runtimes_have(cases, extrapolation):
    assert operations(cases.every_kind(torch.float64, extrapolation)) <= DOUBLE


def test_in_float64_all_functions_are_ones_that_runtimes_have(cases):
    assert operations(cases.library(torch.float64)) <= DOUBLE


def test_in_float32_the_runtimes_own_functions_are_used(cases):
    assert operations(cases.library(torch.float32)) >= {"Cos", "Atan", "Asin", "Sinh", "Cosh", "Erf"}


@pytest.mark.parametrize("function", ["cos", "tan"])
def test_cosine_and_tangent_of_large_arguments_and_near_poles(cases, function):
    model = set_formula(build([1, 1], dtype=torch.float64), (0, 0, 0), function, (1.0, 0.0, 1.0, 0.0))
    pole = np.pi / 2 + np.concatenate([-np.logspace(-6, 0, 100), np.logspace(-6, 0, 100)])
    x = np.concatenate([np.linspace(-1e4, 1e4, 501), pole, -pole])[:, None]
    found = cases.run_onnx(onnx_model(model))(x)
    with torch.no_grad():
        wanted = model(torch.as_tensor(x)).numpy()
    # Beside a pole the rounding of the argument is all that counts: 1e-16 over a distance of 1e-6.
    np.testing.assert_allclose(found, wanted, rtol=1e-9 if function == "tan" else 1e-12, atol=1e-15)
