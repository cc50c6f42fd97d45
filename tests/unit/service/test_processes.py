"""The same work here, in processes of our own and on a cluster."""

import time
from collections.abc import Iterator

import pytest

from wfm.errors import InvalidInput
from wfm.service.processes import AHEAD_PER_WORKER, each


def _square(number: int) -> int:
    return number * number


def _slow(number: int) -> int:
    time.sleep(0.02)
    return number


def _no_tick(done: int) -> None:
    assert done >= 0


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 2, 20])
def test_every_item_comes_back_once_with_its_answer(workers: int, count: int) -> None:
    assert sorted(each(_square, range(count), workers, _no_tick)) == [(k, k * k) for k in range(count)]


def test_progress_only_rises() -> None:
    seen: list[int] = []
    assert len(list(each(_square, range(20), 2, seen.append))) == 20
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert seen[-1] > 10


def test_items_of_a_generator_are_taken_as_they_are_needed() -> None:
    taken, back, most_waiting = 0, 0, 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(60):
            taken += 1
            yield number

    for _ in each(_slow, items(), 2, _no_tick):
        most_waiting = max(most_waiting, taken - back)
        back += 1
    assert back == 60
    assert most_waiting <= 2 * AHEAD_PER_WORKER + 2


def test_a_failure_is_told() -> None:
    with pytest.raises(TypeError):
        list(each(_square, [1, "two", 3], 2, _no_tick))  # type: ignore[list-item]


def test_a_tick_that_raises_stops_the_rest() -> None:
    def stop(done: int) -> None:
        if done > 3:
            raise InterruptedError

    back = []
    with pytest.raises(InterruptedError):
        back.extend(each(_slow, range(500), 2, stop))


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_answers() -> None:
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    seen: list[int] = []
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None, protocol="tcp", host="127.0.0.1"
    ) as cluster:
        found = sorted(each(_square, range(20), 1, seen.append, cluster.scheduler_address))
        assert list(each(_square, [], 1, _no_tick, cluster.scheduler_address)) == []
    assert found == [(k, k * k) for k in range(20)]
    assert seen == sorted(seen)


@pytest.mark.filterwarnings("ignore")
def test_an_address_that_is_none_is_refused_in_words() -> None:
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    with pytest.raises(InvalidInput, match="Dask scheduler that answers"):
        list(each(_square, [1, 2], 1, _no_tick, "nowhere at all"))


def test_without_the_extra_a_named_cluster_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(InvalidInput, match=r"wfm\[cluster\]"):
        list(each(_square, [1, 2], 1, _no_tick, "tcp://127.0.0.1:8786"))
