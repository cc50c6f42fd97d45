"""How the published schedule stands against the newest people needed: what changed since it was built."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain.roster import Break, RosterProblem, Shift
from wfm.errors import InvalidInput, NotFound
from wfm.service import publishing, scheduling
from wfm.service.context import Actor, Service
from wfm.service.coverage import cover
from wfm.service.publication_views import PublishedShift
from wfm.storage import drafts

DAYS = 14
LEAST_HOURS = 2.0
LEAST_SHARE = 0.05
_HOUR_INTERVALS = 4

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drift:
    """One day of one queue that the published schedule no longer fits.

    Parameters
    ----------
    short_hours
        Head-hours missing against the newest people needed.
    was_short_hours
        Head-hours that were missing already against those that the schedule was built for.
    needed_hours, was_needed_hours
        Head-hours needed, now and then.
    worst_clock, worst_heads
        Start of the hour that is shortest, local HH:MM, and heads missing in it.
    cost
        Price of what is missing on top of what the plan accepted.
    """

    queue: str
    day: date
    short_hours: float
    was_short_hours: float
    needed_hours: float
    was_needed_hours: float
    worst_clock: str
    worst_heads: float
    cost: float

    @property
    def more_hours(self) -> float:
        """Head-hours that are missing on top of what the plan accepted."""
        return self.short_hours - self.was_short_hours


def drift(service: Service, actor: Actor, first_day: date, requirement_number: int) -> tuple[Drift, ...]:
    """Days of the next two weeks on which the published schedule misses more than it was built to miss, most expensive first.

    Left out are days that nobody published, and whatever is below two head-hours or a twentieth of what the day needs.
    """
    found: list[Drift] = []
    for begin in (first_day + timedelta(week) for week in range(0, DAYS, 7)):
        shifts = publishing.published_shifts(service, actor, begin, 7)
        built_for = _built_for(service, actor, shifts)
        if built_for is None:
            continue
        try:
            now = scheduling.build_problem(service, actor, begin, 7, requirement_number)
            then = scheduling.build_problem(service, actor, begin, 7, built_for)
        except (InvalidInput, NotFound):
            continue  # people needed do not reach over these days
        found += _of_week(now, then, shifts)
    return tuple(sorted(found, key=lambda one: -one.cost))


def _built_for(service: Service, actor: Actor, shifts: Sequence[PublishedShift]) -> int | None:
    """The version of people needed that the newest of these publications was built for."""
    numbers = {shift.publication for shift in shifts}
    made = [view.draft_number for view in publishing.publications(service, actor) if view.number in numbers and view.draft_number]
    if not made:
        return None
    with service.database.reading() as session:
        row = drafts.draft(session, actor.organisation_id, made[0])
        return drafts.requirement_numbers(session, actor.organisation_id).get(row.requirement_id or 0)


def _of_week(now: RosterProblem, then: RosterProblem, published: Iterable[PublishedShift]) -> list[Drift]:
    shifts = [_shift(one) for one in published if one.agent in now.agent_of]
    days = {one.start.astimezone(now.grid.local_starts[0].tzinfo).date() for one in shifts}
    is_short, was_short = cover(now, shifts).missing, cover(then, shifts).missing
    needed = {part.queue: np.array(part.needed) for part in now.requirements}
    was_needed = {part.queue: np.array(part.needed) for part in then.requirements}
    price = {part.queue: part.under_cost for part in now.requirements}
    found = []
    for queue in needed.keys() & was_needed.keys():
        for day, bounds in zip(now.grid.dates, now.grid.day_bounds, strict=True):
            part = slice(*bounds)
            one = _of_day(now, queue, day, part, (is_short[queue], was_short[queue], needed[queue], was_needed[queue]), price[queue])
            if day in days and one.more_hours >= max(LEAST_HOURS, LEAST_SHARE * one.needed_hours):
                found.append(one)
    return found


def _of_day(problem: RosterProblem, queue: str, day: date, part: slice, arrays: tuple[Floats, ...], price: float) -> Drift:
    hours = problem.grid.interval_s / units.SECONDS_PER_HOUR
    is_short, was_short, needed, was_needed = (float(values[part].sum()) * hours for values in arrays)
    clock, heads = _worst_hour(problem, part, arrays[0][part] - arrays[1][part])
    return Drift(queue, day, is_short, was_short, needed, was_needed, clock, heads, price * (is_short - was_short))


def _worst_hour(problem: RosterProblem, part: slice, more: Floats) -> tuple[str, float]:
    hourly = np.convolve(more, np.ones(_HOUR_INTERVALS), "valid") / _HOUR_INTERVALS
    top = int(np.argmax(hourly))
    return f"{problem.grid.local_starts[part][top]:%H:%M}", float(hourly[top])


def _shift(one: PublishedShift) -> Shift:
    return Shift(one.agent, one.start, one.end, tuple(Break(*pause) for pause in one.breaks))
