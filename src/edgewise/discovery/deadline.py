"""Work that is broken off when its time is up, wherever it stands, and Ctrl-C that nothing on the way can swallow."""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import torch
from sympy.core.parameters import global_parameters

from .clock import now

T = TypeVar("T")

_AGAIN = 0.2
_SOON = 1e-3
_IMPORTED = 0.02


class _TimeUp(BaseException):
    """Raised in the thread whose time is up; no error, so that `except Exception` lets it pass."""


class TimeUpError(Exception):
    """Work was not done in its time."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """Do work in Python, and break it off at the next line once its time is up.

    A call into compiled code ends first, and so does an import, as half a module would be left. Nothing is broken off
    where the interpreter cannot (it is not CPython).

    Args:
        seconds: Time from now.
        work: Has to bear an exception at any place, as for Ctrl-C.

    Raises:
        TimeUpError: the time was up first.

    Example:
        >>> within(10, lambda: 2 + 2)
        4
        >>> within(0.05, lambda: [number for number in iter(int, 1)])
        Traceback (most recent call last):
        ...
        edgewise.discovery.deadline.TimeUpError: the time is up
    """
    guard, restore = _Guard(max(seconds, 0.0)), _settings()
    hook = sys.unraisablehook
    try:
        sys.unraisablehook = _without_ours(hook)
        guard.start()
        return work()
    except guard.signal as error:
        _closed(guard)
        restore()
        raise TimeUpError("the time is up") from error
    finally:
        _closed(guard)
        sys.unraisablehook = hook


def _without_ours(hook: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A hook that is silent where our exception strikes a callback of the interpreter's: it comes again."""

    def told(args: Any) -> None:
        if not issubclass(args.exc_type, _TimeUp):
            hook(args)

    return told


def _settings() -> Callable[[], None]:
    """Put settings back: a `with` that is broken off while it ends leaves those that it made."""
    gradients, errors, filters = torch.is_grad_enabled(), np.geterr(), warnings.filters
    evaluate, distribute = global_parameters.evaluate, global_parameters.distribute

    def restore() -> None:
        torch.set_grad_enabled(gradients)
        np.seterr(**errors)
        warnings.filters = filters
        global_parameters.evaluate, global_parameters.distribute = evaluate, distribute

    return restore


def _closed(guard: _Guard) -> None:
    """Close a guard whatever comes meanwhile: its own exception is dropped, that of work around it is raised again."""
    other: _TimeUp | None = None
    while True:
        try:
            guard.close()
            break
        except _TimeUp as error:
            other = other if isinstance(error, guard.signal) else error
    if other is not None:
        raise other


class _Guard:
    """Raises an exception of its own in the thread that made it, again and again until it is closed."""

    def __init__(self, seconds: float) -> None:
        self.signal: type[_TimeUp] = type("_TimeUp", (_TimeUp,), {})
        self._seconds, self._target = seconds, threading.get_ident()
        self._done, self._lock, self._fired = threading.Event(), threading.Lock(), False
        self._outside: types.FrameType | None = sys._getframe(1)
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Let the time run."""
        self._thread.start()

    def close(self) -> None:
        """No more exceptions from here on; one that waits is taken back."""
        with self._lock:
            self._done.set()
            if self._fired:
                _raise_in(self._target, None)
                self._fired = False
        self._outside = None

    def _watch(self) -> None:
        end = now() + self._seconds
        wait = self._seconds
        while not self._done.wait(wait):
            inside, importing = self._place()
            if now() < end:
                wait = min(max(end - now(), _SOON), _AGAIN)
            elif not inside:  # an exception from outside left the work before the guard was closed
                return
            elif importing:
                wait = _IMPORTED
            else:
                with self._lock:
                    if self._done.is_set():
                        return
                    self._fired = True
                    _raise_in(self._target, self.signal)
                wait = _AGAIN  # a callback of the interpreter's may have swallowed it

    def _place(self) -> tuple[bool, bool]:
        """Whether the work is still going on, and whether it is importing."""
        frame, importing = sys._current_frames().get(self._target), False
        while frame is not None and frame is not self._outside:
            importing |= frame.f_code.co_filename.startswith("<frozen importlib")
            frame = frame.f_back
        return frame is not None, importing


def _raise_in(thread: int, exception: type[BaseException] | None) -> None:
    python = getattr(ctypes, "pythonapi", None)
    if python is not None:
        value = ctypes.py_object(exception) if exception is not None else None
        python.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), value)


@contextmanager
def noticing_interrupts(notice: Callable[[], None]) -> Iterator[None]:
    """Call a function at Ctrl-C, before what is always done then: fits on the way end and go on with what they have.

    Args:
        notice: Called in the main thread; only there is Ctrl-C noticed.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return

    def handler(number: int, frame: types.FrameType | None) -> Any:
        notice()
        return before(number, frame)

    signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
