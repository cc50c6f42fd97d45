"""Processes of our own: they die with the one that started them, and use one core each."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

_PR_SET_PDEATHSIG = 1
_LOOK_S = 1.0
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")

Given = TypeVar("Given")
Made = TypeVar("Made")


def die_with_parent(parent: int) -> None:
    """Make this process end when process `parent` does, however that ends.

    Linux is asked to send the signal; elsewhere a thread looks once a second.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:  # pragma: no cover - other systems
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        os._exit(1)


def each(work: Callable[[Given], Made], items: Iterable[Given], workers: int, tick: Callable[[int], None]) -> Iterator[tuple[Given, Made]]:
    """`work(item)` of every item with its item, in any order, over `workers` processes; here where one is enough.

    Parameters
    ----------
    work
        A function of a module, as processes get it by name.
    tick
        Called with the number of items done: whenever one is, and twice a second in between; what it raises stops the rest.
    """
    todo = list(items)
    if workers == 1 or len(todo) == 1:
        for number, item in enumerate(todo):
            tick(number)
            yield item, work(item)
        return
    with _pool(min(workers, len(todo))) as pool:
        yield from _harvest({pool.submit(work, item): item for item in todo}, tick)


def _harvest(running: dict[Future[Made], Given], tick: Callable[[int], None]) -> Iterator[tuple[Given, Made]]:
    total = len(running)
    while running:
        tick(total - len(running))
        over, _ = wait(running, timeout=0.5, return_when="FIRST_COMPLETED")
        for future in over:
            yield running.pop(future), future.result()


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    import multiprocessing

    with _one_thread():
        pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=die_with_parent, initargs=(os.getpid(),))
        try:
            yield pool
        except BaseException:
            for process in list((pool._processes or {}).values()):
                process.kill()  # a stopped job shall not wait for the forecasts in hand
            raise
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _one_thread() -> Iterator[None]:
    # Numeric libraries read these when a child loads them; a thread pool in each of several processes only makes them wait.
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _watch(parent: int) -> None:  # pragma: no cover - other systems
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os._exit(1)
