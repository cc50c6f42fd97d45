"""How kernels are compiled: entries are cached on disk, inner kernels live inside the entries that call them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, TypeVar, cast

import numba
from numba.core.event import Event, Listener, install_listener

F = TypeVar("F", bound=Callable[..., object])
njit: Any = numba.njit  # its types lack two of its options


def entry(function: F) -> F:
    """`function` compiled at its first call, without the interpreter's lock; later processes load it from the cache.

    References to arrays are not counted, so that it must make none: scratch room is an argument.
    """
    return cast(F, njit(cache=True, nogil=True, _nrt=False, error_model="numpy", no_cfunc_wrapper=True)(function))


def inner(function: F) -> F:
    """`function` for the use of other kernels only: without a wrapper for Python it compiles in half the time."""
    return cast(F, njit(nogil=True, _nrt=False, error_model="numpy", no_cfunc_wrapper=True, no_cpython_wrapper=True)(function))


@contextmanager
def without_compiling(clock: Callable[[], float]) -> Iterator[Callable[[], float]]:
    """`clock`, in the body of the `with` statement, as one that stands still while kernels are compiled in this process.

    What is loaded from the cache counts: only the first use after an installation compiles, for longer than many a time limit.
    """
    pauses = _Pauses(clock)
    with install_listener("numba:compile", pauses):
        yield pauses.reading


class _Pauses(Listener):
    """Seconds spent compiling; a kernel that is compiled for another one counts once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock, self.lock = clock, Lock()
        self.depth, self.since, self.paused = 0, 0.0, 0.0

    def on_start(self, event: Event) -> None:  # noqa: ARG002
        """A kernel begins to compile."""
        with self.lock:
            if self.depth == 0:
                self.since = self.clock()
            self.depth += 1

    def on_end(self, event: Event) -> None:  # noqa: ARG002
        """It is done."""
        with self.lock:
            self.depth = max(self.depth - 1, 0)
            if self.depth == 0:
                self.paused += self.clock() - self.since

    def reading(self) -> float:
        """Seconds of the clock less those of compiling."""
        with self.lock:
            return (self.since if self.depth else self.clock()) - self.paused
