"""Movable work goes where it adds the fewest people; small cases against every possibility."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from wfm.erlang import spread_movable
from wfm.errors import InvalidInput, UnreachableTarget


def _every_plan(windows, counts, intervals):  # type: ignore[no-untyped-def]
    rows = []
    for (begin, end), count in zip(windows, counts, strict=True):
        cells = range(begin, min(end, intervals))
        rows.append([row for row in product(range(count + 1), repeat=len(cells)) if sum(row) == count])
    for chosen in product(*rows):
        added = np.zeros(intervals, int)
        for (begin, _), row in zip(windows, chosen, strict=True):
            added[begin : begin + len(row)] += row
        yield added


@pytest.mark.parametrize("seed", range(12))
def test_no_plan_has_a_lower_convex_cost(seed: int) -> None:
    random = np.random.default_rng(seed)
    required, available = random.integers(0, 6, 5), random.integers(0, 7, 5)
    windows = [(0, 3), (1, 5), (2, 4)]
    counts = random.integers(1, 4, 3).tolist()

    def cost(added: np.ndarray) -> tuple[int, int]:
        total = required + added
        return int(np.maximum(added - np.maximum(available - required, 0), 0).sum()), int((total**2).sum())

    plan = spread_movable(required, np.array(counts) * 900.0, windows, 900.0, available=available)
    assert cost(plan.added) == min(cost(added) for added in _every_plan(windows, counts, 5))
    assert plan.beyond == cost(plan.added)[0]


def test_every_piece_stays_in_its_window_and_is_done() -> None:
    random = np.random.default_rng(3)
    required = random.integers(3, 20, 96)
    windows, work_s = [(36, 68), (40, 56), (32, 48)], [96_000.0, 20_000.0, 10_001.0]
    plan = spread_movable(required, work_s, windows)
    for heads, (begin, end), work in zip(plan.heads, windows, work_s, strict=True):
        assert heads[:begin].sum() == heads[end:].sum() == 0
        assert heads.sum() == np.ceil(work / 900)
    assert all(begin < done <= end for done, (begin, end) in zip(plan.done_by, windows, strict=True))


def test_reminder_calls_fill_the_troughs_instead_of_raising_the_peak() -> None:
    required = np.array([8, 14, 20, 21, 16, 12, 12, 17, 19, 15, 10, 8])
    plan = spread_movable(required, [30 * 1_800.0], [(0, 12)], 1_800.0)
    total = required + plan.added
    assert total.max() == 21
    assert total.std() < required.std()


def test_people_who_are_there_anyway_are_used_first() -> None:
    plan = spread_movable([5, 5, 5], [1_800.0], [(0, 3)], 900.0, available=[5, 5, 8])
    assert plan.added.tolist() == [0, 0, 2]
    assert plan.beyond == 0


def test_no_work_adds_nobody() -> None:
    assert spread_movable([1, 2], [0.0], [(0, 2)]).added.tolist() == [0, 0]
    assert spread_movable([1, 2], [], []).added.tolist() == [0, 0]


def test_work_without_an_interval_is_refused() -> None:
    with pytest.raises(UnreachableTarget, match="no open interval between 5 and 9 of 2"):
        spread_movable([1, 2], [60.0], [(5, 9)])


@pytest.mark.parametrize(
    "change",
    [
        {"required": [[1]]}, {"required": [-1, 1]}, {"work_s": [-1]}, {"windows": []}, {"interval_s": 0}, {"available": [1]},
        {"windows": [(-1, 2)]},
    ],
)  # fmt: skip
def test_bad_input_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        spread_movable(**{"required": [1, 2], "work_s": [60.0], "windows": [(0, 2)]} | change)  # type: ignore[arg-type]
