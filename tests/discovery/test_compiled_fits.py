"""Compiled fits are what NumPy and `optim` make of the same programs."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import sympy
import torch

from edgewise.discovery import compiled_fits, polish
from edgewise.discovery.curve import ProgramCurve
from edgewise.discovery.operations import FUNCTIONS, Op
from edgewise.discovery.polish import constants_of, fitted, fitted_all
from edgewise.discovery.program import program_of
from edgewise.edges import native

pytestmark = pytest.mark.skipif(not native.AVAILABLE, reason="built without the compiled part")

A, B = sympy.symbols("a b")
X = np.random.default_rng(0).uniform(0.2, 1.5, (150, 2))
PAIRS = (lambda u, v: u + v, lambda u, v: u * v, lambda u, v: u / v, lambda u, v: u - v)
KNOWN = [*FUNCTIONS, sympy.sqrt, lambda v: sympy.exp(v) - 1, lambda v: v**2, lambda v: v**-3, lambda v: 1 / v]


def random_form(random, depth):
    if depth == 0:
        return random.choice([A, B, A, B, sympy.Integer(2), sympy.Float(random.uniform(0.3, 1.4))])
    if random.random() < 0.35:
        return random.choice(KNOWN)(random_form(random, depth - 1))
    one, other = random_form(random, depth - 1), random_form(random, depth - 1)
    if random.random() < 0.15:
        return one ** sympy.Float(random.uniform(-1.5, 2))
    return random.choice(PAIRS)(one, other)


def some_form(seed):
    random = np.random.default_rng(seed)
    while True:
        form = random_form(random, 3)
        fine = form.has(sympy.Float) and not form.has(sympy.I, sympy.zoo, sympy.nan, sympy.oo)
        if fine and program_of(form, constants_of(form), (A, B)) is not None:
            return form


def in_python(monkeypatch):
    """As where there is no compiled part."""
    monkeypatch.setattr(polish.compiled_fits, "AVAILABLE", False)
    monkeypatch.delattr(native, "_fit_programs")


@pytest.mark.parametrize("target", ["baseline", "avx2", "avx512"])
def test_values_and_slopes_are_those_of_numpy(target):
    if not native.use_target(target):
        pytest.skip("this processor has no such instructions")
    solver, compared = polish._SOLVER, 0
    try:
        for seed in range(60):
            form = some_form(seed)
            numbers = constants_of(form)
            start = np.array([[float(number) for number in numbers]])
            program = program_of(form, numbers, (A, B))
            curve = ProgramCurve(program, X)
            values, slopes = curve.values(start[0]), curve.slopes(start[0])
            (found,) = compiled_fits.fit_programs(
                [program], [start], (X, np.zeros(150), np.full(150, 2.0)), solver, 0
            )
            if not (np.isfinite(values).all() and np.isfinite(slopes).all()):
                assert found is None or np.square(values).max() > 1e300
                continue
            compared += 1
            size = np.abs(slopes).max()
            np.testing.assert_allclose(found.jacobian, 2 * slopes, rtol=1e-12, atol=1e-13 * size)
            np.testing.assert_allclose(found.rmse, 2 * np.sqrt(np.mean(values**2)), rtol=1e-13)
            assert found.constants.tolist() == start[0].tolist()
    finally:
        native.use_target(None)
    assert compared > 30


@pytest.mark.parametrize("seed", range(12))
def test_fits_are_those_of_python(seed, monkeypatch):
    form, random = some_form(seed), np.random.default_rng(seed)
    y, weights = random.uniform(0, 1, 150), random.uniform(0, 1, 150)
    starts = np.array([[1.3 * float(number) for number in constants_of(form)]])
    found = fitted(form, (A, B), X, y, weights=weights, starts=starts)
    in_python(monkeypatch)
    expected = fitted(form, (A, B), X, y, weights=weights, starts=starts)
    assert (found is None) == (expected is None)
    if found is not None:
        np.testing.assert_allclose(found.rmse, expected.rmse, rtol=1e-6)
        fine = np.isfinite(expected.errors)
        width = 1e-2 * expected.errors[fine]
        assert (np.abs(found.values[fine] - expected.values[fine]) <= width + 1e-12).all()


def test_several_fits_at_once_are_those_one_by_one():
    forms = [some_form(seed) for seed in range(10)]
    y = X[:, 0] * X[:, 1]
    for form, fit in zip(forms, fitted_all(forms, (A, B), X, y), strict=True):
        alone = fitted(form, (A, B), X, y)
        assert (fit is None) == (alone is None)
        assert fit is None or (fit.form == alone.form and fit.rmse == alone.rmse)


def test_threads_change_nothing():
    forms, y, threads = [some_form(seed) for seed in range(20)], X[:, 0] * X[:, 1], torch.get_num_threads()
    runs = []
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            runs.append([None if fit is None else fit.values for fit in fitted_all(forms, (A, B), X, y)])
    finally:
        torch.set_num_threads(threads)
    for one, other in zip(*runs, strict=True):
        assert (one is None) == (other is None)
        assert one is None or np.array_equal(one, other)


def test_operations_have_the_numbers_of_native_code():
    source = Path(__file__).parents[2] / "native" / "program.hpp"
    if not source.exists():
        pytest.skip("no source of the compiled part")
    text = re.search(r"enum Op : int32_t \{(.*?)\}", source.read_text("utf-8"), re.DOTALL).group(1)
    found = {name.upper(): int(number) for name, number in re.findall(r"k(\w+) = (\d+)", text)}
    assert found.pop("OPS") == len(Op)
    assert found == {op.name: op.value for op in Op}


def test_one_sample_and_whole_tiles():
    for count in (1, 63, 64, 65, 128):
        x = X[:count]
        fit = fitted(1.4 * A, (A, B), x, 3 * x[:, 0])
        np.testing.assert_allclose(fit.values, [3], rtol=1e-12)
        assert fit.jacobian.shape == (count, 1)


def test_values_beyond_the_largest_number_are_no_fit():
    for form in (1.5 * sympy.exp(1000 * A) / A, sympy.exp(800.5 * A), 1e200 * A + sympy.exp(700 * A)):
        assert fitted(form, (A, B), X, X[:, 0]) is None


def test_no_programs_no_fits():
    assert fitted_all([], (A, B), X, X[:, 0]) == []
