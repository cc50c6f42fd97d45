"""The same work on a Dask cluster, for centres with more queues than one machine should forecast."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor
from importlib import import_module
from itertools import islice
from typing import Any, TypeVar

from wfm.errors import InvalidInput

CONNECT_S = 10
LOOK_S = 0.5
AHEAD_PER_THREAD = 3

Given = TypeVar("Given")
Made = TypeVar("Made")


def each_on_cluster(
    work: Callable[[Given], Made], items: Iterable[Given], address: str, tick: Callable[[int], None]
) -> Iterator[tuple[Given, Made]]:
    """`work(item)` of every item with its item, in any order, on the cluster at `address`; as `processes.each`.

    Parameters
    ----------
    work
        A function of a module; the cluster's machines need wfm of the same version.
    address
        Of the scheduler, such as `tcp://scheduler:8786`.

    Raises
    ------
    InvalidInput
        When the extra `cluster` is not installed, nobody answers at `address`, or the cluster has no worker.
    BrokenExecutor
        When workers died over an item again and again.
    """
    with _client(address) as client:
        yield from _harvest(client, work, iter(items), AHEAD_PER_THREAD * _threads(client, address), tick)


def threads_of(address: str) -> int:
    """How many threads the workers of the cluster at `address` have together, at least 1.

    Raises
    ------
    InvalidInput
        As `each_on_cluster`.
    """
    with _client(address) as client:
        return _threads(client, address)


def _threads(client: Any, address: str) -> int:
    threads = sum(client.nthreads().values())
    if not threads:
        raise InvalidInput(f"cluster {address} must have at least one worker, got none")
    return int(threads)


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError:
        raise InvalidInput("a cluster is named, but the extra is not installed; install wfm[cluster] or leave WFM_CLUSTER empty") from None


def _client(address: str) -> Any:
    connect = _distributed().Client
    try:
        return connect(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"cluster must be the address of a Dask scheduler that answers, got {address!r}") from error


def _harvest(
    client: Any, work: Callable[[Given], Made], items: Iterator[Given], most: int, tick: Callable[[int], None]
) -> Iterator[tuple[Given, Made]]:
    wait = _distributed().wait
    running: dict[Any, Given] = {}
    done = 0
    while True:
        for item in islice(items, most - len(running)):
            running[client.submit(work, item, pure=False)] = item
        tick(done)
        if not running:
            return
        try:
            with client.as_current():
                over = wait(list(running), timeout=LOOK_S, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            continue
        for future in over:
            item = running.pop(future)
            yield item, _result(future)
            future.release()
            done += 1


def _result(future: Any) -> Any:
    try:
        return future.result()
    except _distributed().KilledWorker as error:
        raise BrokenExecutor(f"workers of the cluster died over the same item again and again: {error}") from error
