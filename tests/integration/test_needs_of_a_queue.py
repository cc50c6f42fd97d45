"""Patience from files, tables of a queue, shared people: over the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.contacts import history_csv
from tests.support.service import Client, Clock
from wfm.domain.movable import MovableWork
from wfm.domain.shrinkage import ShrinkagePart
from wfm.erlang import gross_up, required_with_probability
from wfm.errors import Conflict, InvalidInput, NotFound
from wfm.service import audit, centre, day_outlook, forecasting, importing, movable_work, patience, pooling, staffing, work
from wfm.service.context import Service
from wfm.service.progress import Progress

ZONE = "America/Chicago"
MONDAY = date(2026, 6, 8)
NOON = datetime(2026, 6, 8, 17, tzinfo=UTC)
CALLS = MovableWork("reminders", 60, 240, 9 * 60, 17 * 60, (0, 1, 2, 3, 4))


def waits_csv(first: date, days: int, abandoned: int = 2, wait_s: int = 60) -> bytes:
    lines = ["timestamp,queue,volume,calls abandoned,asa,avg time to abandon"]
    for n in range(days):
        lines += [f"{first + timedelta(n):%Y-%m-%d} {hour:02d}:00,visits,20,{abandoned},10,{wait_s}" for hour in range(8, 18)]
    return "\n".join([*lines, ""]).encode()


def test_patience_is_estimated_from_what_stands(service: Service, clinic: Client) -> None:
    pat = clinic.planner
    assert patience.estimate(service, pat, "visits") is None
    importing.commit(service, pat, waits_csv(date(2026, 5, 4), 5), "first.csv", ZONE, gaps="zero")
    found = patience.estimate(service, pat, "visits")
    assert found is not None
    assert (found.abandoned, found.contacts, found.imports) == (100, 1_000, (1,))
    assert found.patience_s == pytest.approx((18 * 10 + 2 * 60) / 2)
    importing.commit(service, pat, waits_csv(date(2026, 5, 6), 5, abandoned=4), "again.csv", ZONE, gaps="zero")
    newer = patience.estimate(service, pat, "visits")
    assert newer is not None
    assert (newer.imports, newer.abandoned) == ((2,), 200)  # days that two files bring count once
    importing.undo(service, pat, 2)
    assert patience.estimate(service, pat, "visits") == found


def test_too_few_abandoned_contacts_show_no_patience(service: Service, clinic: Client) -> None:
    importing.commit(service, clinic.planner, waits_csv(date(2026, 5, 4), 1), "few.csv", ZONE, gaps="zero")
    assert patience.estimate(service, clinic.planner, "visits") is None


@pytest.fixture
def needed(service: Service, clinic: Client, clock: Clock) -> tuple[Service, Client, int]:
    """People needed for three weeks, with movable work and a shrinkage table on the queue of visits."""
    clock.instant = NOON
    running = replace(service, settings=replace(service.settings, workers=1, forecast_days=21))
    pat = clinic.planner
    importing.commit(running, pat, history_csv(date(2026, 6, 7)), "history.csv", ZONE)
    row = centre.queue(running, pat, "visits").row_version
    parts = (ShrinkagePart("breaks", 0.1), ShrinkagePart("coaching", 0.1, weekdays=(1,)), ShrinkagePart("sickness", 0.05, planned=False))
    centre.change_target(running, pat, "visits", row, movable=(CALLS,), shrinkage_parts=parts)
    forecasting.run(running, pat, Progress(), candidates=["same_weekday"])
    return running, clinic, staffing.plan(running, pat, Progress())


def test_needs_hold_movable_work_and_the_shrinkage_of_the_day(needed: tuple[Service, Client, int]) -> None:
    service, clinic, number = needed
    view = staffing.view(service, clinic.planner, "visits", number, MONDAY)
    assert [round(day.movable_hours, 2) for day in view.days] == [4.0] * 5 + [0.0] * 2
    for day, share in zip(view.days[:2], (0.145, 0.24), strict=True):
        assert all(cell.scheduled == gross_up(cell.on_queue, share) for cell in day.cells)
    (visits,) = [line for line in staffing.overview(service, clinic.planner, number, MONDAY, 7) if line.queue.key == "visits"]
    assert (visits.on_queue_hours, visits.movable_hours) == (view.on_queue_hours, 20.0)
    windows = movable_work.workload(service, clinic.planner, MONDAY, 7)
    assert [(window.queue, window.hours) for window in windows] == [("visits", 4.0)] * 5


def test_a_figure_opens_to_movable_work_shrinkage_forecast_and_files(needed: tuple[Service, Client, int]) -> None:
    service, clinic, number = needed
    view = staffing.view(service, clinic.planner, "visits", number, MONDAY + timedelta(1))
    cell = next(cell for cell in view.days[0].cells if cell.movable)
    why = staffing.why(service, clinic.planner, "visits", cell.start_s, number)
    assert why.reason is not None
    assert why.on_queue == why.reason.live + why.movable
    assert (why.shrinkage, [part.activity for part in why.shrinkage_parts]) == (0.24, ["breaks", "coaching", "sickness"])
    assert (why.forecast, [file.file_name for file in why.files]) == (1, ["history.csv"])
    assert why.files[0].last_line > why.files[0].intervals > 100
    with pytest.raises(NotFound, match="no interval that starts at 5 s"):
        staffing.why(service, clinic.planner, "visits", 5, number)


def test_the_chosen_way_of_planning_is_kept_used_and_audited(needed: tuple[Service, Client, int]) -> None:
    service, clinic, number = needed
    pat = clinic.planner
    row = centre.queue(service, pat, "visits").row_version
    centre.change_target(service, pat, "visits", row, planned_by="kept_with_chance", kept_chance=0.99)
    noted = audit.entries(service, clinic.administrator, action="queue.change").entries[0]
    assert noted.after == {"planned_by": "kept_with_chance", "kept_chance": 0.99}
    assert staffing.view(service, pat, "visits", number, MONDAY).outdated
    again = staffing.plan(service, pat, Progress())
    weighted, surer = (staffing.view(service, pat, "visits", version, MONDAY) for version in (number, again))
    assert surer.on_queue_hours > weighted.on_queue_hours
    ten = next(cell.start_s for cell in surer.days[0].cells if cell.clock == "10:00")
    before, why = (staffing.why(service, pat, "visits", ten, version) for version in (number, again))
    assert (before.queue.target.planned_by, why.queue.target.planned_by) == ("call_weighted", "kept_with_chance")
    assert why.reason is not None
    rate, patience_s = why.volume / (60 * why.interval_minutes), why.queue.patience_s or float("inf")
    kept = required_with_probability(rate, why.rate_cv, why.aht_s, why.queue.target, patience_s, probability=0.99)
    assert why.reason.over_volumes == kept
    assert why.on_queue == max(int(kept), why.queue.minimum_agents) + why.movable


def test_the_day_is_followed_with_the_people_of_the_plan(needed: tuple[Service, Client, int]) -> None:
    service, clinic, number = needed
    queue, interval_s, days = staffing.day_cells(service, clinic.planner, "visits", number, MONDAY, 7)
    found = [day_outlook.carried(queue, interval_s, cells) for cells in days]
    assert [day is not None for day in found] == [True] * 5 + [False] * 2
    assert staffing.day_cells(service, clinic.planner, "visits", number, date(2030, 1, 1), 7)[2] == ()


def test_shared_people_are_a_job_whose_result_stays(needed: tuple[Service, Client, int]) -> None:
    service, clinic, number = needed
    pat = clinic.planner
    assert pooling.newest(service, pat, number) is None
    job = work.enqueue(service, pat, work.Kind.POOLING, {"day": MONDAY.isoformat(), "requirement": number})
    claim = work.claim(service, "worker", [work.Kind.POOLING])
    assert claim is not None
    from wfm.jobs.run import run

    run(service, claim)
    assert work.job(service, pat, job.id).state == "done"
    found = pooling.newest(service, pat, number)
    assert found is not None
    assert found["day"] == "2026-06-08"
    assert [hour["clock"] for hour in found["hours"]] == [f"{hour:02d}:00" for hour in range(8, 18)]
    assert all(0 < hour["pooled"] <= hour["single"] for hour in found["hours"])
    assert pooling.newest(service, pat, number + 1) is None


def test_a_day_beyond_the_forecast_cannot_be_shared(needed: tuple[Service, Client, int]) -> None:
    service, clinic, number = needed
    with pytest.raises(InvalidInput, match="must reach over 1 days"):
        pooling.run(service, clinic.planner, Progress(), date(2030, 1, 1), number)


def test_two_planners_do_not_lose_each_others_lines(service: Service, clinic: Client) -> None:
    before = centre.queue(service, clinic.planner, "visits")
    centre.change_target(service, clinic.planner, "visits", before.row_version, movable=(CALLS,))
    with pytest.raises(Conflict, match="somebody else"):
        centre.change_target(service, clinic.planner, "visits", before.row_version, movable=())
    assert centre.queue(service, clinic.planner, "visits").queue.movable == (CALLS,)
