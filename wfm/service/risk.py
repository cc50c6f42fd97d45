"""How likely the plan of a queue is to miss its target, and what more certainty would cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wfm.domain.demand import Queue
from wfm.domain.roster import RosterProblem
from wfm.errors import InvalidInput, NotFound
from wfm.service import centre, forecasting, staffing_view
from wfm.service.context import Actor, Service
from wfm.service.coverage import cover
from wfm.service.draft_view import shift_of
from wfm.service.missing import (
    DRAWS,
    Expected,
    Heads,
    Price,
    chance_of_missing,
    chance_of_missing_span,
    measurable,
    price_of_chances,
    price_of_levels,
)
from wfm.service.policy import require
from wfm.service.problem_document import unpacked
from wfm.service.roster_heads import on_queue
from wfm.service.staffing_view import DayCells, Why
from wfm.storage import drafts

if TYPE_CHECKING:
    from wfm.forecast import DaySpread

MOST_CHANGE = 50


@dataclass(frozen=True, slots=True)
class RiskCell:
    """One interval: `chance` of missing the target with `heads` on queue, None where nobody is expected."""

    start_s: int
    clock: str
    heads: int
    chance: float | None

    @property
    def is_open(self) -> bool:
        """True where contacts are expected."""
        return self.chance is not None


@dataclass(frozen=True, slots=True)
class RiskDay:
    """One local day; `chance` that the service level of all its contacts falls below the target, None without one."""

    day: date
    cells: tuple[RiskCell, ...]
    chance: float | None


@dataclass(frozen=True, slots=True)
class RiskView:
    """A week of one queue.

    Parameters
    ----------
    version
        Number of the people needed that are judged.
    change
        People more (or fewer, below 0) than planned in every open interval: the plan as it would be.
    chance
        That the service level over the whole span falls below the target; None without a level.
    hours
        Hours on queue of the judged plan.
    by_level, by_chance
        Hours on queue for other service levels, and for keeping the target of every interval with a chance; empty where the queue has
        no such target.
    draft
        Number of the draft whose people are judged; None for those planned.
    priced_day, priced_hours
        The day that the hours of other levels and chances are for, None for all days, and what the judged plan has there.
    """

    version: int
    queue: centre.QueueView
    first_day: date
    days: tuple[RiskDay, ...]
    change: int
    chance: float | None
    hours: float
    by_level: tuple[Price, ...]
    by_chance: tuple[Price, ...]
    draft: int | None = None
    priced_day: date | None = None
    priced_hours: float = 0.0


def view(
    service: Service,
    actor: Actor,
    queue_key: str,
    version: int | None = None,
    first_day: date | None = None,
    change: int = 0,
    draft: int | None = None,
    priced_day: date | None = None,
) -> RiskView:
    """The risk of a week of people needed, the newest version where none is named.

    Parameters
    ----------
    first_day
        First local day; None as for people needed.
    change
        People more or fewer in every open interval, at most `MOST_CHANGE` either way.
    draft
        Number of a draft whose people are judged, as it stands with its edits, in the place of those planned; without `first_day` from
        its first day on.
    priced_day
        One of the days shown, for which alone the hours of other levels and chances are told; None for all of them.

    Raises
    ------
    InvalidInput
        When the queue has no waiting line with one contact at a time, `change` is out of bounds or `priced_day` is not shown.
    NotFound
        When there is no such queue or version.
    """
    require(actor, "requirement.read")
    if abs(change) > MOST_CHANGE:
        raise InvalidInput(f"change must be between -{MOST_CHANGE} and {MOST_CHANGE} people, got {change}")
    roster = _roster(service, actor, draft, queue_key, first_day) if draft is not None else None
    first_day = first_day or (roster.first_day if roster else None)
    shown = staffing_view.view(service, actor, queue_key, version, first_day)
    if not measurable(shown.computed_for):
        raise InvalidInput(
            f"the risk is for queues with a waiting line and one contact at a time, got {queue_key} "
            f"({shown.computed_for.channel}, {shown.computed_for.concurrency} at once)"
        )
    number = shown.version.number
    queue, interval_s, days = staffing_view.day_cells(service, actor, queue_key, number, shown.first_day, len(shown.days))
    if roster is not None:
        days = tuple(roster.on(day, interval_s) for day in days if day.day in roster.problem.grid.dates)
    spread = _spread(service, actor, shown.version.forecast, queue_key)
    expected = [replace(_expected(queue, interval_s, day), spread=spread) for day in days]
    heads = [_heads(day, change) for day in days]
    chances = _known(chance_of_missing_span(expected, heads, DRAWS)) if days else []
    priced = [i for i, day in enumerate(days) if priced_day in (None, day.day)]
    if priced_day is not None and not priced:
        raise InvalidInput(f"the days shown begin on {shown.first_day}, got {priced_day} to tell the hours of")
    whole = _whole([expected[i] for i in priced])
    return RiskView(
        version=number,
        queue=shown.queue,
        first_day=shown.first_day,
        days=tuple(map(_day, days, expected, heads, chances)),
        change=change,
        draft=draft,
        chance=chances[-1] if chances else None,
        hours=float(sum(on.sum() for on in heads)) * interval_s / 3600,
        by_level=price_of_levels(whole) if whole is not None and queue.target.level is not None else (),
        by_chance=price_of_chances(whole) if whole is not None else (),
        priced_day=priced_day,
        priced_hours=float(sum(heads[i].sum() for i in priced)) * interval_s / 3600,
    )


def by_queue(service: Service, actor: Actor, version: int, first_day: date, days: int) -> dict[str, float]:
    """Chance that an interval misses its target, by queue: the mean over the contacts of some days; queues without one are left out."""
    require(actor, "requirement.read")
    found = {}
    for line in staffing_view.overview(service, actor, version, first_day, days):
        if measurable(line.queue.queue):
            queue, interval_s, cells = staffing_view.day_cells(service, actor, line.queue.key, version, first_day, days)
            whole = _whole([_expected(queue, interval_s, day) for day in cells])
            if whole is not None and measurable(queue):
                chances = chance_of_missing(whole, np.concatenate([_heads(day, 0) for day in cells]))
                found[line.queue.key] = float(np.average(np.nan_to_num(chances), weights=whole.volume))
    return found


def of_interval(why: Why) -> float | None:
    """Chance that one interval, opened on people needed, misses its target; None where it has no waiting line."""
    if not measurable(why.queue) or why.volume <= 0 or not why.aht_s > 0:
        return None
    figures = [np.array([figure]) for figure in (why.volume, why.rate_cv, why.aht_s)]
    return float(chance_of_missing(Expected(why.queue, why.interval_minutes * 60, *figures), np.array([why.on_queue - why.movable]))[0])


@dataclass(frozen=True, slots=True, eq=False)
class _Roster:
    """People on duty for one queue over a draft."""

    problem: RosterProblem
    heads: NDArray[np.float64]

    @property
    def first_day(self) -> date:
        return self.problem.grid.first_day

    def on(self, day: DayCells, interval_s: int) -> DayCells:
        """The day with the people of the draft in the place of those planned."""
        there = on_queue(self.problem, self.heads, day.starts, interval_s, day.arrays["shrinkage"])
        return replace(day, arrays={**day.arrays, "on_queue": np.floor(there + 0.5).astype(np.int64)})


def _roster(service: Service, actor: Actor, draft: int, queue_key: str, first_day: date | None) -> _Roster:
    """A week of a draft, from its first day where none is named."""
    require(actor, "schedule.read")
    with service.database.reading() as session:
        row = drafts.draft(session, actor.organisation_id, draft)
        problem = unpacked(row.problem)
        shifts = [shift_of(one, person.key) for one, person in drafts.shifts(session, row)]
    if queue_key not in {part.queue for part in problem.requirements}:
        raise NotFound(f"draft {draft} has no queue {queue_key!r}")
    begin = first_day or problem.grid.first_day
    bounds = zip(problem.grid.dates, problem.grid.day_bounds, strict=True)
    at = [t for day, (a, b) in bounds if begin <= day < begin + timedelta(staffing_view.WEEK_DAYS) for t in range(a, b)]
    heads = np.zeros(problem.grid.count)
    if at:
        found = cover(problem, shifts, at)
        heads[at] = found.served[queue_key] + found.spare_of[queue_key]
    return _Roster(problem, heads)


def _spread(service: Service, actor: Actor, forecast: int, queue_key: str) -> DaySpread | None:
    """How far whole days of the queue lie from their forecast; None where that forecast did not learn it."""
    from wfm.forecast import DaySpread

    told = forecasting.reports(service, actor, forecast).get(queue_key, {}).get("day_spread")
    return DaySpread(**told) if told else None


def _expected(queue: Queue, interval_s: int, day: DayCells) -> Expected:
    arrays = day.arrays
    known = (arrays["volume"] > 0) & (np.nan_to_num(arrays["aht_s"]) > 0)
    volume = np.where(known, arrays["volume"], 0.0).astype(np.float64)
    return Expected(queue, interval_s, volume, arrays["rate_cv"].astype(np.float64), np.where(known, arrays["aht_s"], 1.0))


def _heads(day: DayCells, change: int) -> Heads:
    waiting_line = (day.arrays["on_queue"] - day.arrays["movable"]).astype(np.int64)
    return np.asarray(np.where(day.arrays["volume"] > 0, np.maximum(waiting_line + change, 0), waiting_line))


def _day(day: DayCells, expected: Expected, heads: Heads, chance: float | None) -> RiskDay:
    chances = _known(chance_of_missing(expected, heads).tolist())
    cells = (
        RiskCell(int(start.timestamp()), f"{start:%H:%M}", int(on), missed)
        for start, on, missed in zip(day.starts, heads, chances, strict=True)
    )
    return RiskDay(day.day, tuple(cells), chance)


def _whole(days: list[Expected]) -> Expected | None:
    if not days or not any((day.volume > 0).any() for day in days):
        return None
    volume, rate_cv, aht_s = (np.concatenate([getattr(day, name) for day in days]) for name in ("volume", "rate_cv", "aht_s"))
    return replace(days[0], volume=volume, rate_cv=rate_cv, aht_s=aht_s)


def _known(chances: list[float]) -> list[float | None]:
    return [None if np.isnan(chance) else chance for chance in chances]
