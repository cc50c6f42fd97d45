"""Totals that agree with their queues; a typed one is spread over them and taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.contacts import history_csv
from tests.support.service import Client, Clock
from wfm.errors import Conflict, InvalidInput, NotFound
from wfm.service import forecast_edits, forecasting, importing, totals
from wfm.service.context import Service
from wfm.service.edit_wish import EditWish
from wfm.service.edited import EditKind
from wfm.service.progress import Progress
from wfm.service.totals import By, GroupWish

MONDAY = date(2026, 6, 8)
FRIDAY, SATURDAY = MONDAY + timedelta(4), MONDAY + timedelta(5)
WISH = GroupWish(By.CHANNEL, "voice", 3_000.0, MONDAY, FRIDAY, "Campaign", "letters go out")


@pytest.fixture
def small(service: Service, clinic: Client, clock: Clock) -> Service:
    """The clinic with a forecast of two weeks, refills with a quarter of the visits."""
    clock.instant = datetime(2026, 6, 8, 4, 0, tzinfo=UTC)
    made = replace(service, settings=replace(service.settings, workers=1))
    sunday = MONDAY - timedelta(1)
    for name, queue, scale in (("a.csv", "visits", 1.0), ("b.csv", "refills", 0.25)):
        importing.commit(made, clinic.planner, history_csv(sunday, queues=(queue,), scale=scale), name, "America/Chicago")
    forecasting.run(made, clinic.planner, Progress(), MONDAY, 14, None, ["same_weekday"])
    return made


def test_every_kind_of_total_adds_up_to_the_queues(small: Service, clinic: Client) -> None:
    view = totals.totals(small, clinic.planner, MONDAY, 7)
    of_queues = {one.key: one.contacts for one in view.queues}
    assert set(view.groups) == set(By)
    for groups in view.groups.values():
        assert sum(one.contacts for one in groups) == pytest.approx(view.whole.contacts)
        assert all(one.contacts == pytest.approx(sum(of_queues[key] for key in one.members)) for one in groups)
    week = forecasting.view(small, clinic.planner, "visits", None, MONDAY, 7)
    assert of_queues["visits"] == pytest.approx(sum(day.mean or 0.0 for day in week.totals))
    assert [one.key for one in view.groups[By.SITE]] == ["North"]
    assert totals.totals(small, clinic.planner, FRIDAY, 62).days == 10
    with pytest.raises(InvalidInput, match="reaches from 2026-06-08 to 2026-06-21"):
        totals.totals(small, clinic.planner, MONDAY - timedelta(1))


def test_the_band_of_a_week_is_that_above_the_forecast_and_wider_than_of_days_that_err_apart(small: Service, clinic: Client) -> None:
    view = forecasting.view(small, clinic.planner, "visits", None, MONDAY, 7)
    spread = {one.key: one.spread for one in totals.totals(small, clinic.planner, MONDAY, 7).queues}["visits"]
    assert (view.figures.first_day, view.figures.days) == (MONDAY, 7)
    assert view.figures.total_high - view.figures.total == pytest.approx(spread)
    of_days = [(day.high_80 or 0.0) - (day.mean or 0.0) for day in view.totals]
    assert sum(one**2 for one in of_days) ** 0.5 < spread < sum(of_days)


def test_the_band_of_a_group_lies_between_queues_that_err_apart_and_alike(small: Service, clinic: Client) -> None:
    view = totals.totals(small, clinic.planner, MONDAY, 7)
    of_queues = {one.key: one.spread for one in view.queues}
    for group in (view.whole, *view.groups[By.CHANNEL], *view.groups[By.SITE]):
        inside = [of_queues[key] for key in group.members]
        assert sum(one**2 for one in inside) ** 0.5 < group.spread < sum(inside)


def test_a_typed_total_is_met_and_uncertain_queues_move_more(small: Service, clinic: Client) -> None:
    shown = totals.preview(small, clinic.planner, WISH)
    assert sum(one.after for one in shown.queues) == pytest.approx(3_000.0)
    assert all((one.after > one.before) == (shown.before < 3_000.0) for one in shown.queues)
    before = totals.totals(small, clinic.planner, MONDAY, 5)
    assert before.whole.contacts == pytest.approx(shown.before)  # a preview changes nothing
    totals.spread(small, clinic.planner, WISH, shown.revision)
    after = totals.totals(small, clinic.planner, MONDAY, 5)
    assert after.whole.contacts == pytest.approx(3_000.0)
    assert {one.key: one.contacts for one in after.queues} == pytest.approx({one.queue: one.after for one in shown.queues})
    big, little = (next(one for one in shown.queues if one.queue == key) for key in ("visits", "refills"))
    spread = {one.key: one.spread for one in before.queues}
    assert (big.after - big.before) / (little.after - little.before) == pytest.approx((spread["visits"] / spread["refills"]) ** 2, rel=1e-6)


def test_a_typed_total_is_taken_back_as_a_whole(small: Service, clinic: Client) -> None:
    before = totals.totals(small, clinic.planner, MONDAY, 5).whole.contacts
    batch = totals.spread(small, clinic.planner, WISH, 0)
    (typed,) = totals.typed(small, clinic.planner)
    assert (typed.batch, typed.name, sorted(typed.queues)) == (batch, "Campaign", ["refills", "visits"])
    assert totals.revert(small, clinic.planner, batch) == 2
    assert totals.totals(small, clinic.planner, MONDAY, 5).whole.contacts == pytest.approx(before)
    assert totals.typed(small, clinic.planner) == ()
    with pytest.raises(Conflict, match="back already"):
        totals.revert(small, clinic.planner, batch)
    with pytest.raises(NotFound):
        totals.revert(small, clinic.planner, 99)


def test_an_edit_of_one_of_its_queues_since_the_preview_keeps_the_total_from_all(small: Service, clinic: Client) -> None:
    seen = totals.preview(small, clinic.planner, WISH).revision
    edit = EditWish("visits", EditKind.PERCENT, 0.1, MONDAY, MONDAY, "Letter", "x")
    forecast_edits.add(small, clinic.planner, edit, seen)
    with pytest.raises(Conflict, match="Letter"):
        totals.spread(small, clinic.planner, WISH, seen)
    assert totals.typed(small, clinic.planner) == ()
    assert forecast_edits.edits(small, clinic.planner, "refills") == ()


@pytest.mark.parametrize(
    ("wish", "error", "words"),
    [
        (replace(WISH, contacts=-1.0), InvalidInput, "contacts must lie in 0 to 100,000,000, got -1"),
        (replace(WISH, contacts=1e6), InvalidInput, "2000 %"),
        (replace(WISH, group="chat"), NotFound, "there is no channel 'chat' in the forecast"),
        (replace(WISH, last_day=MONDAY - timedelta(1)), InvalidInput, "the last day must be"),
        (replace(WISH, last_day=MONDAY + timedelta(30)), InvalidInput, "ends on 2026-06-21"),
        (
            replace(WISH, first_day=FRIDAY + timedelta(1), last_day=FRIDAY + timedelta(2)),
            InvalidInput,
            "no contacts are forecast for voice",
        ),
    ],
    ids=["below nothing", "far too much", "no such group", "backwards", "too far", "closed days"],
)
def test_a_typed_total_that_makes_no_sense_is_refused(
    small: Service, clinic: Client, wish: GroupWish, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        totals.spread(small, clinic.planner, wish, 0)
    assert totals.typed(small, clinic.planner) == ()
