"""Edits of a forecast: they keep the shape, reach the people needed, survive a new forecast, and are judged by what came."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from tests.support.contacts import history_csv
from tests.support.forecasts import ZONE, store_forecast
from tests.support.service import Client, Clock
from wfm.errors import Conflict, InvalidInput, NotFound
from wfm.service import audit, forecast_edits, forecasting, importing, staffing
from wfm.service.context import Actor, Service
from wfm.service.edit_wish import EditWish
from wfm.service.edited import EditKind
from wfm.service.progress import Progress

MONDAY = date(2026, 6, 8)
WEDNESDAY = date(2026, 6, 10)
MORNING = datetime(2026, 6, 8, 11, tzinfo=UTC)


@pytest.fixture
def pat(service: Service, clinic: Client, clock: Clock) -> Actor:
    """The planner of a clinic with a forecast of three weeks from Monday on; it is Monday, six in the morning."""
    clock.instant = MORNING
    store_forecast(service, clinic.planner, "visits", MONDAY, 21)
    return clinic.planner


def wish(kind: EditKind = EditKind.PERCENT, value: float = 0.1, **changed: Any) -> EditWish:
    made = EditWish("visits", kind, value, WEDNESDAY, WEDNESDAY, "Flu letter", "reminder letters go out")
    return replace(made, **changed)


def kept(service: Service, actor: Actor, wanted: EditWish) -> int:
    return forecast_edits.add(service, actor, wanted, forecast_edits.preview(service, actor, wanted).revision).number


def wednesday(service: Service, actor: Actor, version: int | None = None) -> Any:
    return forecasting.view(service, actor, "visits", version, WEDNESDAY, 1)


def test_a_percentage_keeps_the_shape_and_moves_the_bands_along(service: Service, pat: Actor) -> None:
    before = wednesday(service, pat)
    kept(service, pat, wish())
    after = wednesday(service, pat)
    assert after.is_edited
    assert after.points.before == before.points.mean
    for name in ("mean", "low_80", "high_80", "low_95", "high_95"):
        assert np.array(getattr(after.points, name)) == pytest.approx(1.1 * np.array(getattr(before.points, name)), abs=0.002)
    assert after.points.aht_s == before.points.aht_s
    assert after.figures.total > before.figures.total
    assert not forecasting.view(service, pat, "visits", None, MONDAY, 1).is_edited


def test_a_days_total_is_met_exactly_whatever_was_edited_before(service: Service, pat: Actor) -> None:
    kept(service, pat, wish())
    kept(service, pat, wish(EditKind.TOTAL, 500.0))
    total = wednesday(service, pat).totals[0]
    assert total.mean == pytest.approx(500)
    assert total.before == pytest.approx(280)


def test_one_interval_is_set_even_where_nothing_was_expected(service: Service, pat: Actor) -> None:
    kept(service, pat, wish(EditKind.INTERVAL, 30.0, begin_minutes=600))
    kept(service, pat, wish(EditKind.INTERVAL, 4.0, begin_minutes=1_200))
    points = wednesday(service, pat).points
    assert (points.mean[20], points.mean[40]) == (30.0, 4.0)
    assert points.mean[21] == points.before[21]
    low, high = points.low_80[40], points.high_80[40]
    assert low is not None
    assert high is not None
    assert low < 4.0 < high


def test_a_part_of_a_day_is_changed_between_two_clock_times(service: Service, pat: Actor) -> None:
    kept(service, pat, wish(value=-0.5, begin_minutes=480, end_minutes=720))
    points = wednesday(service, pat).points
    changed = [n for n in range(48) if points.mean[n] != points.before[n]]
    assert changed == list(range(16, 24))


def test_the_preview_tells_before_and_after_and_stores_nothing(service: Service, pat: Actor) -> None:
    shown = forecast_edits.preview(service, pat, wish(last_day=WEDNESDAY + timedelta(1)))
    assert [(day.before, day.after) for day in shown.days] == [(pytest.approx(280), pytest.approx(308))] * 2
    assert forecast_edits.edits(service, pat, "visits") == ()


def test_people_needed_follow_the_edit_and_say_when_they_are_outdated(service: Service, pat: Actor) -> None:
    staffing.plan(service, pat, Progress())
    before = staffing.view(service, pat, "visits", None, WEDNESDAY, 1)
    number = kept(service, pat, wish(value=1.0))
    assert staffing.view(service, pat, "visits", None, WEDNESDAY, 1).outdated
    staffing.plan(service, pat, Progress())
    after = staffing.view(service, pat, "visits", None, WEDNESDAY, 1)
    assert not before.outdated
    assert not after.outdated
    assert after.on_queue_hours > 1.5 * before.on_queue_hours
    forecast_edits.revert(service, pat, number)
    assert staffing.view(service, pat, "visits", None, WEDNESDAY, 1).outdated


def test_a_new_forecast_comes_under_the_edits_and_loses_none(service: Service, pat: Actor) -> None:
    looked = forecast_edits.preview(service, pat, wish())
    store_forecast(service, pat, "visits", MONDAY, 21, scale=2.0)
    forecast_edits.add(service, pat, wish(), looked.revision)
    assert wednesday(service, pat).totals[0].mean == pytest.approx(2.2 * 280)
    assert wednesday(service, pat, 1).totals[0].mean == pytest.approx(1.1 * 280)


def test_taken_back_it_is_as_before_and_still_listed(service: Service, pat: Actor) -> None:
    before = wednesday(service, pat)
    first, second = kept(service, pat, wish()), kept(service, pat, wish(value=0.2, name="Second"))
    forecast_edits.revert(service, pat, first)
    assert wednesday(service, pat).totals[0].mean == pytest.approx(1.2 * 280)
    forecast_edits.revert(service, pat, second)
    assert wednesday(service, pat).points.mean == before.points.mean
    listed = forecast_edits.edits(service, pat, "visits")
    assert [(one.name, one.reverted_by) for one in listed] == [("Second", pat.name), ("Flu letter", pat.name)]
    with pytest.raises(Conflict, match="Planner of Clinic took edit 1"):
        forecast_edits.revert(service, pat, first)
    actions = [entry.action for entry in audit.entries(service, replace(pat, role="auditor"), action="forecast.edit").entries]
    assert actions == ["forecast.edit.revert"] * 2 + ["forecast.edit"] * 2


def test_of_two_planners_the_second_is_shown_both_edits(service: Service, clinic: Client, pat: Actor) -> None:
    seen = forecast_edits.preview(service, pat, wish()).revision
    forecast_edits.add(service, clinic.administrator, wish(value=0.25, name="Campaign"), seen)
    with pytest.raises(Conflict, match=r"Administrator of Clinic kept the edit 'Campaign' \(\+25\.0%.*Yours, 'Flu letter' \(\+10\.0%\)"):
        forecast_edits.add(service, pat, wish(), seen)
    assert len(forecast_edits.edits(service, pat, "visits")) == 1
    elsewhere = wish(first_day=MONDAY + timedelta(8), last_day=MONDAY + timedelta(8))
    forecast_edits.add(service, pat, elsewhere, seen)  # another day: nobody is in the way
    assert len(forecast_edits.edits(service, pat, "visits")) == 2


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"value": -1.5}, r"-100 to 2000 %, got -150 %"),
        ({"kind": EditKind.TOTAL, "value": -3.0}, "0 to 10,000,000, got -3"),
        ({"value": float("nan")}, "value"),
        ({"last_day": WEDNESDAY - timedelta(1)}, "the last day must be"),
        ({"last_day": WEDNESDAY + timedelta(100)}, "the last day must be"),
        ({"kind": EditKind.TOTAL, "value": 9.0, "last_day": WEDNESDAY + timedelta(1)}, "belong to one day"),
        ({"kind": EditKind.INTERVAL, "value": 9.0}, "needs the time"),
        ({"begin_minutes": 605, "end_minutes": 720}, "intervals of 30 minutes"),
        ({"begin_minutes": 720, "end_minutes": 600}, "the first before the second"),
        ({"first_day": date(2026, 6, 1), "last_day": date(2026, 6, 2)}, "is over"),
        ({"first_day": date(2026, 9, 1), "last_day": date(2026, 9, 2)}, "reaches from 2026-06-08 to 2026-06-28"),
        ({"kind": EditKind.TOTAL, "value": 9.0, "first_day": date(2026, 6, 13), "last_day": date(2026, 6, 13)}, "no shape to keep"),
        ({"reason": ""}, "reason must not be blank"),
        ({"reason": "call 555-123-4567 back"}, "telephone number"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused_in_words(service: Service, pat: Actor, changed: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        forecast_edits.add(service, pat, wish(**changed), 0)
    assert forecast_edits.edits(service, pat, "visits") == ()


def test_once_the_contacts_came_each_edit_is_judged_alone(service: Service, pat: Actor, clock: Clock) -> None:
    helping = kept(service, pat, wish(value=0.5))
    harming = kept(service, pat, wish(value=-0.5, first_day=WEDNESDAY + timedelta(1), last_day=WEDNESDAY + timedelta(1)))
    assert all(one.verdict is None for one in forecast_edits.edits(service, pat, "visits"))
    lines = ["timestamp,queue,volume"]
    for day in (WEDNESDAY, WEDNESDAY + timedelta(1)):
        lines += [f"{day} {slot // 2:02d}:{slot % 2 * 30:02d},visits,21" for slot in range(16, 36)]
    clock.instant = datetime(2026, 6, 13, 12, tzinfo=UTC)
    importing.commit(service, pat, "\n".join([*lines, ""]).encode(), "came.csv", ZONE)
    judged = {one.number: one.verdict for one in forecast_edits.edits(service, pat, "visits")}
    good, bad = judged[helping], judged[harming]
    assert good is not None
    assert bad is not None
    assert (good.helped, bad.helped) == (True, False)
    assert (good.wape_with, good.wape_without) == (pytest.approx(0.0), pytest.approx(1 / 3))
    assert (good.volume, good.with_edit, good.without_edit, good.intervals) == (420, pytest.approx(420), pytest.approx(280), 20)


def test_an_edit_of_nobody_is_not_found(service: Service, pat: Actor) -> None:
    with pytest.raises(NotFound, match="no edit 7"):
        forecast_edits.revert(service, pat, 7)


def test_edits_made_while_a_forecast_runs_count_in_it(service: Service, clinic: Client, clock: Clock) -> None:
    clock.instant = MORNING
    small = replace(service, settings=replace(service.settings, workers=1, forecast_days=14))
    importing.commit(small, clinic.planner, history_csv(MONDAY - timedelta(1)), "history.csv", ZONE)
    store_forecast(service, clinic.planner, "visits", MONDAY, 14)
    seen = forecast_edits.preview(service, clinic.planner, wish()).revision

    class Meanwhile(Progress):
        def note(self, share_done: float, text: str, **details: Any) -> None:
            if share_done == 0.97:
                forecast_edits.add(service, clinic.planner, wish(EditKind.TOTAL, 777.0), seen)

    number = forecasting.run(small, clinic.planner, Meanwhile(), MONDAY, 14, ["visits"], ["same_weekday"])
    assert wednesday(service, clinic.planner, number).totals[0].mean == pytest.approx(777)
