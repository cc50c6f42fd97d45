"""Every local date has one night, clock changes or not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wfm.service.slots import due_night, next_night, night_begins

ZONES = st.sampled_from(["America/Chicago", "Europe/Paris", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata", "UTC", "Pacific/Apia"])
CLOCKS = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
INSTANTS = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1)).map(lambda d: d.replace(tzinfo=UTC))


@given(INSTANTS, ZONES, CLOCKS)
def test_the_due_night_has_begun_and_the_next_one_has_not(now: datetime, zone: str, clock: str) -> None:
    assert night_begins(due_night(now, zone, clock), zone, clock) <= now < next_night(now, zone, clock)


@given(st.dates(date(2015, 1, 1), date(2034, 12, 31)), ZONES, CLOCKS)
def test_nights_follow_one_another_in_the_order_of_their_dates(day: date, zone: str, clock: str) -> None:
    assert night_begins(day, zone, clock) <= night_begins(day + timedelta(1), zone, clock)


def test_a_looker_that_never_sleeps_meets_every_date_of_a_year_once() -> None:
    now, seen = datetime(2026, 1, 1, tzinfo=UTC), []
    while now < datetime(2027, 1, 1, tzinfo=UTC):
        day = due_night(now, "America/Chicago", "02:30")
        if not seen or seen[-1] != day:
            seen.append(day)
        now += timedelta(minutes=20)
    assert seen == [date(2025, 12, 31) + timedelta(d) for d in range(366)]
