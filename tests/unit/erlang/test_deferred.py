"""Deferred work: the smallest profile against an integer programme, and what is carried over."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wfm.erlang import Backlog, deferred_day, deferred_profile
from wfm.errors import InvalidInput, UnreachableTarget

HOUR = 3600.0


def cases(count: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(3)
    made = []
    for _ in range(count):
        size = int(rng.integers(2, 13))
        made.append(
            {
                "volume": rng.poisson(rng.choice([0.3, 3, 30]), size).astype(float),
                "aht_s": float(rng.choice([100, 300, 900])),
                "response_s": 900.0 * int(rng.integers(1, size + 2)),
                "is_open": rng.random(size) < 0.75,
                "backlog": Backlog((3.0, 2.0), (2000.0, 500.0)) if rng.random() < 0.4 else Backlog(),
            }
        )
    return made


def windows(case: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Rows of `agents in s..t` and how many of them each window needs, written down from the words of the promise."""
    volume, size, old = case["volume"], case["volume"].size, case["backlog"]
    opening = int(np.argmax(case["is_open"]))
    # first interval in which it can be done, contacts, last one
    pieces = [
        (0, count, max(opening, int((case["response_s"] - age) // 900) - 1)) for count, age in zip(old.contacts, old.age_s, strict=True)
    ]
    pieces += [(t, volume[t], t + int(case["response_s"] // 900) - 1) for t in range(size)]
    rows, least = [], []
    for s in range(size):
        for t in range(s, size):
            inside = sum(count for _, count, last in pieces if last <= t) - sum(count for first, count, _ in pieces if first < s)
            rows.append([1.0 if s <= i <= t else 0.0 for i in range(size)])
            least.append(inside * case["aht_s"] / 900 - 1e-7)
    return np.array(rows), np.array(least)


def test_the_profile_has_the_smallest_peak_and_then_the_fewest_heads() -> None:
    from scipy.optimize import Bounds, LinearConstraint, milp

    solved = 0
    for case in cases(60):
        try:
            plan = deferred_profile(**case)
        except UnreachableTarget:
            continue
        solved += 1
        rows, least = windows(case)
        size = rows.shape[1]
        below_peak = LinearConstraint(np.hstack([-np.eye(size), np.ones((size, 1))]), 0, np.inf)
        keep = LinearConstraint(np.hstack([rows, np.zeros((rows.shape[0], 1))]), least, np.inf)
        most = np.where(case["is_open"], 1e4, 0.0)
        any_peak = Bounds(0, np.r_[most, 1e4])
        first = milp(np.r_[np.zeros(size), 1.0], constraints=[keep, below_peak], integrality=np.ones(size + 1), bounds=any_peak)
        capped = Bounds(0, np.minimum(most, round(first.fun)))
        second = milp(np.ones(size), constraints=[LinearConstraint(rows, least, np.inf)], integrality=np.ones(size), bounds=capped)
        assert np.all(rows @ plan.agents >= least)
        assert plan.peak <= round(first.fun)
        assert plan.agents.sum() == round(second.fun)
        assert plan.day.overdue.max() < 1e-6
    assert solved > 40


def test_the_real_valued_profile_has_the_smallest_peak_of_all() -> None:
    from scipy.optimize import linprog

    for case in cases(60):
        try:
            plan = deferred_profile(**case)
        except UnreachableTarget:
            continue
        rows, least = windows(case)
        size = rows.shape[1]
        below_peak = np.hstack([np.eye(size), -np.ones((size, 1))])
        keep = np.hstack([-rows, np.zeros((rows.shape[0], 1))])
        bounds = [(0, 1e4 if opened else 0) for opened in case["is_open"]] + [(0, None)]
        best = linprog(np.r_[np.zeros(size), 1.0], A_ub=np.vstack([keep, below_peak]), b_ub=np.r_[-least, np.zeros(size)], bounds=bounds)
        assert np.all(rows @ plan.level >= least - 1e-6)
        assert plan.level.max() == pytest.approx(best.fun, abs=1e-6)


def test_agents_work_only_while_open_and_the_response_time_runs_on() -> None:
    is_open = np.array([True] * 4 + [False] * 8 + [True] * 4)
    volume = np.where(np.arange(16) < 12, 4.0, 0.0)
    plan = deferred_profile(volume, 900, 3 * HOUR, is_open)
    assert plan.agents[~is_open].sum() == 0
    assert plan.day.overdue.max() == 0
    assert plan.day.backlog[11] > 0
    assert plan.day.oldest_age_s.max() <= 3 * HOUR


def test_the_response_time_can_run_while_open_only() -> None:
    is_open = np.array([True] * 4 + [False] * 20 + [True] * 4)
    volume = np.zeros(28)
    volume[2] = 8
    with pytest.raises(UnreachableTarget, match=r"due 1.5 h after|does not open before"):
        deferred_profile(np.roll(volume, 2), 900, HOUR, is_open)
    plan = deferred_profile(np.roll(volume, 2), 900, HOUR, is_open, clock="open")
    assert plan.agents[24:].tolist() == [2, 2, 2, 2]
    by_open = deferred_profile(volume, 900, HOUR, is_open, clock="open")
    assert by_open.agents[[2, 3, 24, 25]].tolist() == [2, 2, 2, 2]


def test_work_that_is_not_due_by_the_end_may_be_left_over() -> None:
    plan = deferred_profile([10.0, 10.0], 900, 900, [True, True])
    assert plan.agents.tolist() == [10, 10]
    late = deferred_profile([10.0, 10.0], 900, 1800, [True, True])
    assert late.agents.sum() == 10
    assert late.day.backlog[-1] == pytest.approx(10)


def test_an_overdue_backlog_is_due_in_the_first_open_interval() -> None:
    plan = deferred_profile([0.0, 0.0, 0.0], 450, HOUR, [False, True, True], backlog=Backlog((6.0,), (2 * HOUR,)))
    assert plan.agents.tolist() == [0, 3, 0]
    assert plan.day.oldest_age_s[0] == 2 * HOUR + 900


def test_the_backlog_and_its_oldest_age_follow_first_come_first_served() -> None:
    day = deferred_day([12.0, 6.0, 0.0], 300, HOUR, [True] * 3, [2, 2, 2])
    assert day.handled.tolist() == [6, 6, 6]
    assert day.backlog.tolist() == [6, 6, 0]
    # after the first interval the seventh of twelve evenly spread contacts is the oldest
    assert day.oldest_age_s.tolist() == [450, 900, 0]


def test_too_few_agents_leave_overdue_work() -> None:
    day = deferred_day([12.0, 0.0, 0.0], 300, 900, [True] * 3, [2, 1, 0])
    assert day.overdue.tolist() == [6, 3, 3]


def test_heads_are_spread_as_evenly_as_the_fewest_allow() -> None:
    plan = deferred_profile([60.0] + [0.0] * 7, 300, 2 * HOUR, [True] * 8)
    assert plan.level.tolist() == pytest.approx([2.5] * 8)
    assert sorted(plan.agents.tolist()) == [2] * 4 + [3] * 4
    assert plan.head_hours == 5.0


def test_handle_times_may_differ_by_interval() -> None:
    plan = deferred_profile([10.0, 10.0], [90.0, 180.0], 900, [True, True])
    assert plan.level.tolist() == pytest.approx([1, 2])


def test_occupancy_below_one_needs_more_agents() -> None:
    assert deferred_profile([10.0], 450, 900, [True], max_occupancy=0.8).agents.tolist() == [7]


def test_a_queue_that_never_opens_needs_nobody_unless_work_is_due() -> None:
    assert deferred_profile([0.0, 0.0], 300, HOUR, [False, False]).peak == 0
    with pytest.raises(UnreachableTarget, match="response time"):
        deferred_profile([1.0, 0.0], 300, 900, [False, False])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"volume": [-1.0, 0.0]}, "volume must be at least 0"),
        ({"volume": [np.nan, 0.0]}, "volume must be a number"),
        ({"volume": []}, "rows of one length"),
        ({"is_open": [True]}, "rows of one length"),
        ({"is_open": [1, 0]}, "is_open must be booleans"),
        ({"response_s": 600}, "response_s must be at least one interval of 900 s, got 600"),
        ({"aht_s": [1.0, 2.0, 3.0]}, "aht_s must be one number"),
        ({"clock": "night"}, "clock must be elapsed or open"),
        ({"max_occupancy": 85}, "max_occupancy must be in"),
    ],
)
def test_bad_input_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        deferred_profile(**{"volume": [1.0, 2.0], "aht_s": 300, "response_s": HOUR, "is_open": [True, True], **change})


@pytest.mark.parametrize(
    ("contacts", "age_s", "message"),
    [((1.0,), (), "one length"), ((1.0, 1.0), (5.0, 9.0), "oldest first"), ((-1.0,), (5.0,), "at least 0")],
)
def test_a_backlog_is_checked(contacts: tuple[float, ...], age_s: tuple[float, ...], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Backlog(contacts, age_s)
