"""A contestant in a process of its own, ended when its processor time is up."""

from __future__ import annotations

import multiprocessing
import resource
import signal
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import sympy
import torch

from .contestants import CONTESTANTS
from .judging import Array

_OVER = 3
_WALL = 20


@dataclass(frozen=True)
class Outcome:
    """The last formula of a contestant.

    Attributes:
        law: Its text; None if there was none.
        verdict: What the contestant says of it.
        seconds: Processor time until it ended, or was ended.
        how: "ended", "time", or the error it failed with.
    """

    law: str | None
    verdict: str | None
    seconds: float
    how: str


def timed(
    method: str,
    x: Array,
    y: Array,
    symbols: tuple[sympy.Symbol, ...],
    seconds: float,
    seed: int,
    known: dict[str, Any],
) -> Outcome:
    """What a contestant found within so many seconds of processor time; what it is told besides is `known`."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe(duplex=False)
    work = (theirs, method, x, y, symbols, seconds, seed, known)
    process = multiprocessing.get_context("spawn").Process(target=_run, args=work, daemon=True)
    process.start()
    theirs.close()
    law, verdict, used, how, start = None, None, seconds, "time", time.monotonic()
    while time.monotonic() - start < _WALL * seconds and ours.poll(_WALL * seconds):
        try:
            kind, value, used = ours.recv()
        except EOFError:
            break
        if kind == "formula":
            law, verdict = value
        else:
            how = value
    process.join(_OVER)
    process.kill()
    process.join()
    if how == "time":
        used = seconds
    if how == "time" and process.exitcode not in (-signal.SIGXCPU, -signal.SIGKILL):
        raise RuntimeError(f"{method} ended with {process.exitcode} and said nothing.")
    return Outcome(law, verdict, used, how)


def _run(
    pipe: Connection,
    method: str,
    x: Array,
    y: Array,
    symbols: tuple[sympy.Symbol, ...],
    seconds: float,
    seed: int,
    known: dict[str, Any],
) -> None:
    torch.set_num_threads(1)
    start = time.process_time()
    most = int(start + seconds) + _OVER
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    try:
        for formula, verdict in CONTESTANTS[method](x, y, symbols, seconds, seed, **known):
            used = time.process_time() - start
            if used > seconds + _OVER:
                break
            pipe.send(("formula", (str(formula), verdict), used))
        how = "ended"
    except Exception as error:  # a contestant that fails has found nothing more: it is told in the table
        how = f"{type(error).__name__}: {error}"[:200]
    pipe.send(("end", how, time.process_time() - start))
