"""Which forecast a past day is judged by."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from wfm.service.accuracy import _by_lead
from wfm.storage.tables import ForecastRow

DAY = date(2026, 6, 10)


def _version(number: int, first_day: date, made: date | None = None, source: str = "", days: int = 28) -> ForecastRow:
    made_at = datetime.combine(made or first_day, datetime.min.time(), UTC)
    return ForecastRow(number=number, first_day=first_day, days=days, made_at=made_at, source=source)


def _judged_by(*versions: ForecastRow) -> dict[int, int]:
    newest_first = sorted(versions, key=lambda row: -row.number)
    return {lead: row.number for lead, row in _by_lead(newest_first, DAY).items()}


def test_a_version_from_outside_that_came_when_the_day_was_over_judges_nothing() -> None:
    ours = _version(1, DAY - timedelta(1))
    late = _version(2, DAY - timedelta(1), made=DAY + timedelta(1), source="Northwind")
    assert _judged_by(ours, late) == {1: 1}
    assert _judged_by(late) == {}


def test_a_version_from_outside_that_came_in_time_is_judged_as_ours_are() -> None:
    ours = _version(1, DAY - timedelta(1))
    outside = _version(2, DAY - timedelta(1), made=DAY, source="Northwind")
    assert _judged_by(ours, outside) == {1: 2}


def test_the_newest_version_of_each_lead_of_interest_and_of_the_shortest_is_taken() -> None:
    versions = [_version(number, DAY - timedelta(lead)) for number, lead in ((1, 14), (2, 7), (3, 7), (4, 5), (5, 3))]
    assert _judged_by(*versions) == {3: 5, 7: 3, 14: 1}


def test_a_version_that_does_not_reach_the_day_judges_nothing() -> None:
    assert _judged_by(_version(1, DAY - timedelta(7), days=7)) == {}
