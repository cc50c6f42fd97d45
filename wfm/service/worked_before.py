"""What people have worked just before a horizon, as published: for the rest before the first shift and the run of working days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from wfm.domain.timegrid import TimeGrid
from wfm.service import publishing
from wfm.service.context import Actor, Service

LOOK_BACK_DAYS = 14


def worked_before(service: Service, actor: Actor, grid: TimeGrid) -> Mapping[str, tuple[datetime | None, int]]:
    """End of the last shift before the horizon and length of the run of working days that reaches up to it, by agent key.

    Agents whom nothing was published for in the fortnight before are left out.
    """
    begin = grid.first_day - timedelta(LOOK_BACK_DAYS)
    ends: dict[str, datetime] = {}
    days: dict[str, set[date]] = {}
    for shift in publishing.published_shifts(service, actor, begin, LOOK_BACK_DAYS):
        ends[shift.agent] = max(shift.end, ends.get(shift.agent, shift.end))
        days.setdefault(shift.agent, set()).add(shift.day)
    return {agent: (end, _run(days[agent], grid.first_day)) for agent, end in ends.items()}


def _run(worked: set[date], first_day: date) -> int:
    """Working days in a row that end the day before `first_day`."""
    run = 0
    while first_day - timedelta(run + 1) in worked:
        run += 1
    return run
