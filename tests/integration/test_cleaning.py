"""Unusual stretches of history: proposed, left out or kept, taken back; the imported counts never change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from tests.support.contacts import history_csv
from tests.support.service import Client, Clock
from wfm.errors import Conflict, InvalidInput, NotFound
from wfm.service import audit, cleaning, cleaning_effect, forecasting, importing, special_days, work
from wfm.service.cleaning import DayMark, StretchKind
from wfm.service.context import Service
from wfm.service.forecast_tasks import wanted_tasks
from wfm.service.observations import observed
from wfm.service.progress import Progress
from wfm.service.queue_forecast import forecast

MONDAY = date(2026, 6, 8)
OUTAGE = MONDAY - timedelta(12)  # a Wednesday
ZONE = "America/Chicago"


@pytest.fixture
def small(service: Service, clinic: Client, clock: Clock) -> Service:
    """The clinic with ten weeks of history; on one Wednesday morning no call came through."""
    clock.instant = datetime(2026, 6, 8, 11, tzinfo=UTC)
    made = replace(service, settings=replace(service.settings, workers=1))
    lines = history_csv(MONDAY - timedelta(1)).decode().splitlines()
    morning = tuple(f"{OUTAGE} {hour:02d}:" for hour in (9, 10, 11))
    down = [f"{line[:16]},visits,0,{line.rsplit(',', 1)[1]}" if line.startswith(morning) and ",visits," in line else line for line in lines]
    importing.commit(made, clinic.planner, "\n".join(down).encode(), "history.csv", ZONE)
    return made


def _counts(service: Service, clinic: Client) -> list[float]:
    queue_id = cleaning.view(service, clinic.planner, "visits").queue.id
    return observed(service, clinic.id, queue_id).volume.tolist()


def test_an_outage_is_proposed_with_what_was_seen_and_what_is_usual(small: Service, clinic: Client) -> None:
    seen = cleaning.view(small, clinic.planner, "visits")
    (one,) = seen.proposals
    assert (one.kind, one.volume, one.begin.isoformat()) == (StretchKind.OUTAGE, 0.0, "2026-05-27T14:00:00+00:00")
    assert one.end - one.begin == timedelta(hours=3)
    assert one.expected == pytest.approx(6 * 9 * 1.3, rel=0.3)
    assert seen.marks[OUTAGE] is DayMark.PROPOSED
    assert seen.marks[OUTAGE + timedelta(1)] is DayMark.USUAL
    assert cleaning.view(small, clinic.planner, "refills").proposals == ()


def test_what_is_left_out_is_unknown_to_forecasts_and_stands_in_the_history(small: Service, clinic: Client) -> None:
    before = _counts(small, clinic)
    (kept,) = cleaning.decide(small, clinic.planner, "visits", None, accept=True)
    seen = cleaning.view(small, clinic.planner, "visits")
    assert (seen.proposals, seen.marks[OUTAGE], seen.decisions) == ((), DayMark.ACCEPTED, (kept,))
    assert _counts(small, clinic) == before
    read = cleaning.cleaned(small, clinic.id, seen.queue.id)
    assert len(read.start_s) == len(before) - 6
    assert not ((read.start_s >= kept.stretch.begin.timestamp()) & (read.start_s < kept.stretch.end.timestamp())).any()


def test_a_decision_is_taken_back_and_the_proposal_stands_again(small: Service, clinic: Client) -> None:
    (kept,) = cleaning.decide(small, clinic.planner, "visits", None, accept=True)
    undone = cleaning.undo(small, clinic.planner, kept.number)
    assert undone.undone_by == clinic.planner.name
    assert len(cleaning.view(small, clinic.planner, "visits").proposals) == 1
    with pytest.raises(Conflict, match="back already"):
        cleaning.undo(small, clinic.planner, kept.number)
    with pytest.raises(NotFound):
        cleaning.undo(small, clinic.planner, 99)
    cleaning.decide(small, clinic.planner, "visits", None, accept=False)
    cleaning.mark(small, clinic.planner, "visits", MONDAY - timedelta(3), MONDAY - timedelta(3), "telephones moved")
    assert len(cleaning.undo_all(small, clinic.planner, "visits")) == 2
    assert cleaning.undo_all(small, clinic.planner, "visits") == ()
    actions = [entry.action for entry in audit.entries(small, clinic.administrator, action="cleaning").entries]
    assert sorted(actions) == ["cleaning.accept"] * 2 + ["cleaning.reject"] + ["cleaning.undo"] * 3


def test_what_was_kept_counts_and_is_not_proposed_again(small: Service, clinic: Client) -> None:
    (one,) = cleaning.view(small, clinic.planner, "visits").proposals
    cleaning.decide(small, clinic.planner, "visits", [one.begin], accept=False)
    seen = cleaning.view(small, clinic.planner, "visits")
    assert (seen.proposals, seen.marks[OUTAGE]) == ((), DayMark.REJECTED)
    assert len(cleaning.cleaned(small, clinic.id, seen.queue.id).start_s) == len(_counts(small, clinic))
    with pytest.raises(Conflict, match="nothing is proposed at 2026-05-27 09:00 any more"):
        cleaning.decide(small, clinic.planner, "visits", [one.begin], accept=True)
    with pytest.raises(InvalidInput, match="nothing was chosen"):
        cleaning.decide(small, clinic.planner, "visits", None, accept=True)


def test_a_planner_leaves_out_days_and_parts_of_days(small: Service, clinic: Client) -> None:
    day = MONDAY - timedelta(5)
    part = cleaning.mark(small, clinic.planner, "visits", day, day, "fire drill", 9 * 60, 10 * 60)
    assert (part.stretch.kind, part.stretch.expected, part.reason) == (StretchKind.MARKED, None, "fire drill")
    seen = cleaning.view(small, clinic.planner, "visits")
    assert len(cleaning.cleaned(small, clinic.id, seen.queue.id).start_s) == len(_counts(small, clinic)) - 2
    for first, last, times, words in (
        (day, day - timedelta(1), (None, None), "the last day must be"),
        (day, day + timedelta(1), (60, 120), "clock times belong to one day"),
        (MONDAY, MONDAY, (None, None), "has no history from 2026-06-08"),
    ):
        with pytest.raises(InvalidInput, match=words):
            cleaning.mark(small, clinic.planner, "visits", first, last, "x", *times)


def test_days_that_planners_told_about_are_not_proposed(small: Service, clinic: Client) -> None:
    special_days.add_special_days(small, clinic.planner, "Clinic closed", OUTAGE, OUTAGE, -0.9)
    assert cleaning.view(small, clinic.planner, "visits").proposals == ()


def test_leaving_a_spike_out_lowers_the_next_forecast_and_the_effect_says_so(small: Service, clinic: Client) -> None:
    pat, day = clinic.planner, MONDAY - timedelta(7)
    spike = "\n".join(["timestamp,queue,volume,aht_seconds", f"{day} 09:00,visits,400,240", f"{day} 09:30,visits,9,240", ""]).encode()
    importing.commit(small, pat, spike, "spike.csv", ZONE)
    kinds = {one.begin: one.kind for one in cleaning.view(small, pat, "visits").proposals}
    (begin,) = [begin for begin, kind in kinds.items() if kind is StretchKind.SPIKE]

    def monday_at_nine() -> float:
        number = forecasting.run(small, pat, Progress(), MONDAY, 1, ["visits"], ["same_weekday"])
        return forecasting.view(small, pat, "visits", number, MONDAY, 1).points.mean[18] or 0.0

    before = monday_at_nine()
    cleaning.decide(small, pat, "visits", [begin], accept=True)
    assert before > 1.5 * monday_at_nine()
    totals = cleaning_effect.run(small, pat, Progress(), "visits")
    assert list(totals) == ["imported", "accepted", "everything"]
    assert totals["accepted"] < totals["imported"]


def test_the_effect_stays_with_its_job_and_is_marked_old_after_a_decision(small: Service, clinic: Client) -> None:
    pat = clinic.planner
    assert cleaning_effect.newest(small, pat, cleaning.view(small, pat, "visits")) is None
    job = work.enqueue(small, pat, work.Kind.CLEANING, {"queue": "visits"})
    claim = work.claim_one(small, job.id, "test", 60.0)
    assert claim is not None
    cleaning_effect.run(small, pat, work.JobProgress(small, claim, 60.0), "visits")
    found = cleaning_effect.newest(small, pat, cleaning.view(small, pat, "visits"))
    assert found is not None
    assert (found.is_current, set(found.totals), found.first_day) == (True, {"imported", "everything"}, MONDAY)
    assert np.sum(found.weekdays["imported"]) == pytest.approx(found.totals["imported"])
    cleaning.decide(small, pat, "visits", None, accept=False)
    later = cleaning_effect.newest(small, pat, cleaning.view(small, pat, "visits"))
    assert later is not None
    assert not later.is_current
    with pytest.raises(InvalidInput, match="cleaning changes nothing"):
        cleaning_effect.run(small, pat, Progress(), "visits")


def test_a_stretch_that_is_kept_reaches_the_forecast(small: Service, clinic: Client) -> None:
    (kept,) = cleaning.decide(small, clinic.planner, "visits", None, accept=False)
    (wanted,), _ = wanted_tasks(small, clinic.planner, None, 7, ["visits"])
    assert wanted.task.kept == ((int(kept.stretch.begin.timestamp()), int(kept.stretch.end.timestamp())),)
    learned = forecast(wanted.task).mean
    assert not np.array_equal(learned, forecast(replace(wanted.task, kept=())).mean)
    cleaning.undo(small, clinic.planner, kept.number)
    (wanted,), _ = wanted_tasks(small, clinic.planner, None, 7, ["visits"])
    assert wanted.task.kept == ()
