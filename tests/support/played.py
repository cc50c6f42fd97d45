"""A clinic with a published week whose contacts came: everything that a replay needs, without a forecaster or a solver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.support.contacts import history_csv
from tests.support.forecasts import store_forecast
from tests.support.service import Client, Clock
from wfm.domain.roster import Break, Shift
from wfm.domain.rules import violations
from wfm.domain.staff import Agent, BreakRule, Contract, ShiftShape
from wfm.service import centre, draft_store, importing, publishing, scheduling, staffing
from wfm.service.context import Service
from wfm.service.coverage import cover
from wfm.service.draft_state import Placed
from wfm.service.gap import gap_in_words
from wfm.service.progress import Progress
from wfm.storage import requirements

MONDAY = date(2026, 6, 8)
TUESDAY, FRIDAY = MONDAY + timedelta(1), MONDAY + timedelta(4)
ZONE = "America/Chicago"
SHAPE = ShiftShape(480, (BreakRule(15, True, 90, 150), BreakRule(30, False, 210, 300)))
CONTRACT = Contract("part", (480, 2_400), (1, 5), (SHAPE,), 7 * 60, 19 * 60)
PEOPLE, A_DAY = 9, 6


def published_week(service: Service, clinic: Client, clock: Clock, scale: float = 1.0) -> Service:
    """The clinic on Saturday: history, people needed, a week published on Sunday, and its contacts, `scale` times as many as usual."""
    clock.instant = datetime(2026, 6, 7, 17, tzinfo=UTC)
    running = replace(service, settings=replace(service.settings, workers=1, forecast_days=21))
    people = [centre.AgentInput(Agent(f"b{n}", "part", {"visits": 1.0}, name=f"B {n}"), "North") for n in range(PEOPLE)]
    centre.load_centre(running, clinic.planner, contracts=[CONTRACT], agents=people)
    importing.commit(running, clinic.planner, history_csv(MONDAY - timedelta(3), queues=("visits",)), "history.csv", ZONE)
    store_forecast(running, clinic.planner, "visits", MONDAY, 14)
    staffing.plan(running, clinic.planner, Progress())
    publishing.publish(running, clinic.planner, _draft(running, clinic))
    clock.instant = datetime(2026, 6, 13, 17, tzinfo=UTC)
    came = history_csv(FRIDAY, days=5, queues=("visits",), scale=1.4 * scale, seed=5)
    importing.commit(running, clinic.planner, came, "week.csv", ZONE)
    return running


def _draft(service: Service, clinic: Client) -> int:
    """A stored draft of the week, the same on every machine; its number."""
    problem, shifts = scheduling.build_problem(service, clinic.planner, MONDAY), tuple(_shifts())
    assert violations(problem, shifts) == ()
    covered = cover(problem, shifts)
    report = {"rules_broken": [], "gap": gap_in_words(problem, covered.cost, 0.0)}
    made = draft_store.Made(problem, tuple(map(Placed, shifts)), covered, covered.cost, 0.0, report)
    with service.database.transaction() as session:
        needed = requirements.version(session, clinic.id).id
        return draft_store.add(service, clinic.planner, session, made, needed)


def _shifts() -> Iterator[Shift]:
    """Monday to Friday: the three of `full` and, by turns, some of `part`, half of them early, half late, breaks one after the other."""
    for n in range(5):
        day = MONDAY + timedelta(n)
        yield from (_shift(agent, day, start, n) for agent, start in (("a1", 8.0), ("a2", 9.5), ("a3", 8.75)))
        yield from (_shift(f"b{(A_DAY * n + k) % PEOPLE}", day, (8.0, 9.5)[k % 2], k) for k in range(A_DAY))


def _shift(agent: str, day: date, start: float, turn: int) -> Shift:
    """Eight paid hours from a local hour on."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE))
    begin = (midnight + timedelta(hours=start)).astimezone(UTC)
    tea, lunch = (begin + timedelta(minutes=first + 15 * (turn % 5)) for first in (90, 210))
    breaks = (Break(tea, tea + timedelta(minutes=15)), Break(lunch, lunch + timedelta(minutes=30), paid=False))
    return Shift(agent, begin, begin + timedelta(minutes=510), breaks)
