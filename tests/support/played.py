"""A clinic with a published week whose contacts came: everything that a replay needs, without a forecaster."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tests.support.contacts import history_csv
from tests.support.forecasts import store_forecast
from tests.support.service import Client, Clock
from wfm.domain.staff import Agent, BreakRule, Contract, ShiftShape
from wfm.service import centre, importing, publishing, scheduling, staffing
from wfm.service.context import Service
from wfm.service.progress import Progress

MONDAY = date(2026, 6, 8)
TUESDAY, FRIDAY = MONDAY + timedelta(1), MONDAY + timedelta(4)
ZONE = "America/Chicago"
SHAPE = ShiftShape(480, (BreakRule(15, True, 90, 150), BreakRule(30, False, 210, 300)))
CONTRACT = Contract("part", (480, 2_400), (1, 5), (SHAPE,), 7 * 60, 19 * 60)


def published_week(service: Service, clinic: Client, clock: Clock, scale: float = 1.0) -> Service:
    """The clinic on Saturday: history, people needed, a week published on Sunday, and its contacts, `scale` times as many as usual."""
    clock.instant = datetime(2026, 6, 7, 17, tzinfo=UTC)
    running = replace(service, settings=replace(service.settings, workers=1, forecast_days=21, solve_seconds=1))
    people = [centre.AgentInput(Agent(f"b{n}", "part", {"visits": 1.0}, name=f"B {n}"), "North") for n in range(9)]
    centre.load_centre(running, clinic.planner, contracts=[CONTRACT], agents=people)
    importing.commit(running, clinic.planner, history_csv(MONDAY - timedelta(3), queues=("visits",)), "history.csv", ZONE)
    store_forecast(running, clinic.planner, "visits", MONDAY, 14)
    staffing.plan(running, clinic.planner, Progress())
    scheduling.solve(running, clinic.planner, Progress(), MONDAY, 7, 0.3)
    publishing.publish(running, clinic.planner, 1)
    clock.instant = datetime(2026, 6, 13, 17, tzinfo=UTC)
    came = history_csv(FRIDAY, days=5, queues=("visits",), scale=1.4 * scale, seed=5)
    importing.commit(running, clinic.planner, came, "week.csv", ZONE)
    return running
