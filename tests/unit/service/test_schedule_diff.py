"""Differences, contradictions and hashes of schedules."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfm.domain.roster import Break, Shift
from wfm.service import schedule_diff
from wfm.service.schedule_diff import ChangeKind, by_day, contradictions, differences, digest

DAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 14, 8, tzinfo=UTC)
EIGHT = datetime(2026, 6, 15, 8, tzinfo=UTC)


def shift(agent: str = "a", start_h: float = 0.0, hours: float = 8.0, *breaks: tuple[float, float, bool]) -> Shift:
    begin = EIGHT + timedelta(hours=start_h)
    pauses = tuple(Break(begin + timedelta(hours=at), begin + timedelta(hours=at + length), paid) for at, length, paid in breaks)
    return Shift(agent, begin, begin + timedelta(hours=hours), pauses)


def change(old: list[Shift], new: list[Shift], told: bool = True, now: datetime = NOW) -> schedule_diff.DayChange | None:
    found = differences(by_day((DAY, one) for one in old), by_day((DAY, one) for one in new), [DAY] if told else [], now)
    return found[0] if found else None


def test_the_same_day_is_no_change() -> None:
    assert change([shift()], [shift()]) is None


@pytest.mark.parametrize(
    ("old", "new", "kind", "hours"),
    [
        ([], [shift()], ChangeKind.ADDED, 8.0),
        ([shift()], [], ChangeKind.REMOVED, -8.0),
        ([shift()], [shift(start_h=1)], ChangeKind.MOVED, 0.0),
        ([shift()], [shift(hours=6)], ChangeKind.MOVED, -2.0),
        ([shift()], [shift("a", 0, 8, (4, 0.5, False))], ChangeKind.BREAKS, -0.5),
        ([shift()], [shift("a", 0, 8, (4, 0.5, True))], ChangeKind.BREAKS, 0.0),
        ([shift(hours=4)], [shift(hours=4), shift(start_h=5, hours=3)], ChangeKind.MOVED, 3.0),
    ],
)
def test_every_change_has_its_kind_and_hours(old: list[Shift], new: list[Shift], kind: ChangeKind, hours: float) -> None:
    found = change(old, new)
    assert found is not None
    assert (found.kind, found.hours) == (kind, hours)


@pytest.mark.parametrize(("told", "ahead_h", "late"), [(True, 71.9, True), (True, 72.0, False), (True, -3.0, True), (False, 1.0, False)])
def test_a_change_is_late_below_72_hours_of_published_days(told: bool, ahead_h: float, late: bool) -> None:
    found = change([], [shift()], told, EIGHT - timedelta(hours=ahead_h))
    assert found is not None
    assert (found.late, found.notice_hours) == (late, ahead_h)


def test_notice_counts_to_the_earlier_of_old_and_new() -> None:
    found = change([shift(start_h=2)], [shift()])
    assert found is not None
    assert found.notice_hours == 24


def test_what_cannot_be_is_named() -> None:
    shifts = [(DAY, shift()), (DAY, shift(start_h=7)), (DAY, shift("b", 0, 8, (7.9, 0.5, True))), (DAY + timedelta(1), shift("c"))]
    found = contradictions(shifts, DAY, DAY, [shift("b", 7.5)])
    assert [line[:10] for line in found] == ["c: the shi", "b: a break", "a: two shi", "b: two shi"]
    assert contradictions([(DAY, shift())], DAY, DAY, [shift(start_h=8), shift("b", 3)]) == ()


shifts = st.builds(
    lambda agent, start_h, hours, pause: shift(agent, start_h, hours, *([(1, 0.25, pause)] if pause is not None else [])),
    st.sampled_from("abc"),
    st.integers(0, 100),
    st.integers(2, 9),
    st.sampled_from([None, True, False]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(shifts, max_size=6), st.randoms(use_true_random=False))
def test_the_hash_is_that_of_the_set_of_shifts(some: list[Shift], chance: object) -> None:
    mixed = list(some)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    whole = digest("UTC", DAY, DAY, some)
    assert digest("UTC", DAY, DAY, mixed) == whole
    for other in (replace(one, end=one.end + timedelta(minutes=15)) for one in some[:1]):
        assert digest("UTC", DAY, DAY, [other, *some[1:]]) != whole
    assert digest("UTC", DAY, DAY + timedelta(1), some) != whole


@settings(max_examples=60, deadline=None)
@given(st.lists(shifts, max_size=4))
def test_a_side_of_a_change_comes_back_from_json(some: list[Shift]) -> None:
    mine = tuple(replace(one, agent="a") for one in some)
    stored = json.loads(json.dumps(schedule_diff.document(mine)))
    assert schedule_diff.from_document("a", stored) == mine
