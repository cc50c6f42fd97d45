"""What people have worked just before a horizon, as published: for the rest before the first shift and the run of working days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from wfm.domain.timegrid import TimeGrid
from wfm.service import publishing
from wfm.service.context import Actor, Service

LOOK_BACK_DAYS = 14


class WorkedBefore(NamedTuple):
    """Start and end (UTC) of the last shift before a horizon, and the length of the run of working days that reaches up to it."""

    last_start: datetime | None
    last_end: datetime | None
    run: int


def worked_before(service: Service, actor: Actor, grid: TimeGrid) -> Mapping[str, WorkedBefore]:
    """What everybody worked just before the horizon, by agent key.

    Agents whom nothing was published for in the fortnight before are left out.
    """
    begin = grid.first_day - timedelta(LOOK_BACK_DAYS)
    last: dict[str, tuple[datetime, datetime]] = {}
    days: dict[str, set[date]] = {}
    for shift in publishing.published_shifts(service, actor, begin, LOOK_BACK_DAYS):
        last[shift.agent] = max((shift.end, shift.start), last.get(shift.agent, (shift.end, shift.start)))
        days.setdefault(shift.agent, set()).add(shift.day)
    return {agent: WorkedBefore(start, end, _run(days[agent], grid.first_day)) for agent, (end, start) in last.items()}


def _run(worked: set[date], first_day: date) -> int:
    """Working days in a row that end the day before `first_day`."""
    run = 0
    while first_day - timedelta(run + 1) in worked:
        run += 1
    return run
