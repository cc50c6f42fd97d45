"""Past days played from the database: the verdict on each, once, for the right organisation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.contacts import history_csv
from tests.support.played import FRIDAY, MONDAY, TUESDAY, ZONE, published_week
from tests.support.service import Client, Clock
from wfm.errors import InvalidInput, NotFound
from wfm.jobs.run import run
from wfm.service import centre, editing, importing, night, promises, publishing, redrafting, replay_view, scheduling, verdicts, work
from wfm.service.context import Service
from wfm.service.progress import Progress
from wfm.service.verdicts import DayVerdict
from wfm.storage.tables import ReplayedDayRow, VerdictRow


@pytest.fixture
def played(service: Service, clinic: Client, clock: Clock) -> Service:
    return published_week(service, clinic, clock)


def play(service: Service, clinic: Client) -> tuple[DayVerdict, ...]:
    verdicts.play(service, clinic.planner, verdicts.todo(service, clinic.planner, MONDAY, FRIDAY).fresh, Progress())
    return verdicts.stored(service, clinic.planner, MONDAY, FRIDAY)[0]


def test_the_verdicts_of_a_week_add_up(played: Service, clinic: Client) -> None:
    found = play(played, clinic)
    assert [one.day for one in found] == [MONDAY + timedelta(n) for n in range(5)]
    for one in found:
        assert one.verdict.planned + sum(one.verdict.parts.values()) == pytest.approx(one.verdict.kept, abs=1e-9)
        gap = one.figures["planned"] + sum(one.figures[name] for name in one.verdict.parts) - one.figures["kept"]
        assert abs(gap[one.figures["came"] > 0]).max() < 1e-9
        assert one.figures["came"].sum() == pytest.approx(one.verdict.contacts)
        assert one.verdict.parts["shrinkage"] == 0
        assert one.spreadsheet_hours is not None
        assert 0.7 < one.verdict.planned < 0.99
        assert one.hours > 0.6 * one.clairvoyant_hours > 0


def test_more_contacts_than_planned_are_blamed_on_volume(service: Service, clinic: Client, clock: Clock) -> None:
    running = published_week(service, clinic, clock, scale=1.8)
    week = replay_view.view(running, clinic.planner, MONDAY, FRIDAY).total
    assert week.kept < week.planned - 0.1
    assert min(week.parts, key=lambda name: week.parts[name]) == "volume"


def test_days_are_played_once_and_again_when_other_contacts_are_known(played: Service, clinic: Client) -> None:
    before = play(played, clinic)
    todo = verdicts.todo(played, clinic.planner, MONDAY, FRIDAY)
    assert (len(todo.fresh), len(todo.played)) == (0, 5)
    importing.commit(played, clinic.planner, history_csv(TUESDAY, days=1, queues=("visits",), scale=3.0), "late.csv", ZONE)
    assert [source.day for source in verdicts.todo(played, clinic.planner, MONDAY, FRIDAY).fresh] == [TUESDAY]
    after = play(played, clinic)
    assert after[1].verdict.kept < before[1].verdict.kept
    assert [one.verdict for one in after[2:]] == [one.verdict for one in before[2:]]


def test_a_schedule_published_on_the_day_itself_is_a_change_of_the_day(played: Service, clinic: Client, clock: Clock) -> None:
    clock.instant = datetime(2026, 6, 9, 12, tzinfo=UTC)  # Tuesday, 07:00 in Chicago: three people call in sick
    number = redrafting.draft_of_published(played, clinic.planner, MONDAY)
    _remove_shifts(played, clinic, number, most=3)
    publishing.publish(played, clinic.planner, number, "three are sick")
    clock.instant = datetime(2026, 6, 13, 17, tzinfo=UTC)
    monday, tuesday, *_ = play(played, clinic)
    assert monday.verdict.parts["shrinkage"] == 0
    assert tuesday.verdict.parts["shrinkage"] < -0.02


def _remove_shifts(service: Service, clinic: Client, number: int, most: int) -> None:
    view = scheduling.draft(service, clinic.planner, number, TUESDAY)
    shifts = [(agent.key, shift) for agent in view.agents for shift in agent.shifts if shift.day == TUESDAY]
    for key, shift in shifts[:most]:
        editing.remove_shift(service, clinic.planner, number, editing.ShiftKey(key, shift.start))


def test_a_day_without_a_schedule_or_contacts_says_so(played: Service, clinic: Client) -> None:
    todo = verdicts.todo(played, clinic.planner, MONDAY - timedelta(3), FRIDAY + timedelta(9))
    assert "no schedule was published" in todo.refused[MONDAY - timedelta(3)]
    assert max(source.day for source in todo.fresh) == FRIDAY  # days to come are left out
    with pytest.raises(InvalidInput, match="1 to 92 days"):
        verdicts.todo(played, clinic.planner, MONDAY, MONDAY - timedelta(1))


def test_another_organisation_sees_no_verdict(played: Service, clinic: Client, rival: Client) -> None:
    play(played, clinic)
    assert verdicts.stored(played, rival.planner, MONDAY, FRIDAY) == ((), {})
    assert verdicts.todo(played, rival.planner, MONDAY, FRIDAY).fresh == ()
    assert promises.newest(played, rival.planner, FRIDAY) is None
    assert replay_view.view(played, rival.planner, MONDAY, FRIDAY).days == ()


def test_a_view_adds_up_and_opens_an_interval(played: Service, clinic: Client) -> None:
    noon_s = int(datetime(2026, 6, 9, 17, tzinfo=UTC).timestamp())
    view = replay_view.view(played, clinic.planner, MONDAY, FRIDAY, "visits", noon_s)
    assert view.total.planned + sum(view.total.parts.values()) == pytest.approx(view.total.kept, abs=1e-9)
    assert view.total.contacts == pytest.approx(sum(line.verdict.contacts for line in view.days))
    assert view.promised == pytest.approx(0.8)
    assert view.opened is not None
    (line,) = view.opened.lines
    assert line.figures["planned"] + sum(line.parts.values()) == pytest.approx(line.figures["kept"], abs=1e-9)
    with pytest.raises(NotFound, match="no contacts"):
        replay_view.view(played, clinic.planner, MONDAY, FRIDAY, "visits", noon_s + 1)
    with pytest.raises(NotFound):
        replay_view.view(played, clinic.planner, MONDAY, FRIDAY, "nothing")


def test_a_job_plays_a_span(played: Service, clinic: Client) -> None:
    wanted = {"first_day": MONDAY.isoformat(), "last_day": FRIDAY.isoformat()}
    job = work.enqueue(played, clinic.planner, work.Kind.REPLAY, wanted)
    claim = work.claim_one(played, job.id, "test")
    assert claim is not None
    run(played, claim)
    assert work.job(played, clinic.planner, job.id).result == wanted
    assert len(verdicts.stored(played, clinic.planner, MONDAY, FRIDAY)[0]) == 5


def test_nights_give_one_verdict_a_day_and_name_broken_promises(service: Service, clinic: Client, clock: Clock) -> None:
    running = published_week(service, clinic, clock, scale=1.8)
    for slot in ("2026-06-13", "2026-06-13", "2026-06-14"):
        night.run_here(running, clinic.id, slot)
        with running.database.reading() as session:
            assert (session.query(ReplayedDayRow).count(), session.query(VerdictRow).count()) == (5, 5)
        if slot == "2026-06-13":
            texts = [one.text for one in night.findings(running, clinic.planner) if one.kind == "promise"]
            assert len(texts) == 1
            assert "broke its promise on Friday 12 June" in texts[0]
            assert "80 % promised" in texts[0]
            assert "The contacts that came took" in texts[0]
    assert [one for one in night.findings(running, clinic.planner) if one.kind == "promise"] == []  # Saturday was closed
    report = promises.newest(running, clinic.planner, FRIDAY + timedelta(1))
    assert report is not None
    assert (report.day, report.kept, report.promised) == (FRIDAY, 0, 1)


def test_a_drift_is_raised_once_put_away_once_and_closed_when_mended(played: Service, clinic: Client) -> None:
    (sample, *_), last = play(played, clinic), FRIDAY + timedelta(30)
    days = [last - timedelta(27 - n) for n in range(28)]

    def month(difference: float) -> list[DayVerdict]:
        verdict = replace(sample.verdict, kept=sample.verdict.planned + difference)
        return [replace(sample, day=day, verdict=replace(verdict, kept=verdict.kept + 0.01 * (n % 2))) for n, day in enumerate(days)]

    def tonight(difference: float) -> list[night.FindingView]:
        job = work.enqueue(played, clinic.planner, work.Kind.NIGHT, {})
        ids = {"visits": centre.queue(played, clinic.planner, "visits").id}
        with played.database.transaction() as session:
            found = promises.drifted(month(difference), last)
            promises.keep_findings(session, played, clinic.planner, job.id, *found, ids)
        return [one for one in night.findings(played, clinic.planner) if one.kind == promises.DRIFT]

    assert tonight(-0.01) == []
    (first,) = tonight(-0.15)
    assert "below" in first.text
    (again,) = tonight(-0.16)
    assert again.id == first.id
    night.settle(played, clinic.planner, first.id)
    assert tonight(-0.15) == []  # somebody has seen to it
    assert tonight(0.0) == []
    (second,) = tonight(-0.15)
    assert second.id != first.id
    assert tonight(0.0) == []
    assert {one.id for one in night.findings(played, clinic.planner, settled=True)} == {first.id, second.id}
