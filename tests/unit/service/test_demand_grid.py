"""People needed keep their head-hours on the scheduler's grid."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfm.domain.staff import Agent, BreakRule, Contract, ShiftShape
from wfm.domain.timegrid import TimeGrid
from wfm.errors import InvalidInput
from wfm.service.demand_grid import for_roster, on_grid, planned_break_share, unplanned_share

MONDAY = date(2026, 6, 8)
SHAPE = ShiftShape(480, (BreakRule(15, True, 90, 150), BreakRule(30, False, 210, 300), BreakRule(15, True, 360, 420)))


@given(minutes=st.sampled_from([5, 10, 15, 20, 30, 60]), seed=st.integers(0, 99))
def test_head_hours_stay_what_they_were(minutes: int, seed: int) -> None:
    grid, source = TimeGrid("America/Chicago", date(2026, 3, 8), 2, 15), TimeGrid("America/Chicago", date(2026, 3, 8), 2, minutes)
    heads = np.random.default_rng(seed).integers(0, 9, source.count).astype(float)
    start_s = np.array([start.timestamp() for start in source.starts], np.int64)
    laid = on_grid(grid, start_s, source.interval_s, heads)
    assert len(laid) == grid.count == 2 * 96 - 4
    assert laid.sum() * 15 == pytest.approx(heads.sum() * minutes, abs=1e-3)


def test_three_short_intervals_give_their_mean() -> None:
    grid = TimeGrid("UTC", MONDAY, 1, 15)
    start_s = int(grid.begin.timestamp()) + 300 * np.arange(288)
    heads = np.tile([1.0, 2.0, 6.0], 96)
    assert set(on_grid(grid, start_s, 300, heads)) == {3.0}


def test_the_source_may_reach_further_but_not_less_far() -> None:
    grid = TimeGrid("UTC", MONDAY, 7, 15)
    start_s = int(grid.begin.timestamp()) - 7_200 + 1_800 * np.arange(400)
    heads = np.arange(400.0)
    assert on_grid(grid, start_s, 1_800, heads)[:3].tolist() == [4.0, 4.0, 5.0]
    for cut in (slice(5, None), slice(None, 300)):
        with pytest.raises(InvalidInput, match="forecast further ahead"):
            on_grid(grid, start_s[cut], 1_800, heads[cut])


def test_breaks_are_not_asked_for_twice() -> None:
    contract = Contract("full", (2_400, 2_400), (5, 5), (SHAPE,))
    planned = planned_break_share([Agent("a", "full", {"q": 1.0})], [contract])
    assert planned == pytest.approx(30 / 480)
    needed = for_roster(np.array([10.0]), 0.3, planned)[0]
    assert needed * (1 - planned) ** -1 == pytest.approx(10 / 0.7, rel=1e-4)  # people on shift, breaks included


def test_shrinkage_below_the_breaks_adds_nobody() -> None:
    assert unplanned_share(0.05, 0.0625) == 0.0
    assert for_roster(np.array([10.0]), 0.05, 0.0625).tolist() == [10.0]


def test_without_agents_nothing_is_planned() -> None:
    assert planned_break_share([], []) == 0.0
