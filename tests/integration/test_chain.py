"""The whole chain over the database: history, forecast, people needed, draft, publication, night."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.support.contacts import history_csv
from tests.support.service import Client, Clock
from wfm.domain.staff import Agent, BreakRule, Contract, ShiftShape
from wfm.errors import InvalidInput, NotAllowed, NotFound
from wfm.service import audit, centre, forecasting, importing, night, publishing, scheduling, staffing, work
from wfm.service.context import Role, Service
from wfm.service.progress import Progress
from wfm.storage.tables import QueueForecastRow

MONDAY = date(2026, 6, 8)
SUNDAY = date(2026, 6, 7)
ZONE = "America/Chicago"
NOON = datetime(2026, 6, 8, 17, tzinfo=UTC)
SHAPE = ShiftShape(480, (BreakRule(15, True, 90, 150), BreakRule(30, False, 210, 300)))
CONTRACT = Contract("part", (480, 2_400), (1, 5), (SHAPE,), 7 * 60, 19 * 60)


@pytest.fixture
def planned(service: Service, clinic: Client, clock: Clock) -> tuple[Service, Client]:
    """A clinic with ten weeks of history up to last Sunday, and enough people; it is Monday noon."""
    clock.instant = NOON
    settings = replace(service.settings, workers=1, forecast_days=21, solve_seconds=2)
    running = replace(service, settings=settings)
    people = [centre.AgentInput(Agent(f"b{n}", "part", {"visits": 1.0, "refills": 1.0}, name=f"B {n}"), "North") for n in range(9)]
    centre.load_centre(running, clinic.planner, contracts=[CONTRACT], agents=people)
    importing.commit(running, clinic.planner, history_csv(SUNDAY), "history.csv", ZONE)
    return running, replace_service(clinic, running)


def replace_service(client: Client, service: Service) -> Client:
    return replace(client, service=service)


def test_from_history_to_a_published_week_and_the_night_after(planned: tuple[Service, Client], clock: Clock, tmp_path: Path) -> None:
    service, clinic = planned
    pat = clinic.planner
    assert forecasting.run(service, pat, Progress()) == 1
    _check_forecast(service, clinic)
    assert staffing.plan(service, pat, Progress()) == 1
    _check_people_needed(service, clinic)
    assert scheduling.solve(service, pat, Progress(), MONDAY, 7, 2.0) == 1
    _check_draft(service, clinic)
    published = publishing.publish(service, pat, 1)
    assert published.shifts == scheduling.drafts(service, pat)[0].shift_count
    _check_what_follows_a_published_week(service, clinic)
    _check_night(service, clinic, clock, tmp_path)
    assert audit.verify(service, clinic.id).ok
    actions = {entry.action for entry in audit.entries(service, clinic.actors[Role.AUDITOR]).entries}
    assert {"forecast.make", "requirement.make", "draft.make", "schedule.publish", "night.run"} <= actions


def _check_forecast(service: Service, clinic: Client) -> None:
    view = forecasting.view(service, clinic.planner, "visits", first_day=SUNDAY - timedelta(6), days=14)
    assert (view.version.number, view.version.first_day, view.version.days) == (1, MONDAY, 21)
    by_day = {total.day: total for total in view.totals}
    assert by_day[MONDAY].actual is None
    assert by_day[MONDAY].mean == pytest.approx(12 * 20 * 1.25, rel=0.15)
    assert by_day[MONDAY - timedelta(3)].actual == pytest.approx(9 * 20 * 1.25, rel=0.3)
    assert by_day[MONDAY - timedelta(3)].mean is None  # nobody looked ahead to it
    assert by_day[MONDAY + timedelta(5)].mean == pytest.approx(0.0, abs=1.0)
    figures = view.figures
    assert figures.total_low < figures.total < figures.total_high
    assert figures.aht_s == pytest.approx(253, abs=15)
    assert figures.aht_before_s == pytest.approx(253, abs=15)
    assert figures.wape is not None
    assert figures.floor is not None
    assert figures.wape == pytest.approx(figures.floor, rel=0.3)  # the history is pure chance around its pattern
    assert any(row["name"] == "same_weekday" for row in view.backtest)
    assert view.sentence
    low, mean, high = (np.array([x or 0.0 for x in column]) for column in (view.points.low_80, view.points.mean, view.points.high_80))
    assert (low <= mean + 1e-9).all()
    assert (mean <= high + 1e-9).all()


def _check_people_needed(service: Service, clinic: Client) -> None:
    view = staffing.view(service, clinic.planner, "visits", first_day=MONDAY)
    monday, saturday = view.days[0], view.days[5]
    cells = {cell.clock: cell for cell in monday.cells}
    assert len(monday.cells) == 48
    assert cells["07:00"].on_queue == 0
    assert cells["12:00"].on_queue >= 2
    assert saturday.on_queue_hours == pytest.approx(0.0, abs=1.0)
    assert view.on_queue_hours == pytest.approx(sum(day.on_queue_hours for day in view.days))
    assert not view.outdated
    why = staffing.why(service, clinic.planner, "visits", cells["12:00"].start_s)
    assert why.on_queue == cells["12:00"].on_queue
    assert why.reason is not None
    assert why.reason.binding == "level"
    assert why.low_80 < why.volume < why.high_80
    assert [row.start.weekday() for row in why.sources] == [0] * 8
    queue = centre.queue(service, clinic.planner, "visits")
    centre.change_target(service, clinic.planner, "visits", queue.row_version, level=0.9)
    assert staffing.view(service, clinic.planner, "visits").outdated
    queue = centre.queue(service, clinic.planner, "visits")
    centre.change_target(service, clinic.planner, "visits", queue.row_version, level=0.8)
    with pytest.raises(NotFound):
        staffing.why(service, clinic.planner, "visits", cells["12:00"].start_s + 1)


def _check_draft(service: Service, clinic: Client) -> None:
    view = scheduling.draft(service, clinic.planner)
    assert view.summary.requirement == 1
    assert view.rules_broken == ()
    assert "best possible" in view.gap
    assert sum(len(agent.shifts) for agent in view.agents) == view.shift_count
    assert view.short_hours < 0.2 * view.needed_hours
    tuesday = scheduling.draft(service, clinic.planner, 1, MONDAY + timedelta(1))
    assert len(tuesday.clocks) == 96
    assert {shift.day for agent in tuesday.agents for shift in agent.shifts} == {MONDAY + timedelta(1)}
    duty = np.array(tuesday.on_duty)
    working = [shift for agent in tuesday.agents for shift in agent.shifts]
    assert duty.max() <= len(working)
    assert all(shift.paid_minutes == 480 for shift in working)
    for queue in tuesday.queues:
        np.testing.assert_allclose(np.array(queue.needed), np.array(queue.scheduled) + np.array(queue.missing), atol=0.02)
    with pytest.raises(NotFound, match="covers"):
        scheduling.draft(service, clinic.planner, 1, MONDAY - timedelta(1))


def _check_what_follows_a_published_week(service: Service, clinic: Client) -> None:
    following = scheduling.build_problem(service, clinic.planner, MONDAY + timedelta(7))
    shifts = publishing.published_shifts(service, clinic.planner, MONDAY, 7)
    last = {shift.agent: shift.end for shift in shifts}
    for agent in following.agents:
        assert agent.last_shift_end == last[agent.id]
    sunday_workers = {shift.agent for shift in shifts if shift.day == MONDAY + timedelta(6)}
    assert all((agent.days_worked_before > 0) == (agent.id in sunday_workers) for agent in following.agents)


def _check_night(service: Service, clinic: Client, clock: Clock, tmp_path: Path) -> None:
    """Monday came busier than thought: the night after imports it, notes it, plans anew and shows where the schedule falls short."""
    pat = clinic.planner
    folder = tmp_path / "in" / "Clinic"  # the installation has two organisations: each has a folder of its own
    folder.mkdir(parents=True)
    busy = history_csv(MONDAY, days=1, scale=1.8, seed=5)
    (folder / "monday.csv").write_bytes(busy)
    (folder / "broken.csv").write_text("timestamp,queue,volume\n2026-06-08 08:00,visits,many\n")
    for path in folder.iterdir():
        os.utime(path, (1e9, 1e9))  # written long ago
    (folder / "growing.csv").write_bytes(busy[:200])
    clock.instant = NOON + timedelta(hours=14)
    running = replace(service, settings=replace(service.settings, watched_folder=str(folder.parent)))
    before = publishing.published_shifts(running, pat, MONDAY, 7)
    job = night.run_here(running, clinic.id, "2026-06-09")
    assert job.state == "done"
    assert job.result is not None
    assert job.result["forecast"] == {"forecast": 2}
    assert job.result["requirement"] == {"requirement": 2}
    files = sorted(f"{path.parent.name}/{path.name}" for path in folder.rglob("*.csv"))
    assert files == ["Clinic/growing.csv", "done/monday.csv", "refused/broken.csv"]
    found = night.findings(running, pat)
    kinds = {finding.kind for finding in found}
    assert {"import", "accuracy"} <= kinds
    assert all(finding.text and finding.weight > 0 for finding in found)
    weights = [finding.weight for finding in found]
    assert weights == sorted(weights, reverse=True)
    text = next(finding.text for finding in found if finding.kind == "accuracy")
    assert "more contacts than forecast on Monday 08 June" in text
    view = forecasting.view(running, pat, "visits", first_day=MONDAY, days=2)
    assert view.version.number == 2
    assert view.totals[0].mean is not None  # from version 1, which looked ahead to Monday
    assert view.accuracy[0].wape is not None
    assert view.accuracy[0].wape > 0.3
    assert publishing.published_shifts(running, pat, MONDAY, 7) == before
    assert night.run_here(running, clinic.id, "2026-06-09").id == job.id
    settled = night.settle(running, pat, found[0].id)
    assert settled.settled_by == pat.name
    assert found[0].id not in {finding.id for finding in night.findings(running, pat)}
    assert night.findings(running, pat, settled=True)[0].id == found[0].id


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.AUDITOR])
def test_only_planners_make_plans(planned: tuple[Service, Client], role: Role) -> None:
    service, clinic = planned
    actor = clinic.actors[role]
    for make in (
        lambda: forecasting.run(service, actor, Progress()),
        lambda: staffing.plan(service, actor, Progress()),
        lambda: scheduling.solve(service, actor, Progress(), MONDAY),
        lambda: work.enqueue(service, actor, "forecast", {}),
    ):
        with pytest.raises(NotAllowed):
            make()


def test_agents_see_no_drafts_forecasts_or_findings(planned: tuple[Service, Client]) -> None:
    service, clinic = planned
    actor = clinic.actors[Role.AGENT]
    for look in (
        lambda: forecasting.versions(service, actor),
        lambda: staffing.versions(service, actor),
        lambda: scheduling.drafts(service, actor),
        lambda: scheduling.draft(service, actor),
        lambda: night.findings(service, actor),
    ):
        with pytest.raises(NotAllowed):
            look()


def test_without_history_forecast_or_people_needed_the_next_step_says_what_is_missing(service: Service, clinic: Client) -> None:
    pat = clinic.planner
    with pytest.raises(InvalidInput, match="import a file first"):
        forecasting.run(service, pat, Progress())
    with pytest.raises(NotFound, match="there is no forecast yet"):
        staffing.plan(service, pat, Progress())
    with pytest.raises(NotFound, match="people needed were not computed yet"):
        scheduling.build_problem(service, pat, MONDAY)
    with pytest.raises(NotFound, match="there is no draft yet"):
        scheduling.draft(service, pat)


def test_a_forecast_of_one_queue_leaves_the_other_out(planned: tuple[Service, Client]) -> None:
    service, clinic = planned
    forecasting.run(service, clinic.planner, Progress(), MONDAY, 7, ["refills"], ["same_weekday"])
    with pytest.raises(NotFound, match="has no queue visits"):
        forecasting.view(service, clinic.planner, "visits")
    with pytest.raises(NotFound, match="'parking'"):
        forecasting.run(service, clinic.planner, Progress(), MONDAY, 7, ["parking"])
    with pytest.raises(InvalidInput, match="days must be in 1 to"):
        forecasting.run(service, clinic.planner, Progress(), MONDAY, 0)
    with pytest.raises(InvalidInput, match="candidates must be some of"):
        forecasting.run(service, clinic.planner, Progress(), MONDAY, 7, None, ["magic"])


def test_a_queue_that_cannot_be_forecast_does_not_keep_the_others_from_it(planned: tuple[Service, Client]) -> None:
    service, clinic = planned
    rows = "timestamp,queue,volume\n" + "".join(f"2026-05-{d:02d},yearly,{d}\n" for d in range(1, 29))
    importing.commit(service, clinic.planner, rows.encode(), "days.csv", ZONE)
    told = Kept()
    forecasting.run(service, clinic.planner, told, MONDAY, 7, None, ["same_weekday"])
    assert told.result["forecast"] == 1
    assert list(told.result["skipped"]) == ["yearly"]


class Kept(Progress):
    """Remembers what was kept."""

    def __init__(self) -> None:
        self.result: dict[str, object] = {}

    def keep(self, session: object, **result: object) -> None:  # type: ignore[override]
        self.result |= result


def test_another_organisation_sees_nothing_of_a_plan(planned: tuple[Service, Client], rival: Client) -> None:
    service, clinic = planned
    forecasting.run(service, clinic.planner, Progress(), MONDAY, 7, None, ["same_weekday"])
    staffing.plan(service, clinic.planner, Progress())
    assert forecasting.versions(service, rival.planner) == ()
    assert staffing.versions(service, rival.planner) == ()
    with pytest.raises(NotFound):
        forecasting.view(service, rival.planner, "visits")
    with pytest.raises(NotFound):
        staffing.view(service, rival.planner, "visits")
    with pytest.raises(NotFound):
        staffing.plan(service, rival.planner, Progress(), 1)


def test_a_result_is_not_stored_once_the_job_is_lost(planned: tuple[Service, Client]) -> None:
    service, clinic = planned
    work.enqueue(service, clinic.planner, "forecast", {})
    first = work.claim(service, "one", ["forecast"], lease_s=-1)
    second = work.claim(service, "two", ["forecast"])
    assert first is not None
    assert second is not None
    with pytest.raises(Exception, match="taken over"):
        forecasting.run(service, clinic.planner, work.JobProgress(service, first), MONDAY, 7, None, ["same_weekday"])
    assert forecasting.versions(service, clinic.planner) == ()
    with service.database.reading() as session:
        assert session.query(QueueForecastRow).count() == 0
    forecasting.run(service, clinic.planner, work.JobProgress(service, second), MONDAY, 7, None, ["same_weekday"])
    job = work.jobs(service, clinic.planner)[0]
    assert (job.state, job.result) == ("done", {"forecast": 1})


