"""Special days and counts per day: kept, told to the next forecast, taken out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.contacts import history_csv
from tests.support.service import Client, Clock
from wfm.errors import Conflict, InvalidInput, NotFound, UnreadableFile
from wfm.service import accuracy_limits, accuracy_view, forecasting, importing, night, special_days
from wfm.service.accuracy_limits import Limits
from wfm.service.context import Actor, Service
from wfm.service.progress import Progress

MONDAY = date(2026, 6, 8)
ZONE = "America/Chicago"


def test_a_typed_effect_moves_its_day_of_its_queue_and_no_other(service: Service, clinic: Client, clock: Clock) -> None:
    clock.instant = datetime(2026, 6, 8, 11, tzinfo=UTC)
    pat, small = clinic.planner, replace(service, settings=replace(service.settings, workers=1))
    importing.commit(small, pat, history_csv(MONDAY - timedelta(1)), "history.csv", ZONE)
    tuesday = MONDAY + timedelta(1)
    number = special_days.add_special_days(small, pat, "Campaign", tuesday, tuesday, 0.5, "visits")
    special_days.add_special_days(small, pat, "Clinic closed", MONDAY + timedelta(2), MONDAY + timedelta(2), -1.0)
    forecasting.run(small, pat, Progress(), MONDAY, 7, None, ["same_weekday"])
    special_days.remove_special_days(small, pat, number)
    forecasting.run(small, pat, Progress(), MONDAY, 7, None, ["same_weekday"])
    totals = {
        (queue, version): [total.mean or 0.0 for total in forecasting.view(small, pat, queue, version, MONDAY, 5).totals]
        for queue in ("visits", "refills")
        for version in (1, 2)
    }
    assert totals["visits", 1][1] == pytest.approx(1.5 * totals["visits", 2][1])
    assert totals["refills", 1] == pytest.approx(totals["refills", 2])
    assert totals["visits", 1][2] == totals["refills", 1][2] == 0.0
    assert totals["visits", 1][3] == pytest.approx(totals["visits", 2][3])
    told = forecasting.view(small, pat, "visits", 1).effects
    assert next((one["name"], one["kind"], one["days"]) for one in told) == ("Campaign", "typed", ["2026-06-09"])


def test_counts_are_kept_by_day_added_to_and_guarded_against_two_hands(service: Service, clinic: Client) -> None:
    pat = clinic.planner
    assert special_days.put_counts(service, pat, "Appointments", b"day,count\n2026-06-08,120\n2026-06-09,90\n") == 2
    (count,) = special_days.counts(service, pat)
    assert (count.days, count.first_day, count.last_day, count.row_version) == (2, MONDAY, MONDAY + timedelta(1), 1)
    with pytest.raises(Conflict, match=r"Planner of Clinic changed the count 'Appointments' meanwhile"):
        special_days.put_counts(service, pat, "Appointments", b"day,count\n2026-06-10,80\n")
    assert special_days.put_counts(service, pat, "Appointments", b"day,count\n2026-06-09,95\n2026-06-10,80\n", None, 1) == 3
    with pytest.raises(Conflict):
        special_days.remove_counts(service, pat, count.id, count.row_version)
    special_days.remove_counts(service, pat, count.id, 2)
    assert special_days.counts(service, pat) == ()
    with pytest.raises(NotFound):
        special_days.remove_counts(service, pat, count.id, 3)


def test_a_bad_file_of_counts_is_told_line_by_line_and_stores_nothing(service: Service, clinic: Client) -> None:
    content = b"day,count\n2026-06-08,120\nyesterday,3\n2026-06-09,-1\n2026-06-08,5\n2026-06-10,\n"
    with pytest.raises(UnreadableFile) as told:
        special_days.put_counts(service, clinic.planner, "Appointments", content)
    assert [problem.line for problem in told.value.problems] == [3, 4, 5, 6]
    for bad, words in ((b"a,b\n1,2\n", "needs the columns day and count"), (b"day,count\n", "no rows"), (b"\xff\xfe", "UTF-8")):
        with pytest.raises(InvalidInput, match=words):
            special_days.put_counts(service, clinic.planner, "Appointments", bad)
    assert special_days.counts(service, clinic.planner) == ()


def test_a_bad_file_leaves_a_count_that_is_there_as_it_was(service: Service, clinic: Client) -> None:
    special_days.put_counts(service, clinic.planner, "Appointments", b"day,count\n2026-06-08,120\n")
    with pytest.raises(UnreadableFile, match="1 line cannot be used"):
        special_days.put_counts(service, clinic.planner, "Appointments", b"day,count\n2026-06-09,90\n2026-06-10,many\n", None, 1)
    (count,) = special_days.counts(service, clinic.planner)
    assert (count.days, count.last_day, count.row_version) == (1, MONDAY, 1)


def test_a_count_and_special_days_to_learn_may_not_share_a_name_where_they_share_a_queue(service: Service, clinic: Client) -> None:
    pat, counted = clinic.planner, b"day,count\n2026-06-08,120\n"
    special_days.add_special_days(service, pat, "Campaign", MONDAY, MONDAY, None, "visits")
    for queue in ("visits", None):
        with pytest.raises(InvalidInput, match=r"'Campaign' is the name of special days whose effect is learned, for queue visits"):
            special_days.put_counts(service, pat, "Campaign", counted, queue)
    special_days.put_counts(service, pat, "Campaign", counted, "refills")
    with pytest.raises(InvalidInput, match=r"'Campaign' is the name of a count per day, for queue refills"):
        special_days.add_special_days(service, pat, "Campaign", MONDAY, MONDAY)
    special_days.add_special_days(service, pat, "Campaign", MONDAY, MONDAY, 0.3)  # a typed effect is not learned
    special_days.put_counts(service, pat, "Bookings", counted)


def test_special_days_out_of_bounds_are_refused(service: Service, clinic: Client) -> None:
    for last, effect, words in ((MONDAY - timedelta(1), None, "the last day must be"), (MONDAY, -1.5, "-100 to 2000 %, got -150 %")):
        with pytest.raises(InvalidInput, match=words):
            special_days.add_special_days(service, clinic.planner, "Campaign", MONDAY, last, effect)
    assert special_days.special_days(service, clinic.planner) == ()


def test_accuracy_is_told_by_lead_with_spreadsheet_and_floor_beside(service: Service, clinic: Client, clock: Clock) -> None:
    pat, small = clinic.planner, replace(service, settings=replace(service.settings, workers=1, forecast_days=14))
    clock.instant = datetime(2026, 6, 1, 11, tzinfo=UTC)
    importing.commit(small, pat, history_csv(MONDAY - timedelta(8)), "history.csv", ZONE)
    forecasting.run(small, pat, Progress(), MONDAY - timedelta(7), 14, None, ["same_weekday"])
    assert accuracy_view.by_lead(small, pat, "visits") == ()
    clock.instant = datetime(2026, 6, 9, 11, tzinfo=UTC)
    importing.commit(small, pat, history_csv(MONDAY, days=77, seed=0), "later.csv", ZONE)
    night.run_here(small, clinic.id, "2026-06-09")
    leads = accuracy_view.by_lead(small, pat, "visits")
    by_lead = {one.lead_days: one for one in leads}
    assert {1, 7} <= set(by_lead)
    tomorrow = by_lead[1]
    assert tomorrow.wape is not None
    assert tomorrow.spreadsheet == pytest.approx(tomorrow.wape, abs=0.1)  # that family is the mean of the last same weekdays
    assert 0 < (tomorrow.floor or 0) < 1
    assert 0 <= (tomorrow.coverage or 0) <= 1
    limits = accuracy_limits.limits(small, pat)
    judged = accuracy_view.by_day(small, pat, "visits", limits.interval)
    (day,) = [one for one in judged if one.day == MONDAY]
    assert (day.lead_days, day.intervals, day.total.clock) == (7, 20, "")
    assert day.peak is not None
    assert day.peak.came == max(_by_hour(small, pat).values())
    assert all(abs(one.forecast - one.came) > 0.15 * one.came for one in day.beyond)
    assert 0 < day.by_chance < day.intervals
    assert accuracy_view.by_day(small, pat, "visits", 1e9)[0].beyond == ()


def _by_hour(service: Service, actor: Actor) -> dict[int, float]:
    view = forecasting.view(service, actor, "visits", None, MONDAY, 1)
    hours: dict[int, float] = {}
    for wall_s, came in zip(view.points.wall_s, view.points.actual, strict=True):
        hours[wall_s // 3600] = hours.get(wall_s // 3600, 0.0) + (came or 0.0)
    return hours


def test_limits_are_kept_for_the_organisation_alone_and_within_bounds(service: Service, clinic: Client, rival: Client) -> None:
    assert accuracy_limits.limits(service, clinic.planner) == Limits(0.05, 0.08, 0.15)
    accuracy_limits.change_limits(service, clinic.planner, Limits(0.04, 0.1, 0.2))
    assert accuracy_limits.limits(service, clinic.planner) == Limits(0.04, 0.1, 0.2)
    assert accuracy_limits.limits(service, rival.planner) == Limits()
    for wrong, words in ((0.0, "day must lie above 0"), (1.2, "at most 100 %, got 120 %"), (float("nan"), "day must be")):
        with pytest.raises(InvalidInput, match=words):
            Limits(day=wrong)
