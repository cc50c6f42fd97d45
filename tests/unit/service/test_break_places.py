"""Breaks go where the time lost is worth least, and never out of their windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

from wfm.domain.staff import BreakRule, Contract, ShiftShape
from wfm.service.break_places import place_breaks

START = datetime(2026, 6, 15, 13, tzinfo=UTC)
SHAPE = ShiftShape(480, (BreakRule(15, True, 60, 180), BreakRule(30, False, 210, 300), BreakRule(15, True, 360, 450)))


def contract(stretch: int = 60, shape: ShiftShape = SHAPE) -> Contract:
    return Contract("full", (0, 2400), (0, 5), (shape,), min_work_stretch_minutes=stretch)


def minutes(breaks: tuple[object, ...]) -> list[float]:
    return [(one.start - START) / timedelta(minutes=1) for one in breaks]  # type: ignore[attr-defined]


def test_breaks_go_to_the_cheapest_intervals() -> None:
    worth = [10.0] * 34
    worth[9] = worth[16] = worth[17] = worth[28] = 0.0
    placed = place_breaks(contract(), SHAPE, START, 15, worth)
    assert minutes(placed) == [135, 240, 420]
    assert [(one.end - one.start, one.paid) for one in placed] == [
        (timedelta(minutes=15), True), (timedelta(minutes=30), False), (timedelta(minutes=15), True)
    ]  # fmt: skip


def test_where_all_places_cost_the_same_breaks_stand_in_the_middle() -> None:
    assert minutes(place_breaks(contract(), SHAPE, START, 15, [1.0] * 34)) == [120, 255, 405]


def test_no_other_placing_costs_less() -> None:
    worth = [float((7 * t) % 11) for t in range(34)]
    placed = [int(at // 15) for at in minutes(place_breaks(contract(), SHAPE, START, 15, worth))]
    windows = [range(4, 13), range(14, 21), range(24, 31)]
    legal = [
        sum(worth[a : a + 1]) + sum(worth[b : b + 2]) + sum(worth[c : c + 1])
        for a, b, c in product(*windows)
        if a >= 4 and b - a - 1 >= 4 and c - b - 2 >= 4 and 34 - c - 1 >= 4
    ]
    assert sum(worth[placed[0] : placed[0] + 1]) + sum(worth[placed[1] : placed[1] + 2]) + worth[placed[2]] == min(legal)


def test_the_stretch_of_work_around_breaks_is_kept() -> None:
    worth = [0.0 if t in (12, 14, 15) else 5.0 for t in range(34)]  # cheapest would be 45 minutes apart
    placed = minutes(place_breaks(contract(stretch=60), SHAPE, START, 15, worth))
    assert placed[1] - placed[0] - 15 >= 60


def test_where_nothing_fits_each_break_stands_at_its_earliest() -> None:
    assert minutes(place_breaks(contract(stretch=200), SHAPE, START, 15, [1.0] * 34)) == [60, 210, 360]


def test_a_shift_without_breaks_gets_none() -> None:
    shape = ShiftShape(240)
    assert place_breaks(contract(shape=shape), shape, START, 15, [1.0] * 16) == ()
