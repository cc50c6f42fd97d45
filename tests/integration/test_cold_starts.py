"""A queue without a history: forecast like a similar one at a typed size, until it has four weeks of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.contacts import history_csv
from tests.support.service import Client, Clock
from wfm.errors import Conflict, InvalidInput, NotFound
from wfm.service import audit, centre, cold_starts, forecasting, importing
from wfm.service.cold_starts import ColdWish
from wfm.service.context import Service
from wfm.service.progress import Progress

MONDAY = date(2026, 6, 8)
ZONE = "America/Chicago"
WISH = ColdWish("refills", "", "visits", 500.0)


@pytest.fixture
def small(service: Service, clinic: Client, clock: Clock) -> Service:
    """The clinic with ten weeks of visits, none of refills, and a forecast of four weeks."""
    clock.instant = datetime(2026, 6, 8, 11, tzinfo=UTC)
    made = replace(service, settings=replace(service.settings, workers=1, forecast_days=28))
    importing.commit(made, clinic.planner, history_csv(MONDAY - timedelta(1), queues=("visits",)), "history.csv", ZONE)
    forecasting.run(made, clinic.planner, Progress(), MONDAY, 28, None, ["same_weekday"])
    return made


def _week(service: Service, clinic: Client, queue: str, version: int | None = None) -> list[float]:
    return [total.mean or 0.0 for total in forecasting.view(service, clinic.planner, queue, version, MONDAY, 7).totals]


def test_a_preview_has_the_shape_of_the_similar_queue_and_stores_nothing(small: Service, clinic: Client) -> None:
    shown = cold_starts.preview(small, clinic.planner, WISH)
    theirs = _week(small, clinic, "visits")
    assert [day.mean for day in shown.days[:7]] == pytest.approx([500 * one / sum(theirs) for one in theirs])
    assert [day.similar for day in shown.days[:7]] == pytest.approx(theirs)
    assert shown.similar_week == pytest.approx(sum(theirs))
    assert all(day.low_80 < day.mean < day.high_80 for day in shown.days if day.mean)
    assert not forecasting.has_queue(small, clinic.planner, "refills")
    assert cold_starts.standing(small, clinic.planner) == ()


def test_what_is_kept_is_a_version_of_low_confidence_beside_the_others(small: Service, clinic: Client) -> None:
    number = cold_starts.keep(small, clinic.planner, WISH)
    view = forecasting.view(small, clinic.planner, "refills", number, MONDAY, 7)
    assert (view.low_confidence, view.is_like_another) == (True, True)
    assert view.sentence == "Low confidence: no history of its own. The shape of Visits, and 500 contacts a week as typed."
    assert sum(total.mean or 0.0 for total in view.totals) == pytest.approx(500.0)
    assert view.figures.aht_s == pytest.approx(forecasting.view(small, clinic.planner, "visits").figures.aht_s)
    assert _week(small, clinic, "visits", number) == _week(small, clinic, "visits", 1)
    assert [entry.action for entry in audit.entries(small, clinic.administrator, action="cold_start").entries] == ["cold_start.set"]
    (one,) = cold_starts.standing(small, clinic.planner)
    assert (one.queue, one.similar, one.weekly_total, one.own_days, one.is_over) == ("refills", "visits", 500.0, 0, False)


def test_the_next_forecast_keeps_it_until_the_queue_has_four_weeks_of_its_own(small: Service, clinic: Client, clock: Clock) -> None:
    pat = clinic.planner
    cold_starts.keep(small, pat, replace(WISH, weekly_total=300.0))
    cold_starts.keep(small, pat, WISH)
    assert len(cold_starts.standing(small, pat)) == 1
    again = forecasting.run(small, pat, Progress(), MONDAY, 14, None, ["same_weekday"])
    assert sum(_week(small, clinic, "refills", again)) == pytest.approx(500.0)
    importing.commit(small, pat, history_csv(MONDAY - timedelta(1), 21, ("refills",), scale=0.5), "short.csv", ZONE)
    assert cold_starts.standing(small, pat)[0].own_days == 15
    still = forecasting.run(small, pat, Progress(), MONDAY, 14, None, ["same_weekday"])
    assert sum(_week(small, clinic, "refills", still)) == pytest.approx(500.0)
    importing.commit(small, pat, history_csv(MONDAY - timedelta(1), 70, ("refills",), scale=0.5), "long.csv", ZONE)
    own = forecasting.run(small, pat, Progress(), MONDAY, 14, None, ["same_weekday"])
    assert not forecasting.view(small, pat, "refills", own).is_like_another
    assert cold_starts.standing(small, pat)[0].is_over


def test_a_removed_one_is_gone_from_the_next_forecast(small: Service, clinic: Client) -> None:
    cold_starts.keep(small, clinic.planner, WISH)
    cold_starts.remove(small, clinic.planner, "refills")
    number = forecasting.run(small, clinic.planner, Progress(), MONDAY, 14, None, ["same_weekday"])
    assert not forecasting.has_queue(small, clinic.planner, "refills", number)
    with pytest.raises(NotFound, match="is not forecast like another one"):
        cold_starts.remove(small, clinic.planner, "refills")


def test_a_queue_that_does_not_exist_is_made_like_the_similar_one(small: Service, clinic: Client) -> None:
    wish = ColdWish("", "Flu line", "visits", 200.0)
    cold_starts.keep(small, clinic.planner, wish)
    made, theirs = (centre.queue(small, clinic.planner, key) for key in ("Flu line", "visits"))
    assert (made.queue.name, made.zone, made.site, made.queue.target) == ("Flu line", theirs.zone, theirs.site, theirs.queue.target)
    with pytest.raises(Conflict, match="there is a queue 'Flu line' already"):
        cold_starts.preview(small, clinic.planner, wish)
    with pytest.raises(InvalidInput, match="Flu line has no forecast from a history of its own"):
        cold_starts.preview(small, clinic.planner, replace(WISH, similar="Flu line"))


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (replace(WISH, weekly_total=0.0), "contacts a week must lie above 0"),
        (replace(WISH, weekly_total=float("inf")), "contacts a week must be"),
        (replace(WISH, total_cv=3.0), "off by 0 to 200 %, got 300 %"),
        (replace(WISH, similar="refills"), "must be another one"),
        (replace(WISH, name="x"), "choose a queue, or name a new one"),
        (replace(WISH, queue=""), "choose a queue, or name a new one"),
    ],
    ids=["nothing", "no number", "too unsure", "itself", "both", "neither"],
)
def test_a_wish_out_of_bounds_is_refused_and_nothing_is_stored(standing: Client, wish: ColdWish, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        cold_starts.keep(standing.service, standing.planner, wish)
    assert cold_starts.standing(standing.service, standing.planner) == ()
