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

from .contestants import CONTESTANTS, Answer
from .judging import Array

_OVER = 3
_WALL = 20


@dataclass(frozen=True)
class Work:
    """What a contestant is given.

    Attributes:
        method: Its name.
        x: Samples (n, columns).
        y: Targets (n,).
        symbols: One for each column.
        seconds: Processor time.
        seed: Of its random numbers.
        known: What it is told besides.
    """

    method: str
    x: Array
    y: Array
    symbols: tuple[sympy.Symbol, ...]
    seconds: float
    seed: int
    known: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a contestant came to.

    Attributes:
        answer: Its last formula; None if there was none.
        seconds: Processor time until it ended, or was ended.
        how: "ended", "time", or the error it failed with.
    """

    answer: Answer | None
    seconds: float
    how: str


def timed(work: Work) -> Outcome:
    """What a contestant found within its processor time."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(theirs, work), daemon=True)
    process.start()
    theirs.close()
    answer, used, how, start = None, work.seconds, "time", time.monotonic()
    while time.monotonic() - start < _WALL * work.seconds and ours.poll(_WALL * work.seconds):
        try:
            said, used = ours.recv()
        except EOFError:
            break
        if isinstance(said, Answer):
            answer = said
        else:
            how = said
    process.join(_OVER)
    process.kill()
    process.join()
    if how == "time":
        used = work.seconds
    if how == "time" and process.exitcode not in (-signal.SIGXCPU, -signal.SIGKILL):
        raise RuntimeError(f"{work.method} ended with {process.exitcode} and said nothing.")
    return Outcome(answer, used, how)


def _run(pipe: Connection, work: Work) -> None:
    torch.set_num_threads(1)
    start = time.process_time()
    most = int(start + work.seconds) + _OVER
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    try:
        contestant = CONTESTANTS[work.method]
        for answer in contestant(work.x, work.y, work.symbols, work.seconds, work.seed, **work.known):
            used = time.process_time() - start
            if used > work.seconds + _OVER:
                break
            pipe.send((answer, used))
        how = "ended"
    except Exception as error:  # a contestant that fails has found nothing more: it is told in the table
        how = f"{type(error).__name__}: {error}"[:200]
    pipe.send((how, time.process_time() - start))
