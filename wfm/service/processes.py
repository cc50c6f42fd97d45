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
from itertools import chain, islice
from typing import TypeVar

_PR_SET_PDEATHSIG = 1
_LOOK_S = 1.0
AHEAD_PER_WORKER = 3
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


def each(
    work: Callable[[Given], Made], items: Iterable[Given], workers: int, tick: Callable[[int], None], cluster: str = ""
) -> Iterator[tuple[Given, Made]]:
    """`work(item)` of every item with its item, in any order, over `workers` processes; here where one is enough.

    Items are taken as they are needed, so that those of a generator are never in memory all at once.

    Parameters
    ----------
    work
        A function of a module, as processes get it by name.
    tick
        Called with the number of items done: whenever one is, and twice a second in between; what it raises stops the rest.
    cluster
        Address of a Dask scheduler that does the work instead; empty for none.

    Raises
    ------
    BrokenExecutor
        When a process died.
    """
    todo = iter(items)
    first = list(islice(todo, 2))
    todo = chain(first, todo)
    if cluster:
        from wfm.service.cluster import each_on_cluster

        yield from each_on_cluster(work, todo, cluster, tick)
    elif workers == 1 or len(first) == 1:
        for number, item in enumerate(todo):
            tick(number)
            yield item, work(item)
    elif first:
        with _pool(workers) as pool:
            yield from _harvest(pool, work, todo, workers * AHEAD_PER_WORKER, tick)


def _harvest(
    pool: ProcessPoolExecutor, work: Callable[[Given], Made], todo: Iterator[Given], most: int, tick: Callable[[int], None]
) -> Iterator[tuple[Given, Made]]:
    running: dict[Future[Made], Given] = {}
    done = 0
    while True:
        for item in islice(todo, most - len(running)):
            running[pool.submit(work, item)] = item
        if not running:
            return
        tick(done)
        over, _ = wait(running, timeout=0.5, return_when="FIRST_COMPLETED")
        for future in over:
            yield running.pop(future), future.result()
            done += 1


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
