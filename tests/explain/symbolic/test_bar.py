"""The bar: a formula may be worse than its splines by what the noise excuses, and by nothing else."""

import pytest
import torch

from edgewise.explain.symbolic.bar import Bar, Sample, count_constants, squared_errors
from edgewise.network import build, set_formula
from edgewise.train import fit


def bar_of(function, noise, *, held_out=True, count=400, **changes):
    """Splines fitted to a function with noise, and the bar they set."""
    generator = torch.Generator().manual_seed(3)
    x = 2 * torch.rand(2 * count, 1, generator=generator, dtype=torch.float64) - 1
    y = function(x) + noise * torch.randn(2 * count, 1, generator=generator, dtype=torch.float64)
    model = build([1, 1], grid=5, seed=0, dtype=torch.float64)
    fit(model, (x[:count], y[:count]), steps=20, progress=False)
    level = torch.tensor([noise], dtype=torch.float64)
    test = Sample(x[count:], y[count:]) if held_out else None
    settings = {"allowed": None, "targets": True, **changes}
    return Bar(model, Sample(x[:count], y[:count]), test, level, **settings)


def formula(bar, name, *affine):
    return set_formula(bar.splines, (0, 0, 0), name, affine)


@pytest.mark.parametrize("held_out", [True, False])
@pytest.mark.parametrize("noise", [0.01, 0.3])
def test_the_truth_passes_and_what_noise_does_not_excuse_fails(noise, held_out):
    bar = bar_of(lambda x: torch.sin(2 * x), noise, held_out=held_out)
    assert bar.passes(bar.splines)
    assert bar.passes(formula(bar, "sin", 2, 0, 1, 0))
    assert bar.passes(formula(bar, "sin", 2, 0, 1 + noise / 10, 0))
    assert not bar.passes(formula(bar, "sin", 2, 0, 1 + 2 * noise, 0))
    assert not bar.passes(formula(bar, "x", 1, 0, 1.2, 0)) or noise > 0.2


def test_without_noise_nothing_is_excused():
    bar = bar_of(lambda x: torch.sin(4 * x), 0.0, held_out=False)
    before = float(squared_errors(bar.splines, bar.train).mean().sqrt())
    assert bar.passes(formula(bar, "sin", 4, 0, 1, 0))
    assert bar.passes(formula(bar, "sin", 4, 0, 1 + before / 2, 0))
    assert not bar.passes(formula(bar, "sin", 4, 0, 1 + 3 * before, 0))


def test_held_out_samples_are_looked_at():
    bar = bar_of(lambda x: x, 0.01)
    wrong_outside = Sample(bar.test.x, bar.test.y + 0.02)
    assert bar.passes(formula(bar, "x", 1, 0, 1, 0))
    looked = Bar(bar.splines, bar.train, wrong_outside, bar.noise, None, True)
    assert not looked.passes(formula(bar, "x", 1, 0, 1, -0.004))


def test_a_share_may_be_allowed_instead():
    bar = bar_of(lambda x: torch.sin(2 * x), 0.0, allowed=0.1)
    assert bar.passes(formula(bar, "x", 1, 0, 1.2, 0))
    assert not bar.passes(formula(bar, "x", 1, 0, 0.5, 0))


def test_without_targets_a_little_of_the_network_may_be_lost():
    bar = bar_of(lambda x: x, 0.0, held_out=False, targets=False)
    assert bar.passes(formula(bar, "x", 1, 0, 1.005, 0))
    assert not bar.passes(formula(bar, "x", 1, 0, 1.05, 0))


def test_what_is_not_finite_never_passes():
    bar = bar_of(lambda x: x, 0.3)
    broken = formula(bar, "x", 1, 0, 1, 0)
    with torch.no_grad():
        broken.layers[0].formula.affine[0, 2] = torch.nan
    assert not bar.passes(broken)
    assert bar.unexplained(broken) == torch.inf


def test_constants_are_counted():
    model = build([2, 1], grid=5, dtype=torch.float64)
    assert count_constants(model) == 2 * model.layers[0].basis.size
    assert count_constants(set_formula(model, (0, 0, 0), "x", (1, 0, 1, 0))) == model.layers[0].basis.size + 2


def test_trials_look_at_some_of_many_samples_and_at_the_ends_of_each_column(monkeypatch):
    monkeypatch.setattr("edgewise.explain.symbolic.bar._MOST_ROWS", 50)
    bar = bar_of(torch.sin, 0.1)
    some = bar.on_some()
    assert len(some.train.x) <= 52 and len(some.test.x) <= 52
    assert some.train.x.aminmax() == bar.train.x.aminmax()


def test_few_samples_are_all_looked_at():
    bar = bar_of(torch.sin, 0.1)
    assert bar.on_some() is bar
