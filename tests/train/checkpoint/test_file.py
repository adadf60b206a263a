"""A run that was stopped anywhere and started again comes to the same weights, bit for bit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
import torch

from edgewise import Checkpoint
from edgewise.errors import FileError, InputError
from edgewise.network import Scaler, build, set_formula
from edgewise.optim import LBFGS
from edgewise.testing import state_bits
from edgewise.train import fit


class Killed(BaseException):
    """Stands for the end of the process: nothing in the library may see to it."""


def problem(dtype=torch.float64):
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(60, 2, generator=generator, dtype=dtype) * 3 - 1.5
    return x, torch.sin(3 * x[:, :1]) + x[:, 1:] ** 2


def network(dtype=torch.float64):
    x, y = problem(dtype)
    return build([2, 3, 1], seed=1, dtype=dtype, input_scaler=Scaler.of(x), output_scaler=Scaler.of(y))


def killed_after(step):
    def callback(done, values):
        if done == step:
            raise Killed
        return False

    return callback


def in_parts(path, deaths, every=1, dtype=torch.float64, **settings):
    """Run, die after each of these steps, begin again with a fresh model."""
    for step in deaths:
        with pytest.raises(Killed):
            fit(network(dtype), problem(dtype), checkpoint=Checkpoint(path, every),
                callback=killed_after(step), **settings)  # fmt: skip
    model = network(dtype)
    return model, fit(model, problem(dtype), checkpoint=Checkpoint(path, every), **settings)


def same_run(path, deaths, every=1, dtype=torch.float64, **settings):
    whole = network(dtype)
    want = fit(whole, problem(dtype), **settings)
    model, got = in_parts(path, deaths, every, dtype, **settings)
    assert state_bits(model) == state_bits(whole)
    assert got.history == want.history
    assert (got.stop, got.steps, got.notes, got.loss) == (want.stop, want.steps, want.notes, want.loss)
    return want, got


CASES = {
    "lbfgs": {"steps": 14},
    "lbfgs with a penalty": {"steps": 14, "lamb": 1e-3},
    "lbfgs in torch": {"steps": 8, "loss": "huber"},
    "lbfgs, own settings": {"steps": 9, "opt": LBFGS(history=3, max_iterations_per_step=4)},
    "validation and patience": {"steps": 20, "validation": 0.3, "patience": 4},
    "adam": {"steps": 14, "opt": "Adam"},
    "adam in batches": {"steps": 14, "opt": "Adam", "batch": 16, "seed": 3},
    "last weights": {"steps": 14, "opt": "SGD", "batch": 16, "best": False, "lr": 0.05},
    "cosine": {"steps": 14, "opt": "AdamW", "scheduler": "cosine"},
    "plateau": {"steps": 14, "opt": "Adam", "scheduler": "plateau", "lr": 0.5},
    "asgd keeps tensors of another type": {"steps": 14, "opt": "ASGD"},
    "rprop": {"steps": 14, "opt": "Rprop"},
    "torch's lbfgs": {"steps": 6, "opt": torch.optim.LBFGS},
    "levenberg-marquardt": {"steps": 14, "opt": "LM"},
    "whatever suits": {"steps": 8, "opt": "auto"},
    "a whole matrix": {"steps": 8, "opt": "BFGS", "loss": "huber"},
    "metrics": {"steps": 8, "metrics": ["r2"]},
}


@pytest.mark.parametrize("settings", CASES.values(), ids=CASES.keys())
def test_a_run_in_parts_is_the_run_in_one_piece(tmp_path, settings):
    same_run(tmp_path / "run.ckpt", (1, 3, 6), **settings)


def test_in_single_precision_too(tmp_path):
    same_run(tmp_path / "run.ckpt", (2, 5), dtype=torch.float32, steps=9)


def test_steps_since_the_last_checkpoint_are_done_again(tmp_path):
    same_run(tmp_path / "run.ckpt", (3, 7, 8), every=5, steps=12)


def test_a_run_that_has_ended_is_not_run_again(tmp_path):
    first = network()
    want = fit(first, problem(), steps=5, checkpoint=tmp_path / "run.ckpt")
    calls = []
    model = network()
    got = fit(
        model, problem(), steps=5, checkpoint=tmp_path / "run.ckpt", callback=lambda *args: calls.append(args)
    )
    assert state_bits(model) == state_bits(first) and calls == []
    assert (got.stop, got.history, got.evaluations) == (want.stop, want.history, want.evaluations)
    assert got.seconds > 0


def test_checkpoints_change_nothing_and_leave_one_file(tmp_path):
    plain, kept = network(), network()
    fit(plain, problem(), steps=7)
    fit(kept, problem(), steps=7, checkpoint=Checkpoint(tmp_path / "run.ckpt", 2))
    assert state_bits(plain) == state_bits(kept)
    assert os.listdir(tmp_path) == ["run.ckpt"]


def test_a_network_with_formula_edges_and_a_module_of_the_users(tmp_path):
    def formulas():
        return set_formula(network(), (0, 0, 0), "sin")

    def module():
        torch.manual_seed(0)
        return torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)).double()

    with torch.random.fork_rng():
        for number, make in enumerate((formulas, module)):
            path = tmp_path / str(number)
            whole, model = make(), make()
            fit(whole, problem(), steps=6)
            with pytest.raises(Killed):
                fit(make(), problem(), steps=6, checkpoint=Checkpoint(path, 1), callback=killed_after(3))
            fit(model, problem(), steps=6, checkpoint=Checkpoint(path, 1))
            assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), model.parameters(), strict=True))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 9}, "another steps: 8 then, 9 now"),
        ({"lamb": 0.1}, "another lamb"),
        ({"seed": 1}, "another seed"),
        ({"opt": "Adam"}, "another opt: 'LBFGS' then, 'Adam' now"),
        ({"loss": "mae"}, "another loss"),
    ],
)
def test_another_argument_is_refused(tmp_path, change, message):
    path = tmp_path / "run.ckpt"
    fit(network(), problem(), steps=8, checkpoint=path)
    with pytest.raises(InputError, match=f"must be of the same run; got {message}"):
        fit(network(), problem(), **{"steps": 8, "checkpoint": path, **change})


def test_other_data_and_another_model_are_refused(tmp_path):
    path, (x, y) = tmp_path / "run.ckpt", problem()
    model = network()
    fit(model, (x, y), steps=3, checkpoint=path)
    with pytest.raises(InputError, match="got other data. Pass the same samples"):
        fit(network(), (x, y + 1e-9), steps=3, checkpoint=path)
    with pytest.raises(InputError, match="another model, or one that has been trained since"):
        fit(model, (x, y), steps=3, checkpoint=path)


def test_what_cannot_be_kept_is_refused_at_the_beginning(tmp_path):
    x, y = problem()
    stream = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=20)
    with pytest.raises(InputError, match="checkpoint must be None with a DataLoader"):
        fit(network(), stream, opt="Adam", steps=3, checkpoint=tmp_path / "run.ckpt")
    with pytest.raises(InputError, match="the folder of path must exist"):
        fit(network(), (x, y), checkpoint=tmp_path / "no" / "run.ckpt")
    with pytest.raises(InputError, match="Checkpoint: every must be a whole number of at least 1"):
        fit(network(), (x, y), checkpoint=Checkpoint(tmp_path / "run.ckpt", 0))


def test_a_damaged_checkpoint_is_a_clear_error(tmp_path):
    path = tmp_path / "run.ckpt"
    fit(network(), problem(), steps=3, checkpoint=path)
    content = path.read_bytes()
    for damaged in (
        b"",
        content[:100],
        content[:-8],
        bytes([content[0] ^ 1]) + content[1:],
        b"\x80\x04K\x01.",
    ):
        path.write_bytes(damaged)
        with pytest.raises(FileError, match="fit: .* must be a whole edgewise-checkpoint file"):
            fit(network(), problem(), steps=3, checkpoint=path)


def test_ctrl_c_leaves_the_last_checkpoint_to_go_on_from(tmp_path):
    path, whole = tmp_path / "run.ckpt", network()
    want = fit(whole, problem(), steps=8)

    def interrupt(done, values):
        if done == 4:
            raise KeyboardInterrupt

    stopped = fit(network(), problem(), steps=8, checkpoint=Checkpoint(path, 1), callback=interrupt)
    assert stopped.stop.reason == "interrupted"
    model = network()
    got = fit(model, problem(), steps=8, checkpoint=Checkpoint(path, 1))
    assert got.stop == want.stop and state_bits(model) == state_bits(whole)


CHILD = """
import os, signal, sys, torch
from edgewise import Checkpoint
from edgewise.network import build
from edgewise.train import fit
torch.set_num_threads(1)
x = torch.linspace(-1, 1, 40, dtype=torch.float64)[:, None]
def callback(done, values):
    if done == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
model = build([1, 2, 1], dtype=torch.float64, seed=0)
fit(model, (x, x.sin()), steps=12, checkpoint=Checkpoint(sys.argv[1], 2), callback=callback)
print(torch.cat([part.detach().flatten() for part in model.parameters()]).numpy().tobytes().hex())
"""


def test_a_process_that_is_killed_goes_on_in_another(tmp_path):
    def run(path, step):
        command = [sys.executable, "-c", CHILD, str(path), str(step)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    want = run(tmp_path / "whole", 0)
    assert want.returncode == 0, want.stderr
    assert run(tmp_path / "parts", 7).returncode == -signal.SIGKILL
    assert (tmp_path / "parts").exists()
    assert run(tmp_path / "parts", 0).stdout == want.stdout
